# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh before demo.story.mjs: the demo of ./start on its own chart, and its people on the page.
EHRD_FIXTURES=/nonexistent tools/demo "$d" "$NODE_URL" 1 >"$d/demo.out" 2>&1 && tools/demo-people "$d" >"$d/people.txt" &&
    stop_one "$NODE_PID" && start_node "$d" "" "${NODE_URL#http://}" --web "$d/web"

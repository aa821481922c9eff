#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page in Debian's headless Chromium, driven by playwright-core, against the real node on its embedded chain.
# tests/browser/run.sh [STORY…]: the stories of tests/browser/*.story.mjs, each on a world of its own; default all.
set -u
cd "$(dirname "$0")/../.." || exit 1
[ -n "${BROWSER_BUILT:-}" ] || tools/web-setup || exit 1 # BROWSER_BUILT: the page in build/web is taken as it is
tools/clients-setup || exit 1 # the packages that the wallet is made of
: "${EHR:=$PWD/build/dev/src/app/ehr}" "${EHRD:=$PWD/build/dev/src/app/ehrd}"
export EHR EHRD
. tests/system/lib.sh browser
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || {
    echo "SKIPPED browser: no chromium (Debian package chromium)"
    echo "browser: 0 passed, 0 failed, 1 skipped"
    exit 0
}
PATH="$(tools/node22):$PATH"
stories=("$@")
[ $# -gt 0 ] || for f in tests/browser/*.story.mjs; do stories+=("$(basename "$f" .story.mjs)"); done

rc=0
for story in "${stories[@]}"; do
    start_world || { echo "$story: 0 passed, 1 failed, 0 skipped"; rc=1; break; }
    if [ -f "tests/browser/$story.prepare.sh" ] && ! . "tests/browser/$story.prepare.sh"; then
        tail -5 "$d"/*.out
        echo "$story: 0 passed, 1 failed, 0 skipped"
        rc=1
    fi
    timeout -k 5 "${BROWSER_STORY_SECONDS:-600}" node "tests/browser/$story.story.mjs" "$NODE_URL" "$d" >"$d/$story.out" 2>&1 || rc=1
    cat "$d/$story.out"
    grep -q "^$story: [0-9]* passed" "$d/$story.out" || { rc=1; echo "$story: 0 passed, 1 failed, 0 skipped"; }
    [ $rc -eq 0 ] || [ -z "${BROWSER_KEEP_LOGS:-}" ] || cp "$d/node.log" "$BROWSER_KEEP_LOGS/$story.node.log"
    stop_all
    rm -rf "${d:?}"/{chain,node,people,web,demo,demo.done,deployment.json,node.log,node.port}
done
exit $rc

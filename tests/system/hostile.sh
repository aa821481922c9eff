#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hostile use of the real node's JSON-RPC while people go on working: hostile.py attacks, physicians are registered meanwhile.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh hostile
most=${EHRD_TEST_MOST_MIB:-900}
work=""
trap 'touch "$d/enough"; [ -z "$work" ] || wait "$work"; stop_all; rm -rf "$d"' EXIT
ulimit -n "$(ulimit -Hn)"

start_world || exit 1
worker() {
    local i=0
    while [ ! -f "$d/enough" ]; do
        i=$((i + 1))
        # Who is told that it took too long tries again, as a person would.
        for try in 1 2 3 4; do
            register "p$i" practitioner "Dr. $i" >>"$d/worker" 2>&1 && break
            echo "p$i" >>"$d/worker.again"
            [ "$try" -lt 4 ] || echo "p$i" >>"$d/worker.failed"
        done
        echo "$i" >"$d/worker.done"
    done
}
worker 7>&- &
work=$!
# Its lines are counted as they are.
python3 tests/system/hostile.py "$NODE_URL/rpc" "$NODE_PID" "$most" >"$d/report" 2>&1
rc=$?
grep -v '^hostile_rpc:' "$d/report"
passed=$(grep -c '^ok ' "$d/report") failed=$(grep -c '^FAIL' "$d/report")
[ "$rc" -eq 0 ] || [ "$failed" -gt 0 ] || fail "the attack ran to its end" "$(tail -3 "$d/report")"
touch "$d/enough"
wait "$work"
work=""
touch "$d/worker.again"
check "people were registered meanwhile ($(cat "$d/worker.done"), $(wc -l <"$d/worker.again") tries took too long)" test "$(cat "$d/worker.done")" -gt 0 -a ! -e "$d/worker.failed"
[ ! -e "$d/worker.failed" ] || tail -5 "$d/worker"
check "the node lives" kill -0 "$NODE_PID"
expect "and is well" 0 ok as p1 doctor
stop_one "$NODE_PID"
expect "its chain equals a replay" 0 verified "$EHRD" chain verify --chain "$d/chain"
summary

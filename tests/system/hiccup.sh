#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node whose ledger fails for a moment: nobody who asks it is told that what he asks for is not there, or that he is at
# fault, and no command takes it for done.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh hiccup
command -v python3 >/dev/null || {
    echo "SKIPPED hiccup: no python3"
    echo "hiccup: 0 passed, 0 failed, 1 skipped"
    exit 0
}
# The chain is that of one node; the node that is asked has it as its ledger, with $d/fault in between.
start_behind() {
    CHAIN_PID=$NODE_PID
    : >"$d/fault"
    python3 tests/system/hiccup_ledger.py "$NODE_URL/rpc" "$d/fault" "$d/ledger.port" >"$d/ledger.log" 2>&1 8>&- &
    LEDGER_PID=$!
    trap 'stop_one "$NODE_PID"; stop_one "$LEDGER_PID"; stop_one "$CHAIN_PID"; rm -rf "$d"' EXIT
    for _ in $(seq 100); do
        [ -s "$d/ledger.port" ] && break
        sleep 0.1
    done
    mkdir "$d/behind" && ln -s ../people ../deployment.json "$d/behind/" &&
        start_node "$d/behind" "http://127.0.0.1:$(cat "$d/ledger.port")" 127.0.0.1:0 --max-age 0
}
fault() { # word and the first head that fails; nothing: none
    echo "${*:-}" >"$d/fault"
    : >"$d/fault.count"
}
failed_once() { check "$1: it did fail" test -s "$d/fault.count"; }
ready() { curl -s "$NODE_URL/readyz"; }
# through NAME FAULT CHECK COMMAND…: the ledger fails from the first, second … head on. Until it fails too late, the command
# ends with 5 and CHECK holds.
through() {
    local name=$1 word=$2 still=$3 k=1 got
    shift 3
    while [ $k -lt 20 ]; do
        fault "$word" $k
        got=0
        "$@" >"$d/out" 2>&1 || got=$?
        [ -s "$d/fault.count" ] || break
        fault
        [ $got = 5 ] && "$still" >"$d/check" 2>&1 || {
            fail "$name, head $k" "ended with $got: $(tail -1 "$d/out")"
            return
        }
        k=$((k + 1))
    done
    fault
    check "$name: $((k - 1)) heads failed, and none of them was taken for an answer" test $k -gt 1 -a $k -lt 20 -a "$got" = 0
}

start_world && start_behind || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
as patient folder new general >/dev/null && as patient record add general demo/discharge-letter.pdf --title Letter >/dev/null &&
    as patient grant rivera general --view --until 9d >/dev/null && as rivera inbox >/dev/null || fail "set-up" "a folder"
expect "all is well" 0 "1 proved" as rivera record list amara/general

for f in null missing unknown slow-down rate senseless; do
    fault $f 1
    expect "$f: the inbox is not said to be missing" 5 "does not answer" as rivera inbox
    failed_once "$f"
    expect "$f: nor is the state taken for empty" 5 "does not answer" as patient folder new another
    expect "$f: nor a grant for refused" 5 "does not answer" as rivera record list amara/general
    check "$f: it is not ready, and nothing of it is damaged" test "$(ready | jq -r '"\(.ready) \(.ledger)"')" = \
        "false a service that is needed does not answer"
done
fault
check "the operator is told why" grep -q 'status=E_UNAVAILABLE reason="ledger: .*Sunday' "$d/behind/node.log"
check "it is ready again" test "$(ready | jq .ready)" = true
expect "no refusal stands in the folder's log" 0 "entries, 0 refused" as patient audit general

knows() { as rivera --json folder list | jq -e '.folders | length == 1'; }
has_letter() { as patient record get general Letter -o "$d/letter.pdf"; }
removed_is_there() { as patient --json record list general --all | jq -e '.records[] | select(.title == "CT")'; }
as patient record add general demo/chest-ct.dcm --title CT >/dev/null && as patient record remove general CT >/dev/null || fail "set-up" "a removed record"
through "erasing" missing removed_is_there as patient record erase general CT
check "and it is erased" grep -q "^1 version" "$d/out"
check "the other record is there" has_letter
through "giving a folder up" null knows as rivera folder forget amara/general
summary

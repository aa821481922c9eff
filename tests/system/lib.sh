# SPDX-License-Identifier: Apache-2.0
# What the system tests in bash share: people in homes of their own, one chain, one node, counted expectations.
# Sourced with the test's name as $1, in the checkout's top folder. EHR and EHRD name the programs.
. tools/node-processes
test_name=$1
engine=${EHRD_TEST_LEDGER:-local} # or anvil
[ "$engine" = local ] || [ -x "$(tools/anvil-path 2>/dev/null)" ] || {
    echo "SKIPPED $test_name: no anvil (run tools/contracts-setup)"
    echo "$test_name: 0 passed, 0 failed, 1 skipped"
    exit 0
}
d=$(mktemp -d "${TMPDIR:-/tmp}/ehr-system.XXXXXX")
trap 'stop_all; rm -rf "$d"' EXIT
passed=0 failed=0 skipped=0
: >"$d/lock"
exec 8>"$d/lock"

as() { # name, command…
    local who=$1
    shift
    "$EHR" --home "$d/people/$who" --passphrase-file "$d/people/$who/passphrase" --as "$who" --yes "$@"
}
register() { # name, role, display name
    make_home "$d" "$1" "$NODE_URL" &&
        as admin admin register "$(address_of "$d" "$1")" --role "$2" >/dev/null &&
        as "$1" card publish --name "$3" >/dev/null
}
ok() { passed=$((passed + 1)) && echo "ok   $1"; }
fail() { # what, detail
    failed=$((failed + 1))
    echo "FAIL $1: ${2:-}"
}
# expect NAME CODE TEXT COMMAND…: ends with the code and says the text; what it said is in $d/out.
expect() {
    local name=$1 want=$2 text=$3 got=0
    shift 3
    "$@" >"$d/out" 2>&1 || got=$?
    if [ "$got" = "$want" ] && grep -qF -- "$text" "$d/out"; then
        ok "$name"
    else
        fail "$name" "ended with $got, not $want with \"$text\""
        sed 's/^/     /' "$d/out" | tail -8
    fi
}
check() { # name, command…: passes when the command succeeds
    if "${@:2}" >"$d/check" 2>&1; then ok "$1"; else fail "$1" "$(tail -2 "$d/check")"; fi
}
# A man in the middle at $proxy; $d/fault says what it does (tamper_proxy.py).
start_proxy() {
    : >"$d/fault"
    python3 tests/system/tamper_proxy.py "$NODE_URL" "$d/fault" "$d/proxy.port" >"$d/proxy.log" 2>&1 8>&- &
    PROXY_PID=$!
    trap 'stop_one "$PROXY_PID"; stop_all; rm -rf "$d"' EXIT
    for _ in $(seq 100); do
        [ -s "$d/proxy.port" ] && break
        sleep 0.1
    done
    proxy="http://127.0.0.1:$(cat "$d/proxy.port")"
}
summary() {
    echo "$test_name: $passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
# Chain, contracts, node and the administrator's home.
start_world() {
    local up=start_anvil
    [ "$engine" = anvil ] || up=true
    ledger=""
    "$up" "$d" && prepare_chain "$d" "$ledger" "" "" && start_node "$d" "$ledger" 127.0.0.1:0 &&
        as admin init --node "$NODE_URL" >/dev/null
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_difftest.sh DIFFTEST: compare with anvil for a minute (EHRD_DIFFTEST_SECONDS), after the comparison has shown that
# it finds what is planted, repeats a case by its seed, and makes one small.
set -u
difftest=$1
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
export EHRD_ANVIL=${EHRD_ANVIL:-$root/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil}
if [ ! -x "$EHRD_ANVIL" ]; then
    printf 'SKIPPED difftest: no anvil (tools/anvil-path installs it)\ndifftest: 0 passed, 0 failed, 1 skipped\n'
    exit 0
fi
pass=0 fail=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
# expect CODE WHAT OPTION…
expect() {
    local code=$1 what=$2 got
    shift 2
    "$difftest" "$@" >"$out" 2>&1
    got=$?
    if [ "$got" -eq "$code" ]; then
        pass=$((pass + 1))
    else
        fail=$((fail + 1))
        echo "FAILED: $what: exit code $got, want $code"
        sed 's/^/    /; s/difftest: //' "$out"
    fi
}
# says WHAT PATTERN: of the last output
says() {
    if grep -Eq "$2" "$out"; then
        pass=$((pass + 1))
    else
        fail=$((fail + 1))
        echo "FAILED: $1: no '$2' in"
        sed 's/^/    /; s/difftest: //' "$out"
    fi
}

expect 1 'a wrong price is found' --seed 1 --cases 12 --plant cost
says 'and named' 'SSTORE at depth .* costs .* anvil says'
expect 1 'a wrong word on the stack is found' --seed 1 --cases 12 --plant stack
says 'and named' 'stack word 3 is'
expect 1 'other code is found' --seed 1 --cases 12 --plant code
expect 1 'a wei too much is found' --seed 1 --cases 12 --plant balance
expect 1 'rules of another fork are found' --seed 1 --cases 40 --rev Shanghai
expect 0 'the same seeds without a fault' --seed 1 --cases 12
expect 1 'a case is made small' --seed 1 --cases 1 --plant cost --shrink
small=$(sed -n 's/^ *smaller: //p' "$out")
says 'and printed' '^    code 0x'
# shellcheck disable=SC2086
expect 1 'the small case still fails' $small --plant cost
expect 0 'the small case is fine without the fault' $small
expect 2 'an unknown option is refused' --nothing
expect 2 'a number that is none is refused' --seed x
expect 2 'an unknown fault is refused' --plant rain
EHRD_ANVIL=/nonexistent expect 2 'without anvil nothing is judged' --cases 1
echo "difftest itself: $pass passed, $fail failed, 0 skipped"

"$difftest" --seconds "${EHRD_DIFFTEST_SECONDS:-60}" --shrink || fail=$((fail + 1))
[ "$fail" -eq 0 ]

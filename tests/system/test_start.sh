#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./start as a new user runs it: the demo on our own chart and on two Synthea patients, resuming, refusals.
set -u
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
pass=0 fail=0 skip=0
result() { # name, 0 for passed
    if [ "$2" -eq 0 ]; then pass=$((pass + 1)); else fail=$((fail + 1)); echo "FAIL $1"; tail -20 "$dir/log"; fi
}
run() { ./start --data "$dir/$1" --listen 127.0.0.1:0 "${@:2}" >"$dir/log" 2>&1; }
has() { grep -q -- "$1" "$dir/log"; }

EHRD_FIXTURES=/nonexistent run own --demo-only && has 'byte for byte the same' && has "Debian's age opened" && has 'refused (exit 3)' &&
    has 'relationship mode'
result shows_the_main_job_on_our_own_chart $?
EHRD_FIXTURES=/nonexistent run own --demo-only && has 'the demo ran already' && has 'The node runs at'
result resumes_a_data_folder $?
EHRD_FIXTURES=/nonexistent run wallet --demo-only --wallet-mode && has 'wallet mode' && has 'byte for byte the same' && has 'refused (exit 3)'
result shows_the_main_job_in_wallet_mode $?
if [ -d "${EHRD_FIXTURES:-../shared}/data/fhir/synthea" ]; then
    run synthea --patients 2 --demo-only && has 'none lost or changed' && has 'registered 2 patients'
    result shows_the_main_job_on_synthea_patients $?
else
    skip=1
    echo "SKIPPED start_synthea: no data/fhir/synthea (set EHRD_FIXTURES)"
fi
run own --patients x
[ $? -eq 2 ] && has 'needs a number'
result refuses_a_number_that_is_none $?
run own --ledger http://127.0.0.1:1 --data "$dir/other"
[ $? -eq 2 ] && has 'admin-key'
result asks_for_a_key_with_ether_on_a_foreign_ledger $?
echo "start: $pass passed, $fail failed, $skip skipped"
[ "$fail" -eq 0 ]

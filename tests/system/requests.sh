#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Asking: to be registered, and for access to a folder; who may see, answer and withdraw; caps.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh requests

start_world || exit 1

# --- registration ---------------------------------------------------------------------------------
make_home "$d" nova "$NODE_URL" && make_home "$d" mallory "$NODE_URL" || exit 1
nova=$(address_of "$d" nova)
expect "a name is needed" 2 "--name" as nova account request --role patient
expect "a role that is none is refused" 1 "role" as nova account request --name "Nova" --role king
expect "an unregistered person asks" 0 "asks to be registered" as nova account request --name "Nova Quist" --role patient \
    --contact "+1 555 0100"
expect "asking again replaces the first" 0 "asks" as nova account request --name "Nova Quist" --role practitioner
expect "the administrator sees it once" 0 "Nova Quist" as admin admin requests
check "with its role" test "$(grep -c practitioner "$d/out")" = 1
expect "and in JSON" 0 '"requests"' as admin --json admin requests
check "the contact of the first is gone" jq -e '.requests | length == 1 and .[0].contact == ""' "$d/out"
expect "others do not see who asks" 3 "registers no accounts" as mallory admin requests
expect "nor end the request of another" 1 "" as mallory admin requests --refuse "$nova"
expect "what nobody asked for is not approved" 1 "did not ask" as admin admin requests --approve "$(address_of "$d" mallory)"
expect "a second person asks" 0 "" as mallory account request --name "M" --role patient
expect "and withdraws" 0 "withdrawn" as mallory account request --withdraw
expect "approving" 0 "is registered" as admin admin requests --approve "$nova" --role patient
expect "the account is there" 0 "patient" as nova account show
expect "the request is gone" 0 "Nobody" as admin admin requests
expect "who is registered does not ask" 1 "registered already" as nova account request --name "N" --role patient
for i in 1 2; do as mallory account request --name "M" --role patient >/dev/null 2>&1; done
expect "one network address cannot flood the list" 1 "too many" as mallory account request --name "M" --role patient
expect "refusing" 0 "erased" as admin admin requests --refuse "$(address_of "$d" mallory)"
check "the node's log names nobody" test "$(grep -c 'Quist\|555 0100' "$d/node.log")" = 0
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An administrator's commands: what is not understood changes nothing, and what is said is what is.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh admin

start_world || exit 1
register anna patient "Anna Quist" && register bob practitioner "Dr. Bob" || exit 1
anna=$(address_of "$d" anna) bob=$(address_of "$d" bob)
status_of() { as admin account show "$1" | sed -n 's/^status *//p'; }
is() { test "$(status_of "$1")" = "$2"; }
transactions() { rpc "$NODE_URL/rpc" eth_getTransactionCount "[\"$(address_of "$d" admin)\",\"latest\"]" | jq -r .result; }

# --- arguments ------------------------------------------------------------------------------------
before=$(transactions)
expect "two accounts are not suspended by one command" 2 "too many arguments" as admin admin suspend "$anna" "$bob"
check "nor is the first of them" is "$anna" active
expect "an option that suspend does not have" 2 "unknown option --until" as admin admin suspend "$anna" --until 2030
expect "a misspelt end is not no end" 2 "unknown option --valid-untill" as admin admin register "$anna" --role patient \
    --valid-untill 4102444800
expect "nobody is named" 2 "whose account?" as admin admin reinstate
expect "an upgrade takes no argument" 2 "too many arguments" as admin admin upgrade "$bob"
expect "a role is for who is approved" 2 "--role goes with --approve" as admin admin requests --role patient
check "nothing of it was sent" test "$(transactions)" = "$before"

# --- suspended ------------------------------------------------------------------------------------
expect "suspending" 0 "is suspended" as admin admin suspend "$anna"
expect "registering does not reinstate, and says so" 0 "suspended as before" as admin admin register "$anna" --role patient
check "in JSON, too" eval "as admin --json admin register '$anna' --role patient | jq -e '.suspended == true'"
check "and it is so" is "$anna" suspended
expect "reinstating" 0 "active again" as admin admin reinstate "$anna"
expect "registering who is not suspended says nothing of it" 0 "is registered" as admin admin register "$anna" --role patient
check "really nothing" test "$(grep -c suspended "$d/out")" = 0

# --- a request that changes after it was looked at ------------------------------------------------
make_home "$d" nova "$NODE_URL" || exit 1
nova=$(address_of "$d" nova)
asks() { "$EHR" --home "$d/people/admin" --passphrase-file "$d/people/admin/passphrase" --as admin admin requests --approve "$nova"; }
expect "one asks as a patient" 0 "as patient" as nova account request --name "Nova Quist" --role patient
expect "who looks sees a patient" 0 "patient" as admin admin requests
expect "the request becomes a physician's" 0 "as practitioner" as nova account request --name "Dr. Nova" --role practitioner
expect "approving asks, with what it is now" 1 "\"Dr. Nova\" ($nova) as practitioner?" asks <<<n
check "and no is no" is "$nova" "not registered"
expect "the role that was checked counts" 0 "\"Dr. Nova\", is registered as patient" as admin admin requests --approve "$nova" --role patient
check "on the chain" eval "as nova account show | grep -q 'role  *patient'"

# A request that goes while the administrator thinks: what was approved is registered all the same.
make_home "$d" olga "$NODE_URL" && mkfifo "$d/answer" || exit 1
olga=$(address_of "$d" olga)
as olga account request --name "Olga" --role patient >/dev/null
{
    until grep -q 'Register "Olga"' "$d/asked" 2>/dev/null; do sleep 0.1; done
    as olga account request --withdraw >/dev/null
    echo y
} >"$d/answer" &
"$EHR" --home "$d/people/admin" --passphrase-file "$d/people/admin/passphrase" --as admin admin requests --approve "$olga" \
    <"$d/answer" >"$d/asked" 2>&1
check "an approval of what was withdrawn meanwhile is no failure" test $? = 0
check "it is told" grep -q "is registered as patient" "$d/asked"
wait $!
check "and done" is "$olga" active

# --- tools with options of their own --------------------------------------------------------------
for tool in age content; do
    expect "$tool behind an option of ehr" 2 "write \"ehr $tool\" first" "$EHR" --home "$d/people/anna" "$tool" -d
    expect "$tool behind --json" 2 '"code":"E_USAGE","message":"write' "$EHR" --json "$tool" x
    expect "$tool behind --help" 0 "Usage: ehr $tool" "$EHR" --help "$tool"
done
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A stolen identity: everything moves to a new account's; killed on the way it goes on; those with grants go on
# once they agreed; the old identity, in a thief's hands, is useless.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh transfer
json() { jq -e "$1" "$d/out"; }

start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
for f in general private; do as patient folder new $f >/dev/null && as patient folder rotate $f >/dev/null || exit 1; done
as patient grant rivera general --view --add --until 30d >/dev/null &&
    as rivera record add amara/general demo/discharge-letter.pdf --title Letter >/dev/null &&
    as patient record add private demo/chest-ct.dcm --title CT >/dev/null || exit 1
as rivera folder new team >/dev/null && as rivera grant amara team --view --until 9d >/dev/null && as patient inbox >/dev/null || exit 1
cp -r "$d/people/patient" "$d/people/thief"
thief() { "$EHR" --home "$d/people/thief" --passphrase-file "$d/people/thief/passphrase" --as patient --yes "$@"; }
expect "the thief reads everything" 0 "Letter" thief record list general
thief folder export-key general -o "$d/stolen.key" >/dev/null

# --- a new account in the same home ----------------------------------------------------------------
as patient account new amara2 --light >/dev/null
new() { "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as amara2 --yes "$@"; }
address=$(new --json account list | jq -r '.accounts[] | select(.name == "amara2") | .address')
expect "an account that is not registered takes nothing" 1 "" new transfer patient amara2
as admin admin register "$address" --role patient >/dev/null && new card publish --name "Amara Okafor" >/dev/null || fail "set-up"
expect "nor does one take from itself" 2 "the same" new transfer amara2 amara2
for pause in 0.25 0.45 0.7 1.0; do
    "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --yes transfer patient amara2 >/dev/null 2>&1 &
    pid=$!
    sleep $pause
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
done
expect "killed four times it goes on" 0 '"stopped":false' new --json transfer patient amara2
expect "and then there is nothing left" 0 "0 of 0 folder" new transfer patient amara2
check "whom to ask is told" grep -q "team" "$d/out"
expect "the new identity has the folders" 0 "general" new folder list
expect "with their charts" 0 "1 proved" new record list general
expect "of both" 0 "CT" new record list private

# --- who had grants -------------------------------------------------------------------------------
expect "a grantee is told that the owner changed" 0 "belong to another account" as rivera inbox
expect "and does not use the folder before" 4 "transferred" as rivera record list amara/general
expect "until somebody says that it is right" 0 "grant(s) accepted, 0 note(s) thrown away" as rivera inbox --moved
as rivera people add amara2 "$address" >/dev/null
expect "then the chart is there" 0 "Letter" as rivera record list amara2/general
expect "and can be added to" 0 "proved" as rivera record add amara2/general demo/chest-ct.dcm --title After
expect "the new owner sees it" 0 "After" new record list general
expect "the grant is known by name" 0 "rivera" new grants general

# --- the thief ------------------------------------------------------------------------------------
for f in general private; do
    code=0
    thief record list $f >"$d/out" 2>&1 || code=$?
    check "the old identity reads nothing of $f" test $code -ne 0
    id=$(new --json folder list | jq -r ".folders[] | select(.name == \"$f\") | .folderId")
    expect "nor by its id" 3 "" thief record list "$id"
done
new record get general After --age -o "$d/after.age" >/dev/null
expect "stolen keys do not open what came after" 1 "" "$EHR" age -d -i "$d/stolen.key" -o "$d/clear" "$d/after.age"
expect "the old state names no folder of one's own" 0 "rivera" thief folder list
check "any more" test "$(grep -c mine "$d/out")" = 0
expect "resealing takes the rest from the stolen keys" 0 "1 of 1" new reseal general
expect "revoking goes on working" 0 "From now on" new revoke rivera general
expect "the old account is suspended" 0 "" as admin admin suspend "$(address_of "$d" patient)"
expect "and serves for nothing" 3 "" thief folder list
summary

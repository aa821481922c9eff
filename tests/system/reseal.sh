#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Revocation tells what cannot be taken back; reseal puts old records under the present key, erases the old
# copies, can be interrupted and goes on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh reseal
same() { cmp -s "$1" "$2"; }

start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" &&
    register chen practitioner "Dr. Chen" || exit 1
for who in rivera chen; do as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null; done
for who in rivera chen; do as "$who" people add amara "$(address_of "$d" patient)" >/dev/null; done
as patient folder new general >/dev/null
for who in rivera chen; do as patient grant "$who" general --view --add --amend --remove --until 30d >/dev/null; done
for i in 1 2 3 4 5 6; do echo "finding number $i" >"$d/note$i.txt"; done
head -c 5000000 /dev/urandom >"$d/scan.bin"
as rivera record add amara/general "$d"/note[1-6].txt >/dev/null &&
    as rivera record add amara/general "$d/scan.bin" --title Scan >/dev/null || exit 1
as rivera record remove amara/general note6.txt >/dev/null

# --- the report -----------------------------------------------------------------------------------
as rivera record list amara/general >/dev/null
as rivera record get amara/general note2.txt -o "$d/got" >/dev/null
as rivera folder export-key amara/general -o "$d/old.key" >/dev/null || fail "set-up" "no key"
as rivera record get amara/general note3.txt --age -o "$d/old.age" >/dev/null
check "the old key opens what was sealed for it" "$EHR" age -d -i "$d/old.key" -o "$d/clear" "$d/old.age"
expect "revoking says what is from now on" 0 "From now on" as patient revoke rivera general
check "that another received the new key" grep -q "1 other(s) received" "$d/out"
check "what was opened, by title" grep -q "note2.txt" "$d/out"
check "and exported" grep -q "note3.txt" "$d/out"
check "not what was only listed" test "$(grep -c 'note4.txt' "$d/out")" = 0
check "how much was seen in lists" grep -q "kind and date of" "$d/out"
check "how much is sealed for earlier keys" grep -q "6 record(s) are still sealed" "$d/out"

# --- reseal ---------------------------------------------------------------------------------------
expect "only the owner seals again" 3 "owner" as chen reseal amara/general
expect "resealing" 0 "6 of 6 old record(s)" as patient reseal general
check "old copies are erased" grep -q "6 old copies are erased" "$d/out"
expect "there is nothing more to do" 0 "0 of 0" as patient reseal general
expect "all records are proved" 0 "6 proved" as patient record list general
expect "and for who stays" 0 "6 proved" as chen record list amara/general
as chen record get amara/general Scan -o "$d/scan.now" >/dev/null
check "a large record is the same, byte for byte" same "$d/scan.bin" "$d/scan.now"
as patient record get general note3.txt --age -o "$d/new.age" >/dev/null
expect "the old key opens nothing of it" 1 "" "$EHR" age -d -i "$d/old.key" -o "$d/clear2" "$d/new.age"
check "who wrote a record stays in its meta" \
    test "$(as chen --json record list amara/general | jq -r '[.records[].authorName] | unique | join(",")')" = "Dr. Rivera"
expect "the removed record was left alone" 0 "removed" as patient record list general --all
expect "what is not removed is not erased" 1 "only what was removed" as patient record erase general note1.txt
gone=$(as patient --json record list general --all | jq -r '.records[] | select(.status == "removed") | .recordId')
expect "only the owner erases" 3 "owner" as chen record erase amara/general "${gone#0x}"
expect "a removed record can be erased for good" 0 "1 version(s)" as patient record erase general note6.txt
expect "and is no more" 1 "no record" as patient record erase general "${gone#0x}"
expect "it cannot be brought back" 1 "" as patient record remove general "${gone#0x}" --undo
expect "the others are there" 0 "6 proved" as patient record list general
expect "a second revocation in JSON" 0 '"opened"' as patient --json revoke chen general
check "names what was opened" jq -e '.opened | length == 1 and .[0].title == "Scan"' "$d/out"
check "counts what is under old keys" jq -e '.underOldKeys == 6 and .seenInLists == 5' "$d/out"

# --- interrupted ----------------------------------------------------------------------------------
as patient folder new many >/dev/null
for ((i = 0; i < 90; i++)); do echo "row $i" >"$d/row$i.txt"; done
as patient record add many "$d"/row*.txt >/dev/null && as patient folder rotate many >/dev/null || fail "set-up"
patient=("$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as patient --yes)
"${patient[@]}" reseal many >"$d/out" 2>"$d/err" &
pid=$!
for _ in $(seq 100); do grep -q "40 of 90" "$d/err" 2>/dev/null && break; sleep 0.05; done
kill -TERM "$pid" 2>/dev/null
wait "$pid"
code=$?
check "an interrupt ends it after the batch" test "$code" = 1
check "and says that it goes on" grep -q "goes on" "$d/out"
"${patient[@]}" reseal many >"$d/out" 2>"$d/err" &
pid=$!
sleep 0.3
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
expect "after a kill it goes on" 0 "old record(s)" as patient reseal many
expect "until nothing is left" 0 "0 of 0" as patient reseal many
expect "every record is proved" 0 "90 proved" as patient record list many
summary

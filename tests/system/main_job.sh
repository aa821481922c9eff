#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job with the real command line, node and chain: add, read, amend, remove, undo, rotate, upgrade.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh main_job
same() { cmp -s "$1" "$2"; }
json() { # name, command…: the answer is JSON and nothing else
    expect "$1 answers in JSON" 0 "{" "${@:2}"
    check "$1's JSON is well-formed" jq -e . "$d/out"
}

start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" &&
    register chen practitioner "Dr. Chen" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
# An account that is made before its home knows a node.
early() { "$EHR" --home "$d/people/early" --passphrase-file "$d/people/patient/passphrase" --yes "$@"; }
expect "an account without a node says what is next" 0 "ehr identity new early" early account new early --light
expect "init takes the only account" 0 "ehr identity new early" early init --node "$NODE_URL"
expect "which is used from then on" 0 "early                 (used without --as)  (no identity)" early account list
expect "what it lacks is said" 1 "ehr identity new early" early folder new general
expect "by the doctor, too" 1 "early has none: ehr identity new early" early doctor
expect "a second account does not take its place" 0 "" early account new late --light
expect "in any list" 0 "early                 (used" early account list
expect "the advice works" 0 "Recovery code" early identity new early
expect "no more is needed for a card than the registration" 3 "not registered" early card publish --name Early
sed -i 's|"account":"early"|"account":""|' "$d/people/early/config.json"
expect "with two and none chosen one is to be named" 2 "which account? Give --as" early card publish --name Early
rm "$d/people/early/keys/late.json"
expect "the only one needs no choice, whatever made the home" 3 "not registered" early card publish --name Early
expect "an account that is not there" 2 'there is no account "nobody"' early --as nobody folder list
expect "a card needs a name" 2 "--name: 1 to" as patient card publish --name ""
expect "a folder, too" 2 "1 to" as patient folder new ""
expect "and none with a slash" 2 'no "/"' as patient folder new a/b
expect "a folder is opened" 0 "general" as patient folder new general
expect "a second folder of that name is refused" 1 "" as patient folder new general
expect "a grant says its whole sentence" 0 "until" as patient grant rivera general --view --add --amend --remove --until 30d

expect "a Bundle is split and added" 0 "proved" as rivera record add amara/general --bundle demo/amara-okafor.json
expect "a letter is added" 0 "proved" as rivera record add amara/general demo/discharge-letter.pdf --title Letter
expect "an image is added" 0 "proved" as rivera record add amara/general demo/chest-ct.dcm --title CT
expect "the patient sees the author" 0 "rivera" as patient record list general
expect "who is proved to have written it" 0 "Dr. Rivera  (proved)" as patient record show general Letter
as patient people add chen "$(address_of "$d" chen)" >/dev/null
as patient grant chen general --view --until 1d >/dev/null
as chen people add amara "$(address_of "$d" patient)" >/dev/null
expect "another reader sees it proved too" 0 "Dr. Rivera  (proved)" as chen record show amara/general Letter
expect "a new key card of the same identity" 0 "" as rivera card publish --name "Dr. Elena Rivera"
expect "under another name is told beside the document's" 0 "who signed it: Dr. Elena Rivera" as chen record show amara/general Letter
as rivera card publish --name "Dr. Rivera" >/dev/null
expect "and leaves the proof of its author" 0 "Dr. Rivera  (proved)" as chen record show amara/general Letter
json "record list" as patient --json record list general
check "every record of the list is verified" jq -e '[.records[].verified] | all' "$d/out"
as patient record get general Letter -o "$d/letter.pdf" >/dev/null
check "the letter comes back byte for byte" same demo/discharge-letter.pdf "$d/letter.pdf"
as patient record get general CT -o "$d/ct.dcm" >/dev/null
check "the image comes back byte for byte" same demo/chest-ct.dcm "$d/ct.dcm"
as patient record get general --all -o "$d/all" >/dev/null
check "the whole chart comes back" test "$(cat "$d"/all/*.json | jq -cS '.entry[].resource' | sort | sha256sum)" = \
    "$(jq -cS '.entry[].resource' demo/amara-okafor.json | sort | sha256sum)"
check "decimals keep their text" grep -q '0\.010' -r "$d/all"

printf 'second version' >"$d/v2.txt"
expect "an amendment" 0 "" as rivera record amend amara/general Letter "$d/v2.txt" --title Letter
as patient record get general Letter -o "$d/now.txt" >/dev/null
check "the present version is the new one" same "$d/v2.txt" "$d/now.txt"
as patient record get general Letter --version 1 -o "$d/old.pdf" >/dev/null
check "the first version can still be read" same demo/discharge-letter.pdf "$d/old.pdf"
expect "the history names both" 0 "version 2" as patient record history general Letter
expect "marking an error" 0 "" as rivera record remove amara/general CT --entered-in-error
ct=$(as rivera record show amara/general CT --json | jq -r .recordId)
expect "removing what is an error" 0 "now removed" as rivera record remove amara/general CT
expect "brought back it is an error again" 0 "now entered-in-error" as rivera record remove amara/general "${ct#0x}" --undo
expect "taking that mark away" 0 "now active" as rivera record remove amara/general CT --undo
expect "removing" 0 "" as rivera record remove amara/general CT
expect "a second time is refused in words, the contract's own behind" 3 "the record is removed already: " as patient record remove general "${ct#0x}"
check "to their end" grep -q "status=3)" "$d/out"
expect "who is no registrar is told so" 3 "you are no registrar: " as rivera admin suspend "$(address_of "$d" patient)"
check "with the role that is needed" grep -q "neededRole=0x[0-9a-f]\{64\})" "$d/out"
expect "a removed record is in the list of all" 0 "removed" as patient record list general --all

if command -v age >/dev/null; then
    as patient record get general Letter --age >"$d/letter.age"
    as patient folder export-key general -o "$d/folder.key" >/dev/null
    age -d -i "$d/folder.key" "$d/letter.age" >"$d/by-age.txt"
    check "Debian's age opens what is exported" same "$d/v2.txt" "$d/by-age.txt"
else
    skipped=$((skipped + 1))
    echo "SKIPPED main_job_age: no age"
fi

expect "a new key" 0 "" as patient folder rotate general
expect "adding under the new key" 0 "proved" as rivera record add amara/general "$d/v2.txt" --title Later
expect "both keys are read" 0 "Later" as rivera record list amara/general
as rivera record get amara/general Later -o "$d/later.txt" >/dev/null
expect "the contract behind the proxy is replaced" 0 "" as admin admin upgrade
expect "the records are there as before" 0 "Later" as patient record list general
expect "a second way to unlock" 0 "" as patient identity recovery-code
expect "the audit names the record whose content was read" 0 \
    "rivera                released  body        $(as patient record show general Later --json | jq -r '.recordId[2:10]')  Later" as patient audit general
check "equal lines within a minute are one" grep -q "([2-9] times)" "$d/out"
check "that of an earlier version says so" grep -q "released  body        earlier" "$d/out"
expect "without oneself" 0 "rivera " as patient audit general --others
check "there is no line of one's own" test -z "$(grep ' me ' "$d/out")"
for words in "account show" "card show" "folder list" "people list" "grants general" "audit general" "doctor" \
    "record show general Later" "record history general Later"; do
    json "$words" as patient --json $words
done
expect "an end that is no time is refused" 2 "valid-until" as admin admin register "$(address_of "$d" rivera)" \
    --role practitioner --valid-until soon
expect "suspension" 0 "" as admin admin suspend "$(address_of "$d" rivera)"
expect "a suspended physician adds nothing" 3 "" as rivera record add amara/general "$d/v2.txt"
expect "nor reads" 3 "" as rivera record get amara/general Later -o "$d/late.txt"
check "nothing was written" test ! -e "$d/late.txt"
expect "the owner's audit shows it" 0 "rivera is suspended" as patient audit general
as patient --json audit general >"$d/audit.json"
check "in JSON too" jq -e --arg a "$(address_of "$d" rivera)" '.suspended | length == 1 and .[0] == ($a | ascii_downcase)' "$d/audit.json"
expect "reinstating" 0 "" as admin admin reinstate "$(address_of "$d" rivera)"
check "nobody is suspended any more" test "$(as patient --json audit general | jq '.suspended | length')" -eq 0
expect "the folder is shared" 0 "shared with 2" as patient folder list
expect "revoking" 0 "" as patient revoke rivera general
expect "and then with one less" 0 "shared with 1" as patient folder list
expect "a revoked physician adds nothing" 3 "" as rivera record add amara/general "$d/v2.txt"
expect "a title needs a letter" 2 "--title: 1 to 1024 bytes" as patient record add general "$d/v2.txt" --title ""
expect "and fits" 2 "not 5000" as patient record add general "$d/v2.txt" --title "$(printf '%05000d' 0)"
for sign in $'\xe2\x80\xae' $'\xe2\x80\xa8' $'\xc2\x85' $'\x07' $'\xff'; do
    expect "nor can it be read as another one: $(printf %s "$sign" | od -An -tx1)" 2 "--title: UTF-8 without" as patient record add general "$d/v2.txt" --title "a${sign}b"
    expect "nor can a folder" 2 "name: UTF-8 without" as patient folder new "a${sign}b"
done
expect "a media type has a form" 2 '"foo" is no media type' as patient record add general "$d/v2.txt" --type foo
expect "categories are told" 2 "one of: demographics notes" as patient record add general "$d/v2.txt" --category foo
expect "forms of dates are told" 2 "2026-11-30T08:00:00Z" as patient record add general "$d/v2.txt" --date yesterday
expect "a file and its description do not share standard output" 2 "-o FILE is needed" as patient --json record get general Letter -o -
expect "wrong usage is told" 2 "usage" as patient record get
expect "one's own folder is not forgotten" 2 "your own" as patient folder forget general
expect "a folder that is over is forgotten" 0 "forgotten" as rivera folder forget amara/general
check "and is in the list no more" test "$(as rivera --json folder list | jq '.folders | length')" -eq 0
expect "nor known by its name" 1 "" as rivera record list amara/general
expect "the owner's log still names who was there" 0 "rivera" as patient audit general
if [ "$engine" != local ]; then
    true
elif [ -x "$(tools/anvil-path 2>/dev/null)" ]; then
    check "each contract call does on anvil what it did here" python3 tests/system/anvil_twin.py "$NODE_URL/rpc" "$(tools/anvil-path)" --self-test
    tail -1 "$d/check"
else
    skipped=$((skipped + 1))
    echo "SKIPPED main_job_twin: no anvil (run tools/contracts-setup)"
fi
stop_one "$NODE_PID"
expect "a node that is down is told" 5 "connect" as patient record list general
expect "doctor says what is wrong" 1 "BAD" as patient doctor
summary

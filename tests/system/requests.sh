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
expect "a role that is none is refused" 2 "one of patient, practitioner and organisation" as nova account request --name "Nova" --role king
expect "a name that is too long" 2 "1 to 200 bytes" as nova account request --name "$(printf '%0201d' 0)" --role patient
expect "there is nothing to withdraw" 1 "no request of this account waits" as nova account request --withdraw
expect "an account has one request" 2 "--withdraw goes alone" as nova account request --withdraw --name Nova
expect "nor anything to refuse" 1 "has no request that waits" as admin admin requests --refuse "$(address_of "$d" mallory)"
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
expect "and withdraws" 0 "$(address_of "$d" mallory | tr A-F a-f)" as mallory --json account request --withdraw
expect "approving" 0 "is registered" as admin admin requests --approve "$nova" --role patient
expect "the account is there" 0 "patient" as nova account show
expect "the request is gone" 0 "Nobody" as admin admin requests
expect "who is registered does not ask" 1 "registered already" as nova account request --name "N" --role patient
for _ in $(seq 80); do as mallory account request --name "M" --role patient >/dev/null 2>&1 || break; done # 60 from loopback
expect "one network address cannot flood the list" 1 "too many" as mallory account request --name "M" --role patient
expect "refusing" 0 "erased" as admin admin requests --refuse "$(address_of "$d" mallory)"

# --- access ---------------------------------------------------------------------------------------
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" &&
    register moss practitioner "Dr. Moss" || fail "set-up"
as patient folder new general >/dev/null && as patient record add general demo/discharge-letter.pdf --title Letter >/dev/null
link() { jq -r .link "$d/out"; }
expect "a purpose is needed" 2 "--for" as rivera request new --view
expect "an empty one is none" 2 "--for" as rivera request new --view --for ""
expect "the time to answer is not over yet" 2 "--answer-by: 2020-01-01" as rivera request new --for X --answer-by 2020-01-01
expect "a physician asks by a link" 0 "#/request/" as rivera --json request new --for "Follow-up after discharge" \
    --folder general --view --add --days 30
link=$(link)
check "nobody has learned of it" test "$(grep -c 'inbox\|request/' "$d/node.log")" = 0
expect "with a QR code for the phone" 0 "█" as rivera request new --for "Follow-up"
expect "the patient reads who asks for what" 0 "Dr. Rivera" as patient request show "$link"
check "and why" grep -q "Follow-up after discharge" "$d/out"
check "and how long" grep -q "view add for 30 day" "$d/out"
expect "from standard input, too" 0 "Dr. Rivera" as patient request show - <<<"$link"
expect "what is no request is said to be none" 2 "is no link" as patient request show foo
bad=${link:0:200}A${link:201}
[ "$bad" != "$link" ] || bad=${link:0:200}B${link:201}
expect "a changed link is not believed" 4 "" as patient request show "$bad"
expect "nobody gets more than was asked for" 3 "more than was asked" as patient request accept "$link" general --view --remove
expect "nor for longer" 3 "longer than was asked" as patient request accept "$link" general --view --until 90d
expect "nothing was granted" 0 "Nobody has a grant" as patient grants general
as patient people add "Dr. Rivera" "$(address_of "$d" mallory)" >/dev/null
expect "the patient narrows and accepts" 0 "until" as patient request accept "$link" general --view --until 7d
expect "the grant is what was accepted" 0 "v---" as patient grants general
check "an asker takes the name of nobody in the book" \
    test "$(as patient --json people list | jq -r '.people[] | select(.name == "Dr. Rivera") | .address' | tr A-F a-f)" = \
    "$(address_of "$d" mallory | tr A-F a-f)"
expect "the physician has it" 0 "1 grant(s) accepted" as rivera inbox
expect "and reads" 0 "Letter" as rivera record list "Amara Okafor/general"
expect "but may not write" 3 "" as rivera record add "Amara Okafor/general" demo/discharge-letter.pdf --title Second
expect "the request is kept as accepted" 0 "accepted" as patient request list
expect "and is not refused afterwards" 1 "the access goes on" as patient request refuse "$link"
expect "what goes on is accepted, still" 0 "accepted" as patient request list
asked() { as rivera --json request new --for "More" --view --add --days "$1" | jq -r .link; }
expect "more is told beside what there was" 0 "Until now: view until" as patient request accept "$(asked 20)" general
doubtful() { "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as patient "$@" </dev/null; }
expect "less is not given without a question" 1 "takes some of it away" doubtful request accept "$(asked 2)" general --view
expect "nor by a grant" 1 "takes some of it away" doubtful grant "$(address_of "$d" rivera)" general --view --until 30d
expect "then nothing has changed" 0 "va--" as patient grants general
check "a script is told what was replaced" \
    test "$(as patient --json request accept "$(asked 2)" general --view | jq -c '[.replaced.permissions, .permissions, .answer]')" = '[3,1,"accepted"]'

expect "an end in a thousand years is a slip" 2 "3660 days" as patient grant "$(address_of "$d" rivera)" general --view --until 999999d
expect "nobody grants to themselves" 2 "your own account" as patient grant "$(address_of "$d" patient)" general --view

as patient people add "Rivera again" "$(address_of "$d" rivera)" >/dev/null
as patient people add "Rivera thrice" "$(address_of "$d" rivera)" >/dev/null
expect "of several names the first is shown" 0 "Rivera again" as patient grants general
as patient grant "Rivera thrice" general --view --until 2d >/dev/null
check "and a card is pinned under all of them" \
    test "$(jq -c '[.people[] | select(.name | test("^Rivera")) | .cardHash] | unique | length' "$d/people/patient/book.json")" = 1

# --- names ----------------------------------------------------------------------------------------
expect "an address is no name" 2 '"0x"' as patient people add "$nova" "$(address_of "$d" moss)"
jq --arg name "$nova" --arg address "$(address_of "$d" moss)" '.people += [{name: $name, address: $address}]' \
    "$d/people/patient/book.json" >"$d/book" && cp "$d/book" "$d/people/patient/book.json"
check "one of before that is in the book anyway is nobody but itself" \
    test "$(as patient --json account show "$nova" | jq -r .address | tr A-F a-f)" = "$(tr A-F a-f <<<"$nova")"
expect "a name is not given to another without a question" 1 "somebody else" doubtful people add "Dr. Rivera" "$nova"
expect "the answer to which is yes" 0 "is Dr. Rivera here" as patient people add "Dr. Rivera" "$(address_of "$d" mallory)"
as rivera people add "Amara Okafor" "$(address_of "$d" moss)" >/dev/null # somebody else is called so here
expect "a name that somebody has here is not another owner's" 0 "$(address_of "$d" patient | tr A-F a-f)/general" as rivera folder list
expect "and the folder is found by what the list says" 0 "Letter" as rivera record list "$(address_of "$d" patient | tr A-F a-f)/general"
as rivera people add "Amara Okafor" "$(address_of "$d" patient)" >/dev/null
as patient people add moss "$(address_of "$d" moss)" >/dev/null
as moss people add amara "$(address_of "$d" patient)" >/dev/null
expect "another asks into the inbox" 0 "inbox of amara" as moss request new --for "Second opinion" --view --to amara
expect "it waits for an answer" 0 "Dr. Moss" as patient request list
id=$(as patient --json request list | jq -r '.requests[] | select(.answer == "open") | .id')
expect "it is shown by its id" 0 "Second opinion" as patient request show "${id:2:10}"
expect "refusing" 0 "not told" as patient request refuse "$id"
expect "is kept" 0 "refused" as patient request list
expect "the refused has nothing" 0 "0 grant(s)" as moss inbox
expect "a request that is over is not believed" 3 "over" as patient request show \
    "$(as moss --json request new --for late --answer-by 1s | jq -r .link; sleep 2)"
as admin admin suspend "$(address_of "$d" moss)" >/dev/null
expect "of a suspended account neither" 3 "not active" as patient request show "$id"
check "the node's log names nobody" test "$(grep -c 'Quist\|555 0100' "$d/node.log")" = 0
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A thief of an identity writes its owner state: grants of its own under other people's names. When everything moves to
# a new account no such grant goes on, and the true ones do.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh thief
start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" && register okoye practitioner "Dr. Okoye" &&
    register mallory practitioner "Dr. Mallory" || exit 1
rivera=$(address_of "$d" rivera) mallory=$(address_of "$d" mallory) okoye=$(address_of "$d" okoye)
for who in rivera okoye mallory; do as patient people add $who "$(address_of "$d" $who)" >/dev/null; done
next() { "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as "$1" --yes "${@:2}"; }
account_new() {
    as patient account new "$1" --light >/dev/null &&
        as admin admin register "$(next "$1" --json account list | jq -r ".accounts[] | select(.name == \"$1\") | .address")" --role patient >/dev/null &&
        next "$1" card publish --name "Amara Okafor" >/dev/null || fail "set-up" "the account $1"
}
state_tool() { "$STATE_TOOL" "$1" "$d/people/$2" "$2" "$d/people/$2/passphrase" "$3"; }
active() { next "$1" --json grants "$2" | jq -c '[.grants[] | select(.status == "active")]'; }

for f in sealed holder ended gone; do
    as patient folder new $f >/dev/null && as patient record add $f demo/discharge-letter.pdf --title Before >/dev/null &&
        as patient grant okoye $f --view --until 9d >/dev/null || fail "set-up" "the folder $f"
done
as okoye inbox >/dev/null

# --- what the thief does ------------------------------------------------------------------------------
for f in sealed holder ended gone; do as patient grant mallory $f --view --until 300d >/dev/null; done
as mallory inbox >/dev/null
as patient folder new card >/dev/null && as patient grant rivera card --view --until 9d >/dev/null && state_tool get patient "$d/state" || fail "set-up" "a state"
# under Dr. Rivera's account and name: sealed for the thief; sealed for the physician, at the thief's address; as ended; and not at all
jq -c --arg r "$rivera" --arg m "$mallory" '
    ([.folders[] | select(.name == "card") | .grants[0]][0]) as $true |
    (.folders[] | select(.name == "sealed") | .grants[] | select(.account == $m)) |= (.account = $r | .name = "rivera") |
    (.folders[] | select(.name == "holder") | .grants[] | select(.account == $m)) |=
        (.account = $r | .name = "rivera" | .cardHash = $true.cardHash | .recipient = $true.recipient) |
    (.folders[] | select(.name == "ended") | .grants[] | select(.account == $m)) |= (.ended = 5) |
    (.folders[] | select(.name == "gone") | .grants) |= map(select(.account != $m))' "$d/state" >"$d/forged" &&
    state_tool put patient "$d/forged" || fail "set-up" "a state of the thief's"

# --- everything moves -----------------------------------------------------------------------------------
account_new two
expect "everything moves" 0 "5 of 5 folder(s) are moved" next two transfer patient two
cp "$d/out" "$d/said"
said() { check "$1" grep -qF -- "$2" "$d/said"; }
said "who goes on is shown, by account" "sealed: okoye, $okoye, view"
said "with what is known of the card" "the one that you pinned"
said "who is in doubt, too" "sealed: rivera, $rivera, view"
said "and why" "it was sealed for another key than the card says"
said "that it ends" "It ends (--accept ACCOUNT lets it go on)."
check "of the first, one grant is left" test "$(active two sealed | jq -c '[.[].name]')" = '["okoye"]'
check "of what was called ended, too" test "$(active two ended | jq -c '[.[].name]')" = '["okoye"]'
check "of what the state does not name, too" test "$(active two gone | jq -c '[.[].name]')" = '["okoye"]'
check "the physician whose name was used has one, if it was sealed for him" test "$(active two holder | jq -c '[.[].name] | sort')" = '["okoye","rivera"]'
holders() { jq -c --arg f "$1" '[.folders[] | select(.name == $f) | .grants[] | select((.ended // 0) == 0) | .holder] | sort' "$2"; }
"$STATE_TOOL" get "$d/people/patient" two "$d/people/patient/passphrase" "$d/moved" || fail "set-up" "the new state"
old=$(jq -r --arg r "$rivera" '.folders[] | select(.name == "holder") | .grants[] | select(.account == $r) | .holder' "$d/forged")
check "at an address of his own" test "$(holders holder "$d/moved" | jq --arg o "$old" 'index($o) == null')" = true
for f in sealed holder ended gone; do next two record add $f demo/discharge-letter.pdf --title After >/dev/null || fail "set-up" "a record"; done

# The thief's own program takes the new owner for the old one.
state_tool get mallory "$d/hers" || fail "set-up"
for f in sealed holder ended gone; do
    jq -c --slurpfile m "$d/moved" --arg f $f '($m[0].folders[] | select(.name == $f)) as $n |
        (.shared[] | select(.folderId == $n.folderId)) |= (.owner = $n.owner)' "$d/hers" >"$d/hers2" && mv "$d/hers2" "$d/hers"
done
state_tool put mallory "$d/hers" || fail "set-up"
for f in sealed holder ended gone; do
    id=$(jq -r --arg f $f '.folders[] | select(.name == $f) | .folderId' "$d/moved")
    expect "the thief reads nothing of $f" 3 "revoked" as mallory record list "$id"
    expect "and gets no key of it" 3 "revoked" as mallory folder export-key "$id" -o "$d/key"
done
expect "who was true is told" 0 "4 grant(s) accepted" as okoye inbox --moved
as okoye people add amara "$(next two --json account list | jq -r '.accounts[] | select(.name == "two") | .address')" >/dev/null
for f in sealed holder ended gone; do expect "and reads on in $f" 0 "After" as okoye record list amara/$f; done

# --- a key card that has changed since, in truth ---------------------------------------------------------
as okoye card publish --name "Dr. Okoye" >/dev/null || fail "set-up" "a new card"
account_new three
next two folder new other >/dev/null && next two grant rivera other --view --until 9d >/dev/null || fail "set-up" "a folder"
expect "--accept takes people who are known" 1 "nobody is called" next three transfer two three --accept nobody
expect "or accounts" 0 "It goes on." next three transfer two three --accept "0x0000000000000000000000000000000000000001,$okoye"
check "and is for them only" test "$(active three sealed | jq -c '[.[].name]')" = '["okoye"]'
expect "who reads on" 0 "" as okoye inbox --moved
as okoye people add amara3 "$(next three --json account list | jq -r '.accounts[] | select(.name == "three") | .address')" >/dev/null
expect "by the new card" 0 "After" as okoye record list amara3/sealed
account_new four
as patient people add okoye "$okoye" >/dev/null # the new card is right
as rivera card publish --name "Dr. Rivera" >/dev/null || fail "set-up" "a new card"
expect "in JSON, too" 0 '"doubts":["it was granted by another key card' next four --json transfer three four
check "what ends is said" test "$(grep '^{' "$d/out" | jq -c '[.grants[] | select(.goesOn | not) | .account] | unique')" = "[\"$rivera\"]"
check "and is so" test "$(active four other)" = '[]'
summary

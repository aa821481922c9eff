#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Owners who change things at nodes that lie, and whose answers are lost: what is said to be done is done, what could
# not be looked up is not taken for absent, and the same command goes on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh misled
command -v python3 >/dev/null || {
    echo "SKIPPED misled: no python3"
    echo "misled: 0 passed, 0 failed, 1 skipped"
    exit 0
}
json() { jq -e "$1" "$d/out"; }
state_tool() { "$STATE_TOOL" "$1" "$d/people/patient" "${3:-patient}" "$d/people/patient/passphrase" "$2"; }
fault() { # word: from now on; nothing: none
    echo "${1:-}" >"$d/fault"
    : >"$d/fault.count"
}
# Another account of the patient's, to move folders to: account_new NAME; next NAME COMMAND…
next() { "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as "$1" --yes "${@:2}"; }
account_new() {
    as patient account new "$1" --light >/dev/null &&
        as admin admin register "$(next "$1" --json account list | jq -r ".accounts[] | select(.name == \"$1\") | .address")" --role patient >/dev/null &&
        next "$1" card publish --name "Amara Okafor" >/dev/null || fail "set-up" "the account $1"
}
lied() { check "$1: it was so indeed" test -s "$d/fault.count"; }

start_world || exit 1
start_proxy
register patient patient "Amara Okafor" || exit 1
as patient init --node "$proxy" --origin "$NODE_URL" >/dev/null
for who in rivera okoye; do
    register "$who" practitioner "Dr. ${who^}" || exit 1
    as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null
    as "$who" people add amara "$(address_of "$d" patient)" >/dev/null
done

# --- recovery: whose grant is whose ----------------------------------------------------------------
holder_of() { as patient --json grants "$2" | jq -r ".grants[] | select(.name == \"$1\" and .status == \"active\").holder"; }
if [ "${WALLET_MODE:-}" != 1 ]; then
    as patient folder new first >/dev/null && state_tool get "$d/blob" || fail "set-up" "the state"
    as patient folder new lost >/dev/null
    for who in rivera okoye; do as patient grant "$who" lost --view --until 9d >/dev/null; done
    echo "$(holder_of rivera lost) $(holder_of okoye lost)" >"$d/fault.swap"
    as patient identity recovery-code >"$d/printed"
    sed -n "/^EHR-RECOVERY-/,/^\$/p" "$d/printed" | tr -d " \n" >"$d/code"
    state_tool put "$d/blob" || fail "set-up" "the state of before"
    mkdir "$d/new" && "$EHR" --home "$d/new" --yes init --node "$proxy" --origin "$NODE_URL" >/dev/null
    new() { "$EHR" --home "$d/new" --passphrase-file "$d/people/patient/passphrase" --as amara --yes "$@"; }
    fault wrap-other
    expect "a wrap note of another grantee is refused" 4 "wrap note: of another" new recover amara --light --code-fd 7 7<"$d/code"
    lied "the wraps of two are exchanged"
    fault
    expect "an honest node's are taken" 0 '"foundOnChain":1' new --json recover amara
    check "with both grants" json '.grants == 2'
    expect "who has which is known" 0 "From now on" new revoke "Dr. Okoye (card)" recovered-2
    expect "it is the one that ended" 3 "" as okoye record list amara/lost
    expect "the other goes on" 0 "" as rivera record list amara/lost
fi

# --- what could not be looked up is not absent ------------------------------------------------------
as patient folder new held >/dev/null && as patient record add held demo/discharge-letter.pdf --title Letter >/dev/null ||
    fail "set-up" "a folder with a record"
account_new amara2
for f in block-null block-error; do
    fault $f
    expect "$f: nothing is moved, and it is said" 5 "slot proof" next amara2 transfer patient amara2
    lied "$f"
    expect "$f: nor is anything recovered" 5 "slot proof" as patient recover patient
    expect "$f: nor a folder opened" 5 "slot proof" as patient folder new another
done
fault
as patient grant rivera held --view --until 9d >/dev/null && as rivera init --node "$proxy" --origin "$NODE_URL" >/dev/null ||
    fail "set-up" "a note in the inbox"
for f in block-null block-error block-rate; do
    fault $f
    expect "$f: no note is thrown away" $([ $f = block-rate ] && echo 1 || echo 5) "slot proof" as rivera inbox
    lied "$f"
done
fault
expect "it waited for a ledger that answers" 0 "1 grant(s) accepted, 0 note(s) thrown away" as rivera inbox
as rivera init --node "$NODE_URL" >/dev/null
expect "the folder is still there" 0 "1 proved" as patient record list held
expect "and one can be opened" 0 "" as patient folder new another
expect "moving goes on" 0 "folder(s) are moved" next amara2 transfer patient amara2
expect "the new account has it" 0 "1 proved" next amara2 record list held

# --- moving while one who has a grant cannot be told -------------------------------------------------
next amara2 folder new second >/dev/null && next amara2 grant okoye held --view --until 9d >/dev/null &&
    next amara2 grant rivera second --view --until 9d >/dev/null || fail "set-up" "grants"
as admin admin suspend "$(address_of "$d" rivera)" >/dev/null
account_new amara3
state_tool get "$d/blob" amara2 || fail "set-up" "the state"
expect "one who is suspended stops nothing" 0 "rivera (folder \"held\")" next amara3 transfer amara2 amara3
check "what is to be done is said" grep -q "Grant it again" "$d/out"
check "nothing is left" test "$(next amara2 --json folder list | jq '[.folders[] | select(.owner == "me")] | length')" = 0
expect "the folder after it is there, too" 0 "" next amara3 record list second
state_tool put "$d/blob" amara2 && next amara2 folder new third >/dev/null || fail "set-up" "a state of before"
account_new amara4
expect "a folder that is somebody else's now is refused" 4 "belongs to somebody else now" next amara4 transfer amara2 amara4
expect "and keeps no other back" 0 "third" next amara4 folder list
check "nor is it taken" test "$(grep -c mine "$d/out")" = 1
as admin admin reinstate "$(address_of "$d" rivera)" >/dev/null
expect "the other was told" 0 "" as okoye inbox --moved
as okoye people add amara3 "$(next amara3 --json account list | jq -r '.accounts[] | select(.name == "amara3") | .address')" >/dev/null
expect "and reads on" 0 "1 proved" as okoye record list amara3/held
as rivera people add amara3 "$(next amara3 --json account list | jq -r '.accounts[] | select(.name == "amara3") | .address')" >/dev/null
expect "granted again" 0 "rivera may use" next amara3 grant rivera held --view --until 9d
as rivera inbox --moved >/dev/null
expect "the first does, too" 0 "1 proved" as rivera record list amara3/held

# --- a transfer that was cut, and an old identity that went on ---------------------------------------
account_new amara5 && account_new amara6
as okoye people add amara6 "$(next amara6 --json account list | jq -r '.accounts[] | select(.name == "amara6") | .address')" >/dev/null
next amara5 folder new late >/dev/null && next amara5 grant rivera late --view --until 9d >/dev/null &&
    next amara5 record add late demo/discharge-letter.pdf --title Before >/dev/null || fail "set-up" "a folder to move"
fault relay-refused
expect "a transfer that the relay refuses ends" 5 "" next amara6 transfer amara5 amara6
lied "the relay refused"
fault
next amara5 folder rotate late >/dev/null && next amara5 grant okoye late --view --until 9d >/dev/null &&
    next amara5 revoke rivera late >/dev/null && next amara5 record add late demo/discharge-letter.pdf --title After >/dev/null ||
    fail "set-up" "going on with the old account"
expect "it goes on with the keys that came after" 0 "1 of 1 folder" next amara6 transfer amara5 amara6
expect "and everything opens" 0 "2 proved" next amara6 record list late
as okoye inbox --moved >/dev/null
expect "for who was granted meanwhile, too" 0 "2 proved" as okoye record list amara6/late
check "who was revoked is known to be" test "$(next amara6 --json grants late | jq '[.grants[] | select(.status == "active" or (.known | not))] | length')" = 1
# The key changes just before the chain is told.
account_new amara7
cat >"$d/fault.run" <<TXT
rm "$d/fault.run"
"$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as amara6 --yes folder rotate late >"$d/rotated" 2>&1
TXT
expect "a key that changes on the way is missed" 1 "no key of epoch" next amara7 transfer amara6 amara7
check "it did change" grep -q "sealed for key" "$d/rotated"
expect "and taken over by the next try" 0 "1 of 1 folder" next amara7 transfer amara6 amara7
expect "everything opens as before" 0 "2 proved" next amara7 record list late
# Whoever stole the old identity writes its state: the moved folder is in it again, of its new owner and without keys.
state_tool get "$d/moved" amara7 && state_tool get "$d/old" amara6 &&
    jq -c --slurpfile m "$d/moved" '.folders = [$m[0].folders[] | select(.name == "late") | .epochs = [] | .grants = []]' "$d/old" >"$d/thief" &&
    state_tool put "$d/thief" amara6 || fail "set-up" "a state of the thief's"
expect "what the thief wrote there is refused" 4 "names another owner" next amara7 transfer amara6 amara7
expect "and takes no key away" 0 "2 proved" next amara7 record list late
expect "nor the next one" 0 "" next amara7 folder rotate late

# --- answers that are lost -------------------------------------------------------------------------
as patient folder new shared >/dev/null || fail "set-up" "a folder"
for who in rivera okoye; do as patient grant "$who" shared --view --add --until 9d >/dev/null && as "$who" inbox >/dev/null || fail "set-up" "$who"; done
fault relay-lost
expect "a grant is narrowed, but nobody hears of it" 5 "" as patient grant rivera shared --add --until 9d
check "the answer was lost: and it was sent once" test "$(wc -l <"$d/fault.count")" = 1
fault
expect "the same command goes on" 0 "may use" as patient grant rivera shared --add --until 9d
as patient record add shared demo/discharge-letter.pdf --title After >/dev/null || fail "set-up" "a record"
expect "who stays has the new key" 0 "1 proved" as okoye record list amara/shared
expect "who may add only adds" 0 "proved" as rivera record add amara/shared demo/chest-ct.dcm --title CT
expect "and reads nothing" 3 "" as rivera record list amara/shared
as patient grant rivera shared --view --until 9d >/dev/null || fail "set-up" "rivera views again"
fault wraps-refused
expect "wraps that the node refuses are said" 4 "422" as patient grant rivera shared --add --until 9d
lied "wraps were refused"
fault
as patient record add shared demo/discharge-letter.pdf --title Later >/dev/null || fail "set-up" "a record"
register chen practitioner "Dr. Chen" && as patient people add chen "$(address_of "$d" chen)" >/dev/null
expect "the next grant, of somebody else, makes up for it" 0 "may use" as patient grant chen shared --view --until 9d
expect "who stays reads all" 0 "3 proved" as okoye record list amara/shared
fault relay-again
expect "a grant that was mined and refused when it was sent again" 0 "may use" as patient grant okoye shared --add --until 9d
lied "it was sent again"
expect "so is a revoke" 0 "From now on" as patient revoke okoye shared
fault
expect "which is one" 3 "" as okoye record add amara/shared demo/chest-ct.dcm --title CT

# --- two devices that grant to one person ------------------------------------------------------------
cp -r "$d/people/patient" "$d/people/phone"
on_phone() { "$EHR" --home "$d/people/phone" --passphrase-file "$d/people/phone/passphrase" --as patient --yes "$@"; }
on_phone init --node "$NODE_URL" >/dev/null && as patient folder new both >/dev/null &&
    as patient record add both demo/discharge-letter.pdf --title Letter >/dev/null || fail "set-up" "a folder"
cat >"$d/fault.run-state" <<TXT
"$EHR" --home "$d/people/phone" --passphrase-file "$d/people/phone/passphrase" --as patient --yes grant rivera both --view --until 9d >"$d/phone" 2>&1
TXT
active() { as patient --json grants both | jq -r "[.grants[] | select(.status == \"active\")] | length"; }
expect "a grant while the phone grants to the same person" 0 "may use" as patient grant rivera both --view --add --until 9d
check "the phone did, too" grep -q "may use" "$d/phone"
check "is one grant" test "$(active)" = 1
expect "which the person has" 0 "1 proved" as rivera record list amara/both
expect "revoking it" 0 "From now on" as patient revoke rivera both
check "leaves none" test "$(active)" = 0
expect "nor anything to read" 3 "" as rivera record list amara/both
cat >"$d/fault.run" <<TXT
rm "$d/fault.run"
phone() { "$EHR" --home "$d/people/phone" --passphrase-file "$d/people/phone/passphrase" --as patient --yes "\$@"; }
phone folder rotate both && phone record add both demo/chest-ct.dcm --title Later
TXT
expect "a grant while the phone makes a new key" 0 "may use" as patient grant okoye both --view --until 9d
check "which it did" test ! -e "$d/fault.run"
as okoye inbox >/dev/null
check "opens what is sealed for it, too" as okoye record get amara/both Later -o "$d/later.dcm"

# --- calls that are said to be done and are not --------------------------------------------------------
as patient folder new told >/dev/null && as patient record add told demo/discharge-letter.pdf --title Letter >/dev/null ||
    fail "set-up" "a record"
as patient record add told demo/chest-ct.dcm --title CT >/dev/null && as patient record remove told CT >/dev/null || fail "set-up" "a removed one"
fault relay-lie
while read -r words; do
    expect "$words: the chain does not hold it" 4 "the chain does not hold it" as patient $words
done <<'TXT'
record remove told Letter
record remove told Letter --entered-in-error
record remove told CT --undo
folder rotate told
folder new untold
card publish --name Amara
TXT
lied "it was said to be done"
fault
expect "the record is there" 0 "Letter" as patient record list told
expect "and can be removed" 0 "is now removed" as patient record remove told Letter
expect "the key is the first" 0 "key 2" as patient folder rotate told
expect "the folder goes on" 0 "" as patient folder new untold
summary

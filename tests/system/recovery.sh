#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One identity backup brings everything back: two devices write the owner state at once; an empty machine with
# the recovery code, or with the identity file, has folders, grants, names and charts again; folders that the
# state lost are found by their owner addresses.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh recovery
same() { cmp -s "$1" "$2"; }
json() { jq -e "$1" "$d/out"; }
state_tool() { "$STATE_TOOL" "$1" "$d/people/patient" patient "$d/people/patient/passphrase" "$2"; }

start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
as patient folder new general >/dev/null && as patient grant rivera general --view --add --until 30d >/dev/null &&
    as rivera record add amara/general demo/discharge-letter.pdf --title Letter >/dev/null || exit 1

# --- two devices at once --------------------------------------------------------------------------
cp -r "$d/people/patient" "$d/people/phone"
on_phone() { "$EHR" --home "$d/people/phone" --passphrase-file "$d/people/phone/passphrase" --as patient --yes "$@"; }
for ((i = 0; i < 6; i++)); do as patient folder new "laptop-$i" >/dev/null 2>>"$d/two.err" || echo "laptop $i" >>"$d/two.failed"; done &
laptop=$!
for ((i = 0; i < 6; i++)); do on_phone folder new "phone-$i" >/dev/null 2>>"$d/two.err" || echo "phone $i" >>"$d/two.failed"; done
wait $laptop
check "both devices open their folders" test ! -e "$d/two.failed"
expect "nothing of either is lost" 0 "phone-5" as patient --json folder list
check "all folders are there once" json '[.folders[] | select(.owner == "me") | .name] | length == 13 and (unique | length == 13)'
check "each has an owner address of its own" json '[.folders[].folderId] | unique | length == 13'
on_phone grant rivera phone-1 --view --until 9d >/dev/null & a=$!
[ "${WALLET_MODE:-}" != 1 ] || wait $a # the relay takes one request of an account at a time
as patient grant rivera laptop-1 --view --until 9d >/dev/null & b=$!
[ "${WALLET_MODE:-}" != 1 ] || wait $b
as patient folder rotate general >/dev/null & c=$!
wait $a && wait $b && wait $c || fail "set-up" "a change at the same time failed"
check "grants of both are in the state" test "$(on_phone --json folder list | jq '[.folders[] | .grants // 0] | add')" = 3

# --- eight commands that write the book of one home at once ---------------------------------------
for i in 1 2 3 4 5 6 7 8; do as patient people add "p$i" "0x000000000000000000000000000000000000000$i" & adds[i]=$!; done
for i in 1 2 3 4 5 6 7 8; do wait "${adds[i]}" || fail "people add p$i" ""; done
check "lose no name" test "$(as patient --json people list | jq '[.people[].name | select(startswith("p"))] | length')" = 8

# --- an empty machine -----------------------------------------------------------------------------
as patient identity recovery-code >"$d/printed"
sed -n "/^EHR-RECOVERY-/,/^\$/p" "$d/printed" | tr -d " \n" >"$d/code"
recover() { # home, options…
    local home=$1
    shift
    mkdir -p "$home" && "$EHR" --home "$home" --passphrase-file "$d/people/patient/passphrase" --yes --json recover amara \
        --node "$NODE_URL" --light "$@"
}
recover_text() { # the same as text
    mkdir -p "$1" && "$EHR" --home "$1" --passphrase-file "$d/people/patient/passphrase" --yes recover amara --node "$NODE_URL" --light "${@:2}"
}
expect "the recovery code alone brings all back" 0 '"folders":13' recover "$d/new1" --code-fd 7 7<"$d/code"
check "grants and names, too" json '.grants == 3 and .names >= 1 and .foundOnChain == 0'
expect "so does all that was printed, and says whose it is" 0 '"name":"amara"' recover "$d/new1b" --code-fd 7 7<"$d/printed"
check "with its address" test "$(jq -r .address "$d/out")" = "$(address_of "$d" patient | tr A-F a-f)"
new1() { "$EHR" --home "$d/new1" --passphrase-file "$d/people/patient/passphrase" --as amara --yes "$@"; }
expect "the chart is proved" 0 "1 proved" new1 record list general
new1 record get general Letter -o "$d/letter.pdf" >/dev/null
check "and is the same, byte for byte" same demo/discharge-letter.pdf "$d/letter.pdf"
expect "who may read is named" 0 "rivera" new1 people list
cp "$d/people/patient/identities/patient/passphrase.age" "$d/identity.age"
expect "an identity file and its passphrase do, too" 0 '"folders":13' recover "$d/new2" --identity-file "$d/identity.age"
printf 'not it\n' >"$d/wrong"
mkdir -p "$d/new3"
expect "an identity file without its passphrase opens nothing" 1 "" "$EHR" --home "$d/new3" --passphrase-file "$d/wrong" --yes \
    recover amara --identity-file "$d/identity.age"
check "and leaves nothing" test ! -e "$d/new3/keys/amara.json"

# --- names that others chose for themselves ----------------------------------------------------------
register mallory practitioner "Dr. Sato" && as mallory people add amara "$(address_of "$d" patient)" >/dev/null &&
    as mallory folder new junk >/dev/null && as mallory grant amara junk --view --until 30d >/dev/null &&
    as patient inbox >/dev/null || fail "set-up" "somebody calls itself Dr. Sato"
mkdir "$d/new5" && new5() { "$EHR" --home "$d/new5" --passphrase-file "$d/people/patient/passphrase" --as amara --yes "$@"; }
expect "the owner of a shared folder is shown" 0 "$(address_of "$d" mallory)" recover_text "$d/new5" --code-fd 7 7<"$d/code"
expect "but granting by that name is refused" 1 "nobody is called" new5 grant "Dr. Sato" general --view
check "the book has only names that its owner gave" test "$(new5 --json people list | jq --arg m "$(address_of "$d" mallory)" '[.people[] | select(.address == $m)] | length')" = 0

# --- a state that lost folders --------------------------------------------------------------------
[ "${WALLET_MODE:-}" = 1 ] && { summary; exit; }
state_tool get "$d/blob" || fail "set-up"
as patient folder new lost >/dev/null && as patient record add lost demo/chest-ct.dcm --title CT >/dev/null &&
    as patient grant rivera lost --view --until 30d >/dev/null && as patient folder rotate lost >/dev/null || fail "set-up"
state_tool put "$d/blob" || fail "set-up"
expect "the folder is gone from the state" 1 "no folder" as patient record list lost
expect "it is found by its owner address" 0 '"foundOnChain":1' recover "$d/new4" --code-fd 7 7<"$d/code"
check "with its keys and its grant" json '.withoutKeys == 0 and .folders == 14 and .grants == 4'
new4() { "$EHR" --home "$d/new4" --passphrase-file "$d/people/patient/passphrase" --as amara --yes "$@"; }
name=$(new4 --json folder list | jq -r '.folders[].name | select(startswith("recovered-"))')
expect "its chart is proved" 0 "1 proved" new4 record list "$name"
expect "the grantee is known by name" 0 "rivera" new4 grants "$name"
live() { new4 --json grants "$name" | jq -c '[.grants[] | select(.status == "active") | {holder, permissions}]'; }
before=$(live)
expect "a grant whose announcement was lost is narrowed" 0 "may use" new4 grant "Dr. Rivera (card)" "$name" --add --until 20d
check "one holder has it, and it is another one" test "$(live | jq --argjson b "$before" \
    '[length, .[0].holder != $b[0].holder, .[0].permissions] == [1, true, 2]')" = true
as rivera inbox >/dev/null
expect "who has it reads nothing more" 3 "" as rivera record list "amara/$name"
expect "revoking works there" 0 "From now on" new4 revoke "Dr. Rivera (card)" "$name"
expect "and ended it" 3 "revoked" as rivera record list "amara/$name"
expect "again there is nothing to find" 0 '"foundOnChain":0' recover "$d/new4"
expect "the old home sees it, too" 0 "$name" as patient folder list

# --- a grant that the state does not have, or not so ------------------------------------------------
as patient grant rivera "$name" --view --until 10d >/dev/null && state_tool get "$d/blob1" &&
    as patient grant rivera "$name" --view --amend --until 20d >/dev/null && state_tool put "$d/blob1" || fail "set-up"
expect "a grant that became wider is told" 0 "MORE THAN YOU GRANTED" as patient grants "$name"
check "in JSON, too" test "$(as patient --json grants "$name" | jq '[.grants[] | select(.wider)] | length')" = 1
as patient revoke rivera "$name" >/dev/null || fail "set-up"
expect "one that has ended is not" 0 "revoked" as patient grants "$name"
check "in JSON neither" test "$(as patient --json grants "$name" | jq '[.grants[] | select(.wider or (.known | not))] | length')" = 0
state_tool get "$d/blob" && as patient grant rivera "$name" --view --until 30d >/dev/null || fail "set-up"
check "all grants are known" test "$(as patient --json grants "$name" | jq '[.grants[] | select(.status == "active" and (.known | not))] | length')" = 0
state_tool put "$d/blob" || fail "set-up"
expect "a grant that the state does not have is told" 0 "NOT GRANTED BY YOU" as patient grants "$name"
holder=$(as patient --json grants "$name" | jq -r '.grants[] | select(.status == "active" and (.known | not)).holder')
expect "and can be revoked by its holder" 0 "From now on" as patient revoke "$holder" "$name"
check "then none is left" test "$(as patient --json grants "$name" | jq '[.grants[] | select(.status == "active")] | length')" = 0
summary

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
state_tool() { "$STATE_TOOL" "$1" "$d/people/patient" patient "$d/people/patient/passphrase" "$2"; }
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
    expect "who has which is known" 0 "From now on" new revoke "Dr. Okoye" recovered-2
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
summary

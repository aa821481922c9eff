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
summary

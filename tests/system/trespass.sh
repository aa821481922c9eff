#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trespass with the real command line, node and chain: who has no right is refused, and the owner sees it.
# EHR and EHRD name the programs. Ends with 77 (skipped) without anvil.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tools/node-processes
[ -x "$(tools/anvil-path 2>/dev/null)" ] || { echo "SKIPPED trespass: no anvil (run tools/contracts-setup)"; exit 77; }
d=$(mktemp -d "${TMPDIR:-/tmp}/ehr-trespass.XXXXXX")
trap 'stop_all; rm -rf "$d"' EXIT
failed=0
: >"$d/lock"
exec 8>"$d/lock"

as() { # name, command…
    local who=$1
    shift
    "$EHR" --home "$d/people/$who" --passphrase-file "$d/people/$who/passphrase" --as "$who" --yes "$@"
}
register() { # name, role, display name
    make_home "$d" "$1" && as "$1" init --node "$NODE_URL" >/dev/null &&
        as admin admin register "$(address_of "$d" "$1")" --role "$2" >/dev/null &&
        as "$1" card publish --name "$3" >/dev/null
}
# expect NAME CODE TEXT COMMAND…: ends with the code and says the text.
expect() {
    local name=$1 want=$2 text=$3 got=0
    shift 3
    "$@" >"$d/out" 2>&1 || got=$?
    if [ "$got" = "$want" ] && grep -qF -- "$text" "$d/out"; then
        echo "ok   $name"
    else
        echo "FAIL $name: ended with $got, not $want with \"$text\":"
        sed 's/^/     /' "$d/out" | tail -8
        failed=1
    fi
}
epoch() { as patient --json folder list | jq -r '.folders[] | select(.name == "general" and .owner == "me") | .epoch'; }

start_anvil "$d" && prepare_chain "$d" "$ledger" "" "" && start_node "$d" "$ledger" 127.0.0.1:0 || exit 1
as admin init --node "$NODE_URL" >/dev/null
register patient patient "Ana Silva" && register rivera practitioner "Dr. Rivera" &&
    register chen practitioner "Dr. Chen" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as patient people add chen "$(address_of "$d" chen)" >/dev/null
folder=$(as patient --json folder new general | jq -r .folderId)
printf 'a letter' >"$d/letter.txt"
as patient record add general "$d/letter.txt" --title Letter >/dev/null

expect "no grant: the list of a known folder" 3 "no grant" as chen record list "$folder"
expect "no grant: a record of a known folder" 3 "no grant" as chen record get "$folder" 1 -o "$d/stolen"
expect "no grant: adding" 3 "no grant" as chen record add "$folder" "$d/letter.txt"
expect "no grant: the access log is the owner's" 3 "owner" as chen audit "$folder"
expect "the owner sees who tried" 0 "no grant" as patient audit general
grep -q "^.*chen .*refused" "$d/out" || { echo "FAIL the trespasser is not named"; cat "$d/out"; failed=1; }

as patient grant rivera general --view --add --until 1d >/dev/null
expect "a grant lets read" 0 "Letter" as rivera record list "Ana Silva/general"
before=$(epoch)
expect "a narrower grant takes the place of the wider one" 0 "may use" as patient grant rivera general --add --until 1d
expect "reading is over" 3 "lacks the permission" as rivera record list "$folder"
[ "$(epoch)" = $((before + 1)) ] || { echo "FAIL no new key after the right to read ended: $(epoch)"; failed=1; }

as patient grant chen general --view --until 4s >/dev/null
expect "a short grant lets read" 0 "Letter" as chen record list "Ana Silva/general"
sleep 5
expect "after its end it does not" 3 "over" as chen record list "Ana Silva/general"
as patient grant chen general --view --until 1d >/dev/null
as patient revoke chen general >/dev/null
expect "after a revoke it does not" 3 "revoked" as chen record get "Ana Silva/general" 1 -o "$d/stolen"
as patient grant chen general --view --until 1d >/dev/null
as admin admin suspend "$(address_of "$d" chen)" >/dev/null
expect "a suspended physician reads nothing" 3 "not an active account" as chen record list "Ana Silva/general"
expect "the owner sees all of it" 0 "the node's signature fit" as patient audit general
for text in "no grant" "lacks the permission" "over" "revoked"; do
    grep -q "refused .*$text" "$d/out" || { echo "FAIL the log does not say: $text"; failed=1; }
done
[ ! -e "$d/stolen" ] || { echo "FAIL something was written"; failed=1; }

other=${NODE_URL/127.0.0.1/localhost}
expect "a node that names another's origin is not believed" 4 "--origin" "$EHR" --home "$d/new" init --node "$other"
expect "unless it is meant" 0 "registry" "$EHR" --home "$d/new" init --node "$other" --origin "$NODE_URL"

for f in node.log; do
    for secret in "Ana Silva" "a letter" "Letter" signature= AGE-SECRET; do
        ! grep -qF -- "$secret" "$d/$f" || { echo "FAIL $f holds: $secret"; failed=1; }
    done
done
loose=$(find "$d/node" -type f -perm /077 | head -3)
[ -z "$loose" ] || { echo "FAIL others may read: $loose"; failed=1; }
exit "$failed"

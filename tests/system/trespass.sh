#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trespass with the real command line, node and chain: who has no right is refused, and the owner sees it.
# EHR and EHRD name the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh trespass
epoch() { as patient --json folder list | jq -r '.folders[] | select(.name == "general" and .owner == "me") | .epoch'; }

start_world || exit 1
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
check "the trespasser is named" grep -q "^.*chen .*refused" "$d/out"

as patient grant rivera general --view --add --until 1d >/dev/null
expect "a grant lets read" 0 "Letter" as rivera record list "Ana Silva/general"
before=$(epoch)
expect "a narrower grant takes the place of the wider one" 0 "may use" as patient grant rivera general --add --until 1d
expect "reading is over" 3 "lacks the permission" as rivera record list "$folder"
check "a new key after the right to read ended" [ "$(epoch)" = $((before + 1)) ]

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
    check "the log says: $text" grep -q "refused .*$text" "$d/out"
done
check "nothing was written" [ ! -e "$d/stolen" ]

other=${NODE_URL/127.0.0.1/localhost}
expect "a node that names another's origin is not believed" 4 "--origin" "$EHR" --home "$d/new" init --node "$other"
expect "unless it is meant" 0 "registry" "$EHR" --home "$d/new" init --node "$other" --origin "$NODE_URL"
sed -i 's|"origin":"[^"]*"|"origin":"https://old.example"|' "$d/people/chen/config.json"
expect "what is signed for another origin is refused, and both are told" 4 \
    "pinned the origin \"https://old.example\", the node says it is \"$NODE_URL\"" as chen folder list
expect "by the doctor, too" 1 "its origin is \"$NODE_URL\", this home has pinned \"https://old.example\"" as chen doctor

for secret in "Ana Silva" "a letter" "Letter" signature= AGE-SECRET; do
    check "the node's log does not hold: $secret" test -z "$(grep -F -- "$secret" "$d/node.log")"
done
loose=$(find "$d/node" -type f -perm /077 | head -3)
check "nobody else may read the node's files $loose" [ -z "$loose" ]
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody who may add to a folder fills it with the longest envelopes that a node takes: more than fits into one
# answer. The owner still lists, takes out and reseals what is real.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh flood
start_world || exit 1
register pat patient "Pat Quaresma" && register doc practitioner "Dr. Doc" || exit 1
as pat people add doc "$(address_of "$d" doc)" >/dev/null
as doc people add pat "$(address_of "$d" pat)" >/dev/null
as pat folder new general >/dev/null
printf 'Suspected recurrence' >"$d/note.txt"
as pat record add general "$d/note.txt" --title "Biopsy planning" >/dev/null
as pat grant doc general --view --add --until 9d >/dev/null && as doc inbox >/dev/null || fail "set-up"
id=$(as pat --json folder list | jq -r '.folders[0].folderId')
as doc record list pat/general >/dev/null || fail "the holder's certificate"
check "the holder adds 280 records that say nothing" \
    "$FLOOD_TOOL" "$d/people/doc" doc "$d/people/doc/passphrase" "$id" 7
expect "the owner lists the folder" 4 "280 record(s) could not be proved" as pat record list general
as pat --json record list general >"$d/list" 2>/dev/null
check "with all that is in it" jq -e '.notProved == 280 and (.records | length) == 281' "$d/list"
check "and what is real" jq -e '[.records[] | select(.verified) | .title] == ["Biopsy planning"]' "$d/list"
check "reads it" as pat record get general "Biopsy planning" -o "$d/got"
check "as it was" cmp "$d/note.txt" "$d/got"
expect "and takes all of it out" 4 "" as pat record get general --all -o "$d/export"
check "but what says nothing" grep -rq "Suspected recurrence" "$d/export"
expect "the holder is revoked" 0 "From now on" as pat revoke doc general
expect "and what is real is resealed" 4 "280 record(s) could not be proved and stay as they are" as pat reseal general
check "for the new key" grep -qF '1 of 281 old record(s) of "general" are sealed for the present key' "$d/out"
check "it opens" as pat record get general "Biopsy planning" -o "$d/again"
check "as it was before" cmp "$d/note.txt" "$d/again"
summary

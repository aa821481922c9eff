#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A grant, its end and a new grant as fast as programs go, mostly within one second: the grantee goes on with the new one.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh regrant
start_world || exit 1
register pat patient "Pat Quaresma" && register doc practitioner "Dr. Doc" || exit 1
as pat people add doc "$(address_of "$d" doc)" >/dev/null
as doc people add pat "$(address_of "$d" pat)" >/dev/null
as pat folder new general >/dev/null
printf 'Suspected recurrence' >"$d/note.txt"
as pat record add general "$d/note.txt" --title "Biopsy planning" >/dev/null
grant() { as pat grant doc general --view --until 9d >/dev/null; }
for i in 1 2 3 4 5 6; do
    grant && as doc inbox >/dev/null && as pat revoke doc general >/dev/null && grant || fail "grants and their end, round $i"
    expect "the new grant of round $i is used" 0 "Biopsy planning" as doc record list pat/general
    as pat revoke doc general >/dev/null
    expect "and its end ends it" 3 "revoked" as doc record list pat/general
done
summary

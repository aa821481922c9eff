#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The folder's key changes while somebody writes for the old one: the contract refuses (StaleEpoch), the program seals
# again for the new key and goes on; when it is overtaken each time it gives up and has written nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh stale
command -v python3 >/dev/null || {
    echo "SKIPPED stale: no python3"
    echo "stale: 0 passed, 0 failed, 1 skipped"
    exit 0
}
start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
as patient folder new general >/dev/null
as patient grant rivera general --view --add --amend --until 9d >/dev/null
as rivera inbox >/dev/null
start_proxy
as rivera init --node "$proxy" --origin "$NODE_URL" >/dev/null

# overtake N: the patient rotates before each of the next N calls of the physician
overtake() {
    echo "$1" >"$d/left"
    : >"$d/rotated"
    cat >"$d/fault.run" <<TXT
n=\$(cat "$d/left")
[ "\$n" -gt 0 ] || exit 0
echo \$((n - 1)) >"$d/left"
"$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as patient --yes folder rotate general >>"$d/rotated" 2>&1
TXT
}
epoch() { as patient --json folder list | jq '.folders[0].epoch'; }
records() { as patient --json record list general | jq '.records | length'; }

echo "first" >"$d/one.txt"
overtaken="the key was changed in between"
overtake 1
expect "adding while the key changes" 0 "proved" as rivera record add amara/general "$d/one.txt" --title One
check "$overtaken" test "$(epoch)" -eq 2
as patient record get general One -o "$d/got" >/dev/null
check "the record is whole" cmp -s "$d/one.txt" "$d/got"
check "and was sealed for the new key" test "$(as patient --json record show general One | jq '.epoch')" -eq 2
echo "second" >"$d/two.txt"
overtake 2
expect "amending while it changes twice" 0 "" as rivera record amend amara/general One "$d/two.txt" --title One
check "$overtaken twice" test "$(epoch)" -eq 4
as patient record get general One -o "$d/got2" >/dev/null
check "the new version is whole" cmp -s "$d/two.txt" "$d/got2"
overtake 100
expect "overtaken each time it gives up" 3 "StaleEpoch" as rivera record add amara/general "$d/two.txt" --title Never
check "after some tries" test "$(wc -l <"$d/rotated")" -ge 2
rm "$d/fault.run"
check "nothing was written" test "$(records)" -eq 1
expect "and later it goes through" 0 "proved" as rivera record add amara/general "$d/two.txt" --title Later
check "two records are there" test "$(records)" -eq 2
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The disk is nearly full: the programs take nothing new any more, but who wants to revoke can.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh nearly_full
[ -n "${NEARLY_FULL:-}" ] || {
    echo "SKIPPED nearly_full: nothing to preload"
    echo "nearly_full: 0 passed, 0 failed, 1 skipped"
    exit 0
}
start_world || exit 1
for who in patient:patient rivera:practitioner sato:practitioner; do
    register "${who%:*}" "${who#*:}" "Name of ${who%:*}" || exit 1
done
for who in rivera sato; do
    as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null
    as "$who" people add amara "$(address_of "$d" patient)" >/dev/null
done
as patient folder new general >/dev/null || exit 1
for who in rivera sato; do
    as patient grant "$who" general --view --add --until 9d >/dev/null && as "$who" inbox >/dev/null || exit 1
done
echo "first" >"$d/one.txt"
as patient record add general "$d/one.txt" --title One >/dev/null || exit 1
free_mib() { [ "$1" = all ] && rm -f "$d/free-mib" || echo "$1" >"$d/free-mib"; }
stop_one "$NODE_PID"
LD_PRELOAD=$NEARLY_FULL EHRD_FREE_MIB=$d/free-mib start_node "$d" "$ledger" "${NODE_URL#http://}" || exit 1

free_mib 200
expect "nothing is added" 1 "no space left" as patient record add general "$d/one.txt" --title Two
expect "nothing is read" 1 "no space left" as sato record list amara/general
expect "a grant is revoked; what was opened cannot be told now" 1 "gets nothing" as patient revoke rivera general
free_mib all
expect "it has ended" 3 "revoked" as rivera record list amara/general
expect "whoever keeps a grant has the new key" 0 "One" as sato record list amara/general
as patient record add general "$d/one.txt" --title Three >/dev/null
expect "and reads what is sealed with it" 0 "Three" as sato record list amara/general
summary

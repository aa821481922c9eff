#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Quotas: what one account may upload and have relayed in a day, all its addresses together; others go on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh quota
start_world || exit 1
register patient patient "Amara Okafor" && register other patient "Benedikta Quaresma" || exit 1
as patient people add other "$(address_of "$d" other)" >/dev/null
as patient folder new general >/dev/null && as patient folder new oncology >/dev/null && as other folder new general >/dev/null || exit 1
listen=${NODE_URL#http://}
again() { # options…: the node with other quotas
    stop_one "$NODE_PID"
    start_node "$d" "$ledger" "$listen" "$@" || fail "the node starts with $*"
}
head -c 300000 /dev/urandom >"$d/large"
head -c 1000 /dev/urandom >"$d/small"

again --quota-bytes 500000
expect "a body within the share" 0 "proved" as patient record add general "$d/large" --title One
expect "another folder's address shares it" 1 "share of a day" as patient record add oncology "$d/large" --title Two
expect "nothing of it is left behind" 0 "" as patient record list oncology
expect "a small one still fits" 0 "proved" as patient record add oncology "$d/small" --title Small
expect "others go on" 0 "proved" as other record add general "$d/large" --title Theirs

again --quota-gas 1000000
n=0
while [ "$n" -lt 12 ] && as patient folder rotate general >/dev/null 2>"$d/err"; do n=$((n + 1)); done
check "calls of one account end at its share (after $n)" grep -q "share of a day" "$d/err"
check "and some went through" test "$n" -ge 1
expect "of its other addresses too" 1 "share of a day" as patient folder rotate oncology
expect "a grant is refused, too" 1 "share of a day" as patient grant other general --view --until 1d
expect "and is not missed in the list: the chain never had it" 0 "Nobody has a grant" as patient grants general
expect "others' calls go on" 0 "" as other folder rotate general
again
expect "by default there is room" 0 "" as patient folder rotate general
expect "for the grant, too" 0 "may use" as patient grant other general --view --until 1d
expect "which is listed" 0 "active" as patient grants general
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node whose read model waits for blocks on top, on a chain that seals on demand: what is in its last block is not swept.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh confirmations

prepare_chain "$d" "" "" "" && start_node "$d" "" 127.0.0.1:0 --confirmations 2 --keep-uploads 1 &&
    as admin init --node "$NODE_URL" >/dev/null || exit 1
swept() { grep -c event=sweep "$d/node.log"; }
mine() { register "$1" patient "$1"; } # some blocks more

register anna patient "Anna Quist" && as anna folder new general >/dev/null || fail "set-up"
expect "a record is added" 0 "proved" as anna record add general demo/discharge-letter.pdf --title Letter
sleep 4 # the sweep comes each second
check "nothing was swept" test "$(swept)" = 0
mine bert && mine cora || fail "more blocks"
expect "the record is there once its block is confirmed" 0 "Letter" as anna record list general
check "with its content" as anna record get general Letter -o "$d/letter.pdf"
check "as it was" cmp demo/discharge-letter.pdf "$d/letter.pdf"

# Without a relayer the envelope is at the node, and its call never reaches the chain.
stop_one "$NODE_PID"
NO_RELAYER=yes start_node "$d" "" "${NODE_URL#http://}" --confirmations 2 --keep-uploads 1 || exit 1
expect "a record that does not reach the chain" 5 "does not answer" as anna record add general demo/discharge-letter.pdf --title Lost
sleep 4
check "is swept all the same" test "$(swept)" -gt 0
check "what is on the chain is not" as anna record get general Letter -o "$d/again.pdf"
summary

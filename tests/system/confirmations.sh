#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a node's read model leaves out, by --confirmations and by --first-block, is neither swept nor lost.
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

# --- a first block that was too late --------------------------------------------------------------
again() { stop_one "$NODE_PID" && start_node "$d" "" "${NODE_URL#http://}" "$@"; }
head=$(($(rpc "$NODE_URL/rpc" eth_blockNumber '[]' | jq -r .result)))
stop_one "$NODE_PID"
rm -rf "$d/node/index"
again --first-block "$head" || exit 1
expect "a model that begins behind the record does not have it" 0 "No records" as anna record list general
again --first-block 1 || exit 1
expect "it begins anew when it is told an earlier block" 0 "Letter" as anna record list general
again --first-block "$head" || exit 1
expect "and keeps what it has when it is told a later one" 0 "Letter" as anna record list general
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `ehrd dev` as a contract developer uses it: what the controls changed is traced, a reset resets, snapshots do not lie.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh dev

"$EHRD" dev --listen 127.0.0.1:0 --quiet --port-file "$d/port" >"$d/node.log" 2>&1 8>&- &
NODE_PID=$!
for _ in $(seq 200); do [ -s "$d/port" ] && break || sleep 0.1; done
url="http://127.0.0.1:$(sed 's/.*://' "$d/port")"
nobody=0x00000000000000000000000000000000000000ab sink=0x0000000000000000000000000000000000000123
ask() { rpc "$url" "$@"; }
says() { # NAME TEXT METHOD PARAMS
    expect "$1" 0 "$2" ask "$3" "$4"
}

# --- traces ---------------------------------------------------------------------------------------
says "an address without a key gets ether" true anvil_setBalance "[\"$nobody\",\"0xde0b6b3a7640000\"]"
says "and is impersonated" true anvil_impersonateAccount "[\"$nobody\"]"
says "it sends" '"result":"0x' eth_sendTransaction "[{\"from\":\"$nobody\",\"to\":\"$sink\",\"value\":\"0x1\",\"gas\":\"0x5208\"}]"
hash=$(jq -r .result "$d/out")
says "which worked" '"status":"0x1"' eth_getTransactionReceipt "[\"$hash\"]"
says "the transaction is traced" "\"from\":\"$nobody\"" debug_traceTransaction "[\"$hash\",{\"tracer\":\"callTracer\"}]"
says "and its block" "\"from\":\"$nobody\"" debug_traceBlockByNumber '["latest",{"tracer":"callTracer"}]'

# --- going back -----------------------------------------------------------------------------------
says "a snapshot above the genesis" '"result":"0x1"' evm_snapshot '[]'
says "ether is set, in no block yet" true anvil_setBalance "[\"$sink\",\"0x5\"]"
says "and time" '"result"' evm_increaseTime '[100000]'
says "reset" true anvil_reset '[]'
says "to block 0" '"result":"0x0"' eth_blockNumber '[]'
says "a block" '"result"' anvil_mine '[]'
says "what was set is forgotten" '"result":"0x0"' eth_getBalance "[\"$sink\",\"latest\"]"
says "the block is made" '"timestamp"' eth_getBlockByNumber '["latest",false]'
ahead=$(($(printf '%d' "$(jq -r .result.timestamp "$d/out")") - $(date +%s)))
check "at the time of the clock ($ahead s ahead)" test "$ahead" -lt 1000
says "a snapshot of what is gone is not reverted to" '"result":false' evm_revert '["0x1"]'
says "a snapshot of what is there" '"result":"0x' evm_snapshot '[]'
id=$(jq -r .result "$d/out")
says "more blocks" '"result"' anvil_mine '["0x3"]'
says "is reverted to" '"result":true' evm_revert "[\"$id\"]"
says "its block" '"result":"0x1"' eth_blockNumber '[]'
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `ehrd chain …` on a chain with the contracts and some records: every command, and what each refuses.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh chain_cmd
same() { cmp -s "$1" "$2"; }
chain() { # command, folder, …
    "$EHRD" chain "$1" --chain "$d/$2" --json "${@:3}"
}
field() { jq -r ".$1" "$d/out"; }

start_world || exit 1
register patient patient "Amara Okafor" || exit 1
as patient folder new general >/dev/null
printf 'a' >"$d/a.txt"
for i in 1 2 3; do as patient record add general "$d/a.txt" --title "n$i" >/dev/null; done
expect "one process a folder: a node runs on it" 1 "another process" chain stats chain
expect "a second node is refused, too" 1 "another process" "$EHRD" --data "$d/second" --chain "$d/chain" --proxy "$(deployed "$d" proxy)" \
    --forwarder "$(deployed "$d" forwarder)" --listen 127.0.0.1:0
stop_one "$NODE_PID"
expect "a first block that is not there yet" 1 "--first-block 1000000 is above the head" "$EHRD" --data "$d/second" --chain "$d/chain" \
    --proxy "$(deployed "$d" proxy)" --forwarder "$(deployed "$d" forwarder)" --listen 127.0.0.1:0 --first-block 1000000

expect "stats" 0 '"chainId":1701343844' chain stats chain
head=$(field head) hash=$(field hash)
check "there are blocks" test "$head" -gt 5
expect "a chain is not made twice" 1 "already" chain init chain
expect "verify" 0 "\"hash\":\"$hash\"" chain verify chain
why() { "$EHRD" chain stats --chain "$d/none" --json 2>/dev/null | jq -r .error.code; }
check "what failed is told in JSON, too" test "$(why)" = E_NOT_FOUND

# --- copies ---------------------------------------------------------------------------------------
expect "export" 0 "\"blocks\":$((head + 1))" chain export chain "$d/blocks"
expect "export-genesis" 0 '"stateRoot"' chain export-genesis chain --out "$d/state.json" --logs "$d/logs.jsonl"
root=$(field stateRoot)
check "the logs are JSON lines" sh -c "jq -e .transactionHash '$d/logs.jsonl' >/dev/null && test \$(wc -l <'$d/logs.jsonl') -gt 5"
# The same genesis in another folder: the export carries the authority, the copy does not have its key.
mkdir "$d/copy"
as_genesis() { # the genesis of `chain`, rebuilt from block 0 of its export
    "$EHRD" chain init --chain "$d/tmp" --json >/dev/null
    "$EHRD" chain rollback 0 --chain "$d/back" >/dev/null
    "$EHRD" chain export-genesis --chain "$d/back" --out "$1" >/dev/null
}
cp -r "$d/chain" "$d/back"
as_genesis "$d/genesis.json"
expect "init from a genesis" 0 genesis chain init copy --genesis "$d/genesis.json"
expect "import" 0 "\"hash\":\"$hash\"" chain import copy "$d/blocks"
check "all blocks were added" test "$(field added)" = "$head"
expect "again: nothing new" 0 '"added":0' chain import copy "$d/blocks"
expect "the copy's state is the same" 0 "$root" chain export-genesis copy --out "$d/state2.json"
check "to the byte" same "$d/state.json" "$d/state2.json"
expect "and its export" 0 "$hash" chain export copy "$d/blocks2"
check "blocks to the byte" same "$d/blocks" "$d/blocks2"
check "signatures to the byte" same "$d/blocks.seals" "$d/blocks2.seals"
expect "the copy verifies" 0 verified chain verify copy

# --- a signature of block 0 -----------------------------------------------------------------------
# A folder without it, as older programs made them: its genesis is the state above, and its key comes later.
chain init later --genesis "$d/state.json" >/dev/null
sealed() { # folder: how many signatures its blocks have
    chain export "$1" "$d/sealed" | jq .seals
}
check "the folder's block 0 is not signed" test "$(sealed later)" = 0
cp "$d/chain/authority.key" "$d/later/"
"$EHRD" --data "$d/later.node" --chain "$d/later" --proxy "$(deployed "$d" proxy)" --forwarder "$(deployed "$d" forwarder)" \
    --listen 127.0.0.1:0 --port-file "$d/later.port" >/dev/null 2>"$d/later.log" 8>&- &
NODE_PID=$!
for _ in $(seq 100); do [ -s "$d/later.port" ] && break; sleep 0.1; done
as patient init --node "http://127.0.0.1:$(cat "$d/later.port")" >/dev/null
as patient doctor >"$d/doctor" 2>&1
check "a node on it serves clients at block 0" grep -q "chain 1701343844, block 0" "$d/doctor"
check "who believe it for the authority's signature" grep -q "signed by the authority that this home has pinned" "$d/doctor"
stop_one "$NODE_PID"
check "which is kept" test "$(sealed later)" = 1

# --- what is wrong is refused ---------------------------------------------------------------------
fresh() { rm -rf "$d/f" && chain init f --genesis "$d/genesis.json" >/dev/null; }
fresh && mkdir -p "$d/x" && cp "$d/blocks" "$d/x/b"
expect "blocks without the authority's signatures" 1 "no signature" chain import f "$d/x/b"
cp "$d/blocks.seals" "$d/x/b.seals"
size=$(stat -c %s "$d/x/b")
for at in 600 $((size / 2)) $((size - 40)); do
    fresh
    cp "$d/blocks" "$d/x/b"
    old=$(od -An -tu1 -j"$at" -N1 "$d/x/b")
    printf "\\$(printf %o $((old ^ 1)))" | dd of="$d/x/b" bs=1 seek="$at" conv=notrunc 2>/dev/null
    expect "a changed byte at $at" 1 "ehrd chain import:" chain import f "$d/x/b"
done
fresh && head -c $((size - 10)) "$d/blocks" >"$d/x/b"
expect "a file that is cut short" 1 "cut short" chain import f "$d/x/b"
chain init other >/dev/null
expect "blocks of another chain" 1 "another genesis" chain import other "$d/blocks"
expect "a folder that is no chain" 1 "" chain stats nothing
expect "a store of another program" 1 "" "$EHRD" chain stats --chain "$d/node/index"
printf '{' >"$d/x/g.json"
expect "a genesis that is none" 1 "" chain init g2 --genesis "$d/x/g.json"
expect "a wrong command" 2 "which command" "$EHRD" chain nonsense --chain "$d/chain"
expect "a missing folder option" 2 "--chain DIR" "$EHRD" chain stats
expect "a missing value" 2 "value" "$EHRD" chain prune --chain "$d/chain" --keep
cp -r "$d/chain" "$d/badkey"
printf '%064d' 7 >"$d/badkey/authority.key"
expect "another authority's key" 1 "" chain stats badkey

# --- gas for more than a block of the store holds ---------------------------------------------------
expect "a new chain is not made with too much gas" 1 "1200000001 is above 1200000000" chain init vast --gas-limit 1200000001
check "nor its key" test ! -e "$d/vast/authority.key"
jq '.gasLimit = "0x77359400"' "$d/genesis.json" >"$d/vast.json"
expect "a genesis that has it is taken" 0 genesis chain init vast --genesis "$d/vast.json"
expect "and verifies" 0 '"verified":0' chain verify vast

# --- nothing is done by half, and nothing ignored --------------------------------------------------
chain init dep >/dev/null
deploy() { chain deploy dep --key "$d/people/admin/keys/admin.json" --passphrase-file "$d/people/admin/passphrase" "$@"; }
expect "nothing is deployed when its addresses cannot be kept" 1 "$d/no/where" deploy --out "$d/no/where.json"
expect "as the chain shows" 0 '"head":0' chain stats dep
ln -s /dev/full "$d/full"
expect "addresses that could not be kept after all are told" 1 '"proxy":"0x' deploy --out "$d/full"
expect "deployed once more, they are kept" 0 '"proxy":"0x' deploy --out "$d/dep.json"
check "for everybody" test "$(stat -c %a "$d/dep.json")" = 644
expect "a genesis without its logs is not written" 1 "$d/no/logs" chain export-genesis chain --out "$d/half.json" --logs "$d/no/logs"
check "not even half" test -z "$(ls "$d"/half.json* 2>/dev/null)"
expect "blocks go to a file of yours" 0 '"blocks"' chain export chain "$d/kept"
cp "$d/kept" "$d/kept.before"
rm "$d/kept.seals" && mkdir "$d/kept.seals"
expect "they are not exported without their signatures" 1 "$d/kept.seals" chain export other "$d/kept"
check "the blocks that stood there are untouched" same "$d/kept" "$d/kept.before"
rmdir "$d/kept.seals" && ln -s /dev/full "$d/kept.seals"
expect "nor when the disk is full before the last of them" 1 "No space" chain export other "$d/kept"
check "they are, still" same "$d/kept" "$d/kept.before"
cp "$d/blocks" "$d/x/dir" && mkdir "$d/x/dir.seals"
expect "blocks whose signatures cannot be read are not imported without" 1 "reading the signatures" chain import f "$d/x/dir"
expect "nor to where nothing can stand beside them" 2 "signatures" chain export chain -
expect "an option of another command" 2 "--keep: no option of stats" chain stats chain --keep 3
expect "no chain with the id 0" 2 "--chain-id: at least 1" chain init zero --chain-id 0
check "not even its folder" test ! -e "$d/zero"
expect "what an export needs" 2 "FILE is needed" chain export chain
expect "a genesis that is not there" 1 "No such file" chain init g3 --genesis "$d/x/none"
check "is named once" test "$(grep '^ehrd' "$d/out" | grep -o "$d/x/none" | wc -l)" = 1

# --- damage is found ------------------------------------------------------------------------------
# One byte of a body, where the pages of the store hold it: the transaction's calldata of the first record.
cp -r "$d/copy" "$d/damaged"
check "a byte of a stored block is changed" python3 - "$d/damaged/data.mdb" "$d/blocks" <<'PY'
import sys
path, blocks = sys.argv[1], open(sys.argv[2], "rb").read()
piece = blocks[len(blocks) // 2:len(blocks) // 2 + 48]
data = bytearray(open(path, "rb").read())
hits = 0
at = data.find(piece)
while at >= 0:
    data[at + 20] ^= 1
    hits += 1
    at = data.find(piece, at + 1)
open(path, "wb").write(data)
sys.exit(0 if hits else 1)
PY
expect "verify tells damage" 3 "block" chain verify damaged

# --- trimming -------------------------------------------------------------------------------------
cp -r "$d/copy" "$d/trim"
expect "prune" 0 "\"firstState\":$((head - 2))" chain prune trim --keep 2
expect "its head is the same" 0 "$root" chain export-genesis trim --out "$d/state3.json"
check "to the byte, pruned" same "$d/state.json" "$d/state3.json"
expect "rollback" 0 "\"head\":$((head - 1))" chain rollback trim $((head - 1))
expect "not before what was pruned" 1 "" chain rollback trim 0
expect "not above the head" 1 "" chain rollback trim 1000000
expect "the block can be imported again" 0 "\"hash\":\"$hash\"" chain import trim "$d/blocks"
expect "rollback of all" 0 '"head":0' chain rollback copy 0
expect "and all again" 0 "\"hash\":\"$hash\"" chain import copy "$d/blocks"

# --- development chains stand apart ---------------------------------------------------------------
"$EHRD" dev --quiet --chain "$d/dev" --listen 127.0.0.1:0 --port-file "$d/dev.port" >/dev/null 2>&1 &
NODE_PID=$!
for _ in $(seq 100); do [ -s "$d/dev.port" ] && break; sleep 0.1; done
dev="http://127.0.0.1:$(cat "$d/dev.port")"
check "ehrd dev mines on demand" rpc "$dev" evm_mine '[]'
stop_one "$NODE_PID"
if python3 -c 'import socket; socket.socket(socket.AF_INET6).bind(("::", 0))' 2>"$d/out"; then
    "$EHRD" dev --quiet --chain "$d/dev" --listen "[::]:0" --port-file "$d/both.port" >/dev/null 2>&1 &
    NODE_PID=$!
    for _ in $(seq 100); do [ -s "$d/both.port" ] && break; sleep 0.1; done
    filters() { # address, how many: that many filters of a client there
        local one='{"jsonrpc":"2.0","id":1,"method":"eth_newFilter","params":[{}]}'
        yes "$one" | head -"$2" | paste -sd, | sed 's/.*/[&]/' | curl -sS --interface "$1" -H 'content-type: application/json' -d @- "http://127.0.0.1:$(cat "$d/both.port")"
    }
    for _ in $(seq 10); do filters 127.0.0.2 100 >/dev/null; done
    expect "at [::] an IPv4 client has so many filters" 0 "of one client (max 1000)" filters 127.0.0.2 1
    expect "and leaves others theirs" 0 '"result"' filters 127.0.0.3 1
    stop_one "$NODE_PID"
else
    skipped=$((skipped + 1))
    echo "SKIPPED filters of IPv4 clients at [::]: no IPv6"
fi
expect "a chain for development is no node's chain" 1 "dev" "$EHRD" --data "$d/second" --chain "$d/dev" --proxy "$(deployed "$d" proxy)" \
    --forwarder "$(deployed "$d" forwarder)" --listen 127.0.0.1:0
expect "and a node's chain none for development" 1 "dev" "$EHRD" dev --quiet --chain "$d/chain" --listen 127.0.0.1:0

# --- methods of development are not there ---------------------------------------------------------
start_node "$d" "" 127.0.0.1:0 || exit 1
methods=$(sed -n 's/^METHOD("\([^"]*\)".*RPC_\(DEV\|TESTING\))$/\1/p' src/rpc/methods.def)
reached=""
for m in $methods; do
    code=$(curl -sS -H 'content-type: application/json' -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$m\",\"params\":[]}" "$NODE_URL/rpc" | jq -r .error.code)
    [ "$code" = -32601 ] || reached="$reached $m:$code"
done
check "none of $(wc -w <<<"$methods") methods of development and tests is reached at a node:$reached" test -z "$reached" -a "$(wc -w <<<"$methods")" -gt 50
modules=$(rpc "$NODE_URL/rpc" rpc_modules '[]' | jq -c '.result | keys')
check "rpc_modules names what is on: $modules" test "$modules" = '["debug","eth","net","rpc","txpool","web3"]'

# --- who may ask ----------------------------------------------------------------------------------
asks() { # header…: the code of a POST with these headers
    local h=()
    for x in "$@"; do h+=(-H "$x"); done
    curl -sS -o "$d/out" -w '%{http_code}' "${h[@]}" -H 'content-type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' "$NODE_URL/rpc"
}
check "a page of another site is refused" test "$(asks 'Origin: https://evil.example')" = 403
check "with a JSON-RPC error" jq -e '.error.code < 0' "$d/out"
check "another host name, too (DNS rebinding)" test "$(asks 'Host: evil.example')" = 403
check "the own page is served" test "$(asks "Origin: $NODE_URL")" = 200
stop_one "$NODE_PID"
start_node "$d" "" 127.0.0.1:0 --rpc-cors https://good.example --rpc-hosts node.example || exit 1
check "an allowed page is served" test "$(asks 'Origin: https://good.example')" = 200
check "an allowed name, too" test "$(asks 'Host: node.example')" = 200
check "others still not" test "$(asks 'Origin: https://evil.example')$(asks 'Host: evil.example')" = 403403
check "a WebSocket of another site neither" test "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Origin: https://evil.example' -H 'Upgrade: websocket' \
    -H 'Connection: Upgrade' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$NODE_URL/rpc")" = 403
summary

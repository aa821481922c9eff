#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A chain moves: `ehrd chain export-genesis` starts anvil with the same state root, and the main job goes on there with the
# same addresses; history, authors and audit survive by the archive of logs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh moved
[ -x "$(tools/anvil-path 2>/dev/null)" ] || {
    echo "SKIPPED moved: no anvil (run tools/contracts-setup)"
    echo "moved: 0 passed, 0 failed, 1 skipped"
    exit 0
}
same() { cmp -s "$1" "$2"; }

# A node of Ethereum that begins with the exported state and has no account of its own. Sets `ledger`.
start_moved() {
    : >"$d/anvil.log"
    "$(tools/anvil-path)" --host 127.0.0.1 --port 0 --init "$d/genesis.json" --chain-id 1701343844 --accounts 0 --hardfork osaka \
        --disable-default-create2-deployer >"$d/anvil.log" 2>&1 8>&- &
    ANVIL_PID=$!
    for _ in $(seq 200); do
        ledger=$(sed -n 's/^Listening on \(127\.0\.0\.1:[0-9]*\).*/http:\/\/\1/p' "$d/anvil.log")
        [ -n "$ledger" ] && return 0
        kill -0 "$ANVIL_PID" 2>/dev/null || break
        sleep 0.1
    done
    tail -5 "$d/anvil.log" >&2
    return 1
}
# The root that a proof of block 0 hangs from.
root_at_0() {
    python3 -c 'import json, sys; sys.path.insert(0, "tests/system"); from anvil_twin import Node, keccak256
proof = Node(sys.argv[1]).ask("eth_getProof", sys.argv[2], [], "0x0")["accountProof"]
print("0x" + keccak256(bytes.fromhex(proof[0][2:])).hex())' "$ledger" "$(deployed "$d" proxy)"
}

# --- on the embedded chain ------------------------------------------------------------------------
start_world || exit 1
listen=${NODE_URL#http://}
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" &&
    register chen practitioner "Dr. Chen" || exit 1
for who in rivera chen; do
    as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null
    as "$who" people add amara "$(address_of "$d" patient)" >/dev/null
done
as patient folder new general >/dev/null
as patient grant rivera general --view --add --amend --remove --until 30d >/dev/null
as patient grant chen general --view --until 30d >/dev/null
expect "a letter is added" 0 "proved" as rivera record add amara/general demo/discharge-letter.pdf --title Letter
printf 'first' >"$d/note.txt" && printf 'second' >"$d/note2.txt"
expect "a note is added" 0 "proved" as rivera record add amara/general "$d/note.txt" --title Note
expect "and amended" 0 "" as rivera record amend amara/general Note "$d/note2.txt" --title Note
expect "an image is added and removed" 0 "proved" as rivera record add amara/general demo/chest-ct.dcm --title CT
as rivera record remove amara/general CT >/dev/null
as patient --json record list general --all | jq -S '[.records[] | {recordId, version, status, verified, author}] | sort_by(.recordId)' >"$d/list.before"
as patient --json record history general Note | jq -S 'del(.. | .block?)' >"$d/history.before"
stop_one "$NODE_PID"

# --- the move -------------------------------------------------------------------------------------
expect "the state is exported" 0 stateRoot "$EHRD" chain export-genesis --json --chain "$d/chain" --out "$d/genesis.json" --logs "$d/logs.jsonl"
root=$(jq -r .stateRoot "$d/out")
start_moved || { fail "anvil starts with the genesis" "$(tail -3 "$d/anvil.log")"; summary; exit 1; }
check "anvil's state root at block 0 is that of our head" test "$(root_at_0)" = "$root"
expect "a genesis of ours again has that root, too" 0 stateRoot sh -c \
    "'$EHRD' chain init --chain '$d/again' --genesis '$d/genesis.json' >/dev/null && '$EHRD' chain export-genesis --json --chain '$d/again' --out '$d/g2.json'"
check "to the byte" test "$(jq -r .stateRoot "$d/out")" = "$root"
fund "$ledger" "$(address_of "$d" relayer)"
fund "$ledger" "$(address_of "$d" admin)"
rpc "$ledger" evm_mine '[]' >/dev/null # block 0 of anvil's names an empty state root in its header
start_node "$d" "$ledger" "$listen" --log-archive "$d/logs.jsonl" || { fail "the node starts on it"; summary; exit 1; }

# The homes have pinned the authority, which signs nothing here: they say so until they are told to go on.
expect "blocks without the pinned authority's signature are refused" 4 "authority was pinned" as patient record show general Letter
expect "doctor says it" 1 "authority was pinned" as patient doctor
for who in admin patient rivera chen; do as "$who" init --node "$NODE_URL" >/dev/null; done

# --- on anvil -------------------------------------------------------------------------------------
as patient --json record list general --all | jq -S '[.records[] | {recordId, version, status, verified, author}] | sort_by(.recordId)' >"$d/list.after"
check "the same records, proved on the new chain" same "$d/list.before" "$d/list.after"
check "none of them unproved" jq -e 'length == 3 and ([.[].verified] | all)' "$d/list.after"
expect "the author of an old record is proved" 0 "Dr. Rivera  (proved)" as patient record show general Letter
expect "to another reader, too" 0 "Dr. Rivera  (proved)" as chen record show amara/general Letter
as patient --json record history general Note | jq -S 'del(.. | .block?)' >"$d/history.after"
check "the history is the same" same "$d/history.before" "$d/history.after"
as patient record get general Note --version 1 -o "$d/old.txt" >/dev/null
check "an old version is read" same "$d/note.txt" "$d/old.txt"
expect "an old record is amended" 0 "" as rivera record amend amara/general Letter "$d/note2.txt" --title Letter
expect "its history spans both chains" 0 "version 2" as patient record history general Letter
expect "a new record is added" 0 "proved" as rivera record add amara/general "$d/note.txt" --title Later
expect "who has access is known" 0 "chen" as patient grants general
expect "a grant of before is revoked" 0 "" as patient revoke chen general
expect "and holds no more" 3 "" as chen record list amara/general
check "a new physician" register lind practitioner "Dr. Lind"
expect "who looked is known from before" 0 "rivera" as patient audit general
stop_one "$NODE_PID"
start_node "$d" "$ledger" "$listen" --log-archive "$d/logs.jsonl" || { fail "the node starts again"; summary; exit 1; }
expect "after a restart all is there" 0 "Later" as patient record list general
expect "proved as before" 0 "Dr. Rivera  (proved)" as patient record show general Note
stop_one "$NODE_PID"
head -1 "$d/logs.jsonl" >"$d/other.jsonl"
expect "another archive is refused" 1 "another archive" "$EHRD" --data "$d/node" --ledger "$ledger" --proxy "$(deployed "$d" proxy)" \
    --forwarder "$(deployed "$d" forwarder)" --listen 127.0.0.1:0 --log-archive "$d/other.jsonl"
summary

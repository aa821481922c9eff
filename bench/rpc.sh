#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/rpc.sh BUILD [ehrd|anvil|hardhat|all]: pre-signed transfers and ERC-20 transfers over loopback into this node (embedded chain, every
# block synced to the disk before it is told), anvil and hardhat (in memory), one after the other; start-up and memory.
set -euo pipefail
build=$1 what=${2:-all}
bench=$build/bench/bench_rpc
export EHR=$build/src/app/ehr EHRD=$build/src/app/ehrd
n=${BENCH_TXS:-20000} few=$((${BENCH_TXS:-20000} / 10))
. tools/node-processes
tools/clients-setup
PATH="$(tools/node22):$PATH"
d=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/ehrd-bench-rpc.XXXXXX")
other=""
trap 'stop_all; stop_one "$other"; rm -rf "$d"' EXIT
node tests/clients/compile.mjs "$d/token.json"
"$bench" addresses >"$d/addresses"
free_port() { echo $((20000 + RANDOM % 20000)); }
wait_port() { # port
    for _ in $(seq 300); do
        rpc "http://127.0.0.1:$1" eth_chainId '[]' >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "bench: nobody at port $1" >&2
    exit 1
}
give_ether() { # url, method
    while read -r a; do rpc "$1" "$2" "[\"$a\",\"0x3635c9adc5dea00000\"]" >/dev/null; done <"$d/addresses"
}

# The usual chain, but the senders have ether.
ehrd_chain() {
    "$EHRD" chain init --chain "$d/first" >/dev/null
    "$EHRD" chain export-genesis --chain "$d/first" --out "$d/g.json" >/dev/null
    mkdir "$d/chain" && cp "$d/first/authority.key" "$d/chain/"
    jq --rawfile list "$d/addresses" '.alloc += ([$list | split("\n")[] | select(. != "") | {(.): {balance: "0x3635c9adc5dea00000"}}] | add)' \
        "$d/g.json" >"$d/g2.json"
    "$EHRD" chain init --chain "$d/chain" --genesis "$d/g2.json" >/dev/null
    prepare_chain "$d" "" "" ""
}
measure_ehrd() {
    local port
    ehrd_chain
    start_node "$d" "" 127.0.0.1:0 --log-level warn
    "$bench" run "ehrd" "${NODE_URL##*:}" "$d/token.json" batch-4 "$n" single-32 "$n" single-1 "$few" sync-1 "$few"
    stop_one "$NODE_PID"
    NODE_PID=""
    port=$(free_port)
    "$bench" start "ehrd" "$port" -- "$EHRD" --data "$d/node" --chain "$d/chain" --proxy "$(deployed "$d" proxy)" \
        --forwarder "$(deployed "$d" forwarder)" --listen "127.0.0.1:$port"
    "$bench" start "ehrd dev" "$port" -- "$EHRD" dev --quiet --listen "127.0.0.1:$port"
}
measure_anvil() { # name, cases…; options in $options
    local port
    port=$(free_port)
    "$(tools/anvil-path)" --port "$port" --silent --prune-history --gas-limit 1000000000000 $options >"$d/anvil.log" 2>&1 &
    ANVIL_PID=$!
    wait_port "$port"
    give_ether "http://127.0.0.1:$port" anvil_setBalance
    "$bench" run "$1" "$port" "$d/token.json" "${@:2}" || echo "$1: gave up"
    stop_one "$ANVIL_PID"
    ANVIL_PID=""
}
measure_hardhat() {
    local port
    port=$(free_port)
    mkdir -p "$d/hardhat"
    cat >"$d/hardhat/hardhat.config.cjs" <<'TXT'
module.exports = { solidity: "0.8.37", networks: { hardhat: { blockGasLimit: 60000000 } } };
TXT
    ln -sfn "$PWD/tests/clients/node_modules" "$d/hardhat/node_modules"
    (cd "$d/hardhat" && echo '{}' >package.json && HARDHAT_DISABLE_TELEMETRY_PROMPT=true CI=1 exec node node_modules/hardhat/internal/cli/cli.js node --port "$port" >"$d/hardhat.log" 2>&1) &
    other=$!
    wait_port "$port"
    give_ether "http://127.0.0.1:$port" hardhat_setBalance
    "$bench" run "hardhat" "$port" "$d/token.json" single-32 "$few" single-1 "$few" || { echo "hardhat: gave up"; tail -3 "$d/hardhat.log"; }
    stop_one "$other"
    other=""
}

case "$what" in ehrd | all) measure_ehrd ;; esac
case "$what" in
anvil | all)
    options="--block-time 1" measure_anvil "anvil, 1 s blocks" batch-4 "$n" single-32 "$n"
    options="" measure_anvil "anvil, automine" batch-4 "$((few / 2))" single-32 "$((few / 2))" single-1 "$((few / 2))"
    port=$(free_port)
    "$bench" start "anvil" "$port" -- "$(tools/anvil-path)" --port "$port" --silent
    ;;
esac
# It takes no batch: its calls run side by side, and a nonce that is too high is refused.
case "$what" in hardhat | all) measure_hardhat ;; esac

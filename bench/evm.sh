#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# evm.sh [BUILD [ANVIL]]: the cases of ethereum/evm-benchmarks in our machine beside anvil's eth_call on the same
# machine, in turns. An empty call's time is taken off anvil's; both are the best of many runs. BUILD: a release build
# folder with the target ehrd-evmbench. ANVIL: its program; tools/anvil-path finds or installs it.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=$(readlink -f "${1:-$root/build/release}")
anvil=${2:-$("$root/tools/anvil-path")}
vectors=${EHRD_FIXTURES:-$root/../shared}/vectors/ethereum/evm-benchmarks.tar.xz
[ -f "$vectors" ] || { echo "SKIPPED: no $vectors (set EHRD_FIXTURES)" >&2; exit 1; }
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
tar -xf "$vectors" -C "$dir"

"$anvil" --port 0 --host 127.0.0.1 --hardfork osaka --gas-limit 2000000000 --disable-code-size-limit \
    --no-request-size-limit >"$dir/log" 2>&1 &
pid=$!
for _ in $(seq 100); do
    port=$(sed -n 's/^Listening on 127.0.0.1:\([0-9]*\).*/\1/p' "$dir/log")
    [ -n "$port" ] && break
    sleep 0.1
done
[ -n "${port:-}" ] || { cat "$dir/log" >&2; exit 1; }

python3 - "$build/bench/ehrd-evmbench" "$port" "$dir"/benchmarks/main/*.json <<'PY'
import http.client, json, subprocess, sys, time

bench, port, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
link = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

def rpc(method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    start = time.perf_counter()
    link.request("POST", "/", body, {"Content-Type": "application/json"})
    answer = link.getresponse().read()
    spent = time.perf_counter() - start
    answer = json.loads(answer)
    if "error" in answer:
        raise SystemExit(f"{method}: {answer['error']}")
    return spent, answer["result"]

def call_us(to, data, runs):
    call = {"to": to, "data": data, "gas": hex(1000000000)}
    return min(rpc("eth_call", call, "latest")[0] for _ in range(runs)) * 1e6

empty = min(call_us("0x00000000000000000000000000000000000000fe", "0x", 200) for _ in range(3))
print(f"anvil's empty call: {empty:.0f} us, taken off below")
print(f"{'case':34} {'ours us':>10} {'anvil us':>10} {'ratio':>6}")
for path in files:
    for name, test in json.load(open(path)).items():
        tx = test["transaction"]
        for address, account in test["pre"].items():
            rpc("anvil_setCode", address, account["code"])
        rows = []
        for _ in range(3):
            out = subprocess.run([bench, "--json", "--min-ms", "300", path], capture_output=True, text=True, check=True)
            rows.append(([json.loads(line) for line in out.stdout.splitlines()],
                         [call_us(tx["to"], data, 15) for data in tx["data"]]))
        for i in range(len(tx["data"])):
            ours = min(row[0][i]["us"] for row in rows)
            theirs = min(row[1][i] for row in rows) - empty
            ratio = f"{ours / theirs:.2f}" if theirs > 50 else "-"
            print(f"{rows[0][0][i]['case']:34} {ours:10.1f} {theirs:10.1f} {ratio:>6}", flush=True)
PY

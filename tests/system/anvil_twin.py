#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replay all transactions of a chain on anvil and compare what every one of them did.

anvil_twin.py RPC_URL ANVIL [--self-test]

anvil begins with the chain's genesis and gets each block's transactions with the block's time. Compared are, for each
transaction: status, gas, logs, contract address, and the whole tree of calls (callTracer: from, to, value, input,
output, gas used, error of every inner call); for each block the receipts root; in the end nonce, balance, code and
every slot of every account that was touched (anvil's storage roots count slots that are zero), and the answers of the contract's reading functions for all ids that
its events name. Exit code: 0 the same, 1 something differs (named), 2 the comparison itself failed. --self-test changes
one answer of each kind and fails unless each difference is found.
"""
import copy
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
from block_hash import keccak256  # noqa: E402

FORKS = ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin", "london"]
TRACER = {"tracer": "callTracer"}
# Functions of the registry and the kinds of their arguments: those that read, and some that refuse a stranger.
CALLS = {"accountOf(address)": ["account"], "keyCardHashOf(address)": ["account"], "folderOf(bytes32)": ["folder"],
         "folderIdOf(address,bytes32)": ["account", "folder"], "grantOf(bytes32,bytes32,address)": ["folder", "scope", "account"],
         "recordOf(bytes32,bytes32)": ["folder", "scope"], "version()": [], "trustedForwarder()": [],
         "suspendAccount(address)": ["account"], "revoke(bytes32,bytes32,address)": ["folder", "scope", "account"],
         "transferFolder(bytes32,address)": ["folder", "account"], "noSuchFunction()": []}


class Node:
    def __init__(self, url):
        self.url = url

    def many(self, calls):
        """Answers in order; an error is {"error": {code, data}}."""
        out = []
        for i in range(0, len(calls), 50):
            body = [{"jsonrpc": "2.0", "id": k, "method": m, "params": p} for k, (m, p) in enumerate(calls[i:i + 50])]
            req = urllib.request.Request(self.url, json.dumps(body).encode(), {"content-type": "application/json"})
            answers = {a["id"]: a for a in json.load(urllib.request.urlopen(req, timeout=60))}
            for k in range(len(body)):
                a = answers[k]
                out.append(a["result"] if "error" not in a else {"error": {x: a["error"].get(x) for x in ("code", "data")}, "text": a["error"]["message"]})
        return out

    def ask(self, method, *params):
        (a,) = self.many([(method, list(params))])
        if isinstance(a, dict) and "error" in a and "text" in a:
            raise RuntimeError(f"{self.url} {method}: {a}")
        return a


def alloc_of(node):
    """The one account that `ehrd chain init` makes: the contract of EIP-2935."""
    at = "0x0000f90827f1c53a10cb7a02335b175320002935"
    code = node.ask("eth_getCode", at, "0x0")
    return {} if code == "0x" else {at: {"balance": "0x0", "nonce": "0x1", "code": code}}


def start_anvil(program, node, folder):
    first = node.ask("eth_getBlockByNumber", "0x0", False)
    if int(node.ask("eth_getBlockTransactionCountByNumber", "0x0"), 16):
        raise RuntimeError("block 0 has transactions")
    config = {"chainId": int(node.ask("eth_chainId"), 16), "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0,
              "pragueTime": 0, "osakaTime": 0, **{f + "Block": 0 for f in FORKS}}
    genesis = {"config": config, "timestamp": first["timestamp"], "gasLimit": first["gasLimit"], "baseFeePerGas": "0x0",
               "difficulty": "0x0", "nonce": "0x0", "extraData": "0x", "coinbase": first["miner"], "mixHash": first["mixHash"], "alloc": alloc_of(node)}
    with open(folder + "/genesis.json", "w") as f:
        json.dump(genesis, f)
    log = open(folder + "/anvil.log", "w")
    process = subprocess.Popen([program, "--port", "0", "--init", folder + "/genesis.json", "--no-mining", "--order", "fifo", "--hardfork", "osaka",
                                "--chain-id", str(config["chainId"]), "--base-fee", "0", "--gas-price", "0", "--accounts", "0", "--gas-limit",
                                str(int(first["gasLimit"], 16))], stdout=log, stderr=log)
    for _ in range(200):
        m = re.search(r"Listening on (127\.0\.0\.1:\d+)", open(folder + "/anvil.log").read())
        if m:
            return process, Node("http://" + m.group(1))
        time.sleep(0.1)
    process.kill()
    raise RuntimeError("anvil did not come up: " + open(folder + "/anvil.log").read()[-500:])


def word(hex_text):
    return hex_text[2:].rjust(64, "0")


def view_of_trace(t):
    """What the two tracers must agree on; what only one of them writes when it is empty is left out."""
    out = {k: t.get(k) for k in ("type", "from", "to", "input", "gasUsed") if t.get(k) is not None}
    out["value"] = int(t.get("value") or "0x0", 16)
    out["output"] = t.get("output") or "0x"
    out["failed"] = "error" in t
    out["calls"] = [view_of_trace(c) for c in t.get("calls", [])]
    return out


def view_of_receipt(r):
    logs = [{k: x[k] for k in ("address", "topics", "data", "logIndex", "transactionIndex")} for x in r["logs"]]
    return {**{k: r.get(k) for k in ("status", "gasUsed", "cumulativeGasUsed", "contractAddress", "logsBloom", "transactionIndex", "from", "to")}, "logs": logs}


def read_block(node, n):
    block = node.ask("eth_getBlockByNumber", hex(n), False)
    receipts = node.many([("eth_getTransactionReceipt", [h]) for h in block["transactions"]])
    traces = node.many([("debug_traceTransaction", [h, TRACER]) for h in block["transactions"]])
    return {"block": {k: block[k] for k in ("number", "timestamp", "gasUsed", "receiptsRoot", "transactionsRoot", "logsBloom", "transactions")},
            "txs": {h: {"receipt": view_of_receipt(r), "trace": view_of_trace(t)} for h, r, t in zip(block["transactions"], receipts, traces)}}


def addresses_of(trace):
    yield from (a for a in (trace.get("from"), trace.get("to")) if a)
    for c in trace["calls"]:
        yield from addresses_of(c)


def slots_of(node, blocks):
    """{address: slots} of all that a transaction read or wrote."""
    out = {}
    for b in blocks:
        for t in node.many([("debug_traceTransaction", [h, {"tracer": "prestateTracer"}]) for h in b["txs"]]):
            for address, account in t.items():
                out.setdefault(address, set()).update(account.get("storage") or {})
        for t in node.many([("debug_traceTransaction", [h, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}]) for h in b["txs"]]):
            for address, account in t["post"].items():
                out.setdefault(address, set()).update(account.get("storage") or {})
    return out


def read_end(node, proxy, touched, named, slots):
    """Accounts and the contract's own answers at the head."""
    accounts = sorted(touched | set(slots))
    proofs = node.many([("eth_getProof", [a, sorted(slots.get(a, [])), "latest"]) for a in accounts])
    codes = node.many([("eth_getCode", [a, "latest"]) for a in accounts])
    state = {a: {"balance": p["balance"], "nonce": p["nonce"], "code": c, "slots": {int(x["key"], 16): int(x["value"], 16) for x in p["storageProof"]}}
             for a, p, c in zip(accounts, proofs, codes)}
    calls = []
    for signature, kinds in CALLS.items():
        rows = [[]]
        for kind in kinds:
            rows = [r + [v] for r in rows for v in sorted(named[kind])[:40]][:400]
        calls += [{"to": proxy, "data": "0x" + keccak256(signature.encode()).hex()[:8] + "".join(map(word, r))} for r in rows]
    answers = node.many([("eth_call", [c, "latest"]) for c in calls])
    for a in answers:
        if isinstance(a, dict):
            a["error"]["data"] = a["error"]["data"] or "0x"
            del a["text"]
    return {"state": state, "calls": {c["data"]: a for c, a in zip(calls, answers)}}


def differences(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(set(a) | set(b)):
            yield from differences(a.get(k), b.get(k), f"{path}.{k}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{i}]")
    elif a != b:
        yield f"{path[1:]}: here {str(a)[:200]}, anvil {str(b)[:200]}"


def replay(ours, twin, n):
    """The transactions of block n, in their order, as one block of anvil's."""
    block = ours.ask("eth_getBlockByNumber", hex(n), False)
    for h in block["transactions"]:
        twin.ask("eth_sendRawTransaction", ours.ask("eth_getRawTransactionByHash", h))
    twin.ask("anvil_setCoinbase", block["miner"])
    twin.ask("evm_setNextBlockTimestamp", block["timestamp"])
    twin.ask("evm_mine")


def named_of(blocks, touched):
    named = {"account": set(touched), "folder": {"0x" + "00" * 32}, "scope": {"0x" + "00" * 32}}
    for b in blocks:
        for t in b["txs"].values():
            for log in t["receipt"]["logs"]:
                if len(log["topics"]) > 1:
                    named["folder"].add(log["topics"][1])
                if len(log["topics"]) > 2:
                    named["scope"].add(log["topics"][2])
                named["account"] |= {"0x" + x[-40:] for x in log["topics"][3:]}
    return named


def read_both(ours, twin, head):
    sides = []
    for node in (ours, twin):
        blocks = [read_block(node, n) for n in range(1, head + 1)]
        sides.append({"blocks": blocks})
    blocks = sides[0]["blocks"]
    touched = {a for b in blocks for t in b["txs"].values() for a in addresses_of(t["trace"])}
    emitters = [log["address"] for b in blocks for t in b["txs"].values() for log in t["receipt"]["logs"]]
    proxy = max(set(emitters), key=emitters.count)
    slots = slots_of(ours, blocks)
    for node, side in zip((ours, twin), sides):
        side["end"] = read_end(node, proxy, touched, named_of(blocks, touched), slots)
    return sides


def self_test(side):
    """A difference of each kind must be found."""
    def last(s):
        return list(s["blocks"][-1]["txs"].values())[-1]

    def plant(name, change):
        other = copy.deepcopy(side)
        change(other)
        if not list(differences(side, other)):
            print(f"FAIL a planted difference was not found: {name}")
            return 1
        return 0
    wrong = [plant("status", lambda s: last(s)["receipt"].update(status="0x5")), plant("gas", lambda s: last(s)["receipt"].update(gasUsed="0x1")),
             plant("logs", lambda s: last(s)["receipt"]["logs"].append({})), plant("output", lambda s: last(s)["trace"].update(output="0x01")),
             plant("inner call", lambda s: last(s)["trace"]["calls"].append({})), plant("receipts root", lambda s: s["blocks"][0]["block"].update(receiptsRoot="0x")),
             plant("storage", lambda s: next(a for a in s["end"]["state"].values() if a["slots"])["slots"].popitem()),
             plant("call", lambda s: s["end"]["calls"].update({next(iter(s["end"]["calls"])): "0xff"}))]
    return sum(wrong)


def main():
    ours = Node(sys.argv[1])
    head = int(ours.ask("eth_blockNumber"), 16)
    with tempfile.TemporaryDirectory(prefix="ehrd-twin.") as folder:
        process, twin = start_anvil(sys.argv[2], ours, folder)
        try:
            for n in range(1, head + 1):
                replay(ours, twin, n)
            here, there = read_both(ours, twin, head)
        finally:
            process.terminate()
            process.wait()
    found = list(differences(here, there))
    for line in found[:20]:
        print("DIFFERS " + line)
    txs = sum(len(b["txs"]) for b in here["blocks"])
    failed = sum(t["receipt"]["status"] == "0x0" for b in here["blocks"] for t in b["txs"].values())
    calls = here["end"]["calls"]
    slots = sum(len(a["slots"]) for a in here["end"]["state"].values())
    print(f"{head} blocks, {txs} transactions ({failed} failed), {len(here['end']['state'])} accounts, {slots} slots, {len(calls)} calls "
          f"({sum(isinstance(c, dict) for c in calls.values())} refused): {len(found)} differences")
    if txs == 0 or all(isinstance(c, dict) for c in calls.values()):
        print("nothing was compared")
        return 2
    if "--self-test" in sys.argv and self_test(here):
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, KeyError) as e:
        print(f"anvil_twin: {type(e).__name__} {e}")
        sys.exit(2)

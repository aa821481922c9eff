#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read all that a chain holds and look for what nobody should learn from it.

leak_scan.py RPC_URL SECRETS [--self-test]

Every block header, transaction (envelope, calldata), receipt (logs) and every storage slot that a transaction changed
is read by JSON-RPC. SECRETS is a JSON file: accounts {person: address}, relationships {person: [addresses]},
texts [texts], cids [CID texts], clinical [files], batches [{tx, from: addresses as they were submitted}]. A leak is: an account
address of a person, registration and key-card calls apart; two relationship addresses of one person in one transaction;
a text; a CID; 12 bytes of a clinical file; batches of several signers that all left in the order of their submission.
Exit code: 0 nothing found, 1 leaks (named), 2 the scan itself failed. --self-test plants a leak of each kind into what
was read and fails unless each is found.
"""
import base64
import copy
import json
import re
import sys
import urllib.request

# registerAccount, suspendAccount, reinstateAccount, setKeyCard: what an account is there for.
ACCOUNT_CALLS = {"40857d67", "8ed9b31e", "959c569a", "59687409"}
EXECUTE, EXECUTE_BATCH, MULTICALL = "df905caf", "ccf96b4a", "ac9650d8"
PIECE = 12  # bytes of a clinical file that nobody has by chance


def rpc(url, *calls):
    body = [{"jsonrpc": "2.0", "id": i, "method": m, "params": p} for i, (m, p) in enumerate(calls)]
    req = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    answers = json.load(urllib.request.urlopen(req, timeout=60))
    out = [None] * len(calls)
    for a in answers:
        if "error" in a:
            raise RuntimeError(f"{calls[a['id']][0]}: {a['error']}")
        out[a["id"]] = a["result"]
    return out


def raw(text):
    text = text[2:] if text.startswith("0x") else text
    return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)


def strings_of(v):
    """All that is hex in a JSON value, one bytes object each."""
    if isinstance(v, dict):
        for x in v.values():
            yield from strings_of(x)
    elif isinstance(v, list):
        for x in v:
            yield from strings_of(x)
    elif isinstance(v, str):
        yield raw(v) if re.fullmatch(r"0x[0-9a-fA-F]*", v) else v.encode()


def read_chain(url):
    """[{where, kind, bytes: [..], calls: {selectors}}]: one entry for each header, transaction and changed slot."""
    (head,) = rpc(url, ("eth_blockNumber", []))
    seen = []
    for n in range(int(head, 16) + 1):
        block, receipts = rpc(url, ("eth_getBlockByNumber", [hex(n), True]), ("eth_getBlockReceipts", [hex(n)]))
        txs = block.pop("transactions")
        block.pop("logsBloom", None)  # hashes, looked into below
        seen.append({"where": f"block {n}", "kind": "block", "bytes": list(strings_of(block))})
        by_hash = {r["transactionHash"]: r for r in receipts or []}
        for tx in txs:
            h = tx["hash"]
            logs = [[t for t in log["topics"]] + [log["data"]] for log in by_hash[h]["logs"]]
            seen.append({"where": f"transaction {h}", "kind": "tx", "calls": selectors(raw(tx["input"])),
                         "signers": batch_signers(raw(tx["input"])),
                         "bytes": list(strings_of([tx, logs, by_hash[h].get("contractAddress")]))})
            (diff,) = rpc(url, ("debug_traceTransaction",
                                [h, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}]))
            for addr, acct in diff["post"].items():
                for slot, value in (acct.get("storage") or {}).items():
                    seen.append({"where": f"slot {slot} of {addr}", "kind": "slot", "bytes": [raw(slot), raw(value)]})
                if "code" in acct:
                    seen.append({"where": f"code of {addr}", "kind": "slot", "bytes": [raw(acct["code"])]})
    return seen


# --- calldata -----------------------------------------------------------------------------------------------------

def word(data, at):
    return int.from_bytes(data[at:at + 32], "big")


def dynamic(data, head):
    """The bytes argument whose offset stands at head, relative to data."""
    at = word(data, head)
    return data[at + 32:at + 32 + word(data, at)]


def batch_signers(data):
    """Who signed the requests of an executeBatch, in its order; otherwise None."""
    if data[:4].hex() != EXECUTE_BATCH:
        return None
    args = data[4:]
    items = args[word(args, 0):][32:]
    n = word(args[word(args, 0):], 0)
    return [items[word(items, 32 * i) + 12:][:20] for i in range(n)]


def request_data(tuple_):
    return dynamic(tuple_, 5 * 32)  # from, to, value, gas, deadline, data, signature


def inner_calls(data):
    sel, args = data[:4].hex(), data[4:]
    if sel == EXECUTE:
        return [request_data(args[word(args, 0):])]
    if sel == EXECUTE_BATCH:
        array = args[word(args, 0):]
        items = array[32:]
        return [request_data(items[word(items, 32 * i):]) for i in range(word(array, 0))]
    if sel == MULTICALL:
        array = args[word(args, 0):]
        items = array[32:]
        return [dynamic(items, 32 * i) for i in range(word(array, 0))]
    return None


def selectors(data):
    inner = inner_calls(data)
    if inner is None:
        return {data[:4].hex()}
    out = set()
    for call in inner:
        out |= selectors(call)
    return out


# --- what is looked for -------------------------------------------------------------------------------------------

def pieces(path):
    """Pieces of a file: texts of a JSON document, otherwise windows of its bytes that are not all alike."""
    data = open(path, "rb").read()
    found = set()
    try:
        def walk(v):
            if isinstance(v, dict):
                for x in v.values():
                    walk(x)
            elif isinstance(v, list):
                for x in v:
                    walk(x)
            elif isinstance(v, str) and len(v.encode()) >= PIECE:
                found.add(v.encode()[:64])
        walk(json.loads(data))
    except ValueError:
        for i in range(0, len(data) - PIECE, PIECE):
            p = data[i:i + PIECE]
            if len(set(p)) > 5:
                found.add(p)
    return found


def cid_needles(text):
    binary = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    return [text.encode(), binary, binary[-32:]]


class Secrets:
    def __init__(self, s):
        self.accounts = {raw(a): who for who, a in s["accounts"].items()}
        self.related = {raw(a): who for who, list_ in s["relationships"].items() for a in list_}
        self.batches = {f"transaction {b['tx']}": [raw(a) for a in b["from"]] for b in s["batches"]}
        self.needles = {}
        for t in s["texts"]:
            self.needles[t.encode()] = f'text "{t}"'
        for c in s["cids"]:
            for n in cid_needles(c):
                self.needles[n] = f"CID {c}"
        for path in s["clinical"]:
            for p in pieces(path):
                self.needles.setdefault(p, f"clinical bytes {p!r}")
        self.any = re.compile(b"|".join(re.escape(n) for n in sorted(self.needles, key=len, reverse=True)))
        self.addr = re.compile(b"|".join(re.escape(a) for a in [*self.accounts, *self.related]))


def scan(seen, secrets):
    leaks = []
    for x in seen:
        people = {}
        for b in x["bytes"]:
            for m in secrets.any.finditer(b):
                leaks.append(f"{x['where']}: {secrets.needles[m.group()]}")
            for m in secrets.addr.finditer(b):
                a = m.group()
                if a in secrets.related:
                    people.setdefault(secrets.related[a], set()).add(a)
                elif not (x["kind"] == "tx" and x["calls"] <= ACCOUNT_CALLS):
                    leaks.append(f"{x['where']}: account of {secrets.accounts[a]}")
        for who, list_ in people.items():
            if len(list_) > 1:
                leaks.append(f"{x['where']}: {len(list_)} relationship addresses of {who}")
    return leaks + order_leaks(seen, secrets.batches)


def order_leaks(seen, batches):
    """Each submitted batch is a transaction, and not every one kept its order (with 4 signers each: 1 in 24)."""
    mined = {x["where"]: x["signers"] for x in seen if x.get("signers")}
    for tx, submitted in batches.items():
        if sorted(mined.get(tx, [])) != sorted(submitted):
            raise ValueError(f"{tx}: not the batch that was submitted")
    kept = [mined[tx] == submitted for tx, submitted in batches.items()]
    return ["all batches: the inner requests left as they were submitted"] if kept and all(kept) else []


# --- the scan scans -----------------------------------------------------------------------------------------------

def self_test(seen, secrets):
    """Plant a leak of each kind into a copy of what was read: each must be found, and nothing without it."""
    account = next(iter(secrets.accounts))
    who = next(w for w in secrets.related.values() if list(secrets.related.values()).count(w) > 1)
    two = [a for a, w in secrets.related.items() if w == who][:2]
    needle = {kind: next(n for n, what in secrets.needles.items() if what.startswith(kind))
              for kind in ("text", "CID", "clinical")}
    tx = next(i for i, x in enumerate(seen) if x["kind"] == "tx" and not x["calls"] <= ACCOUNT_CALLS)
    slot = next(i for i, x in enumerate(seen) if x["where"].startswith("slot "))
    block = next(i for i, x in enumerate(seen) if x["kind"] == "block")
    plants = [("account in calldata or a log", tx, b"\0" * 12 + account), ("account in a slot", slot, account + b"\1"),
              ("account in a header", block, account), ("name in calldata", tx, b"x" + needle["text"] + b"y"),
              ("name in a header", block, needle["text"]), ("name in a slot", slot, needle["text"]),
              ("clinical bytes in calldata", tx, b"\1" + needle["clinical"]),
              ("CID in a slot", slot, needle["CID"]), ("CID in calldata", tx, needle["CID"]),
              ("CID in a header", block, needle["CID"]), ("clinical bytes in a slot", slot, needle["clinical"]),
              ("clinical bytes in a header", block, needle["clinical"]),
              ("two addresses of one person", tx, two[0] + b"\0" + two[1])]
    bad = 0
    if secrets.batches:
        unshuffled = [dict(x, signers=secrets.batches.get(x["where"], x.get("signers"))) for x in seen]
        found = scan(unshuffled, secrets)
        print(f"{'ok  ' if found else 'FAIL'} planted batches that keep their order: {found[0] if found else 'not found'}")
        bad += not found
    for what, at, planted in plants:
        copied = copy.copy(seen)
        copied[at] = dict(seen[at], bytes=[*seen[at]["bytes"], planted])
        found = scan(copied, secrets)
        print(f"{'ok  ' if found else 'FAIL'} planted {what}: {found[0] if found else 'not found'}")
        bad += not found
    return bad


def main():
    url, path = sys.argv[1:3]
    given = json.load(open(path))
    secrets = Secrets(given)
    seen = read_chain(url)
    leaks = scan(seen, secrets)
    kinds = {k: sum(x["kind"] == k for x in seen) for k in ("block", "tx", "slot")}
    print(f"read {kinds['block']} blocks, {kinds['tx']} transactions, {kinds['slot']} slots; looked for "
          f"{len(secrets.accounts)} accounts, {len(secrets.related)} relationship addresses, "
          f"{len(secrets.needles)} texts, CIDs and clinical pieces")
    for leak in sorted(set(leaks)):
        print("LEAK", leak)
    if leaks:
        return 1
    return 1 if "--self-test" in sys.argv and self_test(seen, secrets) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, RuntimeError, KeyError, ValueError) as e:
        print(f"leak_scan: {type(e).__name__}: {e}", file=sys.stderr)
        sys.exit(2)

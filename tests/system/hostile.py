#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile use of a node's JSON-RPC: hostile.py URL PID MAX_MIB [--seed N]

Malformed JSON and RLP, huge batches, deep nesting, calls that burn gas, memory or time, clients that drip or do not
read, 2,000 connections. Each must get a clear error, the node's private memory must stay below MAX_MIB, and a
well-behaved client must be answered all the time: one asks every 20 ms, all through the run.
"""
import asyncio
import json
import random
import resource
import struct
import sys
import time
from urllib.parse import urlparse

LOOP = "0x5b5f56"                       # JUMPDEST PUSH0 JUMP
GROW = "0x5b5a5f525f5180515f5260206000f3"
MEMORY = "0x5f5b620100000180805952586002565b"  # writes at growing offsets until gas ends
SELF = "0x" + "5f5f5f5f5f305af1" * 4 + "00"     # calls itself four times, to the depth limit
BIG_RETURN = "0x6301000000" + "5ff3"            # returns 16 MiB
AT = "0x00000000000000000000000000000000000c0de0"
PATIENCE = 60


class Rpc:
    def __init__(self, url):
        self.u = urlparse(url)

    async def open(self):
        return await asyncio.open_connection(self.u.hostname, self.u.port)

    async def raw(self, body, head=None):
        """(code, body) of one POST on a connection of its own; (0, "") when the node hung up."""
        r, w = await self.open()
        try:
            if head is None:
                head = f"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            w.write(head + body)
            data = await asyncio.wait_for(r.read(-1), PATIENCE)
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0, ""
        finally:
            w.close()
        top, _, rest = data.partition(b"\r\n\r\n")
        return int(top.split()[1]) if top else 0, rest.decode("utf-8", "replace")

    async def call(self, method, *params):
        code, text = await self.raw(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode())
        return json.loads(text) if code == 200 else {"error": {"code": -code, "message": text[:200]}}


class Bystander:
    """Somebody who only wants to know the head, on one connection, all the time."""

    def __init__(self, rpc, pid):
        self.rpc, self.pid, self.waits, self.peak, self.stop = rpc, pid, [], 0, False

    def memory(self):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
        return 0

    async def run(self):
        r, w = await self.rpc.open()
        body = b'{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'
        while not self.stop:
            t = time.monotonic()
            w.write(b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            head = await asyncio.wait_for(r.readuntil(b"\r\n\r\n"), PATIENCE)
            n = int([x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")][0].split(b":")[1])
            assert b'"result"' in await r.readexactly(n)
            self.waits.append(time.monotonic() - t)
            self.peak = max(self.peak, self.memory())
            await asyncio.sleep(0.02)
        w.close()


results = {"passed": 0, "failed": 0}


def expect(name, good, detail=""):
    results["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)[:300]}", flush=True)


def error_code(text):
    try:
        v = json.loads(text)
        v = v[0] if isinstance(v, list) and len(v) == 1 else v  # a batch that is refused as a whole
        return v["error"]["code"] if isinstance(v, dict) and "error" in v and v["error"]["message"] else None
    except (ValueError, KeyError, TypeError):
        return None


# --- malformed texts ------------------------------------------------------------------------------
async def malformed_json(rpc):
    one = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
    bad = [b"", b" ", b"{", b"[", b"nul", b'{"a":1,"a":2}', b"\xff\xfe", b'"\\ud800"', one + b"x", b"[" * 100000, b'{"a":' * 50000,
           b"[" + one + b",", b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":' + b"[" * 5000 + b"]" * 5000 + b"}", b"1e999999", b"\0" * 1000]
    bad += [one[:i] for i in range(1, len(one))]
    codes = {error_code((await rpc.raw(b))[1]) for b in bad}
    expect("malformed JSON is refused with codes of JSON-RPC", codes <= {-32700, -32600}, codes)
    odd = [b"[]", b"1", b"null", b'"x"', b"[1,2,3]", b'{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}', b'{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}',
           b'{"jsonrpc":"2.0","id":1,"method":7}', b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":7}']
    texts = [(await rpc.raw(b))[1] for b in odd]
    expect("what is JSON and no request, too", all('"error"' in t for t in texts), texts)


async def malformed_rlp(rpc, rnd):
    legacy = bytes.fromhex("f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")
    texts = [legacy[:i] for i in range(len(legacy))] + [legacy + b"\0", b"\xff" * 100, b"\xf9\xff\xff" + b"\0" * 10, b"\xfb\xff\xff\xff\xff", b"\x02\xc0", b"\x03" + b"\xc0" * 99,
                                                      b"\x04", b"\xc0", b"\xb8", b"\xf8\x80" + b"\xc1" * 128, b"\xc1" * 60000]
    texts += [bytes(rnd.randrange(256) for _ in range(rnd.randrange(200))) for _ in range(200)]
    body = json.dumps([{"jsonrpc": "2.0", "id": i, "method": "eth_sendRawTransaction", "params": ["0x" + t.hex()]} for i, t in enumerate(texts)]).encode()
    answers = json.loads((await rpc.raw(body))[1])
    expect("malformed RLP is refused, each with its error", len(answers) == len(texts) and all("error" in a and a["error"]["code"] < 0 for a in answers),
           [a for a in answers if "error" not in a][:2])


async def huge(rpc):
    one = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}'
    code = error_code((await rpc.raw(("[" + ",".join([one] * 1001) + "]").encode()))[1])
    expect("a batch of 1,001 is refused", code == -32600, code)
    status, text = await rpc.raw(("[" + ",".join([one] * 1000) + "]").encode())
    expect("one of 1,000 is answered", status == 200 and text.count('"result"') == 1000, (status, text[:100]))
    wide = '{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"%s"},"latest",{"%s":{"code":"%s"}}]}' % (AT, AT, BIG_RETURN)
    status, text = await rpc.raw(("[" + ",".join([wide] * 50) + "]").encode())
    expect("an answer of a batch is bounded", status == 200 and len(text) < 64 << 20 and '"error"' in text, (status, len(text)))
    status, text = await rpc.raw(b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":["' + b"0" * (6 << 20) + b'"]}')
    expect("a request of 6 MiB is refused", status == 413 or (status == 0), (status, text[:100]))
    status, _ = await rpc.raw(b"", b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n")
    expect("a length that is none, too", status in (400, 413, 0), status)


# --- what burns -----------------------------------------------------------------------------------
def burners():
    def over(code):
        return [{"to": AT, "gas": "0xffffffffffffff"}, "latest", {AT: {"code": code}}]
    calls = [("eth_call", *over(c)) for c in (LOOP, MEMORY, SELF, GROW)]
    calls += [("eth_estimateGas", *over(c)) for c in (LOOP, SELF)]
    for tracer in ({}, {"tracer": "callTracer"}, {"tracer": "prestateTracer"}):
        calls += [("debug_traceCall", {"to": AT, "gas": "0xffffffffffffff"}, "latest", {**tracer, "enableMemory": True, "stateOverrides": {AT: {"code": c}}}) for c in (LOOP, MEMORY, SELF)]
    calls.append(("eth_simulateV1", {"blockStateCalls": [{"stateOverrides": {AT: {"code": LOOP}}, "calls": [{"to": AT}] * 200}] * 200}, "latest"))
    calls.append(("eth_simulateV1", {"blockStateCalls": [{"blockOverrides": {"number": "0xffffffff"}, "calls": []}]}, "latest"))
    calls.append(("eth_createAccessList", {"to": AT, "gas": "0xffffffffffffff", "data": "0x" + "00" * 100000}, "latest"))
    # 4,000 keys, then the first one again and again
    keys = "0x60005b8054506001018061" + "0fa0" + "116002575b" + "60005450" * 8 + "601156"
    calls += [("eth_createAccessList", {"to": AT}, "latest", {AT: {"code": keys}})] * 4
    calls.append(("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", "topics": [["0x" + "%064x" % i for i in range(1000)]] * 4}))
    calls.append(("eth_feeHistory", "0xffffffff", "latest", list(range(101))))
    calls.append(("eth_getProof", AT, ["0x%064x" % i for i in range(20000)], "latest"))
    return calls


async def burn_batch(rpc):
    begun = time.monotonic()
    exp = "0x5b5f195f190a505f56"  # a loop of EXP of the largest numbers: much time for its gas
    one = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"to": AT}, "latest", {AT: {"code": exp}}]})
    status, text = await rpc.raw(("[" + ",".join([one] * 1000) + "]").encode())
    took = time.monotonic() - begun
    expect(f"a batch of 1,000 burning calls is cut short ({took:.1f} s)", status == 200 and "timed out" in text and took < 30, (status, took))


async def burn(rpc, by):
    begun = time.monotonic()
    before = len(by.waits)
    answers = await asyncio.gather(*(rpc.call(*c) for _ in range(2) for c in burners()))
    took = time.monotonic() - begun
    odd = [a for a in answers if "error" in a and not (a["error"]["code"] < 0 or a["error"]["code"] == 3) or "error" in a and not a["error"]["message"]]
    errors = sum("error" in a for a in answers)
    expect(f"{len(answers)} calls that burn gas and memory end ({took:.1f} s), {errors} with errors", not odd and errors >= len(answers) // 3, odd[:2])
    waits = sorted(by.waits[before:])
    expect(f"meanwhile a bystander waits {waits[len(waits) // 2] * 1e3:.1f} ms (median), {waits[-1] * 1e3:.0f} ms at most", waits[-1] < 10, waits[-3:])


# --- what sleeps ----------------------------------------------------------------------------------
def rlp(v):
    if isinstance(v, list):
        body, base = b"".join(map(rlp, v)), 0xC0
    else:
        body, base = v if isinstance(v, bytes) else v.to_bytes((v.bit_length() + 7) // 8, "big"), 0x80
        if len(body) == 1 and body[0] < 0x80:
            return body
    if len(body) < 56:
        return bytes([base + len(body)]) + body
    n = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(n)]) + n + body


def unsigned(rnd, chain_id, nonce, gas=21000, to=b"\x11" * 20, data=b""):
    """A transaction of nobody: whatever stands as its signature recovers to some address without ether."""
    r, s = rnd.getrandbits(255) | 1, rnd.getrandbits(254) | 1
    return "0x" + rlp([nonce, 0, gas, to, 0, data, 35 + 2 * chain_id, r, s]).hex()


async def sleepers(rpc, rnd):
    chain_id = int((await rpc.call("eth_chainId"))["result"], 16)
    begun = time.monotonic()
    asked = [asyncio.create_task(rpc.call("eth_sendRawTransactionSync", unsigned(rnd, chain_id, 7 + i), 30000)) for i in range(40)]
    await asyncio.sleep(0.5)
    calls = []
    for _ in range(5):
        t = time.monotonic()
        answer = await rpc.call("eth_call", {"to": AT}, "latest")
        calls.append(time.monotonic() - t if "result" in answer else 99)
    expect(f"40 who wait for transactions that cannot come hold up no call ({max(calls):.2f} s)", max(calls) < 5, calls)
    answers = await asyncio.gather(*asked)
    took = time.monotonic() - begun
    expect(f"and are told so soon ({took:.1f} s)", took < 15 and all("error" in a and a["error"]["message"] for a in answers), (took, answers[:2]))


# --- what is kept ----------------------------------------------------------------------------------
def criteria(rnd):
    def some(n):
        return ["0x%0*x" % (2 * n, rnd.getrandbits(8 * n)) for _ in range(1000)]
    return {"address": some(20), "topics": [some(32) for _ in range(4)]}


async def hoard(rpc, by, rnd):
    """Filters and subscriptions as large as they may be, and many of them."""
    before, wide = by.memory(), criteria(rnd)
    body = json.dumps([{"jsonrpc": "2.0", "id": i, "method": "eth_newFilter", "params": [wide]} for i in range(15)]).encode()
    texts = [(await rpc.raw(body))[1] for _ in range(20)]
    last = texts[-1]
    kept = sum(t.count('"result"') for t in texts)
    expect(f"of 300 filters of 178 kB {kept} are kept", 0 < kept < 100 and "-32005" in last, last[:200])
    body = json.dumps([{"jsonrpc": "2.0", "id": i, "method": "eth_newBlockFilter", "params": []} for i in range(1000)]).encode()
    last = [(await rpc.raw(body))[1] for _ in range(2)][-1]
    expect("nor more than 1,000 of one address", "-32005" in last, last[:200])
    r, w = await open_ws(rpc)
    answers = []
    for _ in range(20):
        w.write(ws_frame(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["logs", wide]})))
        answers.append(await asyncio.wait_for(r.read(4096), PATIENCE))
    expect("and of subscriptions what one connection may have", b"-32005" in answers[-1], answers[-1])
    w.close()
    await asyncio.sleep(0.2)
    expect(f"which costs {by.memory() - before:.0f} MiB", by.memory() - before < 64)


async def crowd(rpc, rnd):
    """More than the pool ever holds behind gaps, and blocks full of what burns: people's work goes on beside it (hostile.sh)."""
    chain_id = int((await rpc.call("eth_chainId"))["result"], 16)
    begun, kinds = time.monotonic(), {}
    for i in range(72):
        texts = [unsigned(rnd, chain_id, 1) for _ in range(990)] + [unsigned(rnd, chain_id, 0, 1 << 24, b"", bytes.fromhex(LOOP[2:])) for _ in range(10)]
        body = json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [t]} for t in texts]).encode()
        for a in json.loads((await rpc.raw(body))[1]):
            kind = a["error"]["message"] if "error" in a else "taken"
            kinds[kind] = kinds.get(kind, 0) + 1
    status = (await rpc.call("txpool_status"))["result"]
    print(f"    {kinds} in {time.monotonic() - begun:.1f} s, {status}")
    expect("of transactions behind gaps few are kept", set(kinds) == {"taken", "invalid sender", "txpool is full"} and int(status["queued"], 16) <= 8192, (kinds, status))


# --- connections ----------------------------------------------------------------------------------
def ws_frame(text):
    data = text.encode()
    n = len(data)
    head = b"\x81" + (bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n) if n < 65536 else b"\xff" + struct.pack(">Q", n))
    return head + b"\0\0\0\0" + data


async def open_ws(rpc):
    r, w = await rpc.open()
    w.write(b"GET /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    head = await asyncio.wait_for(r.readuntil(b"\r\n\r\n"), PATIENCE)
    assert b" 101 " in head, head
    return r, w


async def frames(rpc, rnd):
    bad = [b"\x81\x05hello", b"\xf1\x80\0\0\0\0", b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", b"\x89\xfe\x01\x00\0\0\0\0" + b"x" * 256, b"\x80\x80\0\0\0\0", b"\x83\x80\0\0\0\0",
           b"\x81\x82\0\0\0\0\xff\xfe"]
    bad += [bytes(rnd.randrange(256) for _ in range(64)) for _ in range(50)]
    ended = 0
    for b in bad:
        r, w = await open_ws(rpc)
        try:
            w.write(b)
            await asyncio.wait_for(r.read(-1), 2)
            ended += 1
        except asyncio.TimeoutError:
            pass
        except ConnectionError:
            ended += 1
        w.close()
    expect(f"WebSocket frames that are none end the connection ({ended} of {len(bad)}; the rest waits for more)", ended >= 7, ended)
    r, w = await open_ws(rpc)
    w.write(ws_frame('{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'))
    expect("a good one is answered", b"result" in await asyncio.wait_for(r.read(4096), PATIENCE))
    w.close()


async def many(rpc, by, count):
    """2,000 at once: some drip a head, some a body, some subscribe and never read, some do nothing."""
    before = len(by.waits)
    held, tasks = [], []

    async def drip(w, text):
        for i in range(len(text)):
            try:
                w.write(text[i:i + 1])
                await asyncio.sleep(0.25)
            except ConnectionError:
                return
    for i in range(count):
        if i % 4 == 0:
            r, w = await open_ws(rpc)
            for topic in ("newHeads", "logs", "newPendingTransactions"):
                w.write(ws_frame(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": [topic] + ([{}] if topic == "logs" else [])})))
            r._transport.pause_reading()
        else:
            r, w = await rpc.open()
            if i % 4 == 1:
                tasks.append(asyncio.create_task(drip(w, b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: 1\r\nContent-Length: 100000\r\n\r\n")))
            elif i % 4 == 2:
                w.write(b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000000\r\n\r\n[")
                tasks.append(asyncio.create_task(drip(w, b" " * 40)))
        held.append(w)
    answers = await asyncio.gather(*(rpc.call("eth_call", {"to": AT}, "latest") for _ in range(50)))
    expect("a request beside them is answered", all("result" in a for a in answers), [a for a in answers if "result" not in a][:1])
    await asyncio.sleep(6)
    for t in tasks:
        t.cancel()
    waits = sorted(by.waits[before:])
    expect(f"{len(held)} connections are held, {len(tasks)} of them drip", len(held) == count)
    expect(f"meanwhile a bystander waits {waits[len(waits) // 2] * 1e3:.1f} ms (median), {waits[-1] * 1e3:.0f} ms at most", waits[-1] < 10, waits[-3:])
    for w in held:
        w.transport.abort()


async def deaf(rpc, by):
    """Clients that ask for long answers and do not read them."""
    before = by.peak
    ask = ('{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"%s"},"latest",{"%s":{"code":"%s"}}]}' % (AT, AT, "0x623fffff5ff3")).encode()
    held = []
    for i in range(100):
        r, w = await rpc.open()
        r._transport.pause_reading()
        w.write((b"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(ask) + ask) * 4)
        held.append(w)
    await asyncio.sleep(4)
    answers = [await rpc.call("eth_chainId") for _ in range(20)]
    expect(f"100 clients that do not read 3 GB of answers cost {by.peak - before:.0f} MiB", all("result" in a for a in answers), answers[0])
    for w in held:
        w.transport.abort()


async def main():
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else int(time.time())
    rnd = random.Random(seed)
    rpc, pid, most = Rpc(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = 2000 if hard == resource.RLIM_INFINITY or hard > 2600 else hard - 600
    if soft < count + 500:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 500, hard))
    by = Bystander(rpc, pid)
    task = asyncio.create_task(by.run())
    first = by.memory()
    await malformed_json(rpc)
    await malformed_rlp(rpc, rnd)
    await huge(rpc)
    await frames(rpc, rnd)
    await sleepers(rpc, rnd)
    await hoard(rpc, by, rnd)
    await crowd(rpc, rnd)
    await burn_batch(rpc)
    await burn(rpc, by)
    await deaf(rpc, by)
    await many(rpc, by, count)
    await asyncio.sleep(1)
    by.stop = True
    await task
    expect(f"private memory: {first:.0f} MiB before, {by.peak:.0f} at most, {by.memory():.0f} after; {most:.0f} are allowed", by.peak < most)
    waits = sorted(by.waits)
    expect(f"the bystander's {len(waits)} questions were all answered: {waits[len(waits) // 2] * 1e3:.1f} ms median, {waits[len(waits) * 99 // 100] * 1e3:.0f} ms p99", len(waits) > 100)
    print(f"hostile: seed {seed}")
    return results


r = asyncio.run(main())
print(f"hostile_rpc: {r['passed']} passed, {r['failed']} failed, 0 skipped")
sys.exit(1 if r["failed"] else 0)

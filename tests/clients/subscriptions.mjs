// SPDX-License-Identifier: Apache-2.0
// Subscriptions over WebSockets: 10,000 events without loss or disorder, to a quick and to a slow client.
import { ethers } from "ethers";
import { connect } from "node:net";
import { assert, rpc, run, sleep, test, token, until, url, wsUrl, MNEMONIC } from "./lib.mjs";

const provider = new ethers.JsonRpcProvider(url, undefined, { pollingInterval: 20, cacheTimeout: -1 });
const wallet = ethers.HDNodeWallet.fromPhrase(MNEMONIC, undefined, "m/44'/60'/0'/0/4").connect(provider);
const { abi, bytecode } = token();
const erc20 = await new ethers.ContractFactory(abi, bytecode, wallet).deploy(1n);
await erc20.waitForDeployment();
const address = await erc20.getAddress();
const EVENTS = 10000, EACH = 100;

/** A bare JSON-RPC client over a WebSocket. */
class Socket {
    constructor() {
        this.ws = new WebSocket(wsUrl);
        this.waiting = new Map();
        this.heard = [];
        this.id = 0;
        this.open = new Promise((yes, no) => {
            this.ws.onopen = yes;
            this.ws.onerror = no;
        });
        this.ws.onclose = () => (this.closed = true);
        this.ws.onmessage = (m) => {
            const v = JSON.parse(m.data);
            if (v.method === "eth_subscription") this.heard.push(v.params);
            else this.waiting.get(v.id)?.(v);
        };
    }
    async call(method, ...params) {
        await this.open;
        const id = ++this.id;
        const answer = new Promise((r) => this.waiting.set(id, r));
        this.ws.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
        const v = await answer;
        if (v.error) throw Object.assign(new Error(v.error.message), v.error);
        return v.result;
    }
}

async function emit(from, n) {
    let nonce = await provider.getTransactionCount(wallet.address, "pending");
    const sent = [];
    for (let i = from; i < from + n; i += EACH)
        sent.push(erc20.tick(i, EACH, { nonce: nonce++, gasLimit: 400000 }));
    await Promise.all((await Promise.all(sent)).map((t) => t.wait()));
}

test("delivers 10,000 logs and every head, in order", async () => {
    const s = new Socket();
    const logs = await s.call("eth_subscribe", "logs", { address });
    const heads = await s.call("eth_subscribe", "newHeads");
    const before = Number(await rpc("eth_blockNumber"));
    await emit(0, EVENTS);
    const head = Number(await rpc("eth_blockNumber"));
    const of = (id) => s.heard.filter((h) => h.subscription === id).map((h) => h.result);
    await until("logs and heads", () => of(logs).length >= EVENTS && of(heads).length >= head - before);
    assert.deepEqual(of(logs).map((l) => Number(l.topics[1])), Array.from({ length: EVENTS }, (_, i) => i));
    assert.deepEqual(of(heads).map((h) => Number(h.number)), Array.from({ length: head - before }, (_, i) => before + 1 + i));
    assert.ok(await s.call("eth_unsubscribe", heads));
    assert.equal(await s.call("eth_unsubscribe", heads).catch((e) => e.message.length > 0 || false), true);
    s.ws.close();
});

test("loses nothing for a client that reads late", async () => {
    // Speaks WebSocket by hand and does not read for a while, so that the node must hold its news back.
    const { hostname, port } = new URL(url);
    const c = connect(Number(port), hostname);
    c.on("error", () => undefined);
    c.write(`GET /rpc HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["logs", { address, topics: [] }] }));
    await new Promise((r) => c.once("data", r));
    assert.ok(body.length > 125);
    c.write(Buffer.concat([Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 255, 0, 0, 0, 0]), body]));
    await sleep(300);
    c.pause();
    await emit(EVENTS, EVENTS);
    await sleep(1000);
    let bytes = Buffer.alloc(0), seen = [];
    c.on("data", (d) => {
        bytes = Buffer.concat([bytes, d]);
        for (;;) {
            if (bytes.length < 4) return;
            let n = bytes[1], at = 2;
            if (n === 126) { n = bytes.readUInt16BE(2); at = 4; }
            if (bytes.length < at + n) return;
            const v = JSON.parse(bytes.subarray(at, at + n).toString());
            if (v.method) seen.push(Number(v.params.result.topics[1]));
            bytes = bytes.subarray(at + n);
        }
    });
    c.resume();
    await until("late logs", () => seen.length >= EVENTS, 30000);
    assert.deepEqual(seen, Array.from({ length: EVENTS }, (_, i) => EVENTS + i));
    c.destroy();
});

test("goes on behind a rollback", async () => {
    const s = new Socket();
    const heads = await s.call("eth_subscribe", "newHeads");
    const logs = await s.call("eth_subscribe", "logs", { address });
    const snapshot = await rpc("evm_snapshot");
    await (await erc20.tick(7, 1)).wait();
    const of = (id) => s.heard.filter((h) => h.subscription === id).map((h) => h.result);
    await until("log", () => of(logs).length === 1 && of(heads).length > 0);
    await rpc("evm_revert", snapshot);
    await (await erc20.tick(8, 1)).wait();
    await until("log of the other branch", () => of(logs).length === 2);
    assert.equal(of(logs)[1].blockNumber, of(logs)[0].blockNumber);
    assert.notEqual(of(logs)[1].blockHash, of(logs)[0].blockHash);
    assert.equal(of(heads).at(-1).hash, of(logs)[1].blockHash);
    s.ws.close();
});

test("refuses what cannot be subscribed to", async () => {
    const s = new Socket();
    for (const params of [["nothing"], ["logs", { address: "0x12" }], []])
        assert.ok((await s.call("eth_subscribe", ...params).catch((e) => e)).code < 0);
    const over = [];
    for (let i = 0; i < 200; i++) over.push(s.call("eth_subscribe", "newHeads").then(() => 1, () => 0));
    const n = (await Promise.all(over)).reduce((a, b) => a + b);
    assert.ok(n > 0 && n < 200);
    assert.ok(await s.call("eth_blockNumber"));
    s.ws.close();
    const e = await rpc("eth_subscribe", "newHeads").catch((x) => x);
    assert.equal(e.code, -32001);
});

await run("clients_subscriptions");

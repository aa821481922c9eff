// SPDX-License-Identifier: Apache-2.0
// durable.mjs EHRD: nothing is told before it is on the disk. Each round kills the node (SIGKILL) right after a receipt, a head
// or a log was heard, opens the folder again, and finds it there.
import { ethers } from "ethers";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, post, run, sleep, test, token, until, MNEMONIC } from "./lib.mjs";

const ehrd = process.argv[2];
const dir = mkdtempSync(join(tmpdir(), "ehrd-durable."));
const { abi, bytecode } = token();
let node, url;

async function start() {
    const portFile = join(dir, "port");
    rmSync(portFile, { force: true });
    node = spawn(ehrd, ["dev", "--quiet", "--listen", "127.0.0.1:0", "--chain", join(dir, "chain"), "--port-file", portFile], { stdio: ["ignore", "ignore", "inherit"] });
    node.gone = new Promise((r) => node.once("exit", r));
    let port = "";
    await until("port", () => { try { port = readFileSync(portFile, "utf8").trim(); } catch { /* not yet */ } return port; });
    url = `http://127.0.0.1:${port}`;
}
async function kill() {
    node.kill("SIGKILL");
    await node.gone;
}
async function ask(method, ...params) {
    const a = await post({ jsonrpc: "2.0", id: 1, method, params }, url);
    if (a.error) throw Object.assign(new Error(a.error.message), a.error);
    return a.result;
}
/** Signed transactions, made beforehand so that nothing stands between news and kill. */
async function signed(address, n, gas) {
    const key = ethers.HDNodeWallet.fromPhrase(MNEMONIC);
    let nonce = Number(await ask("eth_getTransactionCount", key.address, "pending"));
    const tick = new ethers.Interface(abi);
    const out = [];
    for (let i = 0; i < n; i++)
        out.push(await key.signTransaction({ type: 2, chainId: 31337, nonce: nonce++, gasLimit: gas, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n, ...(address ? { to: address, data: tick.encodeFunctionData("tick", [i, 3]) } : { data: bytecode + "00".repeat(32) }) }));
    return out;
}

await start();
const [deploy] = await signed(null, 1, 3000000);
const hash = await ask("eth_sendRawTransaction", deploy);
await until("contract", async () => await ask("eth_getTransactionReceipt", hash));
const address = (await ask("eth_getTransactionReceipt", hash)).contractAddress;

/** Load from all sides; resolves with the first news that `pick` likes. */
async function newsUnderLoad(subscription, pick, atOnce) {
    const ws = new WebSocket(url.replace("http", "ws"));
    await new Promise((yes, no) => { ws.onopen = yes; ws.onerror = no; });
    ws.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: subscription }));
    await new Promise((r) => ws.addEventListener("message", r, { once: true }));
    const txs = await signed(address, 60, 200000);
    let left = 1 + Math.floor(Math.random() * 8);
    const heard = new Promise((yes) => ws.addEventListener("message", (m) => {
        const v = JSON.parse(m.data);
        if (v.method && --left <= 0) yes(pick(v.params.result));
    }));
    const send = (t) => post({ jsonrpc: "2.0", id: 1, method: "eth_sendRawTransaction", params: [t] }, url);
    (async () => { // some at once: they share blocks; one by one: each has its own
        for (let i = 0; i < txs.length; i += atOnce) await Promise.all(txs.slice(i, i + atOnce).map(send));
    })().catch(() => undefined);
    const late = sleep(20000).then(() => { throw new Error("no news"); });
    return Promise.race([heard, late]);
}

test("a head that was told is there after kill -9", async () => {
    for (let i = 0; i < 6; i++) {
        const head = await newsUnderLoad(["newHeads"], (h) => h, 1 + (i % 3));
        await kill();
        await start();
        const found = await ask("eth_getBlockByNumber", head.number, false);
        assert.equal(found?.hash, head.hash);
    }
});

test("a log that was told is there after kill -9", async () => {
    for (let i = 0; i < 6; i++) {
        const log = await newsUnderLoad(["logs", { address }], (l) => l, 1 + 5 * (i % 3));
        await kill();
        await start();
        const receipt = await ask("eth_getTransactionReceipt", log.transactionHash);
        assert.equal(receipt?.blockHash, log.blockHash);
        assert.ok(receipt.logs.some((l) => l.logIndex === log.logIndex));
    }
});

test("a receipt that was given is there after kill -9", async () => {
    for (let i = 0; i < 6; i++) {
        const txs = await signed(address, 30, 200000);
        const hashes = txs.map((t) => ethers.keccak256(t));
        for (const t of txs) post({ jsonrpc: "2.0", id: 1, method: "eth_sendRawTransaction", params: [t] }, url).catch(() => undefined);
        const wanted = hashes[Math.floor(Math.random() * hashes.length)];
        let receipt;
        await until("receipt", async () => (receipt = await ask("eth_getTransactionReceipt", wanted)));
        await kill();
        await start();
        assert.equal((await ask("eth_getTransactionReceipt", wanted))?.blockHash, receipt.blockHash);
    }
});

process.on("exit", () => {
    node.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
});
await run("clients_durable");

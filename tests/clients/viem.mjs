// SPDX-License-Identifier: Apache-2.0
// viem 2 against our port: wallet, contract, test client (snapshots, time, impersonation), WebSocket.
import { BaseError, createPublicClient, createTestClient, createWalletClient, ContractFunctionRevertedError, encodeFunctionData, http, parseEther, verifyTypedData, webSocket } from "viem";
import { mnemonicToAccount, generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { assert, refusal, run, test, token, until, url, wsUrl, MNEMONIC } from "./lib.mjs";

const account = mnemonicToAccount(MNEMONIC, { addressIndex: 2 });
const common = { chain: foundry, transport: http(url), pollingInterval: 50 };
const pub = createPublicClient(common);
const wallet = createWalletClient({ ...common, account });
const dev = createTestClient({ ...common, mode: "anvil" });
const hardhat = createTestClient({ ...common, mode: "hardhat" });
const other = privateKeyToAccount(generatePrivateKey()).address;
const { abi, bytecode } = token();
let address;

const mined = async (hash) => {
    const r = await pub.waitForTransactionReceipt({ hash });
    assert.equal(r.status, "success");
    return r;
};
const write = async (functionName, args, more = {}) =>
    mined(await wallet.writeContract({ address, abi, functionName, args, ...more }));

test("deploys and writes", async () => {
    const r = await mined(await wallet.deployContract({ abi, bytecode, args: [10n ** 24n] }));
    address = r.contractAddress;
    await write("transfer", [other, 42n]);
    assert.equal(await pub.readContract({ address, abi, functionName: "balanceOf", args: [other] }), 42n);
});

test("decodes custom errors in a simulation", async () => {
    const e = await refusal(pub.simulateContract({ address, abi, functionName: "mint", args: [other, 1n], account: other }));
    const cause = e.walk((x) => x instanceof ContractFunctionRevertedError);
    assert.ok(e instanceof BaseError && cause.data.errorName === "NotOwner");
});

test("multicalls by batches, proofs, access lists, fee history", async () => {
    const proof = await pub.getProof({ address, storageKeys: ["0x0000000000000000000000000000000000000000000000000000000000000002"] });
    assert.ok(proof.accountProof.length > 0 && proof.storageProof[0].value > 0n);
    const data = encodeFunctionData({ abi, functionName: "transfer", args: [other, 1n] });
    const list = await pub.createAccessList({ account, to: address, data });
    assert.ok(list.accessList.length > 0);
    const history = await pub.getFeeHistory({ blockCount: 2, rewardPercentiles: [25, 75] });
    assert.equal(history.baseFeePerGas.length, history.gasUsedRatio.length + 1);
    const fees = await pub.estimateFeesPerGas();
    assert.ok(fees.maxFeePerGas > 0n);
});

test("simulates blocks", async () => {
    const blocks = await pub.simulateBlocks({ blocks: [{ calls: [{ account: account.address, to: other, value: 1n }] }] });
    assert.equal(blocks[0].calls[0].status, "success");
});

test("signs typed data as the node's account", async () => {
    const remote = createWalletClient(common);
    const [, second] = await remote.getAddresses();
    const typed = { domain: { name: "d", version: "1" }, types: { M: [{ name: "n", type: "uint256" }] }, primaryType: "M", message: { n: 3n } };
    const signature = await remote.signTypedData({ account: second, ...typed });
    assert.ok(await verifyTypedData({ address: second, signature, ...typed }));
});

test("snapshots and goes back", async () => {
    const before = await pub.getBlockNumber();
    const id = await dev.snapshot();
    await write("transfer", [other, 8n]);
    await dev.mine({ blocks: 5 });
    assert.equal(await pub.getBlockNumber({ cacheTime: 0 }), before + 6n);
    await dev.revert({ id });
    assert.equal(await pub.getBlockNumber({ cacheTime: 0 }), before);
    assert.equal(await pub.readContract({ address, abi, functionName: "balanceOf", args: [other] }), 42n);
});

test("moves time", async () => {
    const now = (await pub.getBlock()).timestamp;
    await dev.increaseTime({ seconds: 3600 });
    await dev.mine({ blocks: 1 });
    assert.ok((await pub.getBlock()).timestamp >= now + 3600n);
    const later = (await pub.getBlock()).timestamp + 5000n;
    await dev.setNextBlockTimestamp({ timestamp: later });
    await dev.mine({ blocks: 1 });
    assert.equal((await pub.getBlock()).timestamp, later);
    await dev.mine({ blocks: 3, interval: 60 });
    assert.ok((await pub.getBlock()).timestamp >= later + 120n);
});

test("holds transactions back until mined", async () => {
    await dev.setAutomine(false);
    const hash = await wallet.sendTransaction({ to: other, value: 1n });
    assert.equal((await refusal(pub.getTransactionReceipt({ hash }))).name, "TransactionReceiptNotFoundError");
    const status = await dev.getTxpoolStatus();
    assert.equal(status.pending, 1);
    const dropped = await wallet.sendTransaction({ to: other, value: 2n });
    await dev.dropTransaction({ hash: dropped });
    await dev.mine({ blocks: 1 });
    assert.equal((await pub.getTransactionReceipt({ hash })).status, "success");
    assert.equal((await dev.getTxpoolStatus()).pending, 0);
    await dev.setAutomine(true);
    assert.equal(await dev.getAutomine(), true);
});

test("seals by interval", async () => {
    await dev.setIntervalMining({ interval: 1 });
    const from = await pub.getBlockNumber({ cacheTime: 0 });
    await until("blocks", async () => (await pub.getBlockNumber({ cacheTime: 0 })) >= from + 2n, 5000);
    await dev.setAutomine(true);
});

test("impersonates, sets balance, code, nonce, storage", async () => {
    for (const client of [dev, hardhat]) {
        const who = privateKeyToAccount(generatePrivateKey()).address;
        await client.setBalance({ address: who, value: parseEther("2") });
        assert.equal(await pub.getBalance({ address: who }), parseEther("2"));
        const remote = createWalletClient(common);
        await refusal(remote.sendTransaction({ account: who, to: other, value: 1n }));
        await client.impersonateAccount({ address: who });
        const r = await mined(await remote.sendTransaction({ account: who, to: other, value: 1n }));
        assert.equal(r.from.toLowerCase(), who.toLowerCase());
        await client.stopImpersonatingAccount({ address: who });
        await refusal(remote.sendTransaction({ account: who, to: other, value: 1n }));
        await client.setNonce({ address: who, nonce: 77 });
        assert.equal(await pub.getTransactionCount({ address: who }), 77);
        await client.setCode({ address: who, bytecode: "0x600160005260206000f3" });
        assert.equal(BigInt((await pub.call({ to: who })).data), 1n);
        await client.setStorageAt({ address: who, index: 3, value: "0x" + "00".repeat(31) + "09" });
        assert.equal(BigInt(await pub.getStorageAt({ address: who, slot: "0x3" })), 9n);
        await client.mine({ blocks: 1 });
        assert.equal(BigInt(await pub.getStorageAt({ address: who, slot: "0x3" })), 9n);
    }
});

test("sets the next base fee and the coinbase", async () => {
    await dev.setNextBlockBaseFeePerGas({ baseFeePerGas: 12345n });
    await dev.setCoinbase({ address: other });
    await dev.mine({ blocks: 1 });
    const block = await pub.getBlock();
    assert.equal(block.baseFeePerGas, 12345n);
    assert.equal(block.miner.toLowerCase(), other.toLowerCase());
});

test("watches over a WebSocket", async () => {
    const ws = createPublicClient({ chain: foundry, transport: webSocket(wsUrl) });
    const numbers = [], logs = [];
    const unwatchBlocks = ws.watchBlockNumber({ onBlockNumber: (n) => numbers.push(n) });
    const unwatch = ws.watchContractEvent({ address, abi, eventName: "Ticked", onLogs: (l) => logs.push(...l) });
    await new Promise((r) => setTimeout(r, 200));
    await write("tick", [0n, 4n]);
    await until("logs", () => logs.length === 4 && numbers.length > 0);
    assert.deepEqual(logs.map((l) => l.args.n), [0n, 1n, 2n, 3n]);
    unwatchBlocks();
    unwatch();
});

test("resets to the genesis", async () => {
    await dev.reset();
    assert.equal(await pub.getBlockNumber({ cacheTime: 0 }), 0n);
    await mined(await wallet.sendTransaction({ to: other, value: 1n }));
});

await run("clients_viem");

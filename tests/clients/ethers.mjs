// SPDX-License-Identifier: Apache-2.0
// ethers 6 against our port.
import { ethers } from "ethers";
import { assert, refusal, run, test, token, until, url, wsUrl, MNEMONIC } from "./lib.mjs";

const provider = new ethers.JsonRpcProvider(url, undefined, { pollingInterval: 50, cacheTimeout: -1 });
const wallet = ethers.HDNodeWallet.fromPhrase(MNEMONIC).connect(provider);
const other = ethers.Wallet.createRandom().address;
const { abi, bytecode } = token();
let erc20;

test("reads network, block and balance", async () => {
    assert.equal((await provider.getNetwork()).chainId, 31337n);
    const block = await provider.getBlock("latest", true);
    assert.ok(block.hash && block.gasLimit > 0n);
    assert.ok((await provider.getBalance(wallet.address)) > ethers.parseEther("1000"));
});

test("sends ether with a signed type 2 transaction", async () => {
    const receipt = await (await wallet.sendTransaction({ to: other, value: 5n })).wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.type, 2);
    assert.equal(await provider.getBalance(other), 5n);
});

test("sends types 0 and 1", async () => {
    const gasPrice = (await provider.getFeeData()).gasPrice;
    for (const type of [0, 1]) {
        const receipt = await (await wallet.sendTransaction({ to: other, value: 1n, type, gasPrice })).wait();
        assert.equal(receipt.type, type);
    }
});

test("deploys an ERC-20 and calls it", async () => {
    erc20 = await new ethers.ContractFactory(abi, bytecode, wallet).deploy(1000000n);
    await erc20.waitForDeployment();
    assert.equal(await erc20.symbol(), "TOK");
    const receipt = await (await erc20.transfer(other, 100n)).wait();
    const log = receipt.logs.map((l) => erc20.interface.parseLog(l)).find((l) => l?.name === "Transfer");
    assert.equal(log.args.value, 100n);
    assert.equal(await erc20.balanceOf(other), 100n);
});

test("tells reasons, custom errors and panics", async () => {
    const why = await refusal(erc20.fail("because"));
    assert.equal(why.reason, "because");
    const custom = await refusal(erc20.connect(provider).mint.staticCall(other, 1n, { from: other }));
    assert.equal(custom.revert.name, "NotOwner");
    assert.equal(custom.revert.args[0], other);
    const panic = await refusal(erc20.divide(1n, 0n));
    assert.match(panic.reason, /DIVIDE_BY_ZERO/);
    const estimate = await refusal(erc20.transfer.estimateGas(other, 10n ** 30n));
    assert.equal(estimate.code, "CALL_EXCEPTION");
});

test("signs as the node's account", async () => {
    const signer = await provider.getSigner(1);
    const message = await signer.signMessage("hello");
    assert.equal(ethers.verifyMessage("hello", message), signer.address);
    const types = { Mail: [{ name: "to", type: "address" }, { name: "text", type: "string" }] };
    const domain = { name: "x", chainId: 31337 };
    const typed = await signer.signTypedData(domain, types, { to: other, text: "é" });
    assert.equal(ethers.verifyTypedData(domain, types, { to: other, text: "é" }, typed), signer.address);
    const sent = await (await signer.sendTransaction({ to: other, value: 7n })).wait();
    assert.equal(sent.from, signer.address);
});

test("finds past logs", async () => {
    const logs = await erc20.queryFilter(erc20.filters.Transfer(null, other), 0, "latest");
    assert.equal(logs.length, 1);
    assert.equal(logs[0].args.value, 100n);
});

test("hears events by polling", async () => {
    const heard = [];
    await erc20.on("Ticked", (n) => heard.push(n));
    await new Promise((r) => setTimeout(r, 200));
    await (await erc20.tick(10n, 3n)).wait();
    await until("events", () => heard.length === 3);
    assert.deepEqual(heard, [10n, 11n, 12n]);
    await erc20.off("Ticked");
});

test("subscribes over a WebSocket", async () => {
    const ws = new ethers.WebSocketProvider(wsUrl);
    const blocks = [], ticks = [], pending = [];
    await ws.on("block", (n) => blocks.push(n));
    await ws.on("pending", (h) => pending.push(h));
    const live = new ethers.Contract(await erc20.getAddress(), abi, ws);
    await live.on("Ticked", (n) => ticks.push(n));
    const before = await ws.getBlockNumber();
    const tx = await erc20.tick(100n, 2n);
    await tx.wait();
    await until("notifications", () => ticks.length === 2 && blocks.some((n) => n > before) && pending.includes(tx.hash));
    assert.deepEqual(ticks, [100n, 101n]);
    await ws.destroy();
});

test("sends batches", async () => {
    const batched = new ethers.JsonRpcProvider(url, undefined, { batchMaxCount: 100 });
    const all = await Promise.all(Array.from({ length: 150 }, (_, i) => batched.getBalance(ethers.toBeHex(i + 1, 20))));
    assert.equal(all.length, 150);
    batched.destroy();
});

await run("clients_ethers");

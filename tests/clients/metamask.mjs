// SPDX-License-Identifier: Apache-2.0
// MetaMask's own packages over our HTTP, put together as in its extension: the page's provider speaks through a stream to an
// engine whose wallet middleware keeps the key; everything else goes to the node.
import { createWalletMiddleware } from "@metamask/eth-json-rpc-middleware";
import { JsonRpcEngine, createAsyncMiddleware } from "@metamask/json-rpc-engine";
import { createEngineStream } from "@metamask/json-rpc-middleware-stream";
import multiplex from "@metamask/object-multiplex";
import { MetaMaskInpageProvider } from "@metamask/providers";
import { ethers } from "ethers";
import { duplexPair } from "node:stream";
import { assert, refusal, rpc, run, test, token, url, MNEMONIC } from "./lib.mjs";

const key = ethers.HDNodeWallet.fromPhrase(MNEMONIC, undefined, "m/44'/60'/0'/0/3");
const wallet = key.connect(new ethers.JsonRpcProvider(url, undefined, { pollingInterval: 50, cacheTimeout: -1 }));

/** What the extension's background does: sign here, ask the node for the rest. */
function background() {
    const engine = new JsonRpcEngine();
    engine.push(createAsyncMiddleware(async (req, res, next) => {
        if (req.method === "metamask_getProviderState")
            res.result = { accounts: [key.address.toLowerCase()], chainId: await rpc("eth_chainId"), isUnlocked: true, networkVersion: await rpc("net_version") };
        else if (req.method === "eth_requestAccounts") res.result = [key.address.toLowerCase()];
        else await next();
    }));
    engine.push(createWalletMiddleware({
        getAccounts: async () => [key.address.toLowerCase()],
        processTransaction: async (tx) => (await wallet.sendTransaction({ to: tx.to, data: tx.data, value: tx.value ?? 0 })).hash,
        processPersonalMessage: async (m) => key.signMessage(ethers.getBytes(m.data)),
        processTypedMessageV4: async (m) => {
            const { domain, types, message } = JSON.parse(m.data);
            delete types.EIP712Domain;
            return key.signTypedData(domain, types, message);
        },
    }));
    engine.push(createAsyncMiddleware(async (req, res) => {
        res.result = await rpc(req.method, ...(req.params ?? []));
    }));
    return engine;
}

const ObjectMultiplex = multiplex.ObjectMultiplex ?? multiplex.default ?? multiplex;
/** One end of the channel between page and background. */
function end(stream) {
    const mux = new ObjectMultiplex();
    mux.on("error", () => undefined);
    stream.pipe(mux).pipe(stream);
    return mux.createStream("metamask-provider");
}
const [a, b] = duplexPair({ objectMode: true });
const engineStream = createEngineStream({ engine: background() });
const channel = end(a);
engineStream.pipe(channel).pipe(engineStream);

globalThis.window ??= globalThis; /* the page's globals that the provider looks at */
globalThis.document ??= { title: "test", head: null, querySelector: () => null, readyState: "complete", addEventListener: () => undefined };
const page = new MetaMaskInpageProvider(end(b), { shouldSendMetadata: false });
await new Promise((r) => (page._state.initialized ? r() : page.once("_initialized", r)));

test("shows account and chain", async () => {
    assert.deepEqual(await page.request({ method: "eth_requestAccounts" }), [key.address.toLowerCase()]);
    assert.equal(page.chainId, "0x7a69");
});

test("reads through the provider", async () => {
    assert.match(await page.request({ method: "eth_blockNumber" }), /^0x/);
    assert.ok(BigInt(await page.request({ method: "eth_getBalance", params: [key.address, "latest"] })) > 0n);
});

test("sends, deploys and calls with ethers on top", async () => {
    const browser = new ethers.BrowserProvider(page, undefined, { pollingInterval: 50, cacheTimeout: -1 });
    const signer = await browser.getSigner();
    const { abi, bytecode } = token();
    const erc20 = await new ethers.ContractFactory(abi, bytecode, signer).deploy(500n);
    await erc20.waitForDeployment();
    await (await erc20.transfer(ethers.ZeroAddress.replace(/0$/, "9"), 20n)).wait();
    assert.equal(await erc20.balanceOf(key.address), 480n);
    const e = await refusal(erc20.fail("no"));
    assert.equal(e.reason, "no");
});

test("signs messages and typed data", async () => {
    const signer = await new ethers.BrowserProvider(page).getSigner();
    assert.equal(ethers.verifyMessage("hi", await signer.signMessage("hi")), key.address);
    const types = { M: [{ name: "x", type: "uint256" }] };
    const s = await signer.signTypedData({ name: "t", chainId: 31337 }, types, { x: 4 });
    assert.equal(ethers.verifyTypedData({ name: "t", chainId: 31337 }, types, { x: 4 }, s), key.address);
});

test("hands the node's errors on with code and data", async () => {
    const e = await refusal(page.request({ method: "eth_sendRawTransaction", params: ["0x1234"] }));
    assert.ok(e.code < 0 && e.message.length > 0);
    const missing = await refusal(page.request({ method: "eth_nothing" }));
    assert.equal(missing.code, -32601);
});

await run("clients_metamask");

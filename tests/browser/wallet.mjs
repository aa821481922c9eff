// SPDX-License-Identifier: Apache-2.0
// A stand-in for MetaMask made of its own npm packages, put together as in the extension: provider in the page (inpage.mjs),
// a channel, and here, outside the page, the engine with keys, permissions, chains and questions to the person.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { top } from './browser.mjs';

const clients = createRequire(join(top, 'tests/clients/package.json'));
const { createWalletMiddleware } = clients('@metamask/eth-json-rpc-middleware');
const { JsonRpcEngine, createAsyncMiddleware } = clients('@metamask/json-rpc-engine');
const { createEngineStream } = clients('@metamask/json-rpc-middleware-stream');
const { personalSign, signTypedData, SignTypedDataVersion } = clients('@metamask/eth-sig-util');
const { providerErrors, rpcErrors } = clients('@metamask/rpc-errors');
const { ethers } = clients('ethers');
const multiplex = clients('@metamask/object-multiplex');
const ObjectMultiplex = multiplex.ObjectMultiplex ?? multiplex.default ?? multiplex;
const esbuild = createRequire(join(top, 'web/package.json'))('esbuild');

let bundle;
async function inpage() {
  const shims = 'import{Buffer}from"buffer";globalThis.global??=globalThis;globalThis.process??={env:{},nextTick:(f,...a)=>queueMicrotask(()=>f(...a)),browser:true,version:"",versions:{}};globalThis.Buffer??=Buffer;';
  const made = await esbuild.build({
    stdin: { contents: `${shims}import("./inpage.mjs");`, resolveDir: join(top, 'tests/browser') },
    bundle: true, write: false, format: 'iife', platform: 'browser', target: 'es2022', logLevel: 'error',
    nodePaths: [join(top, 'tests/clients/node_modules')], alias: { stream: 'readable-stream' },
  });
  return made.outputFiles[0].text;
}
async function ask(url, method, params = []) {
  const r = await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json();
  if (r.error) throw rpcErrors.internal({ message: r.error.message, data: r.error.data });
  return r.result;
}

export class Wallet {
  constructor({ accounts = 2, chainId = '0x1' } = {}) {
    this.keys = Array.from({ length: accounts }, () => ethers.Wallet.createRandom());
    this.chainId = chainId;
    this.chains = new Map([[chainId, null]]);
    this.selected = 0;
    this.connected = false; // this page may see the account
    this.unlocked = true;
    this.prompts = [];
    /** What the person says to the next questions: true, or false (4001). */
    this.answer = () => true;
    this.engines = new Set();
  }
  get address() { return this.keys[this.selected].address.toLowerCase(); }
  get visible() { return this.unlocked && this.connected ? [this.address] : []; }

  /** Into every page of the device. */
  async attach(context) {
    bundle ??= await inpage();
    const ends = new Map();
    await context.exposeBinding('walletOut', ({ page }, text) => {
      if (!ends.has(page)) ends.set(page, this.connectPage(page));
      ends.get(page).write(JSON.parse(text));
    });
    await context.addInitScript({ content: bundle });
  }
  connectPage(page) {
    const [pageEnd, ours] = duplexPair({ objectMode: true });
    pageEnd.on('data', (m) => page.evaluate((text) => window.walletIn?.(text), JSON.stringify(m)).catch(() => undefined));
    const mux = new ObjectMultiplex();
    mux.on('error', () => undefined);
    ours.pipe(mux).pipe(ours);
    const engine = this.engine();
    this.engines.add(engine);
    page.on('close', () => this.engines.delete(engine));
    const stream = createEngineStream({ engine });
    const channel = mux.createStream('metamask-provider');
    stream.pipe(channel).pipe(stream);
    return pageEnd;
  }
  tell(method, params) {
    for (const e of this.engines) e.emit('notification', { jsonrpc: '2.0', method, params });
  }
  choose(i) {
    this.selected = i;
    this.tell('metamask_accountsChanged', this.visible);
  }
  lock() {
    this.unlocked = false;
    this.tell('metamask_unlockStateChanged', { isUnlocked: false });
    this.tell('metamask_accountsChanged', []);
  }
  switchTo(chainId) {
    this.chainId = chainId;
    this.tell('metamask_chainChanged', { chainId, networkVersion: String(Number(chainId)), isConnected: true });
  }
  async person(what) {
    this.prompts.push(what);
    if (!(await this.answer(what))) throw providerErrors.userRejectedRequest();
  }
  async unlock() {
    if (this.unlocked) return;
    await this.person({ kind: 'unlock' });
    this.unlocked = true;
    this.tell('metamask_unlockStateChanged', { isUnlocked: true, accounts: this.visible });
  }
  async requestAccounts() {
    await this.unlock();
    if (!this.connected) await this.person({ kind: 'connect' });
    this.connected = true;
    return this.visible;
  }
  async switchChain({ chainId }) {
    if (!this.chains.has(chainId)) throw providerErrors.custom({ code: 4902, message: `Unrecognized chain ID "${chainId}". Try adding the chain using wallet_addEthereumChain first.` });
    if (chainId !== this.chainId) {
      await this.person({ kind: 'switch', chainId });
      this.switchTo(chainId);
    }
    return null;
  }
  async addChain({ chainId, rpcUrls, chainName, nativeCurrency }) {
    const [url] = rpcUrls;
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !['localhost', '127.0.0.1'].includes(hostname)) throw rpcErrors.invalidParams({ message: 'Expected an array with at least one valid string HTTPS url' });
    if (!chainName || nativeCurrency?.decimals !== 18) throw rpcErrors.invalidParams({ message: 'chain' });
    if ((await ask(url, 'eth_chainId')) !== chainId) throw rpcErrors.invalidParams({ message: 'Chain ID returned by RPC URL does not match' });
    await this.person({ kind: 'add', chainId, url });
    this.chains.set(chainId, url);
    this.switchTo(chainId);
    return null;
  }
  keyOf(address) {
    return this.keys.find((k) => k.address.toLowerCase() === address.toLowerCase());
  }
  secret(address) {
    return Buffer.from(this.keyOf(address).privateKey.slice(2), 'hex');
  }
  async signTyped(m) {
    const data = JSON.parse(m.data);
    if (data.domain.chainId !== undefined && BigInt(data.domain.chainId) !== BigInt(this.chainId)) throw rpcErrors.invalidInput({ message: 'Provided chainId must match the active chainId' });
    await this.person({ kind: 'typed', type: data.primaryType, data });
    return signTypedData({ privateKey: this.secret(m.from), data, version: SignTypedDataVersion.V4 });
  }
  async signText(m) {
    await this.person({ kind: 'text', text: Buffer.from(m.data.slice(2), 'hex').toString() });
    return personalSign({ privateKey: this.secret(m.from), data: m.data });
  }
  async sendTransaction(tx) {
    await this.person({ kind: 'transaction', to: tx.to, data: tx.data });
    const url = this.chains.get(this.chainId);
    const gasPrice = await ask(url, 'eth_gasPrice');
    const raw = await this.keyOf(tx.from).signTransaction({
      to: tx.to, data: tx.data, value: tx.value ?? 0, type: 0, gasPrice, chainId: Number(this.chainId),
      nonce: Number(await ask(url, 'eth_getTransactionCount', [tx.from, 'pending'])), gasLimit: await ask(url, 'eth_estimateGas', [{ from: tx.from, to: tx.to, data: tx.data }]),
    });
    return ask(url, 'eth_sendRawTransaction', [raw]);
  }
  engine() {
    const own = {
      metamask_getProviderState: async () => ({ accounts: this.visible, chainId: this.chainId, isUnlocked: this.unlocked, networkVersion: String(Number(this.chainId)) }),
      eth_requestAccounts: () => this.requestAccounts(),
      eth_chainId: async () => this.chainId,
      wallet_switchEthereumChain: ([p]) => this.switchChain(p),
      wallet_addEthereumChain: ([p]) => this.addChain(p),
    };
    const engine = new JsonRpcEngine();
    engine.push(createAsyncMiddleware(async (req, res, next) => {
      if (own[req.method]) res.result = await own[req.method](req.params ?? []);
      else await next();
    }));
    engine.push(createWalletMiddleware({
      getAccounts: async () => this.visible,
      processTypedMessageV4: (m) => this.signTyped(m),
      processPersonalMessage: (m) => this.signText(m),
      processTransaction: (tx) => this.sendTransaction(tx),
    }));
    engine.push(createAsyncMiddleware(async (req, res) => {
      const url = this.chains.get(this.chainId);
      if (!url) throw providerErrors.chainDisconnected();
      res.result = await ask(url, req.method, req.params ?? []);
    }));
    return engine;
  }
}

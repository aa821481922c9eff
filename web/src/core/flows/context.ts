// SPDX-License-Identifier: Apache-2.0
// What every flow of an unlocked person needs: keys, owner state, certificates, calls through the relay.
import { ageOpen, ageSeal } from '../age/file.js';
import type { Pins } from '../authority.js';
import type { AgeIdentity } from '../age/keys.js';
import { fromHex, toHex, utf8, wipe } from '../codec/bytes.js';
import type { Net } from '../codec/domain.js';
import { Members } from '../codec/text.js';
import { decodeCall, view } from '../chain/registry.js';
import { sendTransaction } from '../chain/tx.js';
import { AbiReader } from '../codec/abi.js';
import { KeySigner } from '../crypto/secp.js';
import type { OpenIdentity } from '../formats/identity.js';
import { cardRead, certificateTyped, forwardTyped, type GrantNote } from '../formats/signed.js';
import { stateMacOf, StatePin, stateProve, stateProved } from '../formats/state-blob.js';
import { type OwnerState, stateEmpty, stateRead, type StateFolder, stateWrite } from '../formats/state.js';
import { stealthKey } from '../formats/stealth.js';
import { type NodeClient, timeOf } from '../net/node.js';
import type { Ask, RequestSigner } from '../net/http.js';
import {
  type Address, type CheckedCard, CoreError, type FlowOptions, type Hash, type Hex, type Mode, type Sent, type Signer, type TypedData,
} from '../types.js';

const DEADLINE_S = 1800;
const GAS_FLOOR = 60_000;
const RELAY_GAS = 14_000_000; // of one batch: below the cap of a transaction (EIP-7825)
const CALLS_MAX = 50;
const RELAY_WAIT_MS = 120_000;
const SEND_TRIES = 20; // while other devices use the same address
const SEND_PAUSE_MS = 40;
const STATE_TRIES = 5;
const CERTIFICATE_S = 400 * 86400 - 3600;
const CERTIFICATE_LEFT_S = 30 * 86400;

const OTHER_CERTIFIER = 'the key card names another certifier: this identity is not the one it was made with';
/** Another device that uses the same address was quicker: its request is on its way, or was mined since the quote. Of what was refused nothing was done. */
const overtaken = (e: unknown): boolean => e instanceof CoreError && (e.code === 'E_CONFLICT' || e.code === 'E_REPLAY');
/** Such a request must carry the account's own signature (docs/formats.md section 9). */
const destroys = (a: Ask): boolean => a.method === 'DELETE' && /\/envelopes\/[^/]+$/.test(a.target);

/** Whoever acts on a folder: the account, or an address made for this one relationship. */
export interface Actor extends RequestSigner {
  readonly address: Address;
}

export class Context {
  readonly account: Address;
  private stateNow: OwnerState | null = null;
  private stateVersion = 0;
  private readonly statePin: StatePin;
  private stateTail: Promise<unknown> = Promise.resolve();
  private readonly keys = new Map<string, KeySigner>();
  private readonly certified = new Map<Address, Promise<void>>();
  private readonly cards = new Map<Address, CheckedCard>();
  private ageIdentity: Promise<AgeIdentity> | null = null;
  isLocked = false;
  /** The account as owner or holder: it signs what it says itself, and its certifier the requests to folders. */
  private readonly ownActor: Actor;

  constructor(
    readonly node: NodeClient,
    readonly identity: OpenIdentity,
    readonly signer: Signer,
    readonly mode: Mode,
    private readonly confirmWallet?: FlowOptions['confirm'],
    pins?: Pins,
  ) {
    this.account = signer.address;
    this.statePin = this.withStateKey((key) => new StatePin(pins, key, this.account));
    this.ownActor = signer.kind === 'page' ? signer : {
      address: signer.address, signTypedData: (t) => signer.signTypedData(t),
      standIn: (a) => (destroys(a) ? Promise.resolve(signer) : this.accountSigner()),
    };
  }
  get net(): Net {
    return this.node.net;
  }
  now(): number {
    return this.node.http.now();
  }
  alive(): void {
    if (this.isLocked) throw new CoreError('E_LOCKED', 'locked');
  }
  lock(): void {
    this.isLocked = true;
    for (const k of this.keys.values()) k.done();
    this.keys.clear();
    void this.ageIdentity?.then((a) => a.done());
    for (const f of this.stateNow?.folders ?? []) for (const e of f.epochs) e.identity.done();
    this.stateNow = null;
    if (this.signer instanceof KeySigner) this.signer.done();
    this.identity.lock();
  }

  // ---- keys ----
  age(): Promise<AgeIdentity> {
    this.alive();
    return (this.ageIdentity ??= this.identity.age());
  }
  private keep(name: string, make: () => Uint8Array): KeySigner {
    this.alive();
    let k = this.keys.get(name);
    if (k === undefined) this.keys.set(name, (k = new KeySigner(make())));
    return k;
  }
  certKey(): KeySigner {
    return this.keep('cert', () => this.identity.key('cert'));
  }
  ownerKey(i: number): KeySigner {
    return this.keep(`owner ${i}`, () => this.identity.ownerKey(i));
  }
  /** Null: the note is not for this identity. */
  holderKey(n: Pick<GrantNote, 'holder' | 'ephemeral' | 'viewTag'>): KeySigner | null {
    const name = `holder ${n.holder}`;
    if (this.keys.has(name)) return this.keys.get(name)!;
    const spend = this.identity.key('spend');
    const viewing = this.identity.key('view');
    const key = stealthKey(spend, viewing, { holder: n.holder, ephemeral: n.ephemeral!, viewTag: n.viewTag! });
    wipe(spend, viewing);
    return key === null ? null : this.keep(name, () => key);
  }
  /** Who signs account matters: a wallet is not asked for each of them once the card names a certifier. */
  async accountSigner(): Promise<RequestSigner> {
    this.alive();
    if (this.signer.kind === 'page' || !this.node.info.relationship) return this.signer;
    const card = await this.cardOf(this.account).catch(() => null);
    const cert = this.certKey();
    return card?.certKey === cert.address ? cert : this.signer;
  }
  actorOfFolder(f: Pick<StateFolder, 'index' | 'owner'>): Actor {
    return f.index === undefined ? this.ownActor : this.ownerKey(f.index);
  }
  actorOfNote(n: GrantNote): Actor {
    if (n.ephemeral === undefined) return this.ownActor;
    const k = this.holderKey(n);
    if (k === null) throw new CoreError('E_MISMATCH', 'grant note: its address is not of this identity');
    return k;
  }
  /** The one who may act on a folder that is known here. */
  async actorOf(folderId: Hash): Promise<Actor> {
    const s = await this.state();
    const own = s.folders.find((f) => f.folderId === folderId);
    if (own !== undefined) return this.actorOfFolder(own);
    const note = s.shared.find((n) => n.folderId === folderId);
    return note === undefined ? this.ownActor : this.actorOfNote(note);
  }

  // ---- cards ----
  async cardOf(account: Address): Promise<CheckedCard> {
    const hash = await this.node.cardHash(account);
    const known = this.cards.get(account);
    if (hash !== null && known?.hash === hash) return known;
    if (hash === null) throw new CoreError('E_NOT_FOUND', 'this account has published no key card');
    // Our own card may be asked for before the certifier is known: the account signs then.
    const signer = account === this.account ? await this.ownCardSigner(hash) : await this.accountSigner();
    const json = await this.node.http.bytes({ method: 'GET', target: `/api/v1/cards/${account}`, signer });
    const card = cardRead(this.net, json, { account, hash });
    this.cards.set(account, card);
    return card;
  }
  private async ownCardSigner(_hash: Hash): Promise<RequestSigner> {
    return this.signer.kind === 'page' || !this.node.info.relationship ? this.signer : this.certKey();
  }
  /** As the person's card says it now; as it was noted where the card cannot be read. */
  async nameOf(person: { account: Address; name: string }): Promise<string> {
    return (await this.cardOf(person.account).catch(() => null))?.name ?? person.name;
  }
  forgetCard(account: Address): void {
    this.cards.delete(account);
  }

  // ---- owner state ----
  async state(): Promise<OwnerState> {
    this.alive();
    if (this.stateNow === null) await this.alone(() => this.fetchState());
    return this.stateNow!;
  }
  /** One after another: two changes of one page must not race. */
  private alone<T>(f: () => Promise<T>): Promise<T> {
    const next = this.stateTail.then(f, f);
    this.stateTail = next.catch(() => undefined);
    return next;
  }
  private withStateKey<T>(f: (key: Uint8Array) => T): T {
    const key = this.identity.stateKey();
    try {
      return f(key);
    } finally {
      wipe(key);
    }
  }
  private async fetchState(): Promise<void> {
    this.statePin.load();
    const r = await this.node.http.send({ method: 'GET', target: '/api/v1/state', signer: await this.accountSigner(), also: [404] });
    if (r.status === 404) {
      this.statePin.check(0);
      [this.stateNow, this.stateVersion] = [stateEmpty(), 0];
      return;
    }
    const version = Number(/^"(\d+)"$/.exec(r.headers.get('ETag') ?? '')?.[1] ?? NaN);
    if (!Number.isSafeInteger(version)) throw new CoreError('E_CORRUPT', 'owner state: no version');
    this.statePin.check(version);
    const blob = new Uint8Array(await r.arrayBuffer());
    const file = this.withStateKey((key) => stateProved(blob, { key, account: this.account, version }));
    this.statePin.saw(version, stateMacOf(blob));
    const plain = await ageOpen(file, await this.age());
    try {
      this.stateNow = await stateRead(plain);
      this.stateVersion = version;
    } finally {
      wipe(plain);
    }
  }
  /** Change and store; change may run again on a newer version, so it must be repeatable. Throwing changes nothing. */
  changeState(change: (s: OwnerState) => void): Promise<OwnerState> {
    return this.alone(async () => {
      for (let i = 0; ; i++) {
        this.alive();
        if (this.stateNow === null) await this.fetchState();
        const s = this.stateNow!;
        try {
          change(s);
          await this.storeState(s);
          return s;
        } catch (e) {
          this.stateNow = null; // it may be half changed
          if (!(e instanceof CoreError) || e.code !== 'E_CONFLICT' || i + 1 === STATE_TRIES) throw e;
        }
      }
    });
  }
  private async storeState(s: OwnerState): Promise<void> {
    const plain = utf8(stateWrite(s));
    const file = await ageSeal(plain, (await this.age()).recipient);
    wipe(plain);
    const body = this.withStateKey((key) => stateProve(file, { key, account: this.account, version: this.stateVersion + 1 }));
    await this.node.http.none({
      method: 'PUT', target: '/api/v1/state', body, headers: { 'If-Match': `"${this.stateVersion}"` }, signer: await this.accountSigner(),
    });
    this.stateVersion++;
    this.statePin.saw(this.stateVersion, stateMacOf(body));
  }
  /** Ask for the state anew at the next use: another device may have changed it. */
  forgetState(): void {
    this.stateNow = null;
  }

  // ---- certificates ----
  /** Before the first request or call of an address made for a relationship. */
  certify(actor: Actor): Promise<void> {
    if (actor.address === this.account) return Promise.resolve();
    let done = this.certified.get(actor.address);
    if (done === undefined) {
      done = this.certifyNow(actor);
      this.certified.set(actor.address, done);
      done.catch(() => this.certified.delete(actor.address));
    }
    return done;
  }
  private async certifyNow(actor: Actor): Promise<void> {
    const { hash, certKey } = await this.cardOf(this.account);
    const cert = this.certKey();
    if (certKey !== cert.address) throw new CoreError('E_MISMATCH', OTHER_CERTIFIER);
    const target = `/api/v1/certificates/${actor.address}`;
    const r = await this.node.http.send({ method: 'GET', target, signer: cert, also: [404] });
    if (r.status === 200) {
      const m = Members.parse(new Uint8Array(await r.arrayBuffer()), 'certificate', 4096);
      if (m.hash('cardHash') === hash && m.num('notAfter') > this.now() + CERTIFICATE_LEFT_S) return;
    }
    const body = utf8(await this.certificateMake(actor, hash));
    await this.node.http.none({ method: 'PUT', target, body, type: 'application/json', signer: cert });
  }

  private async certificateMake(actor: Actor, cardHash: Hash): Promise<string> {
    const c = { account: this.account, member: actor.address, cardHash, notAfter: this.now() + CERTIFICATE_S };
    const t = certificateTyped(this.net, c);
    return JSON.stringify({ ...c, certSignature: this.certKey().signNow(t), memberSignature: await actor.signTypedData(t) });
  }
  /** What readers of a record need to know whose address wrote it; "": the account itself. */
  async certificateOf(actor: Actor, card: CheckedCard): Promise<string> {
    if (actor.address === this.account) return '';
    if (card.certKey !== this.certKey().address) throw new CoreError('E_MISMATCH', OTHER_CERTIFIER);
    return this.certificateMake(actor, card.hash);
  }

  // ---- calls ----
  /** Ask the person, sign, relay, wait until they are mined. E_REVERTED: the contract refuses. */
  async send(actor: Actor, calls: Uint8Array[], o: FlowOptions = {}): Promise<Sent> {
    await this.certify(actor);
    await this.ask(actor, calls, o);
    return this.sendAsked(actor, calls, o);
  }
  private isWalletAsked(actor: Actor): boolean {
    return this.signer.kind === 'wallet' && actor.address === this.account;
  }
  /** Alone where something must be written between the person's yes and the call. E_CANCELLED: they said no. */
  ask(actor: Actor, calls: Uint8Array[], o: FlowOptions): Promise<void> {
    return this.confirm(calls, this.isWalletAsked(actor) && this.confirmWallet !== undefined ? { confirm: this.confirmWallet, ...o } : o);
  }
  /** send() without asking: ask() was answered with yes. */
  async sendAsked(actor: Actor, calls: Uint8Array[], o: FlowOptions = {}): Promise<Sent> {
    await this.certify(actor);
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
    // A wallet would ask the person again each time.
    const tries = this.isWalletAsked(actor) ? 1 : SEND_TRIES;
    for (let left = calls, again = 1; ; again++) {
      const done = { calls: 0 };
      try {
        return await this.sendBatches(actor, left, done);
      } catch (e) {
        if (!overtaken(e) || again === tries) throw e;
      }
      left = left.slice(done.calls);
      await new Promise((go) => setTimeout(go, SEND_PAUSE_MS * (1 + Math.random() * Math.min(again, 8))));
    }
  }
  /** In as many batches as their gas wants; done: how many calls were mined, of a failure too. */
  private async sendBatches(actor: Actor, calls: Uint8Array[], done: { calls: number }): Promise<Sent> {
    const q = await this.quote(actor.address, calls);
    let sent: Sent | null = null;
    for (let i = 0; i < calls.length; i = done.calls) {
      let n = 1;
      for (let gas = q.gas[i]!; i + n < calls.length && n < CALLS_MAX && gas + q.gas[i + n]! <= RELAY_GAS; n++) gas += q.gas[i + n]!;
      sent = await this.relay(actor, calls.slice(i, i + n), q.gas.slice(i, i + n), q.nonce + BigInt(i), q.deadline);
      done.calls += n;
    }
    return sent!;
  }
  async confirm(calls: Uint8Array[], o: FlowOptions): Promise<void> {
    if (o.confirm !== undefined) {
      const shown = calls.flatMap((c) => decodeCall(c, this.net.proxy) ?? []);
      if (!(await o.confirm(shown))) throw new CoreError('E_CANCELLED', 'not confirmed');
    }
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
  }
  /** A registrar's call: its own transaction, since the relayer pays for none. */
  async transact(data: Uint8Array, o: FlowOptions): Promise<Sent> {
    this.alive();
    await this.confirm([data], o);
    return sendTransaction(this.node, this.signer, this.net.proxy, data);
  }
  private async quote(from: Address, calls: Uint8Array[]): Promise<{ gas: number[]; nonce: bigint; deadline: number }> {
    const { proxy, forwarder } = this.node.info;
    const list = await this.node.rpc.all<Hex>([
      this.node.rpc.ethCall(forwarder, toHex(view('nonces', [from]))),
      ...calls.map((c) => ({ method: 'eth_estimateGas', params: [{ from, to: proxy, data: toHex(c) }] })),
    ]);
    const head = await this.node.rpc.call<{ timestamp: Hex }>('eth_getBlockByNumber', ['latest', false]);
    const gas = list.slice(1).map((g) => Math.ceil(Number(g) * 1.25) + GAS_FLOOR);
    const deadline = timeOf(Number(head.timestamp), this.now()) + DEADLINE_S;
    return { gas, nonce: new AbiReader(fromHex(list[0]!), 'nonces').big(0), deadline };
  }
  private async relay(actor: Actor, calls: Uint8Array[], gas: number[], nonce: bigint, deadline: number): Promise<Sent> {
    const { proxy, forwarder } = this.node.info;
    const requests = [];
    for (let i = 0; i < calls.length; i++) {
      const data = toHex(calls[i]!);
      const message = { from: actor.address, to: proxy, value: 0n, gas: BigInt(gas[i]!), nonce: nonce + BigInt(i), deadline: BigInt(deadline), data };
      const signature = await actor.signTypedData(forwardTyped(this.net, forwarder, message) as TypedData);
      requests.push({ from: actor.address, to: proxy, value: '0', gas: gas[i]!, nonce: Number(message.nonce), deadline, data, signature });
    }
    const body = utf8(JSON.stringify({ requests }));
    const m = await this.node.http.members(
      { method: 'POST', target: '/api/v1/relay', body, type: 'application/json', timeoutMs: RELAY_WAIT_MS }, 'relay',
    );
    if (m.objects('results').some((r) => r.v['success'] !== true)) throw new CoreError('E_REVERTED', 'the call was mined, but the contract refused it');
    this.node.rpc.saw(m.num('block'));
    return { tx: m.hash('tx'), block: m.num('block'), gasUsed: m.num('gasUsed') };
  }
}

// SPDX-License-Identifier: Apache-2.0
// A session: the flows, bound to an unlocked person at a node.
import type { Admin, Session, SessionConfig } from './api.js';
import { authorityPinned } from './authority.js';
import { toHex, utf8, wipe } from './codec/bytes.js';
import { randomBytes } from './codec/bytes.js';
import { typedDataDigest } from './codec/abi.js';
import { isPlain } from './codec/text.js';
import { call } from './chain/registry.js';
import { addressOf, KeySigner, publicKeyOf } from './crypto/secp.js';
import { Context } from './flows/context.js';
import { foldersOf, folderOpen, folderRotate, ownFolder } from './flows/folder.js';
import { cardRead, cardText, cardTyped } from './formats/signed.js';
import type { OpenIdentity } from './formats/identity.js';
import { opened } from './identities.js';
import { signIn, signOut } from './sign-in.js';
import { NodeClient } from './net/node.js';
import { LocalStore } from './local.js';
import { MemoryIndex } from './search.js';
import { type Address, type CheckedCard, CoreError, type FlowOptions, type Folder, type Hash, type Role, type Signer, type WalletSigner } from './types.js';

function signerOf(config: SessionConfig): Signer {
  if (config.signer !== undefined) return config.signer;
  const id = opened(config.identity);
  if (id.accountKind !== 'page') throw new CoreError('E_WALLET', "this identity's account is in a wallet: connect it first");
  return new KeySigner(id.key('account'));
}

function isWallet(s: Signer): s is WalletSigner {
  return s.kind === 'wallet';
}

class OpenSession implements Session {
  readonly search = new MemoryIndex();
  readonly local: LocalStore;
  private readonly onLocked = new Set<() => void>();
  constructor(
    readonly node: NodeClient,
    private readonly c: Context,
  ) {
    this.local = new LocalStore(c.identity);
  }
  get account(): Address {
    return this.c.account;
  }
  get mode() {
    return this.c.mode;
  }
  get isLocked(): boolean {
    return this.c.isLocked;
  }
  lock(): void {
    if (this.c.isLocked) return;
    this.c.lock();
    void signOut(this.node);
    this.search.clear();
    for (const f of this.onLocked) f();
  }
  onLock(listener: () => void): () => void {
    this.onLocked.add(listener);
    return () => void this.onLocked.delete(listener);
  }
  now(): number {
    return this.c.now();
  }
  facts() {
    return this.node.account(this.account);
  }

  // ---- cards ----
  async card(): Promise<CheckedCard | null> {
    return this.c.cardOf(this.account).catch((e: unknown) => {
      if (e instanceof CoreError && e.code === 'E_NOT_FOUND') return null;
      throw e;
    });
  }
  cardOf(account: Address) {
    return this.c.cardOf(account);
  }
  async cardPinned(account: Address) {
    return (await import('./flows/pins.js')).cardPinned(await this.c.state(), account);
  }
  async publishCard(name: string, role: Role, o: FlowOptions = {}): Promise<CheckedCard> {
    if (name === '' || !isPlain(name, 200)) throw new CoreError('E_RANGE', 'name: 1 to 200 bytes without control characters');
    const { c } = this;
    const before = await this.card().catch(() => null);
    const age = await c.age();
    const key = (label: 'spend' | 'view') => toHex(publicKeyOf(c.identity.key(label)));
    const card = {
      account: this.account, seq: (before?.seq ?? 0) + 1, ageRecipient: age.recipient, spend: key('spend'), view: key('view'),
      certKey: c.certKey().address, name, role, salt: toHex(randomBytes(32)),
    };
    const t = cardTyped(c.net, card);
    const hash = toHex(typedDataDigest(t));
    const body = utf8(cardText({ ...card, signature: await c.signer.signTypedData(t) }));
    await this.node.http.none({ method: 'PUT', target: `/api/v1/cards/${this.account}`, body, type: 'application/json', signer: c.signer });
    await c.send(c.signer, [call('setKeyCard', [hash])], o);
    c.forgetCard(this.account);
    return c.cardOf(this.account);
  }
  async directory(): Promise<CheckedCard[]> {
    const m = await this.node.http.members({ method: 'GET', target: '/api/v1/directory', signer: await this.c.accountSigner() }, 'directory');
    const out: CheckedCard[] = [];
    const told = m.objects('cards');
    const hashes = await this.node.cardHashes(told.map((x) => x.address('account')));
    for (const [i, x] of told.entries()) {
      const account = x.address('account');
      const hash = hashes[i] ?? null;
      if (hash === null) continue;
      try {
        out.push(cardRead(this.c.net, x, { account, hash }));
      } catch {
        // a card that does not hold is not shown
      }
    }
    return out;
  }

  // ---- folders ----
  folders(): Promise<Folder[]> {
    return foldersOf(this.c);
  }
  private async folder(folderId: Hash): Promise<Folder> {
    const f = (await this.folders()).find((x) => x.folderId === folderId);
    if (f === undefined) throw new CoreError('E_NOT_FOUND', 'no such folder here');
    return f;
  }
  async openFolder(name: string, o: FlowOptions = {}): Promise<Folder> {
    return this.folder(await folderOpen(this.c, name, o));
  }
  rotateFolder(folderId: Hash, o: FlowOptions = {}) {
    return folderRotate(this.c, folderId, o);
  }
  async renameFolder(folderId: Hash, name: string): Promise<void> {
    if (name === '' || name.includes('/') || !isPlain(name, 200)) throw new CoreError('E_RANGE', 'folder name: 1 to 200 bytes without "/"');
    await ownFolder(this.c, folderId);
    await this.c.changeState((s) => {
      if (s.folders.some((f) => f.name === name && f.folderId !== folderId)) throw new CoreError('E_DUPLICATE', `there is a folder "${name}" already`);
      s.folders.find((f) => f.folderId === folderId)!.name = name;
    });
  }
  async leaveFolder(folderId: Hash): Promise<void> {
    await this.c.changeState((s) => {
      s.shared = s.shared.filter((n) => n.folderId !== folderId);
    });
    this.search.drop(folderId);
    await this.local.drop(folderId);
  }

  // ---- records ----
  async *list(folderId: Hash, o: Parameters<Session['list']>[1] = {}) {
    yield* (await import('./flows/read.js')).list(this.c, folderId, o);
  }
  async record(folderId: Hash, recordId: Hash, version?: number) {
    return (await import('./flows/read.js')).record(this.c, folderId, recordId, version);
  }
  async read(item: Parameters<Session['read']>[0], o: FlowOptions = {}) {
    return (await import('./flows/read.js')).read(this.c, item, o);
  }
  async readListed(item: Parameters<Session['read']>[0], o: FlowOptions = {}) {
    return (await import('./flows/read.js')).readListed(this.c, item, o);
  }
  async readSealed(item: Parameters<Session['readSealed']>[0], o: FlowOptions = {}) {
    return (await import('./flows/read.js')).readSealed(this.c, item, o);
  }
  async folderKey(folderId: Hash) {
    return (await import('./flows/export.js')).folderKey(this.c, folderId);
  }
  async plan(files: Blob[], o: FlowOptions = {}) {
    return (await import('./fhir/plan.js')).planFiles(files, o);
  }
  async add(folderId: Hash, items: Parameters<Session['add']>[1], o: FlowOptions = {}) {
    return (await import('./flows/add.js')).add(this.c, folderId, items, o);
  }
  async amend(item: Parameters<Session['amend']>[0], next: Parameters<Session['amend']>[1], o: FlowOptions = {}) {
    return (await import('./flows/add.js')).amend(this.c, item, next, o);
  }
  async setStatus(item: Parameters<Session['setStatus']>[0], status: Parameters<Session['setStatus']>[1], o: FlowOptions = {}) {
    return (await import('./flows/add.js')).setStatus(this.c, item, status, o);
  }
  async erase(item: Parameters<Session['erase']>[0], o: FlowOptions = {}) {
    return (await import('./flows/add.js')).erase(this.c, item, o);
  }

  // ---- sharing ----
  async grant(folderId: Hash, order: Parameters<Session['grant']>[1], o: FlowOptions = {}) {
    return (await import('./flows/share.js')).grant(this.c, folderId, order, o);
  }
  async revoke(folderId: Hash, holder: Address, o: FlowOptions = {}) {
    return (await import('./flows/share.js')).revoke(this.c, folderId, holder, o);
  }
  async grants(folderId: Hash) {
    return (await import('./flows/share.js')).grants(this.c, folderId);
  }
  async accessLog(folderId: Hash) {
    return (await import('./flows/log.js')).readLog(this.c, folderId);
  }
  async scanInbox() {
    const r = await (await import('./flows/inbox.js')).scan(this.c);
    const folders = r.accepted.length > 0 ? await this.folders() : [];
    return { ...r, accepted: folders.filter((f) => r.accepted.some((n) => n.folderId === f.folderId)) };
  }
  async requestAccess(patient: Address, r: Parameters<Session['requestAccess']>[1]) {
    return (await import('./flows/inbox.js')).askSend(this.c, patient, r);
  }
  async requestLink(r: Parameters<Session['requestLink']>[0]) {
    return `${this.node.info.origin}/#/request/${await (await import('./flows/inbox.js')).askMake(this.c, r)}`;
  }
  async takeRequest(text: string) {
    return (await import('./flows/inbox.js')).askTake(this.c, text);
  }
  async requests() {
    return (await import('./flows/inbox.js')).asks(this.c);
  }
  async acceptRequest(r: Parameters<Session['acceptRequest']>[0], folderId: Hash, less: Parameters<Session['acceptRequest']>[2] = {}, o: FlowOptions = {}) {
    return (await import('./flows/accept.js')).accept(this.c, r, folderId, less, o);
  }
  async answerRequest(id: Hash, answer: 'accepted' | 'refused') {
    return (await import('./flows/inbox.js')).askAnswer(this.c, id, answer);
  }

  // ---- registration, export ----
  async askRegistration(r: Parameters<Session['askRegistration']>[0]) {
    return (await import('./flows/registration.js')).askRegistration(this.c, r);
  }
  async ownRegistration() {
    return (await import('./flows/registration.js')).ownRegistration(this.c);
  }
  async withdrawRegistration() {
    return (await import('./flows/registration.js')).endRegistration(this.c, this.account);
  }
  async exportBundle(folderIds: Hash[], o: FlowOptions = {}) {
    return (await import('./flows/export.js')).exportBundle(this.c, folderIds, o);
  }
  async exportAge(folderIds: Hash[], passphrase: string, o: FlowOptions = {}) {
    return (await import('./flows/export.js')).exportAge(this.c, folderIds, passphrase, o);
  }
  get admin(): Admin {
    const load = () => import('./flows/registration.js');
    const { c } = this;
    return {
      register: async (account, role, validUntil, o = {}) => (await load()).register(c, account, role, validUntil, o),
      suspend: async (account, o = {}) => (await load()).suspend(c, account, o),
      reinstate: async (account, o = {}) => (await load()).reinstate(c, account, o),
      accounts: async () => (await load()).accounts(c),
      registrations: async () => (await load()).registrations(c),
      refuse: async (account) => (await load()).endRegistration(c, account),
      upgradeProposal: async (implementation, data) => (await load()).upgradeProposal(c, implementation, data),
    };
  }
}

/** The identity comes from a code or a file, the account from a wallet: the account's card tells whether they belong together. */
async function isOfAccount(session: Session, id: OpenIdentity): Promise<void> {
  const card = await session.card();
  const key = id.key('cert');
  const own = card === null || card.certKey === addressOf(key);
  wipe(key);
  if (own) return;
  session.lock();
  throw new CoreError('E_OTHER_IDENTITY', "the key card of the wallet's account names another identity than the one that was unlocked");
}

export async function openSession(config: SessionConfig): Promise<Session> {
  const { node } = config;
  void import('./wasm/aead.js').then((m) => m.useWasm());
  if (!(node instanceof NodeClient)) throw new CoreError('E_INTERNAL', 'not a node of this core');
  const id = opened(config.identity);
  const authority = config.pins === undefined ? node.info.authority : authorityPinned(node.info, config.pins);
  node.rpc.authority = authority === null ? null : { chainId: node.info.chainId, address: authority };
  if (id.origin.chainId !== node.info.chainId || id.origin.proxy !== node.info.proxy)
    throw new CoreError('E_MISMATCH', 'this identity belongs to another registry than this node serves');
  const mode = config.mode ?? (node.info.relationship ? 'relationship' : 'wallet');
  const signer = signerOf(config);
  if (isWallet(signer)) await signIn(node, signer);
  const session = new OpenSession(node, new Context(node, id, signer, mode, config.confirmWallet, config.pins));
  if (isWallet(signer)) await isOfAccount(session, id);
  return session;
}

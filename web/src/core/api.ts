// SPDX-License-Identifier: Apache-2.0
// The interfaces that index.ts hands out: a node without a person, and a session of an unlocked person.
import type { Pins } from './authority.js';
import type { ScryptOptions } from './crypto/scrypt.js';
import type {
  AcceptOrder, AccessLog, AccessRequest, AccountFacts, AddItem, AddPlan, Added, Address, CheckedCard, Exported, FlowOptions, Folder, GrantOrder, GrantView,
  Hash, Hex, Identity, InboxReport, Mode, NodeInfo, NodeState, Permissions, Profile, RecordBody, RecordItem, RecordStatus, RevokeReport,
  Role, SearchHit, Sent, Signer, Way,
} from './types.js';

/** One node, seen without keys. */
export interface Node {
  readonly info: NodeInfo;
  readonly url: string;
  readonly state: NodeState;
  /** Told when the node goes away, comes back, or is stale. Returns the unsubscriber. */
  onState(listener: (s: NodeState) => void): () => void;
  refresh(): Promise<NodeInfo>;
  account(address: Address): Promise<AccountFacts>;
  /** Facts for "Proof" and the administrator's page: code hash and address of proxy, implementation, admin, owner. */
  contract(): Promise<ContractFacts>;
  health(): Promise<NodeHealth>;
}
export interface ContractFacts {
  proxy: Address;
  implementation: Address;
  proxyAdmin: Address;
  proxyAdminOwner: Address;
  forwarder: Address;
  version: string;
  codeHash: Hash; // of the implementation
  codeBytes: number;
}
export interface NodeHealth {
  ready: boolean;
  reasons: string[];
  head: { number: number; timestamp: number };
  relayerBalance: string | null; // wei
  metrics: Record<string, number>;
}

/** Making and opening of identities. All secrets stay in memory. */
export interface Identities {
  /** A new random identity; with accountKind "page" its account key is made here too. */
  create(node: NodeInfo, accountKind: 'page' | 'wallet'): Promise<Identity>;
  /** Account of an identity with a key of the page; null for a wallet's. */
  accountOf(id: Identity): Address | null;

  addPassphrase(id: Identity, name: string, passphrase: string, o?: ScryptOptions): Promise<Way>;
  /** Asks the platform for a passkey with PRF. CoreError E_UNSUPPORTED where there is none. */
  addPasskey(id: Identity, name: string, userLabel: string): Promise<Way>;
  passkeysSupported(): Promise<boolean>;
  /** Upper-case bech32, 81 characters; the same text goes into the QR code. */
  recoveryCode(id: Identity): { text: string; groups: string[]; way: Way };

  /** accountKind: of the profile; default "page". */
  unlockPassphrase(
    file: Uint8Array,
    passphrase: string,
    o?: ScryptOptions & { accountKind?: 'page' | 'wallet' },
  ): Promise<Identity>;
  unlockPasskey(way: Way, accountKind?: 'page' | 'wallet'): Promise<Identity>;
  /** For this node's network; E_MISMATCH for another's. */
  unlockRecovery(text: string, node: NodeInfo): Promise<Identity>;
  /** Of this identity, in constant time of the page: used at sign-up, where one way is tried at once. */
  isSame(a: Identity, b: Identity): boolean;
}

/** openSession: E_OTHER_IDENTITY when the card of the wallet's account is of another identity. */
export interface SessionConfig {
  node: Node;
  identity: Identity;
  /** The wallet's signer; left out when the identity holds the account's key. */
  signer?: Signer;
  /** Asked before the wallet is, for a call whose flow has no confirm of its own: the wallet shows its bytes only. */
  confirmWallet?: NonNullable<FlowOptions['confirm']>;
  /** Default "relationship" where node.info.relationship, else "wallet". */
  mode?: Mode;
  /** Where this device keeps whom it trusts to sign the chain's blocks and how far it saw the owner state; left out: for this session. */
  pins?: Pins;
}

/** An unlocked person at a node. After lock() every method throws E_LOCKED. */
export interface Session {
  readonly node: Node;
  readonly account: Address;
  readonly mode: Mode;
  readonly isLocked: boolean;
  lock(): void;
  onLock(listener: () => void): () => void;
  /** Typed data that the page's own keys would sign is shown by FlowOptions.confirm; the wallet shows its own. */

  /** Unix seconds by the node's clock: what ends are reckoned from. */
  now(): number;
  facts(): Promise<AccountFacts>;
  /** Own card; null before it was published. */
  card(): Promise<CheckedCard | null>;
  /** Make and publish the key card (first, or with a new name). */
  publishCard(name: string, role: Role, o?: FlowOptions): Promise<CheckedCard>;
  /** Card of another account, checked against the chain. */
  cardOf(account: Address): Promise<CheckedCard>;
  /** Hash of the card by which this account was shared with last; null: never. grant() refuses another one (E_CARD_CHANGED). */
  cardPinned(account: Address): Promise<Hash | null>;
  directory(): Promise<CheckedCard[]>;

  // ---- folders ----
  folders(): Promise<Folder[]>;
  openFolder(name: string, o?: FlowOptions): Promise<Folder>;
  rotateFolder(folderId: Hash, o?: FlowOptions): Promise<{ epoch: number; kept: number }>;
  renameFolder(folderId: Hash, name: string): Promise<void>;
  /** Forget a folder that others shared (their grant stays). */
  leaveFolder(folderId: Hash): Promise<void>;

  // ---- records ----
  /**
   * Pages of checked records, newest first as they come from the node; each page is proved against one block.
   * Removed records are left out unless asked for (the owner may).
   */
  list(folderId: Hash, o?: FlowOptions & { pageSize?: number; removedToo?: boolean }): AsyncGenerator<RecordItem[], void>;
  /** One record, anew. */
  record(folderId: Hash, recordId: Hash, version?: number): Promise<RecordItem>;
  read(item: RecordItem, o?: FlowOptions): Promise<RecordBody>;
  /** The same for an item that this session has just listed: its slot and envelope are not proved a second time. */
  readListed(item: RecordItem, o?: FlowOptions): Promise<RecordBody>;
  /** header || body as a plain .age file; folderKey() opens it. */
  readSealed(item: RecordItem, o?: FlowOptions): Promise<Blob>;
  /** The folder's identities as an age identity file, for `age -d -i`. Ask before. */
  folderKey(folderId: Hash): Promise<string>;

  /** What dropped files would become. Reads them, sends nothing. */
  plan(files: Blob[], o?: FlowOptions): Promise<AddPlan>;
  /** Resumes an upload of the same bytes that was cut. onProgress tells item and stage. */
  add(folderId: Hash, items: AddItem[], o?: FlowOptions): Promise<Added[]>;
  amend(item: RecordItem, next: AddItem, o?: FlowOptions): Promise<Added>;
  setStatus(item: RecordItem, status: RecordStatus, o?: FlowOptions): Promise<Sent>;
  /** Of a removed record of one's own: every version is destroyed at the node. Safe to repeat. */
  erase(item: RecordItem, o?: FlowOptions): Promise<void>;

  // ---- sharing ----
  grant(folderId: Hash, order: GrantOrder, o?: FlowOptions): Promise<GrantView>;
  revoke(folderId: Hash, holder: Address, o?: FlowOptions): Promise<RevokeReport>;
  grants(folderId: Hash): Promise<GrantView[]>;
  accessLog(folderId: Hash): Promise<AccessLog>;
  /** Accept what was shared, gather requests. */
  scanInbox(): Promise<InboxReport>;
  /** To the patient's inbox. */
  requestAccess(patient: Address, r: AskOrder): Promise<void>;
  /** The same as a link for QR: <origin>/#/request/<text>; what stands behind "#" reaches no server. */
  requestLink(r: AskOrder): Promise<string>;
  /** A request that came by link or QR: checked and kept. E_MISMATCH, E_SIGNATURE, E_EXPIRED … */
  takeRequest(linkOrText: string): Promise<AccessRequest>;
  /** All kept requests, newest first. */
  requests(): Promise<AccessRequest[]>;
  /** Grants what was asked for, or less: never wider or longer (E_RANGE). */
  acceptRequest(request: AccessRequest, folderId: Hash, less?: AcceptOrder, o?: FlowOptions): Promise<GrantView>;
  /** To refuse: nobody is told. acceptRequest() accepts. */
  answerRequest(id: Hash, answer: 'accepted' | 'refused'): Promise<void>;

  // ---- registration: who is not registered yet ----
  askRegistration(r: { name: string; role: Role; contact?: string }): Promise<void>;
  ownRegistration(): Promise<RegistrationRequest | null>;
  withdrawRegistration(): Promise<void>;

  // ---- export ----
  /** FHIR Bundle (JSON) of every active record that may be read; those that are no FHIR as DocumentReference with data. */
  exportBundle(folderIds: Hash[], o?: FlowOptions): Promise<Exported>;
  /** The .age files of every active record, with the folder keys as one age file to the passphrase, as a ZIP. */
  exportAge(folderIds: Hash[], passphrase: string, o?: FlowOptions): Promise<Exported>;

  // ---- administration: registrars ----
  readonly admin: Admin;
  readonly search: SearchIndex;
  readonly local: LocalCharts;
}
/** Opened charts kept on this device, sealed under a key of the identity. Gives null, or does nothing, where the browser keeps nothing. */
export interface LocalCharts {
  get(folderId: Hash): Promise<Uint8Array<ArrayBuffer> | null>;
  put(folderId: Hash, clear: Uint8Array<ArrayBuffer>): Promise<boolean>;
  drop(folderId: Hash): Promise<void>;
}

export interface AskOrder {
  /** What the asker calls the folder; "" for any. */
  folder?: string;
  purpose: string;
  permissions: Permissions;
  duration: number; // seconds
  expires?: number; // unix seconds; default in 14 days
}
export interface RegistrationRequest {
  account: Address;
  name: string;
  role: Role;
  contact: string;
  received: number;
}
export interface AccountEntry extends AccountFacts {
  name: string;
  registeredBlock: number;
}
export interface Admin {
  register(account: Address, role: Role, validUntil: number, o?: FlowOptions): Promise<Sent>;
  suspend(account: Address, o?: FlowOptions): Promise<Sent>;
  reinstate(account: Address, o?: FlowOptions): Promise<Sent>;
  /** Everybody who was ever registered, from the chain's events, with card names where the directory has them. */
  accounts(): Promise<AccountEntry[]>;
  /** Who asks to be registered, oldest first; register() ends the request too. */
  registrations(): Promise<RegistrationRequest[]>;
  refuse(account: Address): Promise<void>;
  /** The call for the multisig or timelock that owns the ProxyAdmin: upgradeAndCall, as to and data. */
  upgradeProposal(implementation: Address, data?: Hex): Promise<{ to: Address; from: Address; data: Hex; forwarderUnchanged: boolean }>;
}

/** Over decrypted meta and text; in memory only. */
export interface SearchIndex {
  put(item: RecordItem, entries?: { entry: number | null; text: string }[]): void;
  drop(folderId: Hash, recordId?: Hash): void;
  clear(): void;
  /** What the first query after a change would have to do otherwise: for when nobody waits. */
  prepare(): void;
  /** Every word must begin a word of the record; best first. */
  query(text: string, o?: { folderId?: Hash; limit?: number }): SearchHit[];
  readonly size: number;
}

/** What a device remembers; nothing in it is secret. */
export type { Profile, Way };

// SPDX-License-Identifier: Apache-2.0
// What the pages see of the core: plain data, and the interfaces of a node, a signer and a session.

/** Lower-case hex with 0x. */
export type Hex = `0x${string}`;
export type Address = Hex; // 20 bytes
export type Hash = Hex; // 32 bytes

export type Role = 'patient' | 'practitioner' | 'organisation';
export type Mode = 'relationship' | 'wallet';

// ---- permissions ---------------------------------------------------------------------------------

export const VIEW = 1;
export const ADD = 2;
export const AMEND = 4;
export const REMOVE = 8;
/** Sum of VIEW, ADD, AMEND, REMOVE. */
export type Permissions = number;

// ---- errors --------------------------------------------------------------------------------------

/**
 * Codes: those of the API (E_FORBIDDEN, E_NOT_FOUND, E_EXPIRED, E_CONFLICT, E_REVERTED, E_STALE, E_TOO_LONG, E_THROTTLED …)
 * and those of the page: E_AWAY (node not reachable; nothing was lost), E_CANCELLED (by the user), E_LOCKED (session locked),
 * E_UNKNOWN (no answer came whether a call was mined: it may be, or become so; look before it is repeated),
 * E_REFUSED (wallet: the user said no), E_WALLET (wallet locked, other account or chain), E_PASSPHRASE (wrong way to unlock),
 * E_COST (the fees that the node tells are too high; nothing was signed),
 * E_CLOCK (the node's time is far ahead of this device's), E_HEAD_OLDER (the head went back behind a block that was seen), E_STATE_OLDER (owner state: older than this device saw, or another of that version), E_STATE_UNPROVED (of a program before states were authenticated, or made
 * up: nothing proves that this identity wrote it), E_STATE (its proof is wrong),
 * E_MISMATCH (a check failed: somebody changed what was stored), E_CARD_CHANGED (another key card than the one that is known), E_NO_KEY (no key for this epoch), E_SYNTAX (input cannot be read).
 */
export class CoreError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly detail: {
      /** HTTP status, where there was one. */
      status?: number;
      /** The contract's error, decoded, for E_REVERTED: "StaleEpoch(current=3)". */
      contract?: string;
      requestId?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message);
    this.name = 'CoreError';
  }
}

// ---- progress ------------------------------------------------------------------------------------

export type Stage = 'preparing' | 'encrypting' | 'uploading' | 'stored' | 'confirming' | 'confirmed' | 'reading' | 'checking';
export interface Progress {
  stage: Stage;
  /** Which of several items, from 0; absent for the whole. */
  item?: number;
  items?: number;
  /** Bytes or steps of this stage. */
  done?: number;
  total?: number;
}
/** Every flow takes these. A flow that is aborted before its call is on the way leaves nothing visible. */
export interface FlowOptions {
  signal?: AbortSignal;
  onProgress?: (p: Progress) => void;
  /** Asked before a call is signed, with what it does; false or a throw stops the flow (E_CANCELLED). */
  confirm?: (calls: DecodedCall[]) => Promise<boolean> | boolean;
}

/** A call as it will be signed, in facts that a page can put into words. */
export interface DecodedCall {
  function: string; // "grant", "revoke", "rotateFolder", "addRecord" …
  contract: Address;
  args: { name: string; type: string; value: string }[];
  calldata: Hex;
}

/** What a confirmed call left on the chain. */
export interface Sent {
  tx: Hash;
  block: number;
  gasUsed: number;
}

// ---- node ----------------------------------------------------------------------------------------

export interface Head {
  number: number;
  hash: Hash;
  timestamp: number;
}
export interface NodeInfo {
  name: string;
  version: string;
  chainId: bigint;
  proxy: Address;
  forwarder: Address;
  origin: string;
  nodeAddress: Address;
  /** Whose signature vouches for the blocks of the chain; null: nobody's. */
  authority: Address | null;
  head: Head;
  time: number;
  /** True once the node takes member certificates and derived addresses. */
  relationship: boolean;
}
export type NodeState = 'online' | 'away' | 'stale';

export interface AccountFacts {
  address: Address;
  role: Role | null;
  /** "expired": the registration's end has passed. */
  status: 'none' | 'active' | 'suspended' | 'expired';
  validUntil: number; // unix seconds; 0 = none
  keyCardHash: Hash | null;
  isRegistrar: boolean;
}

export interface KeyCard {
  account: Address;
  seq: number;
  ageRecipient: string;
  spend: Hex;
  view: Hex;
  certKey: Address;
  name: string;
  role: Role;
  salt: Hash;
  signature: Hex;
}
/** A card whose signature was checked and whose digest is the chain's. */
export interface CheckedCard extends KeyCard {
  hash: Hash;
}

// ---- checks (the Proof view) ---------------------------------------------------------------------

/**
 * slot: storage proof of the record against the state root · header: block header hashes to the named block ·
 * source: the block's hash is vouched for (authority's signature, or second source) · envelope: it can be read and is of this place ·
 * commitment: the chain's equals the one computed from the envelope · meta: it opened with the folder's key ·
 * inner: salt, CID and meta are the committed ones · author: the event on the chain names the author ·
 * member: the relationship address belongs to the named account · cid: the body's bytes are those the CID names ·
 * encryption: header and every chunk authenticated · size, sha256: of the plaintext, as meta says.
 */
export type CheckId =
  | 'slot' | 'header' | 'source' | 'envelope' | 'commitment' | 'meta' | 'inner' | 'author' | 'member'
  | 'cid' | 'encryption' | 'size' | 'sha256' | 'log-chain' | 'log-head' | 'log-signatures';
export interface Check {
  id: CheckId;
  state: 'passed' | 'failed' | 'not-checked';
  /** English, one sentence; pages translate by id and state. */
  text: string;
}
/** Raw facts for "Proof" and "Advanced". */
export interface Proof {
  checks: Check[];
  facts: {
    contract: Address;
    chainId: string;
    folderId: Hash;
    recordId: Hash;
    version: number;
    epoch: number;
    author: Address;
    commitment: Hex;
    inner: Hash;
    cid: string;
    tx: Hash;
    block: number;
    time: number;
    /** Block against which the slot was proved. */
    provedAt: Head | null;
    storageSlot: Hash;
  };
}

// ---- identity and ways to unlock -----------------------------------------------------------------

export type WayKind = 'passphrase' | 'passkey' | 'recovery';
/** A way to unlock, kept on this device (IndexedDB) as an age file. The recovery code is a way without a file. */
export interface Way {
  kind: WayKind;
  name: string; // given by the user: "passphrase", "this phone"
  created: number; // unix seconds
  /** The age file; offered for download too. Null for a recovery code. */
  file: Uint8Array | null;
  /** Passkey: base64url of the credential id, for allowCredentials. */
  credentialId?: string;
}
/** Somebody who can be unlocked on this device. Nothing of it is secret. */
export interface Profile {
  account: Address;
  accountKind: 'page' | 'wallet';
  /** Name of the wallet (EIP-6963 rdns) that holds the account's key. */
  walletRdns?: string;
  chainId: string;
  proxy: Address;
  label: string; // what the user called it
  mode: Mode;
  ways: Way[];
}
export interface ProfileStore {
  list(): Promise<Profile[]>;
  put(p: Profile): Promise<void>;
  remove(account: Address): Promise<void>;
}

/** The identity, unlocked. Secret; wiped by lock(). */
export interface Identity {
  readonly kind: 'identity';
  readonly accountKind: 'page' | 'wallet';
  readonly isLocked: boolean;
  lock(): void;
}

// ---- signers -------------------------------------------------------------------------------------

export interface TypedData {
  domain: { name: string; version: string; chainId: bigint; verifyingContract: Address };
  primaryType: string;
  types: Record<string, { name: string; type: string }[]>;
  /** Numbers as bigint, bytes as Hex. */
  message: Record<string, unknown>;
}
export interface Signer {
  readonly address: Address;
  readonly kind: 'page' | 'wallet';
  /** 65 bytes r‖s‖v as hex, low s, v 27 or 28. */
  signTypedData(data: TypedData): Promise<Hex>;
}

/** An EIP-1193 provider, as announced by EIP-6963. */
export interface Eip1193 {
  request(args: { method: string; params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (arg: unknown) => void): void;
  removeListener?(event: string, listener: (arg: unknown) => void): void;
}
export interface Wallet {
  rdns: string;
  name: string;
  icon: string; // data: URL
  uuid: string;
  provider: Eip1193;
}
export interface WalletSigner extends Signer {
  readonly kind: 'wallet';
  readonly wallet: Wallet;
  /** The wallet pays and asks; the transaction's hash. */
  sendTransaction(to: Address, data: Hex): Promise<Hash>;
  /** personal_sign, for ERC-4361. */
  signMessage(text: string): Promise<Hex>;
  /** account: other account or none (locked); chain: other chain; gone: disconnected. */
  onChange(listener: (what: 'account' | 'chain' | 'gone') => void): () => void;
}

// ---- folders, records, grants --------------------------------------------------------------------

export interface Folder {
  folderId: Hash;
  name: string;
  owner: Address;
  mine: boolean;
  /** Of the owner's card; own name for own folders. */
  ownerName: string;
  ownerAccount: Address;
  epoch: number;
  /** What this session may do now; 15 for own folders; 0 when the grant is over. */
  permissions: Permissions;
  notBefore: number;
  notAfter: number; // 0 for own folders
  state: 'live' | 'not-yet' | 'expired' | 'revoked' | 'suspended';
}

export type RecordStatus = 'active' | 'entered-in-error' | 'removed';
/** What meta tells of a record: every field was checked against the commitment on the chain. */
export interface Meta {
  title: string;
  category: string; // slug of src/fhir/categories.def, "" if none
  categoryText: string;
  typeCode: string; // LOINC
  typeText: string;
  docStatus: string;
  date: string; // instant of writing
  creation: string; // clinical date, FHIR dateTime, "" if unknown
  contentType: string;
  fileName: string;
  size: number;
  sha256: Hash;
  authorName: string;
  authorAccount: Address;
  authorCard: Hash;
  /** JSON text of the member certificate by which the address on the chain is that account's; "": none. */
  authorCertificate: string;
}
/**
 * proved: the signer acts for the account that meta names, whose card has that name; renamed: so it does, but the card has another
 * name, one of before or a false one; said: nothing says whose address the signer is, or its name: meta's own word; owner: the folder's
 * owner signed somebody's document; other: the signer is somebody else, or the certificate is false.
 */
export type AuthorVerdict = 'proved' | 'renamed' | 'said' | 'owner' | 'other';
export interface Author {
  verdict: AuthorVerdict;
  /** proved, renamed: the name on the account's card; other: what this account calls the signer, or "". */
  signer: string;
}
export interface RecordItem {
  folderId: Hash;
  recordId: Hash;
  version: number;
  status: RecordStatus;
  /** Null when the record could not be checked: see error. */
  meta: Meta | null;
  error: { code: string; message: string } | null;
  /** Whether meta names who signed; null without meta. */
  author: Author | null;
  block: number;
  time: number;
  tx: Hash;
  proof: Proof;
  /** Versions there are, oldest first. */
  history: { version: number; epoch: number; author: Address; block: number; time: number; tx: Hash }[];
}
export interface RecordBody {
  item: RecordItem;
  /** Present up to 64 MiB; larger ones come as blob only. */
  bytes: Uint8Array | null;
  blob: Blob;
  /** item.proof with cid, encryption, size and sha256 judged. */
  proof: Proof;
}

/** What was taken out, and what was not. */
export interface Exported {
  blob: Blob;
  /** Records in it. */
  records: number;
  /** Records that are marked as entered in error: left out. Removed ones are not counted. */
  inError: number;
  /** In it by their descriptions only: too large to stand in a FHIR bundle. */
  large: { recordId: Hash; title: string }[];
  /** Left out, since they did not pass a check or could not be opened; title: "" if unknown. */
  failed: { recordId: Hash; title: string; code: string }[];
}
export interface GrantView {
  holder: Address;
  /** Null when the owner state knows nothing of this holder. */
  account: Address | null;
  name: string;
  permissions: Permissions;
  notBefore: number;
  notAfter: number;
  status: 'active' | 'not-yet' | 'expired' | 'revoked';
  generation: number;
  block: number;
  time: number;
}
export interface GrantOrder {
  account: Address;
  name?: string; // what the owner calls the grantee; default the card's
  /** Hash of the card that was seen or scanned; another card is refused (E_CARD_CHANGED). */
  pinnedCard?: Hash | undefined;
  /** Hash of a card that is not the one of before, which the person compared with its owner; without it such a card is refused (E_CARD_CHANGED). */
  comparedCard?: Hash | undefined;
  permissions: Permissions;
  notBefore?: number; // default now
  notAfter?: number; // default in 90 days
}
/** Less than what a request asks for: left out, all of it. */
export interface AcceptOrder extends Pick<GrantOrder, 'comparedCard'> {
  permissions?: Permissions;
  notAfter?: number;
}
/** What "stop sharing" did, in the order the page tells it. */
export interface RevokeReport {
  sent: Sent | null;
  /** New versions and records are sealed with the key of this epoch. */
  newEpoch: number;
  /** How many others stay and got the new key. */
  kept: number;
  /** What the holder had opened before, by the access log; newest first. */
  opened: { recordId: Hash | null; title: string; time: number }[];
  logChecked: boolean;
}

export interface AccessEntry {
  seq: number;
  time: number;
  signer: Address;
  /** Owner or holder whose right was used: the signer, or the account that its certifier signed for. */
  who: Address;
  /** Name from owner state or card, "" if unknown. */
  name: string;
  action: string;
  method: string;
  /** Of more than 256 bytes the first 256, which the node says; the signature is over the hash of the whole. */
  target: string;
  record: Hash | null;
  outcome: 'released' | 'refused' | 'stored';
  reason: string;
  /** The request's signature is the signer's over exactly this request; null where the log lacks the hash of its body. */
  signed: boolean | null;
}
export interface AccessLog {
  entries: AccessEntry[]; // newest first
  checks: Check[]; // log-chain, log-head, log-signatures
}

/** A request for access, checked: signature, card, time. It comes by link, QR or the patient's inbox. */
export interface AccessRequest {
  id: Hash;
  account: Address;
  cardHash: Hash;
  name: string; // of the card
  role: Role;
  folder: string; // what the asker calls it
  purpose: string;
  permissions: Permissions;
  duration: number; // seconds
  expires: number; // unix seconds: the request, not the grant
  received: number;
  answer: 'open' | 'accepted' | 'refused';
  text: string;
}
export interface InboxReport {
  /** Folders newly shared or changed. */
  accepted: Folder[];
  requests: AccessRequest[];
  thrownAway: number;
  /** Shares of before whose note in the owner state cannot be read. */
  unread: number;
}

// ---- adding --------------------------------------------------------------------------------------

export interface AddItem {
  title: string;
  contentType: string;
  fileName: string;
  category: string;
  creation: string;
  size: number;
  data: Blob;
  /** Of a FHIR Bundle: how many entries went into this record. */
  entries?: number;
}
export interface AddPlan {
  items: AddItem[];
  /** What could not be read: file, entry number, why (no content). */
  unreadable: { file: string; entry: number | null; reason: string }[];
}
export interface Added {
  recordId: Hash;
  version: number;
  /** Null: the chain holds it, but no answer told by which transaction. */
  sent: Sent | null;
  size: number;
  bodySize: number;
}

// ---- search --------------------------------------------------------------------------------------

export interface SearchHit {
  recordId: Hash;
  folderId: Hash;
  /** Index of the entry inside a Bundle record, or null for the record itself. */
  entry: number | null;
  score: number;
}

// SPDX-License-Identifier: Apache-2.0
// Everything of docs/formats.md that is signed by EIP-712: as typed data, as JSON or RLP, and back.
import { AgeIdentity, recipientRead } from '../age/keys.js';
import { typedDataDigest } from '../codec/abi.js';
import { base64url, type Bytes, fromBase64url, fromHex, randomBytes, toHex, utf8 } from '../codec/bytes.js';
import { keyHashOf, type Net, ZERO_HASH } from '../codec/domain.js';
import { RlpFields, rlpEncode, rlpInt } from '../codec/rlp.js';
import { isPlain, Members } from '../codec/text.js';
import { sha256Now } from '../crypto/kdf.js';
import { isSignedBy } from '../crypto/secp.js';
import { FORWARD_FIELDS } from '../chain/registry.js';
import { type Address, CoreError, type Hash, type Hex, type KeyCard, type Role, type TypedData } from '../types.js';

function fieldsOf(list: string): { name: string; type: string }[] {
  return list.split(',').map((f) => {
    const [type, name] = f.split(' ') as [string, string];
    return { name, type };
  });
}
const TYPES = {
  KeyCard: 'address account,uint32 seq,string ageRecipient,bytes spend,bytes view,address certKey,string name,string role,bytes32 salt',
  FolderKey: 'bytes32 folderId,uint32 epoch,string recipient,bytes32 prevKeyHash',
  WrapNote: 'bytes32 folderId,address holder,address account,bytes32 cardHash,bytes32 wrapSha256',
  GrantNote:
    'bytes32 folderId,address owner,address holder,address account,address ownerAccount,bytes32 ownerCardHash,string folderName,' +
    'uint8 permissions,uint64 notBefore,uint64 notAfter,uint64 issued',
  MemberCertificate: 'address account,address member,bytes32 cardHash,uint64 notAfter',
  VaultRequest: 'address signer,string origin,string method,string target,bytes32 bodySha256,bytes32 nonce,uint64 issuedAt',
  LogHead: 'bytes32 folderId,uint64 seq,bytes32 leaf,uint64 time',
  AccessRequest:
    'address account,bytes32 cardHash,string folder,string purpose,uint8 permissions,uint64 duration,uint64 expires,bytes32 nonce',
};
export function typed(net: Net, type: keyof typeof TYPES, message: object): TypedData {
  return {
    domain: { name: 'ehrd', version: '1', chainId: net.chainId, verifyingContract: net.proxy },
    primaryType: type,
    types: { [type]: fieldsOf(TYPES[type]) },
    message: message as Record<string, unknown>,
  };
}
export function forwardTyped(net: Net, forwarder: Address, message: object): TypedData {
  return {
    domain: { name: 'ehrd forwarder', version: '1', chainId: net.chainId, verifyingContract: forwarder },
    primaryType: 'ForwardRequest',
    types: { ForwardRequest: FORWARD_FIELDS },
    message: message as Record<string, unknown>,
  };
}

// ---- key card ------------------------------------------------------------------------------------

const CARD_MEMBERS = ['account', 'seq', 'ageRecipient', 'spend', 'view', 'certKey', 'name', 'role', 'salt', 'signature'];
const CARD_ROLES = ['patient', 'practitioner', 'organisation'];

export function cardTyped(net: Net, c: Omit<KeyCard, 'signature'>): TypedData {
  return typed(net, 'KeyCard', c);
}
export function cardText(c: KeyCard): string {
  return JSON.stringify(Object.fromEntries(CARD_MEMBERS.map((k) => [k, c[k as keyof KeyCard]])));
}
/** Reads and checks a card: form, signature, and that its digest is the one on the chain. */
export function cardRead(net: Net, source: Uint8Array | Members, want: { account: Address; hash: Hash }): KeyCard & { hash: Hash } {
  const m = (source instanceof Members ? source : Members.parse(source, 'key card', 4096)).only(CARD_MEMBERS);
  const role = m.str('role');
  if (!CARD_ROLES.includes(role)) m.fail('role');
  const card: KeyCard = {
    account: m.address('account'), seq: m.num('seq', 0xffffffff), ageRecipient: m.str('ageRecipient'), spend: m.hex('spend', 33),
    view: m.hex('view', 33), certKey: m.address('certKey'), name: m.plain('name', 200, 1), role: role as Role, salt: m.hash('salt'),
    signature: m.hex('signature', 65),
  };
  recipientRead(card.ageRecipient);
  const t = cardTyped(net, card);
  const hash = toHex(typedDataDigest(t));
  if (!isSignedBy(t, card.signature, card.account)) throw new CoreError('E_SIGNATURE', "key card: the signature is not the account's");
  if (card.account !== want.account) throw new CoreError('E_MISMATCH', 'key card: of another account');
  if (hash !== want.hash) throw new CoreError('E_MISMATCH', 'key card: its hash is not the one on the chain');
  return { ...card, hash };
}

// ---- folder key ----------------------------------------------------------------------------------

export interface FolderKey {
  folderId: Hash;
  epoch: number;
  recipient: string;
  prevKeyHash: Hash;
  signature: Hex;
}
export function folderKeyTyped(net: Net, k: Omit<FolderKey, 'signature'>): TypedData {
  return typed(net, 'FolderKey', k);
}
export function folderKeyRead(m: Members): FolderKey {
  m.only(['folderId', 'epoch', 'recipient', 'prevKeyHash', 'signature']);
  const k = {
    folderId: m.hash('folderId'), epoch: m.num('epoch', 0xffffffff), recipient: m.str('recipient'), prevKeyHash: m.hash('prevKeyHash'),
    signature: m.hex('signature', 65),
  };
  recipientRead(k.recipient);
  return k;
}
/** The chain of keys up to the one on the chain. keys: oldest first; one of the next epoch may wait at the end. */
export function folderKeysCheck(net: Net, folderId: Hash, keys: FolderKey[], owner: Address, epoch: number, keyHash: Hash): FolderKey[] {
  const list = keys.slice(0, epoch);
  let prev = ZERO_HASH;
  list.forEach((k, i) => {
    if (k.folderId !== folderId || k.epoch !== i + 1 || k.prevKeyHash !== prev)
      throw new CoreError('E_MISMATCH', `folder key ${i + 1}: breaks the chain of key hashes`);
    if (!isSignedBy(folderKeyTyped(net, k), k.signature, owner))
      throw new CoreError('E_SIGNATURE', `folder key of epoch ${k.epoch}: not signed by the folder's owner`);
    prev = keyHashOf(net, folderId, k.epoch, k.recipient, prev);
  });
  if (list.length !== epoch || prev !== keyHash)
    throw new CoreError('E_MISMATCH', `folder key of epoch ${list.length}: its hash is not the one on the chain (epoch ${epoch})`);
  return list;
}

// ---- wrap ----------------------------------------------------------------------------------------

export interface EpochKey {
  epoch: number;
  identity: AgeIdentity;
}
export function wrapText(folderId: Hash, keys: EpochKey[]): string {
  return keys.map((k) => `# folder ${folderId} epoch ${k.epoch}\n${k.identity.text()}\n`).join('');
}
export async function wrapTextRead(text: string, folderId: Hash, max: number): Promise<EpochKey[]> {
  const lines = text.replace(/\n$/, '').split('\n');
  const out: EpochKey[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const m = /^# folder (0x[0-9a-fA-F]{64}) epoch (\d{1,9})$/.exec(lines[i]!);
    if (m === null || m[1]!.toLowerCase() !== folderId || lines[i + 1] === undefined) throw new CoreError('E_MISMATCH', 'wrap: not of this folder');
    const epoch = Number(m[2]);
    if (out.length === max || epoch <= (out.at(-1)?.epoch ?? 0)) throw new CoreError('E_RANGE', 'wrap: epochs are not in order');
    out.push({ epoch, identity: await AgeIdentity.read(lines[i + 1]!) });
  }
  return out;
}
export interface WrapNote {
  folderId: Hash;
  holder: Address;
  account: Address;
  cardHash: Hash;
  wrap: Uint8Array;
}
export const WRAP_NOTE_MAX = 256 << 10;
export function wrapNoteTyped(net: Net, n: WrapNote): TypedData {
  return typed(net, 'WrapNote', { ...n, wrapSha256: sha256Now(n.wrap) });
}
export function wrapNoteWrite(n: WrapNote, signature: Hex): Bytes {
  const f = (h: Hex): Bytes => fromHex(h);
  return rlpEncode([utf8('ehrd/wrap/v1'), f(n.folderId), f(n.holder), f(n.account), f(n.cardHash), n.wrap, f(signature)]);
}
export function wrapNoteRead(net: Net, b: Uint8Array, owner: Address): WrapNote {
  if (b.length > WRAP_NOTE_MAX) throw new CoreError('E_TOO_LONG', 'wrap note');
  const r = new RlpFields(b, 'wrap note');
  r.tag('ehrd/wrap/v1');
  const n: WrapNote = {
    folderId: toHex(r.fixed(32)), holder: toHex(r.fixed(20)), account: toHex(r.fixed(20)), cardHash: toHex(r.fixed(32)), wrap: r.bytes(),
  };
  const signature = toHex(r.fixed(65));
  r.end();
  if (!isSignedBy(wrapNoteTyped(net, n), signature, owner)) throw new CoreError('E_SIGNATURE', "wrap note: not signed by the folder's owner");
  return n;
}

// ---- grant note ----------------------------------------------------------------------------------

export interface GrantNote {
  folderId: Hash;
  holder: Address;
  owner: Address;
  account: Address;
  ownerAccount: Address;
  ownerCardHash: Hash;
  ownerName: string;
  folderName: string;
  permissions: number;
  notBefore: number;
  notAfter: number;
  issued: number;
  ephemeral?: Hex;
  viewTag?: number;
  ownerSignature: Hex;
  certSignature: Hex;
}
export const NOTE_MAX = 16 << 10;
export function grantNoteTyped(net: Net, n: Omit<GrantNote, 'ownerSignature' | 'certSignature'>): TypedData {
  return typed(net, 'GrantNote', n);
}
export function grantNoteObject(n: GrantNote): object {
  return {
    ehrd: 'grant-note/v1', folderId: n.folderId, holder: n.holder, owner: n.owner, account: n.account, ownerAccount: n.ownerAccount,
    ownerCardHash: n.ownerCardHash, ownerName: n.ownerName, folderName: n.folderName, permissions: n.permissions, notBefore: n.notBefore,
    notAfter: n.notAfter, issued: n.issued, ...(n.ephemeral === undefined ? {} : { ephemeral: n.ephemeral, viewTag: n.viewTag }),
    ownerSignature: n.ownerSignature, certSignature: n.certSignature,
  };
}
/** Form only: who believes it checks more (flows/inbox.ts). */
export function grantNoteRead(m: Members): GrantNote {
  m.tag('grant-note/v1');
  if (m.has('ephemeral') !== m.has('viewTag')) m.fail('ephemeral', 'and viewTag belong together');
  const folderName = m.plain('folderName', 200, 1);
  if (folderName.includes('/')) m.fail('folderName', 'holds "/"');
  return {
    folderId: m.hash('folderId'), holder: m.address('holder'), owner: m.address('owner'), account: m.address('account'),
    ownerAccount: m.address('ownerAccount'), ownerCardHash: m.hash('ownerCardHash'), ownerName: m.plain('ownerName', 200, 1), folderName,
    permissions: m.num('permissions', 255), notBefore: m.num('notBefore'), notAfter: m.num('notAfter'), issued: m.num('issued'),
    ...(m.has('ephemeral') ? { ephemeral: m.hex('ephemeral', 33), viewTag: m.num('viewTag', 255) } : {}),
    ownerSignature: m.hex('ownerSignature', 65), certSignature: m.hex('certSignature', 65),
  };
}

// ---- member certificate --------------------------------------------------------------------------

export interface Certificate {
  account: Address;
  member: Address;
  cardHash: Hash;
  notAfter: number;
  certSignature: Hex;
  memberSignature: Hex;
}
export const CERTIFICATE_MAX = 1 << 10;
export function certificateTyped(net: Net, c: Omit<Certificate, 'certSignature' | 'memberSignature'>): TypedData {
  return typed(net, 'MemberCertificate', c);
}
/** Every member, no other, within its bounds. Signatures are not checked. */
export function certificateRead(json: string): Certificate {
  if (utf8(json).length > CERTIFICATE_MAX) throw new CoreError('E_TOO_LONG', 'certificate');
  const m = Members.parse(json, 'certificate', CERTIFICATE_MAX).only(['account', 'member', 'cardHash', 'notAfter', 'certSignature', 'memberSignature']);
  const c = {
    account: m.address('account'), member: m.address('member'), cardHash: m.hash('cardHash'), notAfter: m.num('notAfter'),
    certSignature: m.hex('certSignature', 65), memberSignature: m.hex('memberSignature', 65),
  };
  if (c.account === c.member || c.notAfter === 0) throw new CoreError('E_RANGE', 'certificate: notAfter, or the member is the account');
  return c;
}
/** Signed by both; that it is over by now is not looked at. */
export function certificateVerify(net: Net, c: Certificate, certKey: Address): boolean {
  const t = certificateTyped(net, c);
  return isSignedBy(t, c.certSignature, certKey) && isSignedBy(t, c.memberSignature, c.member);
}

// ---- request for access --------------------------------------------------------------------------

export interface AccessAsk {
  account: Address;
  cardHash: Hash;
  folder: string;
  purpose: string;
  permissions: number;
  duration: number; // seconds
  expires: number; // unix seconds
  nonce: Hash;
  signature: Hex;
}
const TEN_YEARS = 10 * 366 * 86400;
export function askTyped(net: Net, a: Omit<AccessAsk, 'signature'>): TypedData {
  return typed(net, 'AccessRequest', a);
}
export function askId(net: Net, a: AccessAsk): Hash {
  return toHex(typedDataDigest(askTyped(net, a)));
}
/** base64url of the RLP list. */
export function askText(a: AccessAsk): string {
  return base64url(
    rlpEncode([
      utf8('ehrd/request/v1'), fromHex(a.account), fromHex(a.cardHash), utf8(a.folder), utf8(a.purpose), rlpInt(a.permissions),
      rlpInt(a.duration), rlpInt(a.expires), fromHex(a.nonce), fromHex(a.signature),
    ]),
  );
}
/** The text, or a link that ends with it. Form and bounds only. */
export function askRead(source: string): AccessAsk {
  const text = source.trim().split('#/request/').at(-1)!;
  if (text.length > 2800) throw new CoreError('E_TOO_LONG', 'request for access');
  const r = new RlpFields(fromBase64url(text), 'request for access');
  r.tag('ehrd/request/v1');
  const a: AccessAsk = {
    account: toHex(r.fixed(20)), cardHash: toHex(r.fixed(32)), folder: r.text(), purpose: r.text(), permissions: r.int(15),
    duration: r.int(TEN_YEARS), expires: r.int(), nonce: toHex(r.fixed(32)), signature: toHex(r.fixed(65)),
  };
  r.end();
  const ok = isPlain(a.folder, 200) && isPlain(a.purpose, 500) && a.purpose !== '' && a.permissions >= 1 && a.duration >= 1;
  if (!ok) throw new CoreError('E_RANGE', 'request for access: a field is out of its bounds');
  return a;
}
export function newNonce(): Hash {
  return toHex(randomBytes(32));
}

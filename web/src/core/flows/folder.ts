// SPDX-License-Identifier: Apache-2.0
// Folders: what one has of them, opening, keys of epochs, wraps.
import { ageOpen, ageSeal } from '../age/file.js';
import { AgeIdentity } from '../age/keys.js';
import { toHex, utf8, wipe } from '../codec/bytes.js';
import { folderIdOf, keyHashOf, ZERO_HASH } from '../codec/domain.js';
import { isPlain } from '../codec/text.js';
import { randomBytes } from '../codec/bytes.js';
import { call, type FolderRow } from '../chain/registry.js';
import {
  type EpochKey, type FolderKey, folderKeyRead, folderKeysCheck, folderKeyTyped, wrapNoteRead, wrapNoteTyped, wrapNoteWrite, wrapText, wrapTextRead,
} from '../formats/signed.js';
import type { StateEpoch, StateFolder } from '../formats/state.js';
import { type Address, CoreError, type FlowOptions, type Folder, type Hash, type Sent, VIEW } from '../types.js';
import type { Actor, Context } from './context.js';

const EPOCHS_MAX = 100_000;

/** What this session has of a folder: facts, checked keys, identities by epoch. */
export interface Access {
  folderId: Hash;
  facts: FolderRow;
  actor: Actor;
  keys: FolderKey[];
  ids: EpochKey[];
  mine: boolean;
  /** Why there are no identities. */
  why: CoreError | null;
}
export function folderPath(folderId: Hash, rest = ''): string {
  return `/api/v1/folders/${folderId}${rest}`;
}
export function identityOf(a: Access, epoch: number): AgeIdentity {
  const k = a.ids.find((x) => x.epoch === epoch);
  if (k === undefined) throw a.why ?? new CoreError('E_NO_KEY', `no key of epoch ${epoch} of this folder`);
  return k.identity;
}
/** The recipient that new records are sealed to. */
export function recipientOf(a: Access): string {
  return a.keys.at(-1)!.recipient;
}

async function keysLoad(c: Context, folderId: Hash, actor: Actor, facts: FolderRow): Promise<FolderKey[]> {
  const m = await c.node.http.members({ method: 'GET', target: folderPath(folderId, '/keys'), signer: actor }, 'folder keys');
  const keys = m.objects('keys', EPOCHS_MAX).map(folderKeyRead);
  return folderKeysCheck(c.net, folderId, keys, facts.owner, facts.epoch, facts.keyHash);
}
async function idsOfWrap(c: Context, folderId: Hash, actor: Actor, facts: FolderRow): Promise<EpochKey[] | CoreError> {
  let bytes: Uint8Array;
  try {
    bytes = await c.node.http.bytes({ method: 'GET', target: folderPath(folderId, `/wraps/${actor.address}`), signer: actor });
  } catch (e) {
    if (e instanceof CoreError && ['E_FORBIDDEN', 'E_NOT_FOUND', 'E_EXPIRED'].includes(e.code)) return e;
    throw e;
  }
  const n = wrapNoteRead(c.net, bytes, facts.owner);
  if (n.folderId !== folderId || n.holder !== actor.address || n.account !== c.account) throw new CoreError('E_MISMATCH', 'wrap note: made for somebody else');
  const plain = await ageOpen(n.wrap, await c.age());
  try {
    return await wrapTextRead(new TextDecoder().decode(plain), folderId, facts.epoch);
  } finally {
    wipe(plain);
  }
}

const cache = new WeakMap<Context, Map<Hash, Access>>();
/** Facts are asked for anew each time; keys only when the epoch has moved on. A refusal of VIEW is no failure here. */
export async function accessOpen(c: Context, folderId: Hash): Promise<Access> {
  const s = await c.state();
  const own = s.folders.find((f) => f.folderId === folderId);
  const note = s.shared.find((n) => n.folderId === folderId);
  const actor = await c.actorOf(folderId);
  const facts = await c.node.folder(folderId);
  const mine = facts.owner === actor.address;
  if ((own !== undefined && !mine) || (note !== undefined && own === undefined && facts.owner !== note.owner))
    throw new CoreError('E_MISMATCH', 'the folder has another owner than the one it was opened or shared by');
  const known = cache.get(c)?.get(folderId);
  if (known !== undefined && known.facts.keyHash === facts.keyHash && known.ids.length > 0 && known.actor.address === actor.address && mine)
    return { ...known, facts };
  await c.certify(actor);
  const keys = await keysLoad(c, folderId, actor, facts);
  const fromState = own !== undefined && mine ? own.epochs.filter((e) => e.epoch <= facts.epoch).map((e) => ({ epoch: e.epoch, identity: e.identity })) : null;
  const ids = fromState ?? (await idsOfWrap(c, folderId, actor, facts));
  const list = ids instanceof CoreError ? [] : ids;
  for (const k of list)
    if (keys[k.epoch - 1]?.recipient !== k.identity.recipient) throw new CoreError('E_MISMATCH', `identity of epoch ${k.epoch}: not of the folder's key`);
  const out: Access = { folderId, facts, actor, keys, ids: list, mine, why: ids instanceof CoreError ? ids : null };
  if (!cache.has(c)) cache.set(c, new Map());
  cache.get(c)!.set(folderId, out);
  return out;
}

// ---- keys ----------------------------------------------------------------------------------------

async function epochMake(c: Context, folderId: Hash, epoch: number, prev: Hash): Promise<StateEpoch> {
  const identity = await AgeIdentity.generate();
  return { epoch, identity, keyHash: keyHashOf(c.net, folderId, epoch, identity.recipient, prev) };
}
export async function folderKeyStore(c: Context, f: StateFolder, e: StateEpoch): Promise<void> {
  const actor = c.actorOfFolder(f);
  const prev = f.epochs.find((x) => x.epoch === e.epoch - 1)?.keyHash ?? ZERO_HASH;
  const k = { folderId: f.folderId, epoch: e.epoch, recipient: e.identity.recipient, prevKeyHash: prev };
  const signature = await actor.signTypedData(folderKeyTyped(c.net, k));
  const body = utf8(JSON.stringify({ ...k, signature }));
  await c.certify(actor);
  await c.node.http.none({ method: 'PUT', target: folderPath(f.folderId, `/keys/${e.epoch}`), body, type: 'application/json', signer: actor });
}
export interface WrapTo {
  holder: Address;
  account: Address;
  cardHash: Hash;
  recipient: string;
}
/** Put the wrap of all epochs up to this one for one reader. E_NO_KEY: this one's is not known here. */
export async function wrapPut(c: Context, f: StateFolder, epoch: number, to: WrapTo): Promise<void> {
  if (!f.epochs.some((e) => e.epoch === epoch)) throw new CoreError('E_NO_KEY', `no key of epoch ${epoch} of folder "${f.name}"`);
  const actor = c.actorOfFolder(f);
  const text = utf8(wrapText(f.folderId, f.epochs.filter((e) => e.epoch <= epoch)));
  const wrap = await ageSeal(text, to.recipient);
  wipe(text);
  const n = { folderId: f.folderId, holder: to.holder, account: to.account, cardHash: to.cardHash, wrap };
  const body = wrapNoteWrite(n, await actor.signTypedData(wrapNoteTyped(c.net, n)));
  await c.node.http.none({ method: 'PUT', target: folderPath(f.folderId, `/wraps/${to.holder}`), body, signer: actor });
}
/** Put the wrap of the present epoch for one reader; another device may have made its key. The epoch. */
export async function wrapNow(c: Context, folderId: Hash, to: WrapTo): Promise<number> {
  const { epoch } = await c.node.folder(folderId);
  if (!(await ownFolder(c, folderId)).epochs.some((e) => e.epoch === epoch)) c.forgetState();
  await wrapPut(c, await ownFolder(c, folderId), epoch, to);
  return epoch;
}
/** The owner's own wrap: a folder that is found by derivation opens without the owner state. */
async function selfWrap(c: Context, f: StateFolder, epoch: number): Promise<void> {
  const card = await c.cardOf(c.account);
  await wrapPut(c, f, epoch, { holder: f.owner, account: c.account, cardHash: card.hash, recipient: card.ageRecipient });
}
function views(c: Context, g: { permissions: number; notAfter: number }): boolean {
  return (g.permissions & VIEW) !== 0 && c.now() < g.notAfter;
}
/**
 * For all who may view by the owner's word and the chain's: what the chain has may be shown as of before. The owner's is asked for anew:
 * another device may have shared meanwhile. How many.
 */
export async function rewrap(c: Context, folderId: Hash): Promise<number> {
  const facts = await c.node.folder(folderId);
  c.forgetState();
  const f = await ownFolder(c, folderId);
  let kept = 0;
  for (const g of f.grants) {
    if (g.ended !== 0 || !views(c, g)) continue;
    const row = await c.node.grant(folderId, g.holder);
    if (row.status !== 1 || !views(c, row)) continue;
    await wrapPut(c, f, facts.epoch, g);
    kept++;
  }
  await selfWrap(c, f, facts.epoch);
  return kept;
}
export async function ownFolder(c: Context, folderId: Hash): Promise<StateFolder> {
  const f = (await c.state()).folders.find((x) => x.folderId === folderId);
  if (f === undefined) throw new CoreError('E_NOT_FOUND', 'not one of your folders');
  return f;
}

/** Null: it is proved that the chain has none. That the node says there is nothing (HTTP 404), or that it cannot be asked, proves nothing. */
function folderIfAny(c: Context, folderId: Hash): Promise<FolderRow | null> {
  return c.node.folder(folderId).catch((e: unknown) => {
    if (e instanceof CoreError && e.code === 'E_NOT_FOUND' && e.detail.status === undefined) return null;
    throw e;
  });
}

// ---- opening -------------------------------------------------------------------------------------

/** Name, id and first key, kept in the owner state before the chain is told. */
async function begin(c: Context, name: string): Promise<void> {
  const salt = toHex(randomBytes(32));
  let made: StateEpoch | null = null;
  // The index is known only inside the change, the key must be made before: so look, make, and check again.
  for (let i = 0; i < 5; i++) {
    const index = (await c.state()).nextOwner;
    const relationship = c.mode === 'relationship';
    const owner = relationship ? c.ownerKey(index).address : c.account;
    const at = { salt: relationship ? ZERO_HASH : salt, owner };
    const folderId = folderIdOf(c.net, owner, at.salt);
    made = await epochMake(c, folderId, 1, ZERO_HASH);
    let moved = false;
    await c.changeState((s) => {
      moved = relationship && s.nextOwner !== index;
      if (moved || s.folders.some((f) => f.name === name)) return;
      if (relationship) s.nextOwner = index + 1;
      s.folders.push({ folderId, name, ...at, ...(relationship ? { index } : {}), epochs: [made!], grants: [] });
    });
    if (!moved) return;
  }
  throw new CoreError('E_CONFLICT', 'owner state: changed again and again by another program');
}
/** Safe to repeat: a folder of this name that was begun and not opened is taken up again. */
export async function folderOpen(c: Context, name: string, o: FlowOptions): Promise<Hash> {
  if (name === '' || name.includes('/') || !isPlain(name, 200)) throw new CoreError('E_RANGE', 'folder name: 1 to 200 bytes without "/"');
  const find = async (): Promise<StateFolder | undefined> => (await c.state()).folders.find((f) => f.name === name);
  if ((await find()) === undefined) await begin(c, name);
  const f = (await find())!;
  const opened = await folderIfAny(c, f.folderId);
  const first = f.epochs[0]!;
  if (opened === null) await c.send(c.actorOfFolder(f), [call('openFolder', [f.salt, first.keyHash])], o);
  else if (opened.epoch > 1) throw new CoreError('E_DUPLICATE', `there is a folder "${name}" already`);
  await folderKeyStore(c, f, first);
  await selfWrap(c, f, 1);
  if (opened !== null) throw new CoreError('E_DUPLICATE', `there is a folder "${name}" already`);
  return f.folderId;
}

// ---- rotation ------------------------------------------------------------------------------------

/** The key of the next epoch: kept in the owner state, its public half in the vault, before the chain is told. */
export async function nextEpoch(c: Context, facts: FolderRow, folderId: Hash): Promise<StateEpoch> {
  const epoch = facts.epoch + 1;
  const find = async (): Promise<StateEpoch | undefined> => (await ownFolder(c, folderId)).epochs.find((e) => e.epoch === epoch);
  if ((await find()) === undefined) {
    const made = await epochMake(c, folderId, epoch, facts.keyHash);
    await c.changeState((s) => {
      const f = s.folders.find((x) => x.folderId === folderId);
      if (f === undefined) throw new CoreError('E_NOT_FOUND', 'not one of your folders');
      if (!f.epochs.some((e) => e.epoch === epoch)) f.epochs.push(made);
    });
  }
  const e = (await find())!;
  await folderKeyStore(c, await ownFolder(c, folderId), e);
  return e;
}
export async function folderRotate(c: Context, folderId: Hash, o: FlowOptions): Promise<{ epoch: number; kept: number; sent: Sent }> {
  const facts = await c.node.folder(folderId);
  const next = await nextEpoch(c, facts, folderId);
  const actor = c.actorOfFolder(await ownFolder(c, folderId));
  const sent = await c.send(actor, [call('rotateFolder', [folderId, facts.epoch, next.keyHash])], o);
  return { epoch: next.epoch, kept: await rewrap(c, folderId), sent };
}

// ---- listing -------------------------------------------------------------------------------------

export async function foldersOf(c: Context): Promise<Folder[]> {
  const s = await c.state();
  const out: Folder[] = [];
  const mine = await c.cardOf(c.account).catch(() => null);
  for (const f of s.folders) {
    const facts = await folderIfAny(c, f.folderId);
    if (facts === null) continue; // begun, never opened
    out.push({
      folderId: f.folderId, name: f.name, owner: f.owner, mine: true, ownerName: mine?.name ?? '', ownerAccount: c.account, epoch: facts.epoch,
      permissions: facts.owner === f.owner ? 15 : 0, notBefore: 0, notAfter: 0, state: facts.owner === f.owner ? 'live' : 'revoked',
    });
  }
  for (const n of s.shared) {
    const [facts, g] = await Promise.all([folderIfAny(c, n.folderId), c.node.grant(n.folderId, n.holder)]);
    if (facts === null) continue;
    const now = Math.max(c.now(), c.node.info.head.timestamp);
    const state = g.status !== 1 || facts.owner !== n.owner ? 'revoked' : now < g.notBefore ? 'not-yet' : now >= g.notAfter ? 'expired' : 'live';
    out.push({
      folderId: n.folderId, name: n.folderName, owner: n.owner, mine: false, ownerName: n.ownerName, ownerAccount: n.ownerAccount, epoch: facts.epoch,
      permissions: state === 'live' ? g.permissions : 0, notBefore: g.notBefore, notAfter: g.notAfter, state,
    });
  }
  return out;
}

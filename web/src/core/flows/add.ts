// SPDX-License-Identifier: Apache-2.0
// Adding and amending of records, and setting their status.
import { ageSeal } from '../age/file.js';
import { headerWrite } from '../age/header.js';
import { FILE_KEY, stanzaForRecipient } from '../age/keys.js';
import { STREAM_NONCE } from '../age/stream.js';
import { fromHex, randomBytes, toHex, wipe } from '../codec/bytes.js';
import { commitmentOf, innerOf } from '../codec/domain.js';
import { call, RECORD_STATUS, together } from '../chain/registry.js';
import { sha256 } from '../crypto/kdf.js';
import { envelopesWrite, envelopeWrite } from '../formats/envelope.js';
import { CATEGORIES, metaWrite } from '../formats/meta.js';
import { inParallel } from '../parallel.js';
import {
  type AddItem, type Added, type CheckedCard, CoreError, type FlowOptions, type Hash, type Hex, type RecordItem, type RecordStatus, type Sent,
} from '../types.js';
import type { Context } from './context.js';
import { type Access, accessOpen, folderPath, recipientOf } from './folder.js';
import { proveSlots, toldOne } from './prove.js';
import type { Sealed } from './seal.js';
import { uploadBody } from './upload.js';

const BATCH = 100; // sealed before they are announced
const MULTICALL = 40; // records of one forward request
const AT_ONCE = 4;
const POST_BYTES = 900 << 10;
const TRIES = 4;
const LOOKS = 5; // at the chain, when the relay's answer is missing
const LOOK_PAUSE_MS = 2000;

interface Work {
  index: number;
  item: AddItem;
  recordId: Hash;
  version: number; // present version that is amended; 0: add
}
/** Who writes: the account's card, and whose the address on the chain is. */
interface Writer {
  card: CheckedCard;
  certificate: string;
}
interface Ready {
  work: Work;
  sealed: Sealed;
  inner: Hash;
  envelope: Uint8Array;
  commitment: Hex;
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
function metaOf(c: Context, by: Writer, { item, version }: Pick<Work, 'item' | 'version'>, s: Sealed): Uint8Array {
  const { card, certificate } = by;
  const category = CATEGORIES[item.category] ?? CATEGORIES['other']!;
  return metaWrite({
    title: item.title, category: item.category in CATEGORIES ? item.category : 'other', categoryText: category.title, typeCode: category.loinc,
    typeText: category.text, docStatus: version > 0 ? 'amended' : 'final', date: instant(c.now()), creation: item.creation, contentType: item.contentType,
    fileName: item.fileName, size: s.size, sha256: toHex(s.sha256), authorName: card.name, authorAccount: c.account, authorCard: card.hash,
    authorCertificate: certificate,
  });
}

async function sealOne(c: Context, a: Access, by: Writer, work: Work, n: number, o: FlowOptions): Promise<Ready> {
  const fileKey = randomBytes(FILE_KEY);
  const tell = (stage: 'encrypting' | 'uploading' | 'stored', done?: number, total?: number): void =>
    o.onProgress?.({ stage, item: work.index, items: n, ...(total === undefined ? {} : { done, total }) });
  tell('encrypting', 0, work.item.size);
  try {
    const sealed = await uploadBody(c, a, work.item.data, fileKey, randomBytes(STREAM_NONCE), (done, total) => tell('uploading', done, total), o.signal);
    const header = headerWrite([await stanzaForRecipient(recipientOf(a), fileKey)], fileKey);
    const meta = metaOf(c, by, work, sealed);
    const salt = randomBytes(32);
    const inner = innerOf(c.net, salt, sealed.cid, await sha256(meta));
    const at = { folderId: a.folderId, recordId: work.recordId, version: work.version + 1, epoch: a.facts.epoch, author: a.actor.address };
    const metaAge = await ageSeal(meta, recipientOf(a));
    wipe(meta);
    tell('stored');
    return { work, sealed, inner, envelope: envelopeWrite({ ...at, cid: sealed.cid, salt, header, metaAge }), commitment: commitmentOf(c.net, at, inner) };
  } finally {
    wipe(fileKey);
  }
}
async function post(c: Context, a: Access, list: Ready[]): Promise<void> {
  for (let i = 0; i < list.length; ) {
    let n = 0;
    for (let bytes = 0; i + n < list.length && (n === 0 || bytes + list[i + n]!.envelope.length < POST_BYTES); n++) bytes += list[i + n]!.envelope.length;
    const body = envelopesWrite(list.slice(i, i + n).map((r) => ({ inner: fromHex(r.inner), envelope: r.envelope })));
    await c.node.http.none({ method: 'POST', target: folderPath(a.folderId, '/envelopes'), body, signer: a.actor });
    i += n;
  }
}
function callOf(a: Access, r: Ready): Uint8Array<ArrayBuffer> {
  const { recordId, version } = r.work;
  return version === 0
    ? call('addRecord', [a.folderId, recordId, a.facts.epoch, r.inner])
    : call('amendRecord', [a.folderId, recordId, version, a.facts.epoch, r.inner]);
}
function sendAll(c: Context, a: Access, list: Ready[], o: FlowOptions): Promise<Sent> {
  const calls: Uint8Array[] = [];
  for (let i = 0; i < list.length; i += MULTICALL) calls.push(together(list.slice(i, i + MULTICALL).map((r) => callOf(a, r))));
  return c.send(a.actor, calls, o);
}
/** Those whose slot, proved, holds the commitment that was made here. */
async function heldOf(c: Context, a: Access, list: Ready[]): Promise<Ready[]> {
  const slots = await proveSlots(c, a.folderId, list.map((r) => r.work.recordId));
  return list.filter((r) => {
    const w = slots.words.get(r.work.recordId);
    const want = r.work.version + 1;
    return w != null && (w.version > want || (w.version === want && w.commitment === r.commitment));
  });
}
async function confirmAll(c: Context, a: Access, list: Ready[]): Promise<void> {
  const held = await heldOf(c, a, list);
  const missing = list.find((r) => !held.includes(r));
  if (missing !== undefined) throw new CoreError('E_MISMATCH', `record ${missing.work.index + 1}: the chain does not hold what was sent`);
}
/** The call may be on its way still: the chain is looked at again and again. */
async function look(c: Context, a: Access, list: Ready[]): Promise<Ready[]> {
  let held: Ready[] = [];
  for (let i = 0; i < LOOKS && held.length < list.length; i++) {
    if (i > 0) await new Promise((go) => setTimeout(go, LOOK_PAUSE_MS));
    held = await heldOf(c, a, list).catch(() => held);
  }
  return held;
}
const isNoAnswer = (e: unknown): boolean => e instanceof CoreError && ['E_AWAY', 'E_TIMEOUT', 'E_UNAVAILABLE'].includes(e.code);
/** Null: without an answer, but the chain holds all. E_UNKNOWN: not all of it; those that it holds were told. */
async function sendSurely(c: Context, a: Access, list: Ready[], o: FlowOptions, tell: (done: Ready[]) => void): Promise<Sent | null> {
  try {
    const sent = await sendAll(c, a, list, o);
    await confirmAll(c, a, list);
    return sent;
  } catch (e) {
    if (!isNoAnswer(e)) throw e;
    const held = await look(c, a, list);
    if (held.length === list.length) return null;
    tell(held);
    throw new CoreError('E_UNKNOWN', `no answer came: ${held.length} of ${list.length} are on the chain, the others may come yet`, { cause: e });
  }
}
async function batch(c: Context, folderId: Hash, card: CheckedCard, list: Work[], n: number, o: FlowOptions): Promise<Added[]> {
  const tell = (stage: 'confirming' | 'confirmed', some = list): void => some.forEach((w) => o.onProgress?.({ stage, item: w.index, items: n }));
  for (let tries = 0; ; tries++) {
    const a = await accessOpen(c, folderId);
    const by = { card, certificate: await c.certificateOf(a.actor, card) };
    const ready = await inParallel(list, AT_ONCE, (w) => sealOne(c, a, by, w, n, o));
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
    tell('confirming');
    try {
      await post(c, a, ready);
      const sent = await sendSurely(c, a, ready, o, (held) => tell('confirmed', held.map((r) => r.work)));
      tell('confirmed');
      return ready.map((r) => ({ recordId: r.work.recordId, version: r.work.version + 1, sent, size: r.sealed.size, bodySize: r.sealed.bodySize }));
    } catch (e) {
      // Only a folder that was rotated meanwhile is sealed for again.
      const again = e instanceof CoreError && (e.code === 'E_REVERTED' || e.code === 'E_CONFLICT') && tries + 1 < TRIES;
      if (!again || (await c.node.folder(folderId)).epoch === a.facts.epoch) throw e;
    }
  }
}
async function run(c: Context, folderId: Hash, works: Work[], o: FlowOptions): Promise<Added[]> {
  const card = await c.cardOf(c.account);
  const out: Added[] = [];
  for (let i = 0; i < works.length; i += BATCH) out.push(...(await batch(c, folderId, card, works.slice(i, i + BATCH), works.length, o)));
  return out;
}
/** Batches before a failure are added; of the failed one nothing is visible, unless it is E_UNKNOWN. */
export function add(c: Context, folderId: Hash, items: AddItem[], o: FlowOptions): Promise<Added[]> {
  return run(c, folderId, items.map((item, index) => ({ index, item, recordId: toHex(randomBytes(32)), version: 0 })), o);
}
export async function amend(c: Context, was: RecordItem, item: AddItem, o: FlowOptions): Promise<Added> {
  return (await run(c, was.folderId, [{ index: 0, item, recordId: was.recordId, version: was.version }], o))[0]!;
}
/** Envelope and body of every version of a removed record; the newest last, since the node names no record without it. */
export async function erase(c: Context, item: RecordItem, o: FlowOptions): Promise<void> {
  const a = await accessOpen(c, item.folderId);
  const told = await toldOne(c, a, item.recordId);
  if (!a.mine || told.status !== 'removed') throw new CoreError('E_CONFLICT', 'only the owner erases, and only what is removed');
  const inners = [...new Set([...told.history, told.now].map((v) => v.inner))].filter((x) => x !== told.now.inner);
  for (const inner of [...inners, told.now.inner]) {
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
    await c.node.http.send({ method: 'DELETE', target: folderPath(item.folderId, `/envelopes/${inner}`), signer: a.actor, also: [404] });
  }
}
export async function setStatus(c: Context, item: RecordItem, status: RecordStatus, o: FlowOptions): Promise<Sent> {
  const actor = await c.actorOf(item.folderId);
  return c.send(actor, [call('setRecordStatus', [item.folderId, item.recordId, item.version, RECORD_STATUS.indexOf(status)])], o);
}

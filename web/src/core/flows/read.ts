// SPDX-License-Identifier: Apache-2.0
// Listing and reading of records.
import { ageFileKey } from '../age/file.js';
import { bytesEqual, fromHex, wipe } from '../codec/bytes.js';
import { cidText } from '../codec/cid.js';
import type { Envelope } from '../formats/envelope.js';
import { CoreError, type CheckId, type FlowOptions, type Hash, type Hex, type RecordBody, type RecordItem } from '../types.js';
import { Authors } from './author.js';
import type { Context } from './context.js';
import { type Access, accessOpen, folderPath, identityOf } from './folder.js';
import { checkRecord, fetchEnvelopes, fetchEvents, proveSlots, type Told, toldAll, toldOne, withChecks } from './prove.js';
import { openBody, type Opened, piecesOf } from './seal.js';

const FIRST_PAGE = 40;
const PAGE = 200;
const IN_MEMORY = 64 << 20;

/** What list() has proved, by item: read at once, without asking for it a second time. */
const listed = new WeakMap<RecordItem, { a: Access; envelope: Envelope | null }>();

async function checkPage(c: Context, a: Access, page: Told[], signal?: AbortSignal): Promise<RecordItem[]> {
  const ids = page.map((t) => t.recordId);
  const [slots, envelopes, events] = await Promise.all([
    proveSlots(c, a.folderId, ids), fetchEnvelopes(c, a, ids, signal), fetchEvents(c, a.folderId, page.map((t) => t.now.block)),
  ]);
  const authors = new Authors(c);
  const done = page.map((told) => checkRecord(c, a, authors, { told, version: told.now, slots, envelope: envelopes.get(told.now.inner), events }));
  return (await Promise.all(done)).map(({ item, envelope }) => {
    listed.set(item, { a, envelope });
    return item;
  });
}
export async function* list(
  c: Context,
  folderId: Hash,
  o: FlowOptions & { pageSize?: number; removedToo?: boolean },
): AsyncGenerator<RecordItem[], void> {
  const a = await accessOpen(c, folderId);
  if (a.ids.length === 0) throw a.why ?? new CoreError('E_NO_KEY', 'there are no keys of this folder');
  const told = (await toldAll(c, a, o.signal)).filter((t) => o.removedToo === true || t.status !== 'removed');
  let n = Math.min(o.pageSize ?? FIRST_PAGE, FIRST_PAGE);
  for (let i = 0; i < told.length; i += n, n = o.pageSize ?? PAGE) {
    if (i > 0 && i === FIRST_PAGE) n = o.pageSize ?? PAGE;
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
    const page = await checkPage(c, a, told.slice(i, i + n), o.signal);
    o.onProgress?.({ stage: 'checking', done: Math.min(i + n, told.length), total: told.length });
    yield page;
  }
}

interface Which {
  version?: number | undefined;
  /** As it was proved before. */
  commitment?: Hex | null;
}
/** Envelope of a version, and its checked item. Which version the chain has, its slot says: nothing that the node calls history is believed for that. */
async function fetchOne(c: Context, a: Access, recordId: Hash, which: Which): Promise<{ item: RecordItem; envelope: Envelope | null }> {
  const told = await toldOne(c, a, recordId);
  const { version: n } = which;
  const v = n === undefined || n === told.now.version ? told.now : told.history.filter((h) => h.version === n).at(-1);
  if (v === undefined) throw new CoreError('E_NOT_FOUND', `the record has no version ${n}`);
  const target = folderPath(a.folderId, `/records/${recordId}${v === told.now ? '' : `?version=${v.version}`}`);
  const [slots, envelope, events] = await Promise.all([
    proveSlots(c, a.folderId, [recordId]),
    c.node.http.bytes({ method: 'GET', target, signer: a.actor }),
    fetchEvents(c, a.folderId, [v.block]),
  ]);
  const isByNumber = n !== undefined;
  return checkRecord(c, a, new Authors(c), { told, version: v, isByNumber, commitment: which.commitment ?? null, slots, envelope, events });
}
/** The version of an item, and what its slot showed when it was proved. */
function sameAs(item: RecordItem): Which {
  const isProved = item.proof.checks.some((x) => x.id === 'slot' && x.state === 'passed');
  return { version: item.version, commitment: isProved ? item.proof.facts.commitment : null };
}
export async function record(c: Context, folderId: Hash, recordId: Hash, version?: number): Promise<RecordItem> {
  return (await fetchOne(c, await accessOpen(c, folderId), recordId, { version })).item;
}

async function bodyResponse(c: Context, a: Access, e: Envelope, signal?: AbortSignal): Promise<Response> {
  const target = folderPath(a.folderId, `/bodies/${cidText(e.cid)}`);
  return c.node.http.send({ method: 'GET', target, signer: a.actor, signal, timeoutMs: 3_600_000 });
}
function failedItem(item: RecordItem): CoreError {
  return new CoreError(item.error?.code ?? 'E_MISMATCH', item.error?.message ?? 'the record could not be checked');
}
/** Every check anew, to the last bit. */
export async function read(c: Context, item: RecordItem, o: FlowOptions): Promise<RecordBody> {
  const a = await accessOpen(c, item.folderId);
  const { item: now, envelope } = await fetchOne(c, a, item.recordId, sameAs(item));
  return readBody(c, a, now, envelope, o);
}
/** Slot, envelope and author as list() proved them at the block that the proof names; the body to the last bit. */
export async function readListed(c: Context, item: RecordItem, o: FlowOptions): Promise<RecordBody> {
  const known = listed.get(item);
  return known === undefined ? read(c, item, o) : readBody(c, known.a, item, known.envelope, o);
}
async function readBody(c: Context, a: Access, now: RecordItem, envelope: Envelope | null, o: FlowOptions): Promise<RecordBody> {
  const meta = now.meta;
  if (meta === null || envelope === null) throw failedItem(now);
  const results: Partial<Record<CheckId, boolean>> = {};
  try {
    const opened = await openStream(c, a, envelope, meta.size, o, results);
    results.size = opened.size === meta.size;
    results.sha256 = bytesEqual(opened.sha256, fromHex(meta.sha256, 32));
    if (!results.size || !results.sha256) throw new CoreError('E_MISMATCH', 'the content is not the one that its description names');
    const blob = new Blob(opened.parts, { type: meta.contentType });
    const bytes = opened.size <= IN_MEMORY ? new Uint8Array(await blob.arrayBuffer()) : null;
    return { item: now, bytes, blob, proof: withChecks(now.proof, results) };
  } catch (e) {
    if (e instanceof CoreError && e.code !== 'E_AWAY') throw new CoreError(e.code, e.message, { ...e.detail, cause: withChecks(now.proof, results) });
    throw e;
  }
}
async function openStream(
  c: Context, a: Access, e: Envelope, size: number, o: FlowOptions, results: Partial<Record<CheckId, boolean>>,
): Promise<Opened> {
  results.encryption = false;
  const { fileKey, length } = await ageFileKey(e.header, identityOf(a, e.epoch));
  if (length !== e.header.length) throw new CoreError('E_MISMATCH', 'header: bytes after its MAC');
  try {
    const r = await bodyResponse(c, a, e, o.signal);
    results.cid = false;
    const opened = await openBody(piecesOf(r, size), fileKey, e.cid, (done) => o.onProgress?.({ stage: 'reading', done, total: size })).catch((x: unknown) => {
      if (x instanceof CoreError && x.code === 'E_DECRYPT') results.cid = true;
      throw x;
    });
    results.cid = true;
    results.encryption = true;
    return opened;
  } finally {
    wipe(fileKey);
  }
}
/** header || body: a plain .age file. The CID is checked, nothing is opened. */
export async function readSealed(c: Context, item: RecordItem, o: FlowOptions): Promise<Blob> {
  const a = await accessOpen(c, item.folderId);
  const { item: now, envelope } = await fetchOne(c, a, item.recordId, sameAs(item));
  if (now.meta === null || envelope === null) throw failedItem(now);
  const parts: Uint8Array<ArrayBuffer>[] = [envelope.header as Uint8Array<ArrayBuffer>];
  const { CidMaker } = await import('../codec/cid.js');
  const made = new CidMaker();
  for await (const p of piecesOf(await bodyResponse(c, a, envelope, o.signal), now.meta.size)) {
    await made.push(p);
    parts.push(p as Uint8Array<ArrayBuffer>);
    o.onProgress?.({ stage: 'reading', done: made.size, total: now.meta.size });
  }
  if (!bytesEqual(await made.finish(), envelope.cid)) throw new CoreError('E_MISMATCH', "CID: the body's bytes are not the ones it names");
  return new Blob(parts, { type: 'application/age' });
}

// SPDX-License-Identifier: Apache-2.0
// Records as the node tells them, and every check of docs/formats.md, section 6, each with its result.
import { ageOpen } from '../age/file.js';
import { fromHex, utf8 } from '../codec/bytes.js';
import { cidText } from '../codec/cid.js';
import { commitmentOf, innerOf } from '../codec/domain.js';
import { Members } from '../codec/text.js';
import { type Log, readRecordEvent, readRecordWord, RECORD_TOPICS, recordSlot, type RecordWord } from '../chain/registry.js';
import { sha256 } from '../crypto/kdf.js';
import { type Envelope, envelopeRead, envelopesRead } from '../formats/envelope.js';
import { metaRead } from '../formats/meta.js';
import { inParallel } from '../parallel.js';
import { type Address, type Author, type Check, type CheckId, CoreError, type Hash, type Head, type Hex, type Proof, type RecordItem, type RecordStatus } from '../types.js';
import type { Authors } from './author.js';
import type { Context } from './context.js';
import { type Access, folderPath, identityOf } from './folder.js';

const PAGE = 500;

export interface ToldVersion {
  version: number;
  epoch: number;
  author: Address;
  commitment: Hex;
  inner: Hash;
  block: number;
  time: number;
  tx: Hash;
}
export interface Told {
  recordId: Hash;
  status: RecordStatus;
  now: ToldVersion;
  history: ToldVersion[];
}
function versionRead(m: Members): ToldVersion {
  return {
    version: m.num('version', 0xffffffff), epoch: m.num('epoch', 0xffffffff), author: m.address('author'), commitment: m.hex('commitment', 26),
    inner: m.hash('inner'), block: m.num('block'), time: m.num('time'), tx: m.hash('tx'),
  };
}
function toldRead(m: Members): Told {
  const status = m.str('status');
  if (status !== 'active' && status !== 'entered-in-error' && status !== 'removed') m.fail('status');
  return { recordId: m.hash('recordId'), status: status as RecordStatus, now: versionRead(m), history: m.objects('history').map(versionRead) };
}
const PARTS_MAX = 16; // each costs a page that may hold nothing of its part, when ids are not random
const AT_ONCE = 4;

interface Page {
  told: Told[];
  /** Where the next page begins; null: nowhere. */
  next: bigint | null;
}
async function toldPage(c: Context, a: Access, after: bigint | null, signal?: AbortSignal): Promise<Page> {
  const from = after === null ? '' : `after=0x${after.toString(16).padStart(64, '0')}&`;
  const m = await c.node.http.members({ method: 'GET', target: folderPath(a.folderId, `/records?${from}limit=${PAGE}`), signer: a.actor, signal }, 'records');
  const told = m.objects('records', PAGE).map(toldRead);
  const next = m.v['next'] === null || told.length === 0 ? null : BigInt(m.hash('next'));
  if (next !== null && next <= (after ?? -1n)) m.fail('next');
  return { told, next };
}
/** Those after `from` and up to `to`. */
async function toldBetween(c: Context, a: Access, from: bigint, to: bigint, signal?: AbortSignal): Promise<Told[]> {
  const out: Told[] = [];
  for (let after: bigint | null = from; after !== null && after < to; ) {
    const page: Page = await toldPage(c, a, after, signal);
    out.push(...page.told.filter((t) => BigInt(t.recordId) <= to));
    after = page.next;
  }
  return out;
}
/** The ids after `first` in parts that fill a page each, as a rule: ids are random, so the rest is as dense as the first page. */
export function idParts(first: bigint): [bigint, bigint][] {
  const all = 1n << 256n;
  const wanted = (10n * (all - first)) / (9n * (first > 0n ? first : 1n)) + 1n;
  const n = wanted < BigInt(PARTS_MAX) ? wanted : BigInt(PARTS_MAX);
  const cut = (i: number): bigint => first + ((all - first) * BigInt(i)) / n;
  return Array.from({ length: Number(n) }, (_, i) => [cut(i), cut(i + 1)]);
}
/** All records, newest first. What it says is a hint where to look: nothing of it is believed. */
export async function toldAll(c: Context, a: Access, signal?: AbortSignal): Promise<Told[]> {
  const first = await toldPage(c, a, null, signal);
  const parts = await inParallel(first.next === null ? [] : idParts(first.next), AT_ONCE, ([from, to]) => toldBetween(c, a, from, to, signal));
  // By time first: blocks of a chain before a move have numbers from 2^52 on.
  return [first.told, ...parts].flat().sort((x, y) => y.now.time - x.now.time || y.now.block - x.now.block || (x.recordId < y.recordId ? -1 : 1));
}
export async function toldOne(c: Context, a: Access, recordId: Hash): Promise<Told> {
  const before = BigInt(recordId) - 1n;
  const after = before >= 0n ? `after=0x${before.toString(16).padStart(64, '0')}&` : '';
  const m = await c.node.http.members({ method: 'GET', target: folderPath(a.folderId, `/records?${after}limit=1`), signer: a.actor }, 'records');
  const r = m.objects('records').map(toldRead).find((x) => x.recordId === recordId);
  if (r === undefined) throw new CoreError('E_NOT_FOUND', 'no such record');
  return r;
}

// ---- checks --------------------------------------------------------------------------------------

const SAID: Record<CheckId, [string, string]> = {
  slot: ["The record's slot on the chain was proved against the state root.", 'The slot on the chain could not be proved.'],
  header: ['The block header hashes to the block that was named.', 'The block header does not hash to the block that was named.'],
  source: ["The block is signed by the chain's authority, whom this device has pinned.", "The block is not signed by the chain's authority."],
  envelope: ['The envelope is of this folder, record and version.', 'The envelope is of another place, or cannot be read.'],
  commitment: ["The chain's commitment is the one that the envelope gives.", "The envelope does not give the chain's commitment: something in it was changed."],
  meta: ["The description opened with the folder's key.", 'The description cannot be opened or read.'],
  inner: ['Salt, content address and description are the committed ones.', 'Salt, content address or description was changed.'],
  author: ["The chain's event names this author.", 'No event on the chain names this author.'],
  member: ['The address belongs to the account that the description names.', 'The address does not belong to the account that the description names.'],
  cid: ["The stored bytes are the ones that the content address names.", 'The stored bytes are not the ones that the content address names.'],
  encryption: ['Header and every part of the body were sealed with the right key and not changed.', 'Header or body was changed or cut.'],
  size: ['The size is the described one.', 'The size is not the described one.'],
  sha256: ['The content is the described one, bit for bit.', 'The content is not the described one.'],
  'log-chain': ['The log is unbroken: each entry is chained to the one before it.', 'The log is broken: an entry was changed or left out.'],
  'log-head': ["The end of the log is signed by the node.", 'The end of the log is not signed by the node.'],
  'log-signatures': ['Every request in the log that only reads was signed by who it names; of those that change something the log lacks the hash that would tell.', 'A request in the log was not signed by who it names.'],
};
export function check(id: CheckId, passed: boolean | null): Check {
  if (passed === null) return { id, state: 'not-checked', text: NOT_CHECKED[id] ?? 'Not checked yet.' };
  return { id, state: passed ? 'passed' : 'failed', text: SAID[id][passed ? 0 : 1] };
}
const NOT_CHECKED: Partial<Record<CheckId, string>> = {
  source: 'Nobody signs the blocks of this chain: the node itself tells its head.',
  member: "Nothing says whose address it is: the author's name is the description's own word, or the folder owner's.",
  cid: 'Checked when the content is opened.', encryption: 'Checked when the content is opened.', size: 'Checked when the content is opened.',
  sha256: 'Checked when the content is opened.',
};
/** What nothing proves of an older version: the chain keeps the newest one's commitment only. */
const OF_SLOT: CheckId[] = ['slot', 'header', 'source', 'commitment', 'inner', 'author', 'member'];
const OLDER = (id: CheckId): Check => ({ id, state: 'not-checked', text: "An older version: the chain keeps the newest one's commitment only." });
export const ORDER: CheckId[] = ['slot', 'header', 'source', 'commitment', 'envelope', 'meta', 'inner', 'author', 'member', 'cid', 'encryption', 'size', 'sha256'];

/** Results so far; the rest is not checked. */
class Findings {
  readonly done = new Map<CheckId, boolean>();
  /** Of an older version: what it is compared with is the node's word, so that it may fail but not pass. */
  isOlder = false;
  pass(id: CheckId): void {
    this.done.set(id, true);
  }
  /** Throws when it failed. */
  need(id: CheckId, ok: boolean, code = 'E_MISMATCH'): void {
    this.done.set(id, ok);
    if (!ok) throw new CoreError(code, SAID[id][1]);
  }
  list(): Check[] {
    return ORDER.map((id) => (this.isOlder && OF_SLOT.includes(id) && this.done.get(id) !== false ? OLDER(id) : check(id, this.done.get(id) ?? null)));
  }
}

export interface Slots {
  block: Head;
  /** The pinned authority signed that block. */
  vouched: boolean;
  words: Map<Hash, RecordWord | null>;
}
export async function proveSlots(c: Context, folderId: Hash, ids: Hash[]): Promise<Slots> {
  const keys = ids.map((id) => recordSlot(folderId, id));
  const { block, account } = await c.node.rpc.prove(c.net.proxy, keys);
  return { block, vouched: block.vouched, words: new Map(ids.map((id, i) => [id, readRecordWord(account.words[i]!)])) };
}
/** A node answers in part where all would be too much, and is asked for the rest, which becomes less each time. */
export async function fetchEnvelopes(c: Context, a: Access, ids: Hash[], signal?: AbortSignal): Promise<Map<string, Uint8Array>> {
  const target = folderPath(a.folderId, '/envelopes/query');
  const all = new Map<string, Uint8Array>();
  for (let left = ids.length; left > 0; ) {
    const asked = left;
    const body = utf8(JSON.stringify({ records: ids.slice(ids.length - asked) }));
    const { bytes, value } = await c.node.http.bytesAnd({ method: 'POST', target, body, type: 'application/json', signer: a.actor, signal }, 'Ehrd-Left-Out');
    left = leftOut(value, asked);
    for (const [inner, envelope] of envelopesRead(bytes)) all.set(inner, envelope);
  }
  return all;
}
function leftOut(value: string | null, asked: number): number {
  const n = value === null ? 0 : /^(0|[1-9][0-9]{0,8})$/.test(value) ? Number(value) : asked;
  if (n >= asked) throw new CoreError('E_RANGE', 'envelopes: the node looks at none');
  return n;
}
/** The record events of these blocks, of the whole folder: one question a block, whatever the number of records. */
export async function fetchEvents(c: Context, folderId: Hash, blocks: number[]): Promise<Log[]> {
  const calls = [...new Set(blocks)].map((b) => {
    const at: Hex = `0x${b.toString(16)}`;
    return c.node.rpc.logs({ address: c.net.proxy, topics: [RECORD_TOPICS, folderId], fromBlock: at, toBlock: at });
  });
  return (await c.node.rpc.all<Log[]>(calls)).flat();
}
function authorOk(events: Log[], e: Envelope, commitment: Hex): boolean {
  return events.some((l) => {
    if (l.topics[2] !== e.recordId) return false;
    const v = readRecordEvent(fromHex(l.data));
    return v.commitment === commitment && v.version === e.version && v.epoch === e.epoch && v.author === e.author;
  });
}

export interface CheckInput {
  told: Told;
  version: ToldVersion;
  /** Asked for by its number: it may be an older one than the slot names. */
  isByNumber?: boolean;
  /** As it was proved before: an older version must still have it. A reseal gives the newest one another. */
  commitment?: Hex | null;
  slots: Slots;
  envelope: Uint8Array | undefined;
  events: Log[];
}
/** One record with its checked meta, or why it has none; never throws for a record that is bad. */
export async function checkRecord(c: Context, a: Access, authors: Authors, x: CheckInput): Promise<{ item: RecordItem; envelope: Envelope | null }> {
  const { told, version: v } = x;
  const f = new Findings();
  let envelope: Envelope | null = null;
  const item: RecordItem = {
    folderId: a.folderId, recordId: told.recordId, version: v.version, status: told.status, meta: null, error: null, author: null, block: v.block, time: v.time, tx: v.tx,
    proof: {
      checks: [],
      facts: {
        contract: c.net.proxy, chainId: String(c.net.chainId), folderId: a.folderId, recordId: told.recordId, version: v.version, epoch: v.epoch,
        author: v.author, commitment: v.commitment, inner: v.inner, cid: '', tx: v.tx, block: v.block, time: v.time, provedAt: x.slots.block,
        storageSlot: recordSlot(a.folderId, told.recordId),
      },
    },
    history: told.history.map(({ version, epoch, author, block, time, tx }) => ({ version, epoch, author, block, time, tx })),
  };
  try {
    const commitment = slotCommitment(f, item, x);
    if (x.envelope === undefined) throw new CoreError('E_NOT_FOUND', 'the node does not hand out the envelope');
    envelope = readEnvelope(f, x.envelope);
    item.proof.facts.cid = cidText(envelope.cid);
    const placed = envelope.folderId === a.folderId && envelope.recordId === told.recordId && envelope.version === item.version;
    f.need('envelope', placed);
    f.need('commitment', commitmentOf(c.net, envelope, v.inner) === commitment);
    item.meta = await openMeta(c, a, f, envelope, v.inner);
    f.need('author', authorOk(x.events, envelope, commitment));
    item.author = judgedBy(f, await authors.of(envelope.author, item.meta));
    if (item.author.verdict === 'proved' || item.author.verdict === 'renamed') f.pass('member');
    if (item.author.verdict === 'other') f.done.set('member', false);
  } catch (e) {
    item.meta = item.author = null;
    item.error = { code: e instanceof CoreError ? e.code : 'E_INTERNAL', message: e instanceof Error ? e.message : String(e) };
    if (!(e instanceof CoreError)) throw e;
  }
  item.proof.checks = f.list();
  return { item, envelope };
}
/** Of an older version nothing but its own word says who signed it. */
function judgedBy(f: Findings, author: Author): Author {
  return f.isOlder && author.verdict !== 'other' ? { verdict: 'said', signer: '' } : author;
}
/** By the slot, whatever the node calls new or old; of a version that really is old, the node's word. */
function slotCommitment(f: Findings, item: RecordItem, x: CheckInput): Hex {
  const word = x.slots.words.get(x.told.recordId) ?? null;
  f.isOlder = x.isByNumber === true && word !== null && x.version.version < word.version;
  const commitment = f.isOlder ? x.version.commitment : (word?.commitment ?? x.version.commitment);
  f.pass('header');
  if (x.slots.vouched) f.pass('source');
  f.need('slot', word !== null && word.status !== 'none' && (f.isOlder || word.version === x.version.version));
  item.status = word!.status as RecordStatus;
  item.proof.facts.commitment = commitment;
  if (f.isOlder) {
    item.proof.facts.provedAt = null;
    f.need('commitment', (x.commitment ?? commitment) === commitment);
  }
  return commitment;
}
function readEnvelope(f: Findings, b: Uint8Array): Envelope {
  try {
    return envelopeRead(b);
  } catch (e) {
    f.done.set('envelope', false);
    throw new CoreError('E_MISMATCH', SAID.envelope[1], { cause: e });
  }
}
async function openMeta(c: Context, a: Access, f: Findings, e: Envelope, inner: Hash) {
  const id = identityOf(a, e.epoch);
  let clear: Uint8Array;
  try {
    clear = await ageOpen(e.metaAge, id);
  } catch (cause) {
    f.done.set('meta', false);
    throw new CoreError('E_MISMATCH', SAID.meta[1], { cause });
  }
  f.need('inner', innerOf(c.net, e.salt, e.cid, await sha256(clear)) === inner);
  try {
    const meta = metaRead(clear);
    f.pass('meta');
    return meta;
  } catch (cause) {
    f.done.set('meta', false);
    throw new CoreError('E_MISMATCH', SAID.meta[1], { cause });
  }
}
/** Results of later checks into a proof of before. */
export function withChecks(p: Proof, results: Partial<Record<CheckId, boolean>>): Proof {
  const checks = p.checks.map((x) => (results[x.id] === undefined ? x : check(x.id, results[x.id]!)));
  return { ...p, checks };
}

// SPDX-License-Identifier: Apache-2.0
// Everything that may be read, taken out: as one FHIR Bundle, or as the .age files.
import { ageSealWith } from '../age/file.js';
import { stanzaForPassphrase } from '../age/keys.js';
import { base64, utf8, wipe } from '../codec/bytes.js';
import { JsonNumber, parseJson, writeJson, type JsonValue } from '../codec/json.js';
import { wrapText } from '../formats/signed.js';
import { metaWrite } from '../formats/meta.js';
import { CoreError, type Exported, type FlowOptions, type Hash, type RecordItem } from '../types.js';
import type { Context } from './context.js';
import { accessOpen } from './folder.js';
import { list, read, readSealed } from './read.js';
import { zip } from './zip.js';

const INLINE = 32 << 20; // larger documents are named, not put into the Bundle

/** What is taken out, and what is not: nothing is left out without a word. */
class Taking {
  readonly out: Omit<Exported, 'blob'> = { records: 0, inError: 0, large: [], failed: [] };
  constructor(
    private readonly c: Context,
    private readonly o: FlowOptions,
  ) {}
  /** The records of a folder that are valid by the chain: the mark of one that is not would not go along to whoever reads the file. */
  async active(folderId: Hash): Promise<RecordItem[]> {
    const valid: RecordItem[] = [];
    const { signal } = this.o;
    for await (const page of list(this.c, folderId, signal ? { signal } : {})) {
      for (const r of page) {
        if (r.meta === null) this.fail(r, r.error!.code);
        else if (r.status === 'active') valid.push(r);
        else if (r.status === 'entered-in-error') this.out.inError++;
      }
    }
    return valid;
  }
  /** One record after the other; one that cannot be opened is named, and the rest goes on. */
  async each(items: RecordItem[], take: (item: RecordItem, o: FlowOptions) => Promise<void>): Promise<void> {
    for (const [i, item] of items.entries()) {
      if (this.o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
      this.o.onProgress?.({ stage: 'reading', item: i, items: items.length });
      try {
        await take(item, this.o.signal ? { signal: this.o.signal } : {});
        this.out.records++;
      } catch (e) {
        if (!(e instanceof CoreError) || ENDS.includes(e.code)) throw e;
        this.fail(item, e.code);
      }
    }
  }
  private fail(item: RecordItem, code: string): void {
    this.out.failed.push({ recordId: item.recordId, title: item.meta?.title ?? '', code });
  }
}
const ENDS = ['E_AWAY', 'E_CANCELLED', 'E_LOCKED', 'E_AUTH', 'E_FORBIDDEN', 'E_EXPIRED', 'E_THROTTLED', 'E_STALE', 'E_HEAD_OLDER', 'E_AUTHORITY'];

async function bytesOf(c: Context, item: RecordItem, o: FlowOptions): Promise<Uint8Array | null> {
  const body = await read(c, item, o);
  if (body.item.status !== 'active') throw new CoreError('E_CONFLICT', 'it was marked or removed meanwhile');
  return body.bytes;
}
function isObject(v: JsonValue): v is { [k: string]: JsonValue } {
  return v !== null && typeof v === 'object' && !Array.isArray(v) && !(v instanceof JsonNumber);
}
/** null: it only says that it is JSON. */
function jsonOf(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch {
    return null;
  }
}
/** The entries of a FHIR record, numbers as they were written; null for what is no FHIR JSON. */
function entriesOf(item: RecordItem, bytes: Uint8Array): string[] | null {
  if (!item.meta!.contentType.startsWith('application/fhir+json')) return null;
  const v = jsonOf(bytes);
  if (!isObject(v)) return null;
  if (v['resourceType'] === 'Bundle' && v['type'] === 'collection' && Array.isArray(v['entry'])) return v['entry'].map(writeJson);
  return [`{"resource":${writeJson(v)}}`];
}
/** A document as DocumentReference with its data; without what tells the author's addresses apart, and without a name that is not its author's. */
function documentOf(item: RecordItem, bytes: Uint8Array | null): string {
  const { verdict, signer } = item.author ?? { verdict: 'said', signer: '' };
  const v = parseJson(metaWrite({ ...item.meta!, authorCertificate: '', ...(verdict === 'renamed' ? { authorName: signer } : {}) }));
  if (!isObject(v)) throw new CoreError('E_INTERNAL', 'meta is no object');
  if (verdict === 'other') delete v['author'];
  if (bytes !== null) {
    const a = (v['content'] as JsonValue[])[0] as { attachment: { [k: string]: JsonValue } };
    a.attachment['data'] = base64(bytes);
  }
  return `{"fullUrl":"urn:ehrd:record:${item.recordId}","resource":${writeJson(v)}}`;
}
export async function exportBundle(c: Context, folderIds: Hash[], o: FlowOptions): Promise<Exported> {
  const taking = new Taking(c, o);
  const parts: string[] = [];
  for (const folderId of folderIds)
    await taking.each(await taking.active(folderId), async (item, with_) => {
      const isSmall = item.meta!.size <= INLINE;
      const bytes = isSmall ? await bytesOf(c, item, with_) : null;
      parts.push(...((bytes === null ? null : entriesOf(item, bytes)) ?? [documentOf(item, bytes)]));
      if (!isSmall) taking.out.large.push({ recordId: item.recordId, title: item.meta!.title });
    });
  const commas = parts.flatMap((p, i) => (i === 0 ? [p] : [',', p]));
  return { ...taking.out, blob: new Blob(['{"resourceType":"Bundle","type":"collection","entry":[', ...commas, ']}'], { type: 'application/fhir+json' }) };
}
/** So many digits tell each id from every other: whoever chooses ids cannot have one record's file take the place of another's. */
function digitsOf(items: RecordItem[]): number {
  const ids = items.map((i) => i.recordId).sort();
  let digits = 8;
  for (let i = 1; i < ids.length; i++) {
    const [a, b] = [ids[i - 1]!.slice(2), ids[i]!.slice(2)];
    let same = 0;
    while (same < a.length && a[same] === b[same]) same++;
    digits = Math.max(digits, same + 1);
  }
  return digits;
}
function fileName(item: RecordItem, digits: number): string {
  const title = item.meta!.title.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60);
  return `${title || 'record'}-${item.recordId.slice(2, 2 + digits)}.age`;
}
export async function exportAge(c: Context, folderIds: Hash[], passphrase: string, o: FlowOptions): Promise<Exported> {
  const taking = new Taking(c, o);
  const files: { name: string; data: Blob | Uint8Array }[] = [];
  for (const [n, folderId] of folderIds.entries()) {
    const dir = folderIds.length > 1 ? `folder-${n + 1}/` : '';
    const text = utf8(await folderKey(c, folderId));
    files.push({ name: `${dir}folder.key.age`, data: await ageSealWith(text, (k) => stanzaForPassphrase(passphrase, k)) });
    wipe(text);
    const items = await taking.active(folderId);
    const digits = digitsOf(items);
    await taking.each(items, async (item, with_) => void files.push({ name: dir + fileName(item, digits), data: await readSealed(c, item, with_) }));
  }
  return { ...taking.out, blob: await zip(files) };
}
/** An age identity file. */
export async function folderKey(c: Context, folderId: Hash): Promise<string> {
  return wrapText(folderId, (await accessOpen(c, folderId)).ids);
}

// SPDX-License-Identifier: Apache-2.0
// Everything that may be read, taken out: as one FHIR Bundle, or as the .age files.
import { ageSealWith } from '../age/file.js';
import { stanzaForPassphrase } from '../age/keys.js';
import { base64, utf8, wipe } from '../codec/bytes.js';
import { JsonNumber, parseJson, writeJson, type JsonValue } from '../codec/json.js';
import { wrapText } from '../formats/signed.js';
import { metaWrite } from '../formats/meta.js';
import { type FlowOptions, type Hash, type RecordItem } from '../types.js';
import type { Context } from './context.js';
import { accessOpen } from './folder.js';
import { list, read, readSealed } from './read.js';
import { zip } from './zip.js';

const INLINE = 32 << 20; // larger documents are named, not put into the Bundle

async function all(c: Context, folderIds: Hash[], o: FlowOptions): Promise<RecordItem[]> {
  const out: RecordItem[] = [];
  const { signal } = o;
  for (const f of folderIds) for await (const page of list(c, f, signal ? { signal } : {})) out.push(...page.filter((r) => r.meta !== null));
  return out;
}
function isObject(v: JsonValue): v is { [k: string]: JsonValue } {
  return v !== null && typeof v === 'object' && !Array.isArray(v) && !(v instanceof JsonNumber);
}
/** The entries of a FHIR record, numbers as they were written; null for what is no FHIR JSON. */
function entriesOf(item: RecordItem, bytes: Uint8Array): string[] | null {
  if (!item.meta!.contentType.startsWith('application/fhir+json')) return null;
  const v = parseJson(bytes);
  if (!isObject(v)) return null;
  if (v['resourceType'] === 'Bundle' && v['type'] === 'collection' && Array.isArray(v['entry'])) return v['entry'].map(writeJson);
  return [`{"resource":${writeJson(v)}}`];
}
/** A document as DocumentReference with its data. */
function documentOf(item: RecordItem, bytes: Uint8Array | null): string {
  const v = parseJson(metaWrite(item.meta!));
  if (bytes !== null && isObject(v)) {
    const a = (v['content'] as JsonValue[])[0] as { attachment: { [k: string]: JsonValue } };
    a.attachment['data'] = base64(bytes);
  }
  return `{"fullUrl":"urn:ehrd:record:${item.recordId}","resource":${writeJson(v)}}`;
}
export async function exportBundle(c: Context, folderIds: Hash[], o: FlowOptions): Promise<Blob> {
  const items = await all(c, folderIds, o);
  const parts: string[] = ['{"resourceType":"Bundle","type":"collection","entry":['];
  let comma = '';
  for (const [i, item] of items.entries()) {
    o.onProgress?.({ stage: 'reading', item: i, items: items.length });
    const small = item.meta!.size <= INLINE;
    const bytes = small ? (await read(c, item, o.signal ? { signal: o.signal } : {})).bytes : null;
    for (const e of (bytes === null ? null : entriesOf(item, bytes)) ?? [documentOf(item, bytes)]) {
      parts.push(comma + e);
      comma = ',';
    }
  }
  return new Blob([...parts, ']}'], { type: 'application/fhir+json' });
}
function fileName(item: RecordItem): string {
  const title = item.meta!.title.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60);
  return `${title || 'record'}-${item.recordId.slice(2, 10)}.age`;
}
export async function exportAge(c: Context, folderIds: Hash[], passphrase: string, o: FlowOptions): Promise<Blob> {
  const files: { name: string; data: Blob | Uint8Array }[] = [];
  for (const [n, folderId] of folderIds.entries()) {
    const dir = folderIds.length > 1 ? `folder-${n + 1}/` : '';
    const text = utf8(await folderKey(c, folderId));
    files.push({ name: `${dir}folder.key.age`, data: await ageSealWith(text, (k) => stanzaForPassphrase(passphrase, k)) });
    wipe(text);
    const items = await all(c, [folderId], o);
    for (const [i, item] of items.entries()) {
      o.onProgress?.({ stage: 'reading', item: i, items: items.length });
      files.push({ name: dir + fileName(item), data: await readSealed(c, item, o.signal ? { signal: o.signal } : {}) });
    }
  }
  return zip(files);
}
/** An age identity file. */
export async function folderKey(c: Context, folderId: Hash): Promise<string> {
  return wrapText(folderId, (await accessOpen(c, folderId)).ids);
}

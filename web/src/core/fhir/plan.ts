// SPDX-License-Identifier: Apache-2.0
// What dropped files would become: a Bundle is split into records, everything else is a record as it is.
import { parseJson, utf8Text } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { isDateTime } from '../formats/meta.js';
import { type AddItem, type AddPlan, CoreError, type FlowOptions } from '../types.js';
import { clinicalDate, splitBundle } from './split.js';
import { categoryOfType } from './types.js';

const HEAD = 16 << 10;
const JSON_MAX = 256 << 20;
export const FILE_MAX = 4 * 1024 ** 3 - 1;

function begins(b: Uint8Array, ...codes: number[]): boolean {
  return codes.every((c, i) => b[i] === c);
}
/** Media type by the first bytes; "" when they are not known. */
export function sniff(head: Uint8Array): string {
  if (begins(head, 0x25, 0x50, 0x44, 0x46, 0x2d)) return 'application/pdf';
  if (begins(head, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (begins(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (begins(head.subarray(128), 0x44, 0x49, 0x43, 0x4d)) return 'application/dicom';
  const t = new TextDecoder().decode(head.subarray(0, HEAD)).replace(/^\ufeff/, '').trimStart();
  if (t.startsWith('{')) return t.includes('"resourceType"') ? 'application/fhir+json' : '';
  if (!t.startsWith('<')) return '';
  const root = /^(?:\s|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*<([^>]*)/.exec(t)?.[1] ?? '';
  if (root.includes('ClinicalDocument') && root.includes('urn:hl7-org:v3')) return 'text/xml';
  return root.includes('http://hl7.org/fhir') ? 'application/fhir+xml' : '';
}

/** UTF-8 without control characters but tabs and line ends, as fhir_sniff in C; the end may cut a character off. */
export function isText(head: Uint8Array): boolean {
  try {
    const t = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex
    return t !== '' && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(t);
  } catch {
    return false;
  }
}

function nameOf(f: Blob, i: number): string {
  const name = f instanceof File ? f.name : `file ${i + 1}`;
  // eslint-disable-next-line no-control-regex
  return name.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 200) || `file ${i + 1}`;
}
function whole(file: Blob, name: string, type: string): AddItem {
  const category = type === 'application/dicom' ? 'results' : 'other';
  return { title: name, contentType: type || 'application/octet-stream', fileName: name, category, creation: '', size: file.size, data: file };
}
function itemsOfBundle(text: string, name: string, plan: AddPlan): void {
  const s = splitBundle(text);
  for (const x of s.skipped) plan.unreadable.push({ file: name, entry: x.entry, reason: x.reason });
  for (const r of s.records) {
    const data = new Blob([r.text], { type: 'application/fhir+json' });
    plan.items.push({
      title: r.title, contentType: 'application/fhir+json', fileName: '', category: r.category, creation: isDateTime(r.date) ? r.date : '', size: data.size,
      data, entries: r.entries,
    });
  }
}
function itemOfResource(text: string, file: Blob, name: string, plan: AddPlan): void {
  const m = Members.of(parseJson(text), 'resource');
  const type = m.str('resourceType');
  const category = categoryOfType(type);
  if (category === undefined) throw new CoreError('E_UNSUPPORTED', 'resourceType is no type of FHIR R4');
  const date = clinicalDate(m.v);
  plan.items.push({ ...whole(file, name, 'application/fhir+json'), category, creation: isDateTime(date) ? date : '' });
}
async function planJson(file: Blob, name: string, plan: AddPlan): Promise<void> {
  if (file.size > JSON_MAX) throw new CoreError('E_TOO_LONG', 'FHIR of more than 256 MiB');
  const text = utf8Text(new Uint8Array(await file.arrayBuffer())).replace(/^\ufeff/, '');
  if (!/"resourceType"\s*:\s*"Bundle"/.test(text)) return itemOfResource(text, file, name, plan);
  try {
    itemsOfBundle(text, name, plan);
  } catch (e) {
    if (!(e instanceof CoreError) || e.code !== 'E_UNSUPPORTED') throw e;
    itemOfResource(text, file, name, plan); // a document stays whole
  }
}
export async function planFiles(files: Blob[], o: FlowOptions): Promise<AddPlan> {
  const plan: AddPlan = { items: [], unreadable: [] };
  for (const [i, file] of files.entries()) {
    if (o.signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
    o.onProgress?.({ stage: 'preparing', item: i, items: files.length });
    const name = nameOf(file, i);
    try {
      if (file.size === 0 || file.size > FILE_MAX) throw new CoreError('E_RANGE', file.size === 0 ? 'the file is empty' : 'more than 4 GiB');
      const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
      const type = sniff(head) || file.type || (isText(head) ? 'text/plain' : '');
      if (type === 'application/fhir+json') await planJson(file, name, plan);
      else plan.items.push(whole(file, name, type));
    } catch (e) {
      plan.unreadable.push({ file: name, entry: null, reason: e instanceof CoreError ? e.message : 'the file cannot be read' });
    }
  }
  return plan;
}

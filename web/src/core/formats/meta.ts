// SPDX-License-Identifier: Apache-2.0
// The meta of a record: a FHIR R4 DocumentReference (docs/formats.md, section 7).
import { fromHex, toHex, utf8 } from '../codec/bytes.js';
import { JsonNumber, type JsonObject, type JsonValue, parseJson } from '../codec/json.js';
import { CoreError, type Hash, type Meta } from '../types.js';
import { CERTIFICATE_MAX } from './signed.js';

export const META_MAX = 256 << 10;
const TEXT_MAX = 1024;
const LOINC = 'http://loinc.org';
const CATEGORY = 'urn:ehrd:category';
const SIZE_32 = 0x7fffffff;

/** What records are sorted into: slug, title, LOINC code and text of the document type; as src/fhir/categories.def. */
export const CATEGORIES: Record<string, { title: string; loinc: string; text: string }> = {
  demographics: { title: 'Patient demographics', loinc: '51855-5', text: 'Patient Note' },
  notes: { title: 'Notes, conditions and procedures', loinc: '11506-3', text: 'Progress note' },
  results: { title: 'Results', loinc: '30954-2', text: 'Relevant diagnostic tests/laboratory data note' },
  medications: { title: 'Medications', loinc: '10160-0', text: 'History of Medication use Narrative' },
  immunisations: { title: 'Immunisations', loinc: '11369-6', text: 'History of Immunization note' },
  devices: { title: 'Devices and supplies', loinc: '46264-8', text: 'History of medical device use' },
  billing: { title: 'Billing', loinc: '48768-6', text: 'Payment sources Document' },
  directory: { title: 'Organisations, people and places', loinc: '85847-2', text: 'Patient Care team information' },
  provenance: { title: 'Provenance', loinc: '34109-9', text: 'Note' },
  other: { title: 'Other resources', loinc: '34109-9', text: 'Note' },
};

function concept(system: string, code: string, text: string): object {
  return { ...(code ? { coding: [{ system, code, ...(text ? { display: text } : {}) }] } : {}), ...(text ? { text } : {}) };
}
function optional(name: string, v: string): object {
  return v === '' ? {} : { [name]: v };
}
const DATE_TIME = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d))?)?)?$/;
export function isDateTime(s: string): boolean {
  return DATE_TIME.test(s);
}

function check(m: Meta): Meta {
  const texts: [string, string, boolean][] = [
    ['docStatus', m.docStatus, false], ['type', m.typeCode, false], ['type.text', m.typeText, false], ['category', m.category, true],
    ['category.text', m.categoryText, true], ['date', m.date, false], ['author', m.authorName, false], ['title', m.title, false],
    ['contentType', m.contentType, false], ['file name', m.fileName, true], ['creation', m.creation, true],
  ];
  for (const [name, v, empty] of texts) {
    const n = utf8(v).length;
    // eslint-disable-next-line no-control-regex
    if ((n === 0 && !empty) || n > TEXT_MAX || /[\u0000-\u001f\u007f]/.test(v)) throw new CoreError('E_SYNTAX', `meta: ${name}`);
  }
  const ok = isDateTime(m.date) && m.date.length > 10 && (m.creation === '' || isDateTime(m.creation)) && m.contentType.includes('/');
  if (utf8(m.authorCertificate).length > CERTIFICATE_MAX) throw new CoreError('E_TOO_LONG', 'meta: certificate');
  if (!ok || !['preliminary', 'final', 'amended', 'entered-in-error'].includes(m.docStatus)) throw new CoreError('E_SYNTAX', 'meta: a date, docStatus or contentType');
  return m;
}

/** The exact bytes that are hashed. */
export function metaWrite(m: Meta): Uint8Array {
  check(m);
  const extension = [
    { url: 'urn:ehrd:sha256', valueString: m.sha256.slice(2) },
    { url: 'urn:ehrd:size', valueString: String(m.size) },
    { url: 'urn:ehrd:author', valueString: m.authorAccount },
    { url: 'urn:ehrd:author-card', valueString: m.authorCard },
    ...(m.authorCertificate === '' ? [] : [{ url: 'urn:ehrd:author-certificate', valueString: m.authorCertificate }]),
  ];
  const hasCategory = m.category !== '' || m.categoryText !== '';
  const attachment = {
    contentType: m.contentType, ...(m.size <= SIZE_32 ? { size: m.size } : {}), ...optional('title', m.fileName), ...optional('creation', m.creation),
  };
  const out = utf8(
    JSON.stringify({
      resourceType: 'DocumentReference', extension, status: 'current', docStatus: m.docStatus, type: concept(LOINC, m.typeCode, m.typeText),
      ...(hasCategory ? { category: [concept(CATEGORY, m.category, m.categoryText)] } : {}), date: m.date,
      author: [{ display: m.authorName }], description: m.title, content: [{ attachment }],
    }),
  );
  if (out.length > META_MAX) throw new CoreError('E_TOO_LONG', 'meta: more than 256 KiB');
  return out;
}

// ---- reading -------------------------------------------------------------------------------------

function obj(v: JsonValue | undefined): JsonObject {
  return v !== null && typeof v === 'object' && !Array.isArray(v) && !(v instanceof JsonNumber) ? v : {};
}
function list(v: JsonValue | undefined): JsonValue[] {
  return Array.isArray(v) ? v : [];
}
function str(v: JsonValue | undefined): string {
  if (v === undefined) return '';
  if (typeof v !== 'string') throw new CoreError('E_SYNTAX', 'meta: a text that is none');
  return v;
}
function codeOf(c: JsonObject, system: string): string {
  const coding = list(c['coding']).map(obj).find((x) => x['system'] === system);
  return coding === undefined ? '' : str(coding['code']);
}
function extensionsOf(r: JsonObject): Record<string, string> {
  const out: Record<string, string> = {};
  for (const e of list(r['extension']).map(obj)) {
    const url = str(e['url']);
    if (!url.startsWith('urn:ehrd:')) continue;
    if (url in out) throw new CoreError('E_DUPLICATE', `meta: ${url} is given twice`);
    out[url] = str(e['valueString']);
  }
  for (const k of ['sha256', 'size', 'author', 'author-card']) if (!out[`urn:ehrd:${k}`]) throw new CoreError('E_SYNTAX', `meta: urn:ehrd:${k} is missing`);
  return out;
}
export function metaRead(bytes: Uint8Array): Meta {
  if (bytes.length > META_MAX) throw new CoreError('E_TOO_LONG', 'meta: more than 256 KiB');
  const r = obj(parseJson(bytes));
  if (r['resourceType'] !== 'DocumentReference' || r['status'] !== 'current') throw new CoreError('E_SYNTAX', 'meta: no current DocumentReference');
  if (r['modifierExtension'] !== undefined || r['implicitRules'] !== undefined) throw new CoreError('E_UNSUPPORTED', 'meta: modifierExtension or implicitRules');
  const content = list(r['content']);
  if (content.length !== 1) throw new CoreError('E_SYNTAX', 'meta: content is not one attachment');
  const a = obj(obj(content[0])['attachment']);
  const x = extensionsOf(r);
  const sizeText = x['urn:ehrd:size']!;
  const size = Number(sizeText);
  if (!/^(0|[1-9]\d{0,15})$/.test(sizeText) || (a['size'] !== undefined && String(a['size']) !== sizeText)) throw new CoreError('E_MISMATCH', 'meta: size');
  const category = obj(list(r['category'])[0]);
  return check({
    title: str(r['description']), category: codeOf(category, CATEGORY), categoryText: str(category['text']), typeCode: codeOf(obj(r['type']), LOINC),
    typeText: str(obj(r['type'])['text']), docStatus: str(r['docStatus']), date: str(r['date']), creation: str(a['creation']),
    contentType: str(a['contentType']), fileName: str(a['title']), size, sha256: toHex(fromHex(`0x${x['urn:ehrd:sha256']}`, 32)) as Hash,
    authorName: str(obj(list(r['author'])[0])['display']), authorAccount: toHex(fromHex(x['urn:ehrd:author'], 20)),
    authorCard: toHex(fromHex(x['urn:ehrd:author-card'], 32)), authorCertificate: x['urn:ehrd:author-certificate'] ?? '',
  });
}

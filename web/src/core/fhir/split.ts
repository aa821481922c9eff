// SPDX-License-Identifier: Apache-2.0
// Splits a FHIR Bundle into records as src/fhir/bundle_split.c does: one per encounter and category, demographics, and one per
// category for what belongs to no encounter. Resources keep the text of the source.
import { JsonNumber, type JsonObject, JsonReader, type JsonValue } from '../codec/json.js';
import { utf8 } from '../codec/bytes.js';
import { CATEGORIES } from '../formats/meta.js';
import { CoreError } from '../types.js';
import { CATEGORY_ORDER, categoryOfType } from './types.js';

interface Entry {
  fullUrlRaw: string;
  resourceRaw: string;
  fullUrl: string;
  type: string;
  id: string;
  category: string;
  encounterRef: string;
  viaRef: string;
  medicationRef: string;
  date: string;
  name: string;
  encounter: Entry | null;
}
export interface SplitRecord {
  title: string;
  category: string;
  date: string;
  entries: number;
  /** A Bundle of type collection. */
  text: string;
}
export interface Split {
  records: SplitRecord[];
  skipped: { entry: number; reason: string }[];
}

// ---- one entry -----------------------------------------------------------------------------------

function obj(v: JsonValue | undefined): JsonObject {
  return v !== null && typeof v === 'object' && !Array.isArray(v) && !(v instanceof JsonNumber) ? v : {};
}
function text(v: JsonValue | undefined): string {
  return typeof v === 'string' ? v : '';
}
/** A step into an object, or into the first object of an array. */
function first(v: JsonObject, key: string): JsonObject {
  const m = v[key];
  return obj(Array.isArray(m) ? m[0] : m);
}
function reference(v: JsonObject, key: string): string {
  return text(first(v, key)['reference']);
}
function encounterReference(r: JsonObject): string {
  const direct = reference(r, 'encounter') || reference(r, 'context') || reference(obj(r['context']), 'encounter');
  if (direct) return direct;
  const items = Array.isArray(r['item']) ? r['item'].map(obj) : [];
  return items.map((i) => reference(i, 'encounter')).find((x) => x !== '') ?? '';
}
function viaReference(r: JsonObject): string {
  if (Array.isArray(r['target']) && r['target'].length === 1) return reference(r, 'target');
  for (const k of ['claim', 'prescription', 'authorizingPrescription', 'request', 'basedOn', 'partOf']) {
    const v = reference(r, k);
    if (v) return v;
  }
  return '';
}
const PERIODS = ['period', 'effectivePeriod', 'performedPeriod', 'occurrencePeriod', 'billablePeriod'];
const DATES = [
  'effectiveDateTime', 'performedDateTime', 'occurrenceDateTime', 'onsetDateTime', 'authoredOn', 'whenHandedOver', 'started', 'recordedDate', 'date',
  'created', 'issued', 'recorded',
];
export function clinicalDate(r: JsonObject): string {
  if (r['start'] !== undefined) return text(r['start']);
  for (const p of PERIODS) if (obj(r[p])['start'] !== undefined) return text(obj(r[p])['start']);
  for (const d of DATES) if (r[d] !== undefined) return text(r[d]);
  return '';
}
function encounterName(r: JsonObject): string {
  const type = first(r, 'type');
  return text(type['text']) || text(first(type, 'coding')['display']) || text(obj(r['class'])['display']);
}
function categoryOf(r: JsonObject, type: string): string {
  const c = categoryOfType(type);
  if (c === undefined) throw new CoreError('E_UNSUPPORTED', 'resourceType is no type of FHIR R4');
  if (type !== 'DiagnosticReport') return c;
  const n = (k: string): number => (Array.isArray(r[k]) ? (r[k] as JsonValue[]).length : 0);
  return n('result') === 0 && n('presentedForm') > 0 ? 'notes' : 'results';
}
/** Reads one element of Bundle.entry, keeping the raw text of fullUrl and resource. */
function entryRead(raw: string): Entry {
  const r = new JsonReader(raw);
  const e: Partial<Entry> = { fullUrlRaw: '', resourceRaw: '', encounter: null };
  let resource: JsonObject | null = null;
  r.need('{');
  if (!r.take('}')) {
    do {
      r.space();
      const key = r.string();
      r.need(':');
      r.space();
      const from = r.pos;
      const v = r.value(2);
      if (key === 'fullUrl') {
        if (typeof v !== 'string') r.fail('fullUrl is no text');
        [e.fullUrl, e.fullUrlRaw] = [v as string, raw.slice(from, r.pos)];
      }
      if (key === 'resource') [resource, e.resourceRaw] = [obj(v), raw.slice(from, r.pos)];
    } while (r.take(','));
    r.need('}');
  }
  if (resource === null || typeof resource['resourceType'] !== 'string') throw new CoreError('E_SYNTAX', 'resource or resourceType is missing');
  const type = resource['resourceType'];
  const isEncounter = type === 'Encounter';
  return {
    fullUrl: e.fullUrl ?? '', fullUrlRaw: e.fullUrlRaw!, resourceRaw: e.resourceRaw!, type, category: categoryOf(resource, type), id: text(resource['id']),
    date: clinicalDate(resource), name: isEncounter ? encounterName(resource) : '', encounterRef: isEncounter ? '' : encounterReference(resource),
    viaRef: isEncounter ? '' : viaReference(resource), medicationRef: isEncounter ? '' : reference(resource, 'medicationReference'), encounter: null,
  };
}

// ---- the frame -----------------------------------------------------------------------------------

/** Where a value of the source ends, without reading its insides; only for what is read again later. */
function skipValue(t: string, at: number): number {
  let depth = 0;
  for (let i = at; i < t.length; i++) {
    const c = t.charCodeAt(i);
    if (c === 34) {
      for (i++; i < t.length && t.charCodeAt(i) !== 34; i++) if (t.charCodeAt(i) === 92) i++;
      if (depth === 0) return i + 1;
    } else if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) {
      if (--depth === 0) return i + 1;
      if (depth < 0) return i;
    } else if (depth === 0 && (c === 44 || c <= 32)) return i;
  }
  return t.length;
}
function frameRead(source: string): { type: string; raws: string[] } {
  const r = new JsonReader(source);
  const raws: string[] = [];
  let type = '';
  let kind = '';
  r.need('{');
  if (!r.take('}')) {
    do {
      r.space();
      const key = r.string();
      r.need(':');
      if (key === 'entry') {
        r.need('[');
        if (r.take(']')) continue;
        do {
          r.space();
          const end = skipValue(source, r.pos);
          raws.push(source.slice(r.pos, end));
          r.pos = end;
        } while (r.take(','));
        r.need(']');
      } else {
        const v = r.value(1);
        if (key === 'type') type = text(v);
        if (key === 'resourceType') kind = text(v);
      }
    } while (r.take(','));
    r.need('}');
  }
  r.end();
  if (kind !== 'Bundle') throw new CoreError('E_SYNTAX', 'no Bundle');
  return { type, raws };
}

// ---- links and groups ----------------------------------------------------------------------------

function link(list: Entry[]): void {
  const byUrl = new Map<string, Entry>();
  const byId = new Map<string, Entry>();
  for (const e of list) {
    if (e.fullUrl && !byUrl.has(e.fullUrl)) byUrl.set(e.fullUrl, e);
    const key = `${e.type}/${e.id}`;
    if (e.id && !byId.has(key)) byId.set(key, e);
  }
  const find = (ref: string): Entry | undefined => {
    if (ref === '' || ref.startsWith('#')) return undefined;
    const parts = ref.split('/');
    const at = parts.at(-2) === '_history' ? parts.slice(0, -2) : parts;
    return byUrl.get(ref) ?? byId.get(at.slice(-2).join('/'));
  };
  for (const e of list) {
    const t = e.type === 'Encounter' ? e : find(e.encounterRef);
    if (t?.type === 'Encounter') e.encounter = t;
  }
  for (let step = 0; step < 3; step++)
    for (const e of list) if (e.encounter === null && e.viaRef) e.encounter = find(e.viaRef)?.encounter ?? null;
  for (const e of list) {
    const t = find(e.medicationRef);
    if (t !== undefined && t.encounter === null) t.encounter = e.encounter;
  }
}
function oneLine(name: string): string {
  let s = name;
  while (utf8(s).length > 120) s = [...s].slice(0, -1).join('');
  // eslint-disable-next-line no-control-regex
  return s.replace(/[\u0000-\u001f\u007f]/g, ' ');
}
function recordOf(group: Entry[]): SplitRecord {
  const { category, encounter } = group[0]!;
  const title = CATEGORIES[category]!.title;
  const latest = group.map((e) => e.date).reduce((a, b) => (b > a ? b : a), '');
  const day = encounter?.date.slice(0, 10) ?? '';
  const shown = encounter === null ? title : `${oneLine(encounter.name) || 'Encounter'}${day ? ` ${day}` : ''}: ${title[0]!.toLowerCase()}${title.slice(1)}`;
  const entries = group.map((e) => `{${e.fullUrlRaw ? `"fullUrl":${e.fullUrlRaw},` : ''}"resource":${e.resourceRaw}}`);
  return {
    title: shown, category, date: encounter?.date || latest, entries: group.length,
    text: `{"resourceType":"Bundle","type":"collection","entry":[${entries.join(',')}]}`,
  };
}
/** E_UNSUPPORTED: a Bundle of a type that stays whole (a document). */
export function splitBundle(source: string): Split {
  const { type, raws } = frameRead(source);
  if (!['transaction', 'batch', 'collection', 'searchset'].includes(type)) throw new CoreError('E_UNSUPPORTED', 'a Bundle of this type stays whole');
  const skipped: Split['skipped'] = [];
  const list: Entry[] = [];
  raws.forEach((raw, entry) => {
    try {
      list.push(entryRead(raw));
    } catch (e) {
      if (!(e instanceof CoreError)) throw e;
      skipped.push({ entry, reason: e.message });
    }
  });
  link(list);
  const order = new Map(list.map((e, i) => [e, i]));
  const groups = new Map<string, { at: [number, number]; list: Entry[] }>();
  for (const e of list) {
    const place = e.encounter !== null ? order.get(e.encounter)! : e.category === 'demographics' ? -1 : Infinity;
    const key = `${place} ${e.category}`;
    if (!groups.has(key)) groups.set(key, { at: [place, CATEGORY_ORDER.indexOf(e.category)], list: [] });
    groups.get(key)!.list.push(e);
  }
  const byPlace = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
  const sorted = [...groups.values()].sort((a, b) => byPlace(a.at[0], b.at[0]) || a.at[1] - b.at[1]);
  return { records: sorted.map((g) => recordOf(g.list)), skipped };
}

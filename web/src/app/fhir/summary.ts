// SPDX-License-Identifier: Apache-2.0
// The sections of an International Patient Summary from the resources of a chart. Pure.
import { arr, at, code, concept, dateOf, plain, quantity, str, titleOf, type Resource } from './read';

export interface Entry {
  recordId: string;
  /** Position inside a Bundle record; null for a record that is one resource. */
  index: number | null;
  type: string;
  title: string;
  date: string;
  resource: Resource;
  /** What it is found by. */
  words: string;
}
export type SectionId = 'problems' | 'allergies' | 'medications' | 'immunisations' | 'results' | 'vitals' | 'procedures' | 'encounters' | 'plans';

/** find: the resource that a reference of the same Bundle names. */
export function toEntry(recordId: string, index: number | null, resource: Resource, find?: (reference: string) => Resource | undefined): Entry {
  return { recordId, index, type: str(resource, 'resourceType'), title: titleOf(resource, find), date: dateOf(resource), resource, words: '' };
}

const observationCategory = (r: Resource): string => arr(r, 'category').flatMap((c) => arr(c, 'coding')).map((c) => str(c, 'code')).find(Boolean) ?? '';

export function sectionOf(e: Entry): SectionId | null {
  switch (e.type) {
    case 'Condition': return 'problems';
    case 'AllergyIntolerance': return 'allergies';
    case 'MedicationRequest': case 'MedicationStatement': return 'medications';
    case 'Immunization': return 'immunisations';
    case 'Observation': return observationCategory(e.resource) === 'vital-signs' ? 'vitals' : 'results';
    case 'Procedure': return 'procedures';
    case 'Encounter': return 'encounters';
    case 'CarePlan': return 'plans';
    default: return null;
  }
}

export interface Row {
  key: string;
  title: string;
  note: string;
  date: string;
  active: boolean;
  entries: Entry[]; // newest first
}
/** Entries of the same code are one row; active ones first, then the newest. */
export function rows(entries: Entry[], isActive: (e: Entry) => boolean, note: (e: Entry) => string): Row[] {
  const byCode = new Map<string, Entry[]>();
  for (const e of entries) {
    const key = codeKey(e) || e.title;
    byCode.set(key, [...(byCode.get(key) ?? []), e]);
  }
  return [...byCode]
    .map(([key, group]) => {
      const sorted = [...group].sort((a, b) => b.date.localeCompare(a.date));
      const first = sorted[0]!;
      return { key, title: plain(first.title), note: note(first), date: first.date, active: group.some(isActive), entries: sorted };
    })
    .sort((a, b) => Number(b.active) - Number(a.active) || b.date.localeCompare(a.date));
}
function codeKey(e: Entry): string {
  return code(at(e.resource, 'code') ?? at(e.resource, 'vaccineCode') ?? at(e.resource, 'medicationCodeableConcept'));
}
const status = (r: Resource, path: string): string => str(arr(at(r, path), 'coding')[0], 'code');

export const isActiveProblem = (e: Entry): boolean => ['', 'active', 'recurrence', 'relapse'].includes(status(e.resource, 'clinicalStatus')) && !str(e.resource, 'abatementDateTime');
export const isActiveAllergy = (e: Entry): boolean => ['', 'active'].includes(status(e.resource, 'clinicalStatus'));
export const isActiveMedication = (e: Entry): boolean => str(e.resource, 'status') === 'active';
export const isOngoing = (e: Entry): boolean => ['active', 'in-progress'].includes(str(e.resource, 'status'));

/** "No known allergy" written as a resource: SNOMED 716186003 and its kin, or IPS's absent-unknown codes. */
export type Absent = 'none-known' | 'no-information' | null;
export function absence(entries: Entry[]): Absent {
  if (entries.length === 0) return 'no-information';
  const none = (e: Entry): boolean => /^(no-known-|no-allergy-info|no-medication-info|no-problem-info)/.test(str(at(e.resource, 'code'), 'coding.0.code')) || ['716186003', '409137002', '160245001', '787481004'].includes(str(at(e.resource, 'code'), 'coding.0.code'));
  return entries.every(none) ? 'none-known' : null;
}

export interface Point {
  date: string;
  time: number;
  text: string; // exact
  value: number;
  entry: Entry;
}
export interface Trend {
  key: string;
  title: string;
  unit: string;
  points: Point[]; // oldest first
  low: number | null;
  high: number | null;
  range: string;
  last: { text: string; date: string };
}
/** Groups of Observations by test; components (blood pressure) become trends of their own. Numbers only. */
export function trends(entries: Entry[]): Trend[] {
  const by = new Map<string, Trend>();
  const add = (e: Entry, source: Resource, parent: string): void => {
    const q = quantity(at(source, 'valueQuantity'));
    const c = at(source, 'code');
    if (!q || !c) return;
    const key = `${parent}${code(c)}|${q.unit}`;
    const t = by.get(key) ?? { key, title: concept(c), unit: q.unit, points: [], low: null, high: null, range: '', last: { text: '', date: '' } };
    const range = arr(source, 'referenceRange')[0];
    if (range) {
      t.low = numberOf(str(range, 'low.value')) ?? t.low;
      t.high = numberOf(str(range, 'high.value')) ?? t.high;
      t.range = str(range, 'text') || [str(range, 'low.value'), str(range, 'high.value')].join('–');
    }
    const time = Date.parse(e.date);
    if (!Number.isNaN(time)) t.points.push({ date: e.date, time, text: q.value, value: Number(q.value), entry: e });
    by.set(key, t);
  };
  for (const e of entries) {
    add(e, e.resource, '');
    for (const part of arr(e.resource, 'component')) add(e, part as Resource, `${code(at(e.resource, 'code'))}/`);
  }
  const all = [...by.values()].filter((t) => t.points.length > 0);
  for (const t of all) {
    t.points.sort((a, b) => a.time - b.time);
    const last = t.points.at(-1)!;
    t.last = { text: last.text, date: last.date };
  }
  return all.sort((a, b) => b.last.date.localeCompare(a.last.date) || a.title.localeCompare(b.title));
}
function numberOf(text: string): number | null {
  return text === '' || Number.isNaN(Number(text)) ? null : Number(text);
}

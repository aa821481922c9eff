// SPDX-License-Identifier: Apache-2.0
// The sections of an International Patient Summary from the resources of a chart. Pure.
import { conceptKey, siteOf } from './group';
import { statementOf } from './absence';
import { newestFirst } from './order';
import { at, dateOf, plain, str, titleOf, type Resource } from './read';
import { standing, type Standing, type Weight } from './standing';
import { isVitalSign } from './trend';

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

/** null: of no section, or entered in error: that stays in its record and in the timeline, where it is said. */
export function sectionOf(e: Entry): SectionId | null {
  const section = bySort(e);
  return section && standing(e.resource).weight !== 'void' ? section : null;
}
function bySort(e: Entry): SectionId | null {
  switch (e.type) {
    case 'Condition': return 'problems';
    case 'AllergyIntolerance': return 'allergies';
    case 'MedicationRequest': case 'MedicationStatement': return 'medications';
    case 'Immunization': return 'immunisations';
    case 'Observation': return isVitalSign(e.resource) ? 'vitals' : 'results';
    case 'Procedure': return 'procedures';
    case 'Encounter': return 'encounters';
    case 'CarePlan': return 'plans';
    default: return null;
  }
}

export interface Row {
  key: string;
  title: string;
  date: string;
  standing: Standing;
  /** It must be seen: in force, or a prohibition that is. */
  isInForce: boolean;
  entries: Entry[]; // what holds first, then the newest
}
const RANK: Record<Weight, number> = { active: 0, open: 1, past: 2, not: 3, void: 4 };
/** Entries of the same code and the same standing are one row; what holds first, then the newest. */
export function rows(entries: Entry[]): Row[] {
  const by = new Map<string, { entry: Entry; standing: Standing }[]>();
  for (const entry of entries) {
    if (statementOf(entry.resource)) continue; // "none known" is no thing of its own: see absence
    const s = standing(entry.resource);
    const key = `${thingKey(entry)}#${standingKey(s)}`;
    const group = by.get(key);
    if (group) group.push({ entry, standing: s });
    else by.set(key, [{ entry, standing: s }]);
  }
  return [...by].map(([key, group]) => rowOf(key, group)).sort((a, b) => RANK[a.standing.weight] - RANK[b.standing.weight] || newestFirst(a.date, b.date));
}
function rowOf(key: string, group: { entry: Entry; standing: Standing }[]): Row {
  group.sort((a, b) => RANK[a.standing.weight] - RANK[b.standing.weight] || newestFirst(a.entry.date, b.entry.date));
  const first = group[0]!;
  const site = siteOf(first.entry.resource);
  const title = plain(first.entry.title);
  return { key, title: site ? `${title}, ${site}` : title, date: first.entry.date, standing: first.standing, isInForce: first.standing.weight === 'active', entries: group.map((g) => g.entry) };
}
/** The same thing once in force and once over is one row; what is halted, doubted or denied stands by itself. */
function standingKey(s: Standing): string {
  const isPlain = (s.weight === 'active' || s.weight === 'past') && s.negations.length === 0;
  if (isPlain) return s.weight === 'active' ? s.doubts.join() : '';
  return [s.weight, s.status, ...s.negations, ...s.doubts].join();
}
/** What could not be named is like nothing else: two medications that are only referred to are not one. */
function thingKey(e: Entry): string {
  const r = e.resource;
  const code = conceptKey(at(r, 'code') ?? at(r, 'vaccineCode') ?? at(r, 'medicationCodeableConcept'));
  const title = e.title === e.type || e.title === '' ? `${e.recordId}/${e.index}` : `title:${plain(e.title).toLowerCase()}`;
  return `${code || title}/${siteOf(r).toLowerCase()}`;
}

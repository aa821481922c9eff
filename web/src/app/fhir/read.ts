// SPDX-License-Identifier: Apache-2.0
// Reading FHIR R4 resources for people: no framework, tolerant of what is missing.
import type { JsonObject, JsonValue } from '../../core/codec/json';

export type Resource = JsonObject;
export type { JsonValue };

const isObject = (v: unknown): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v) && !('toNumber' in v);

const steps = new Map<string, string[]>(); // paths are few, and all in this code
function stepsOf(path: string): string[] {
  let s = steps.get(path);
  if (s === undefined) steps.set(path, (s = path.split('.')));
  return s;
}
/** The value at "code.coding.0.display", or undefined. */
export function at(v: JsonValue | undefined, path: string): JsonValue | undefined {
  let x: JsonValue | undefined = v;
  for (const key of stepsOf(path)) {
    if (Array.isArray(x)) x = x[Number(key)];
    else if (isObject(x)) x = x[key];
    else return undefined;
  }
  return x;
}
/** A string or a number's exact text; "" when there is none. */
export function str(v: JsonValue | undefined, path: string): string {
  const x = at(v, path);
  if (typeof x === 'string') return x;
  if (typeof x === 'boolean') return String(x);
  return x !== null && typeof x === 'object' && 'toNumber' in x ? String(x) : '';
}
export function arr(v: JsonValue | undefined, path: string): JsonValue[] {
  const x = at(v, path);
  return Array.isArray(x) ? x : [];
}
export type Shape = Record<string, 'value' | 'list' | 'part'>;
/** Whether v is an object with no member but these, each a string, number or boolean, a list of something, or an object. */
export function fits(v: JsonValue | undefined, shape: Shape): v is JsonObject {
  if (!isObject(v)) return false;
  return Object.entries(v).every(([k, x]) => Object.hasOwn(shape, k) && kindOf(x) === shape[k]);
}
function kindOf(v: JsonValue): string {
  if (v === null) return 'none';
  if (Array.isArray(v)) return v.length > 0 ? 'list' : 'none';
  return isObject(v) ? 'part' : 'value';
}
/** CodeableConcept in words. */
export function concept(v: JsonValue | undefined): string {
  return str(v, 'text') || arr(v, 'coding').map((c) => str(c, 'display') || str(c, 'code')).find(Boolean) || '';
}
/** SNOMED's "(disorder)", "(finding)" are for machines. */
export function plain(text: string): string {
  return !text.includes('(') ? text.trim() : text.replace(/ \((disorder|finding|procedure|situation|regime\/therapy|person|environment|morphologic abnormality)\)/g, '').trim();
}
/** When it happened, as written. */
export function dateOf(r: Resource): string {
  for (const p of ['effectiveDateTime', 'effectivePeriod.start', 'effectiveInstant', 'effectiveTiming.event.0', 'occurrenceDateTime', 'occurrencePeriod.start', 'performedDateTime', 'performedPeriod.start', 'period.start', 'onsetDateTime', 'onsetPeriod.start', 'recordedDate', 'assertedDate', 'authoredOn', 'whenHandedOver', 'whenPrepared', 'dateAsserted', 'started', 'date', 'created', 'issued', 'recorded', 'billablePeriod.start', 'servicedPeriod.start']) {
    const d = str(r, p);
    if (d) return d;
  }
  return '';
}
/** What it is, in words. find: the resource that a reference names, where it is at hand. */
export function titleOf(r: Resource, find?: (reference: string) => Resource | undefined): string {
  const t = str(r, 'resourceType');
  switch (t) {
    case 'Patient': return personName(r);
    case 'Immunization': return concept(at(r, 'vaccineCode'));
    case 'MedicationRequest': case 'MedicationStatement': case 'MedicationAdministration': case 'MedicationDispense':
      return concept(at(r, 'medicationCodeableConcept')) || str(r, 'medicationReference.display') || concept(at(medicationOf(r, find), 'code')) || t;
    case 'AllergyIntolerance': return plain(concept(at(r, 'code'))) || arr(r, 'reaction').map((x) => concept(at(x, 'substance'))).find(Boolean) || t;
    case 'FamilyMemberHistory': return [concept(at(r, 'relationship')), ...arr(r, 'condition').map((c) => plain(concept(at(c, 'code'))))].filter(Boolean).join(' · ') || t;
    case 'Encounter': return plain(concept(arr(r, 'type')[0]) || str(r, 'class.display') || str(r, 'class.code'));
    case 'CarePlan': return plain(arr(r, 'category').map((c) => concept(c)).filter(Boolean).at(-1) ?? '') || str(r, 'title');
    case 'DocumentReference': return str(r, 'description') || concept(at(r, 'type'));
    case 'Practitioner': return personName(r);
    case 'Organization': case 'Location': case 'CareTeam': return str(r, 'name') || concept(arr(r, 'reasonCode')[0]) || t;
    case 'ImagingStudy': return concept(arr(r, 'procedureCode')[0]) || str(r, 'description') || t;
    default: return plain(concept(at(r, 'code')) || concept(at(r, 'type')) || str(r, 'title') || str(r, 'name')) || t;
  }
}
/** The Medication that is named: inside the resource ("#m1"), or beside it. */
function medicationOf(r: Resource, find?: (reference: string) => Resource | undefined): JsonValue | undefined {
  const ref = str(r, 'medicationReference.reference');
  if (ref === '') return undefined;
  return ref.startsWith('#') ? arr(r, 'contained').find((c) => str(c, 'id') === ref.slice(1)) : find?.(ref);
}
/** The name in use: the official one before others, and a former one only where there is no other. */
export function personName(r: Resource): string {
  return nameOn(r, new Date().toISOString().slice(0, 10));
}
export function nameOn(r: Resource, today: string): string {
  const n = [...arr(r, 'name')].sort((a, b) => nameRank(a, today) - nameRank(b, today))[0];
  const parts = [...arr(n, 'given').map(String), str(n, 'family')].filter(Boolean);
  // Synthea marks every part of a name that it made up: "Abe604 Frami345". A digit in one part is somebody's name.
  const isMadeUp = parts.length > 1 && parts.every((p) => /\p{L}\d{1,3}$/u.test(p));
  return str(n, 'text') || parts.map((p) => (isMadeUp ? p.replace(/\d+$/, '') : p)).join(' ');
}
function nameRank(n: JsonValue, today: string): number {
  const end = str(n, 'period.end').slice(0, 10);
  const use = str(n, 'use');
  if (use === 'old' || use === 'maiden' || (end !== '' && end < today.slice(0, end.length))) return 3;
  return use === 'official' ? 0 : use === 'nickname' || use === 'anonymous' ? 2 : 1;
}

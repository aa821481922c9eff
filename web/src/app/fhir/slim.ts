// SPDX-License-Identifier: Apache-2.0
// What a chart keeps of a resource in memory: the members that lists, summary and plots show, and the words to search by.
import type { JsonObject, JsonValue } from '../../core/codec/json';
import { noteText } from './attachment';
import { slimDosage } from './dosage';
import { arr, type Resource } from './read';

/** Everything that says whether a resource holds is kept: without it, "do not give" would read as "give". */
const KEEP = new Set([
  'resourceType', 'id', 'status', 'docStatus', 'lifecycleStatus', 'clinicalStatus', 'verificationStatus', 'intent', 'doNotPerform', 'isSubpotent', 'implicitRules',
  'notGiven', 'wasNotGiven', 'notDone', 'notPerformed', 'taken', 'wasNotTaken', 'statusReason', 'criticality', 'category', 'code', 'bodySite', 'vaccineCode',
  'medicationCodeableConcept', 'valueQuantity', 'valueCodeableConcept', 'valueString', 'valueInteger', 'valueBoolean', 'valueRange', 'valueRatio', 'valuePeriod',
  'valueDateTime', 'valueTime', 'dataAbsentReason', 'interpretation', 'component', 'referenceRange', 'abatementDateTime', 'abatementAge', 'abatementPeriod',
  'abatementRange', 'abatementString', 'abatementBoolean', 'serviceProvider', 'name', 'birthDate', 'gender', 'deceasedBoolean', 'deceasedDateTime',
]);
const TEXT_MAX = 20_000; // characters of one resource to search in
const DEPTH_MAX = 12;

export function slim(r: Resource): Resource {
  const out: JsonObject = {};
  for (const k of Object.keys(r)) if (KEEP.has(k)) out[k] = r[k]!;
  for (const k of ['dosageInstruction', 'dosage']) if (r[k] !== undefined) out[k] = slimDosage(r[k]);
  // Of these it counts that they are there.
  if (r['valueSampledData'] !== undefined) out['valueSampledData'] = {};
  for (const k of ['hasMember', 'modifierExtension']) if (arr(r, k).length > 0) out[k] = [{}];
  return out;
}

const SKIP = new Set(['resourceType', 'id', 'reference', 'system', 'fullUrl', 'url', 'div', 'data', 'contentType', 'meta', 'hash', 'linkId', 'use', 'profile', 'versionId', 'language']);
/** The words a reader could look for: displays, texts, codes, values as they are written, names, and the note inside. */
export function searchText(r: Resource): string {
  const out: string[] = [];
  let room = TEXT_MAX;
  const put = (s: string): void => {
    if (room <= 0 || s === '') return;
    out.push(s.slice(0, room));
    room -= s.length + 1;
  };
  const walk = (v: JsonValue, depth: number): void => {
    if (room <= 0 || depth > DEPTH_MAX) return;
    if (typeof v === 'string') put(v);
    else if (Array.isArray(v)) for (const x of v) walk(x, depth + 1);
    else if (v !== null && typeof v === 'object') {
      if ('toNumber' in v) put(String(v));
      else for (const k of Object.keys(v)) if (!SKIP.has(k)) walk((v as JsonObject)[k]!, depth + 1);
    }
  };
  put(noteText(r));
  walk(r, 0);
  const div = r['text'] && typeof r['text'] === 'object' ? (r['text'] as JsonObject)['div'] : undefined;
  if (typeof div === 'string') put(div.replace(/<[^>]*>/g, ' '));
  return [...new Set(out)].join(' ');
}

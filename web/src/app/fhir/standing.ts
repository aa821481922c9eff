// SPDX-License-Identifier: Apache-2.0
// What a resource says about itself: whether it counts, no longer counts, says that something is not so, or was never
// true. FHIR R4 spreads this over status, clinicalStatus, verificationStatus, doNotPerform and modifier extensions. Pure.
import { arr, at, str, type JsonValue, type Resource } from './read';

/**
 * active: it holds. open: not in force yet, halted, or not told. past: it held. not: it says that something is not so
 * or did not happen. void: entered in error, it was never true of this person.
 */
export type Weight = 'active' | 'open' | 'past' | 'not' | 'void';
/** What stands before the title, because the title alone would say the opposite. */
export type Negation = 'entered-in-error' | 'refuted' | 'do-not-give' | 'do-not-perform' | 'not-given' | 'not-done' | 'not-taken';
export interface Standing {
  weight: Weight;
  negations: Negation[];
  /** The code that says so: "active", "on-hold", "resolved", …; "": none is given. */
  status: string;
  /** How sure it is, and what else must be known with it. */
  doubts: string[];
}

/** Codes of a status, whether it is a code (R4 status) or a concept (clinicalStatus); words serve where no code is given. */
export function statusCodes(r: Resource, path: string): string[] {
  const v = at(r, path);
  const codes = typeof v === 'string' ? [v] : arr(v, 'coding').map((c) => str(c, 'code'));
  const found = codes.some(Boolean) ? codes : [str(v, 'text') || str(v, 'coding.0.display')];
  return found.filter(Boolean).map((c) => c.trim().toLowerCase().replace(/[ _]+/g, '-'));
}

const VERIFIED = new Set(['confirmed', 'refuted', 'entered-in-error']);
const IS_OF_PERSON = new Set(['Condition', 'AllergyIntolerance']);
const MEDICATION = new Set(['MedicationRequest', 'MedicationStatement', 'MedicationAdministration', 'MedicationDispense']);
/** What has happened or was found is not over because it is complete. */
const EVENT = new Set(['Immunization', 'Procedure', 'MedicationAdministration', 'MedicationDispense']);
const WEIGHTS: Record<string, Weight> = {
  active: 'active', 'in-progress': 'active', arrived: 'active', triaged: 'active', onleave: 'active', current: 'active', available: 'active', accepted: 'active',
  recurrence: 'active', relapse: 'active', final: 'active', preliminary: 'active', partial: 'active', amended: 'active', corrected: 'active', appended: 'active',
  completed: 'past', finished: 'past', stopped: 'past', revoked: 'past', superseded: 'past', inactive: 'past', remission: 'past', resolved: 'past', fulfilled: 'past',
  cancelled: 'not', 'not-done': 'not', 'not-taken': 'not', declined: 'not', rejected: 'not', noshow: 'not', refuted: 'not', aborted: 'not',
  'entered-in-error': 'void',
};
/** STU3 and DSTU2 say it with members of their own. */
const NOT_DONE = ['notGiven', 'wasNotGiven', 'notDone', 'notPerformed', 'wasNotTaken'];
const isNotDone = (r: Resource): boolean => NOT_DONE.some((k) => r[k] === true) || r['taken'] === 'n';
const STATUS = ['status', 'docStatus', 'lifecycleStatus'];

/** Asked for by every list at every step of reading a chart: found once. */
const known = new WeakMap<Resource, Standing>();
export function standing(r: Resource): Standing {
  let s = known.get(r);
  if (s === undefined) known.set(r, (s = judge(r)));
  return s;
}
function judge(r: Resource): Standing {
  const type = str(r, 'resourceType');
  const isPersons = IS_OF_PERSON.has(type);
  const verified = isPersons ? statusCodes(r, 'verificationStatus') : [];
  const status = isPersons ? clinical(r) : statusOf(r);
  const negations = negationsOf(r, type, verified, status);
  return { weight: weightOf(r, type, verified, status), negations, status, doubts: doubtsOf(r, verified, status) };
}
function statusOf(r: Resource): string {
  if (isNotDone(r)) return r['taken'] === 'n' || r['wasNotTaken'] === true ? 'not-taken' : 'not-done';
  const all = STATUS.filter((p) => r[p] !== undefined).flatMap((p) => statusCodes(r, p));
  return all.find((c) => c === 'entered-in-error') ?? all[0] ?? '';
}
/** Without a clinicalStatus an end tells that it is over; with one, the clinicalStatus decides. */
function clinical(r: Resource): string {
  const codes = statusCodes(r, 'clinicalStatus');
  const ended = Object.keys(r).some((k) => k.startsWith('abatement') && r[k] !== false);
  const active = codes.find((c) => WEIGHTS[c] === 'active');
  return active ?? codes[0] ?? (ended ? 'resolved' : '');
}
function weightOf(r: Resource, type: string, verified: string[], status: string): Weight {
  if (verified.includes('entered-in-error') || status === 'entered-in-error') return 'void';
  if (verified.includes('refuted')) return 'not';
  // A problem or allergy that does not say so is taken for active: leaving it out would be worse.
  if (IS_OF_PERSON.has(type)) return status === '' ? 'active' : (WEIGHTS[status] ?? 'active');
  const weight = WEIGHTS[status] ?? 'open';
  if (weight === 'past' && status === 'completed' && EVENT.has(type)) return 'active';
  return weight === 'active' && isOnlyAnIdea(r) ? 'open' : weight;
}
/** An active proposal or option is no prescription. */
const isOnlyAnIdea = (r: Resource): boolean => ['proposal', 'option'].includes(str(r, 'intent'));

function negationsOf(r: Resource, type: string, verified: string[], status: string): Negation[] {
  const out: Negation[] = [];
  if (status === 'entered-in-error' || verified.includes('entered-in-error')) out.push('entered-in-error');
  if (verified.includes('refuted')) out.push('refuted');
  if (r['doNotPerform'] === true) out.push(MEDICATION.has(type) ? 'do-not-give' : 'do-not-perform');
  if (status === 'not-taken') out.push('not-taken');
  if (status === 'not-done' || (status === 'declined' && type === 'MedicationDispense')) out.push(type === 'Immunization' || MEDICATION.has(type) ? 'not-given' : 'not-done');
  return out;
}
const UNSURE = new Set(['preliminary', 'partial']);
function doubtsOf(r: Resource, verified: string[], status: string): string[] {
  const out = verified.filter((c) => !VERIFIED.has(c));
  const intent = str(r, 'intent');
  if (['proposal', 'plan', 'option'].includes(intent) && str(r, 'resourceType') !== 'CarePlan') out.push(intent);
  if (r['isSubpotent'] === true) out.push('subpotent');
  const doc = str(r, 'docStatus');
  if (UNSURE.has(doc) && doc !== status) out.push(doc);
  if (isModified(r)) out.push('modified');
  return out;
}
/** It holds something that may change its meaning and that this page does not know (FHIR R4, modifier extensions). */
function isModified(r: Resource): boolean {
  const has = (x: JsonValue): boolean => arr(x, 'modifierExtension').length > 0;
  return r['implicitRules'] !== undefined || has(r) || arr(r, 'component').some(has);
}

// SPDX-License-Identifier: Apache-2.0
// What FHIR says by codes, in the reader's language: status, certainty, denials, interpretations, kinds of resources.
import { decimal, fhirDate, list } from '../state/words';
import { absence, statementOf, type Scope } from './absence';
import { dosageText } from './dosage';
import type { Outside } from './range';
import { arr, at, concept, plain, str } from './read';
import { standing, type Negation, type Standing } from './standing';
import { rows, type Entry, type Row } from './summary';
import type { Say } from './value';

/** Final results, finished visits and the like go without saying. */
const PLAIN = new Set(['', 'final', 'completed', 'finished', 'active', 'current', 'available', 'entered-in-error', 'refuted', 'not-done', 'not-taken']);
const IN_USE = new Set(['MedicationRequest', 'MedicationStatement']);

export function statusWord(code: string, type = ''): string {
  if (code === 'active' && IN_USE.has(type)) return $localize`in use`;
  if (code === 'active' && type === 'CarePlan') return $localize`going on`;
  switch (code) {
    case '': return $localize`status not stated`;
    case 'active': return $localize`active`;
    case 'recurrence': return $localize`active again`;
    case 'relapse': return $localize`relapsed`;
    case 'inactive': return $localize`not active`;
    case 'remission': return $localize`in remission`;
    case 'resolved': return $localize`resolved`;
    case 'completed': case 'finished': return $localize`finished`;
    case 'stopped': case 'revoked': case 'aborted': return $localize`:of a treatment|:stopped`;
    case 'on-hold': case 'suspended': return $localize`on hold`;
    case 'cancelled': return $localize`cancelled`;
    case 'draft': return $localize`draft`;
    case 'preparation': return $localize`being prepared`;
    case 'planned': case 'proposed': return $localize`planned`;
    case 'intended': return $localize`intended, not taken yet`;
    case 'not-taken': return $localize`not taken`;
    case 'not-done': return $localize`not done`;
    case 'declined': case 'rejected': return $localize`declined`;
    case 'in-progress': return $localize`going on`;
    case 'arrived': case 'triaged': return $localize`arrived`;
    case 'onleave': return $localize`on leave`;
    case 'registered': return $localize`no result yet`;
    case 'preliminary': case 'partial': return $localize`preliminary`;
    case 'final': return $localize`final`;
    case 'amended': case 'appended': return $localize`amended`;
    case 'corrected': return $localize`corrected`;
    case 'superseded': return $localize`superseded`;
    case 'current': case 'available': return $localize`valid`;
    case 'unknown': return $localize`status unknown`;
    case 'entered-in-error': return $localize`entered in error`;
    default: return code;
  }
}
export function doubtWord(code: string): string {
  switch (code) {
    case 'unconfirmed': return $localize`unconfirmed`;
    case 'provisional': return $localize`provisional`;
    case 'differential': return $localize`one of several possible`;
    case 'confirmed': return $localize`confirmed`;
    case 'refuted': return $localize`refuted (ruled out)`;
    case 'entered-in-error': return $localize`entered in error`;
    case 'proposal': return $localize`only proposed`;
    case 'plan': return $localize`planned`;
    case 'option': return $localize`one option`;
    case 'subpotent': return $localize`dose too weak to count`;
    case 'preliminary': case 'partial': return $localize`preliminary`;
    case 'modified': return $localize`has a qualification that is not shown here: read the entry`;
    case 'unknown': return $localize`certainty unknown`;
    default: return code;
  }
}
function negated(negation: Negation, title: string): string {
  switch (negation) {
    case 'entered-in-error': return $localize`Entered in error: ${title}:title:`;
    case 'refuted': return $localize`Refuted: ${title}:title:`;
    case 'do-not-give': return $localize`Do not give: ${title}:title:`;
    case 'do-not-perform': return $localize`Do not do: ${title}:title:`;
    case 'not-given': return $localize`Not given: ${title}:title:`;
    case 'not-done': return $localize`Not done: ${title}:title:`;
    case 'not-taken': return $localize`Not taken: ${title}:title:`;
  }
}
/** The title with what it must not be read without: "Do not give: Warfarin". */
export function titleWords(title: string, s: Standing): string {
  return s.negations.reduceRight((text, n) => negated(n, text), title);
}
export function entryTitle(e: Entry): string {
  return titleWords(e.title, standing(e.resource));
}
/** These leave nothing for the status to say: an allergy that is refuted is not also "active". */
const SAYS_ALL = new Set<Negation>(['entered-in-error', 'refuted', 'not-given', 'not-done', 'not-taken']);
/** Status and doubts in words; short: only what does not go without saying. */
export function standingWords(s: Standing, type: string, isShort = false): string {
  const isSaid = s.negations.some((n) => SAYS_ALL.has(n)) || (isShort && PLAIN.has(s.status));
  const status = s.negations.length > 0 && s.status === 'active' ? $localize`in force` : statusWord(s.status, type);
  return [isSaid ? '' : status, ...s.doubts.map(doubtWord)].filter(Boolean).join(', ');
}
/** Why it was stopped, refused or not done. */
export function reasonWords(r: Entry['resource']): string {
  const one = at(r, 'statusReason');
  return (Array.isArray(one) ? one : one === undefined ? [] : [one]).map((x) => plain(concept(x))).filter(Boolean).join(', ');
}
/** The dosage of a row: of every entry that is in force, since two prescriptions of one drug are two doses. */
export function dosageWords(r: Row): string {
  const inForce = r.entries.filter((e) => standing(e.resource).weight === 'active');
  const told = inForce.length ? inForce : r.entries.slice(0, 1);
  const texts = [...new Set(told.map((e) => dosageText(e.resource, $localize`see the entry for the dosage`)))].filter(Boolean);
  return texts.length > 1 ? $localize`${texts.length}:count: dosages in force: ${texts.join(' | ')}:dosages:` : (texts[0] ?? '');
}

function noneOf(scope: Scope, title: string): string {
  switch (scope) {
    case 'all': return $localize`None known`;
    case 'medication': return $localize`No known drug allergy`;
    case 'food': return $localize`No known food allergy`;
    case 'environment': return $localize`No known environmental allergy`;
    case 'other': return plain(title);
  }
}
/** "No known drug allergy": under its own title, so that it is not read as more. */
export function absenceTitle(e: Entry): string {
  return noneOf(statementOf(e.resource)?.scope ?? 'other', e.title);
}
/** How far it holds: "unconfirmed". */
export function absenceNote(e: Entry): string {
  return standingWords(standing(e.resource), e.type, true);
}
/** Of a section in which there is nothing. isReading, isPart: what may not be called absent yet, or at all. */
export function absentWords(isReading: boolean, isPart: boolean): string {
  if (isReading) return $localize`Not known yet: still reading…`;
  return isPart ? $localize`Not known: not every record could be opened` : $localize`No information in this folder`;
}
const withNote = (words: string, note: string): string => (note ? `${words} (${note})` : words);
/** Allergies in one line, for the head of a chart. isReading, isPart: see above. */
export function allergyWords(entries: Entry[], isReading: boolean, isPart: boolean): string {
  const found = rows(entries).filter((r) => r.isInForce).map((r) => withNote(r.title, r.standing.doubts.map(doubtWord).join(', ')));
  if (isReading) return found.length ? $localize`${list(found)}:allergies:; still reading…` : $localize`reading…`;
  if (found.length) return list([...found, ...(isPart ? [$localize`perhaps others`] : [])]);
  if (isPart) return $localize`not known, since not everything could be opened`;
  const { noneKnown, parts } = absence(entries);
  if (noneKnown) return withNote($localize`none known`, absenceNote(noneKnown));
  // What is said of drugs is not said of food.
  const said = parts.map((e) => withNote(absenceTitle(e), absenceNote(e)));
  return said.length ? $localize`${list(said)}:statements:; no information on others` : $localize`no information`;
}

export function outsideWord(o: Outside): string {
  switch (o) {
    case 'high': return $localize`above the reference range`;
    case 'low': return $localize`below the reference range`;
    case 'abnormal': return $localize`abnormal`;
    case null: return '';
  }
}
/** Codes of v3 ObservationInterpretation, and of its ancestor in HL7 version 2. */
function judged(code: string, words: string): string {
  switch (code) {
    case 'N': return $localize`normal`;
    case 'A': return $localize`abnormal`;
    case 'AA': return $localize`critically abnormal`;
    case 'H': return $localize`high`;
    case 'HH': return $localize`critically high`;
    case 'HU': case 'H>': return $localize`markedly high`;
    case 'L': return $localize`low`;
    case 'LL': return $localize`critically low`;
    case 'LU': case 'L<': return $localize`markedly low`;
    case '<': return $localize`below what can be measured`;
    case '>': return $localize`above what can be measured`;
    case 'POS': return $localize`positive`;
    case 'NEG': return $localize`negative`;
    case 'IND': case 'E': return $localize`indeterminate`;
    case 'DET': return $localize`detected`;
    case 'ND': return $localize`not detected`;
    case 'RR': return $localize`reactive`;
    case 'WR': return $localize`weakly reactive`;
    case 'NR': return $localize`not reactive`;
    case 'R': return $localize`resistant`;
    case 'I': return $localize`intermediate`;
    case 'S': return $localize`susceptible`;
    case 'NS': return $localize`not susceptible`;
    default: return words || code;
  }
}
function missing(reason: string, words: string): string {
  switch (reason) {
    case 'unknown': return $localize`no value: unknown`;
    case 'asked-unknown': return $localize`no value: asked, not known`;
    case 'not-asked': return $localize`no value: not asked`;
    case 'asked-declined': return $localize`no value: declined`;
    case 'masked': return $localize`no value: kept confidential`;
    case 'not-applicable': return $localize`no value: does not apply`;
    case 'error': return $localize`no value: error of measurement`;
    case 'not-performed': return $localize`no value: not done`;
    case 'temp-unknown': return $localize`no value: not known yet`;
    default: return $localize`no value: ${words || reason}:reason:`;
  }
}
export const say: Say = {
  decimal, date: fhirDate, missing, judged,
  yesNo: (is) => (is ? $localize`yes` : $localize`no`),
  get samples() { return $localize`recorded curve`; },
};

export function typeWord(type: string): string {
  switch (type) {
    case 'Observation': return $localize`Measurement`;
    case 'Condition': return $localize`Problem`;
    case 'Procedure': return $localize`Procedure`;
    case 'Immunization': return $localize`Immunisation`;
    case 'MedicationRequest': return $localize`Prescription`;
    case 'MedicationStatement': return $localize`Medication as reported`;
    case 'MedicationAdministration': return $localize`Medication given`;
    case 'MedicationDispense': return $localize`Medication handed out`;
    case 'Medication': return $localize`Medication`;
    case 'DiagnosticReport': return $localize`Report`;
    case 'DocumentReference': return $localize`Document`;
    case 'CarePlan': return $localize`Plan`;
    case 'CareTeam': return $localize`Care team`;
    case 'AllergyIntolerance': return $localize`Allergy`;
    case 'FamilyMemberHistory': return $localize`Family history`;
    case 'ServiceRequest': return $localize`Order`;
    case 'Encounter': return $localize`Visit`;
    case 'Patient': return $localize`Patient`;
    case 'Goal': return $localize`Goal`;
    case 'ImagingStudy': return $localize`Imaging`;
    case 'Device': return $localize`Device`;
    case 'Claim': case 'ExplanationOfBenefit': return $localize`Billing`;
    default: return type;
  }
}
export function sexWord(code: string): string {
  switch (code) {
    case 'female': return $localize`female`;
    case 'male': return $localize`male`;
    case 'other': return $localize`other`;
    case 'unknown': return $localize`unknown`;
    default: return code;
  }
}
/** One line under a title: kind, value, and what does not go without saying. */
export function kindWord(e: Entry, s: Standing): string {
  const isMedication = e.type === 'MedicationAdministration' && s.negations.length > 0;
  return isMedication ? $localize`Medication` : typeWord(e.type);
}
export const codeWords = (r: Entry['resource'], path: string): string => arr(r, path).map((c) => plain(concept(c))).filter(Boolean).join(', ');
export const textOf = (r: Entry['resource'], path: string): string => arr(r, path).map((n) => str(n, 'text')).filter(Boolean).join(' · ');

// SPDX-License-Identifier: Apache-2.0
// "No known allergy" and "no information about allergies", written as resources: codes of SNOMED CT and of the
// International Patient Summary. What is said of one kind of thing (drugs) is not said of all, and what is said of
// allergies says nothing of problems, wherever it is written. Pure.
import { arr, at, concept, str, type Resource } from './read';
import { standing } from './standing';
import type { Entry } from './summary';

export type Scope = 'all' | 'medication' | 'food' | 'environment' | 'other';
export interface Statement { says: 'none-known' | 'no-information'; scope: Scope; }

const none = (scope: Scope): Statement => ({ says: 'none-known', scope });
const NO_INFORMATION: Statement = { says: 'no-information', scope: 'all' };
type Statements = Record<string, Statement>;
const ALLERGIES: Statements = {
  '716186003': none('all'), '160244002': none('all'), 'no-known-allergies': none('all'),
  '409137002': none('medication'), 'no-known-medication-allergies': none('medication'),
  '429625007': none('food'), 'no-known-food-allergies': none('food'),
  '428607008': none('environment'), 'no-known-environmental-allergies': none('environment'),
  '428197003': none('other'), '716220001': none('other'), '716184000': none('other'), '1003774007': none('other'), // insects, animals, latex
  'no-allergy-info': NO_INFORMATION, '787923006': NO_INFORMATION, '1631000175102': NO_INFORMATION, // status unknown, patient not asked
};
const MEDICATIONS: Statements = { '787481004': none('all'), '1234391000168107': none('all'), 'no-known-medications': none('all'), 'no-medication-info': NO_INFORMATION };
/** Codes by the kind of resource in which they are a statement; anywhere else they stay an entry like any other. */
const CODES: Record<string, Statements> = {
  AllergyIntolerance: ALLERGIES,
  MedicationStatement: MEDICATIONS, MedicationRequest: MEDICATIONS,
  Condition: { '160245001': none('all'), 'no-known-problems': none('all'), 'no-problem-info': NO_INFORMATION }, // no current problems or disability
  Immunization: { '787482006': none('all'), 'no-known-immunizations': none('all'), 'no-immunization-info': NO_INFORMATION },
  Procedure: { '787480003': none('all'), 'no-known-procedures': none('all'), 'no-procedure-info': NO_INFORMATION },
};
/** Only the whole text counts: "No known allergies except to penicillin" is no such statement. */
const TEXTS: [RegExp, Statement][] = [
  [/^(no known (drug|medication|medicine) allerg(y|ies)|nkda)$/, none('medication')],
  [/^(no known food allerg(y|ies)|nkfa)$/, none('food')],
  [/^(no known environmental allerg(y|ies))$/, none('environment')],
  [/^(no known allerg(y|ies)|nka|keine bekannten allergien|keine allergien bekannt)$/, none('all')],
];
/** Beside a code that says the same of its own kind. */
const TEXTS_OF_CODES = /^(none( known)?|no known (medications?|problems?|procedures?|immuni[sz]ations?)|no information( about (allergies|medications|problems|procedures|immuni[sz]ations))?|keine( bekannt)?|keine bekannten (medikamente|probleme|eingriffe|impfungen)|keine angaben?)$/;
const named = (r: Resource): ReturnType<typeof at> => at(r, 'code') ?? at(r, 'medicationCodeableConcept') ?? at(r, 'vaccineCode');

/** What the resource says of the absence of its kind; null: it is a thing of its own. */
export function statementOf(r: Resource): Statement | null {
  let s = known.get(r);
  if (s === undefined) known.set(r, (s = read(r)));
  return s;
}
const known = new WeakMap<Resource, Statement | null>();
function read(r: Resource): Statement | null {
  const type = str(r, 'resourceType');
  const codes = Object.hasOwn(CODES, type) ? CODES[type]! : {};
  // What this page does not know may turn it into its opposite: it stays an entry, which is told with that doubt.
  if (standing(r).doubts.includes('modified')) return null;
  const c = named(r);
  for (const coding of arr(c, 'coding')) {
    const code = str(coding, 'code');
    if (Object.hasOwn(codes, code)) return believed(codes[code]!, str(c, 'text'), str(coding, 'display'));
  }
  return type === 'AllergyIntolerance' ? statementIn(bare(concept(c))) : null;
}
const bare = (text: string): string => text.trim().replace(/ \(situation\)$/, '').replace(/[.!]$/, '').trim().toLowerCase();
const statementIn = (text: string): Statement | null => TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
/** What a code says, unless whoever wrote the text beside it says something else: then it stays an entry, read in their words. */
function believed(coded: Statement, text: string, display: string): Statement | null {
  const words = bare(text);
  const said = statementIn(words);
  if (said === null) return words === '' || words === bare(display) || TEXTS_OF_CODES.test(words) ? coded : null;
  if (coded.says === 'no-information' || said.scope === 'all' || said.scope === coded.scope) return coded;
  return coded.scope === 'all' ? said : null; // "no known drug allergies" is not said of food
}

/** What a section may say when nothing in it is in force. */
export interface Absence {
  /** Nothing of the kind is known of, as an entry in force says. */
  noneKnown: Entry | null;
  /** Said of a part only: no known drug allergy. */
  parts: Entry[];
}
const isInForce = (r: Resource): boolean => ['active', 'open'].includes(standing(r).weight) || standing(r).status === 'completed';
export function absence(entries: Entry[]): Absence {
  const said = entries.flatMap((e) => {
    const s = statementOf(e.resource);
    return s?.says === 'none-known' && isInForce(e.resource) ? [{ e, s }] : [];
  }).sort((a, b) => b.e.date.localeCompare(a.e.date));
  const scopes = new Set<string>();
  const parts = said.filter(({ e, s }) => s.scope !== 'all' && !scopes.has(s.scope === 'other' ? e.title : s.scope) && scopes.add(s.scope === 'other' ? e.title : s.scope));
  return { noneKnown: said.find(({ s }) => s.scope === 'all')?.e ?? null, parts: parts.map(({ e }) => e) };
}

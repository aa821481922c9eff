// SPDX-License-Identifier: Apache-2.0
// Whose chart it is: the name on the owner's card is proved; what records say of the person is what their authors wrote. Pure.
import { personName, str, type Resource } from '../fhir/read';

/** died: when, as it was written; "true": it is not said when; "": not. */
export interface Life { birth: string; died: string; }
export interface Whose {
  /** The card's; of records only where there is none. */
  name: string;
  /** Names that records give and that are not this one's. */
  others: string[];
  /** What the records say, each once. */
  lives: Life[];
  /** More than one: they contradict each other. */
  births: string[];
  /** Some records say that the person has died, others do not. */
  isDeathUnclear: boolean;
}

/** patients: the Patient resources of the chart, in whatever order they came. */
export function whose(card: string, patients: Resource[]): Whose {
  const names = sortedOnce(patients.map(personName));
  const name = card || names[0] || '';
  const births = sortedOnce(patients.map((p) => str(p, 'birthDate')));
  const exact = births.filter((b) => !births.some((other) => other !== b && other.startsWith(b)));
  const died = patients.map((p) => str(p, 'deceasedDateTime') || (str(p, 'deceasedBoolean') === 'true' ? 'true' : ''));
  const lives = new Map(patients.map((p, i) => [`${str(p, 'birthDate')}|${died[i]!}`, { birth: str(p, 'birthDate'), died: died[i]! }]));
  return {
    name, others: names.filter((n) => !isSameName(n, name)), births: exact,
    lives: [...lives].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, life]) => life), isDeathUnclear: died.some(Boolean) && !died.every(Boolean),
  };
}
const sortedOnce = (all: string[]): string[] => [...new Set(all)].filter(Boolean).sort();
/** A second given name or a title more makes nobody somebody else. */
function isSameName(a: string, b: string): boolean {
  const [x, y] = [wordsOf(a), wordsOf(b)];
  return x.every((w) => y.includes(w)) || y.every((w) => x.includes(w));
}
function wordsOf(name: string): string[] {
  return name.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '').split(/[^\p{L}]+/u).filter(Boolean);
}

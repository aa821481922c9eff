// SPDX-License-Identifier: Apache-2.0
// What is the same thing: the key by which entries of a chart are put on one row or one curve. Pure. Two rows for one
// thing are a nuisance, one row for two things is a danger: where it cannot be told, they are kept apart.
import type { JsonValue } from '../../core/codec/json';
import { arr, at, concept, plain, str } from './read';

const same = (text: string): string => plain(text).toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * Key of a CodeableConcept; "": it says nothing. Its first code with a system stands for it; the text is added when it
 * says more than that code's display ("Allergy to substance": "Latex"), or else what the other codings say: the first
 * may be the general one. Without such a code the words are the key.
 */
export function conceptKey(v: JsonValue | undefined): string {
  if (v === undefined || v === null || typeof v !== 'object') return '';
  let key = keys.get(v);
  if (key === undefined) keys.set(v, (key = keyOf(v)));
  return key;
}
const keys = new WeakMap<object, string>();
function keyOf(v: JsonValue): string {
  const codings = arr(v, 'coding');
  const text = same(str(v, 'text'));
  const displays = codings.map((c) => same(str(c, 'display'))).filter(Boolean);
  const coded = codings.find((c) => str(c, 'system') && str(c, 'code'));
  if (coded) return [str(coded, 'system'), str(coded, 'code'), ...specifics(coded, codings, text)].join('|');
  const codes = codings.map((c) => str(c, 'code')).filter(Boolean).join(',');
  const words = [...new Set([...displays, text].filter(Boolean))].join('|');
  return codes || words ? `|${codes}|${words}` : '';
}
/** What is said beside the code that stands for the concept; the same in whatever order it is said. */
function specifics(coded: JsonValue, codings: JsonValue[], text: string): string[] {
  const said = [str(coded, 'display'), str(coded, 'code')].map(same);
  if (text && !said.includes(text)) return [text];
  const others = codings.filter((c) => c !== coded).map((c) => same(str(c, 'display') || str(c, 'code')));
  return [...new Set(others)].filter((o) => o && !said.includes(o)).sort();
}
/** The side or place that makes two of the same code two things: "left eye". */
export function siteOf(r: JsonValue | undefined): string {
  const sites = arr(r, 'bodySite');
  const one = at(r, 'bodySite.coding') ?? at(r, 'bodySite.text') ? [at(r, 'bodySite')!] : [];
  return [...sites, ...one].map((s) => plain(concept(s))).filter(Boolean).join(', ');
}

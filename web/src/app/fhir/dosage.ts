// SPDX-License-Identifier: Apache-2.0
// A FHIR R4 Dosage in words. The author's own go first; what is in codes alone is put into words only where all of it is
// understood: a dose without how often, "as needed" or the most allowed would be read as another dose.
import { plainNumber, timingWords } from './timing';
import { arr, at, concept, fits, str, type JsonValue, type Shape } from './read';
import { unitWord } from './value';

/** Dosage of a resource, each of its steps. coded: what is said of a step in codes that are not understood. */
export function dosageText(r: JsonValue | undefined, coded: string): string {
  const one = at(r, 'dosage');
  const words = str(r, 'resourceType') === 'MedicationAdministration' ? givenWords : stepWords;
  const steps = inOrder([...arr(r, 'dosageInstruction'), ...(Array.isArray(one) ? one : one ? [one] : [])]);
  const text = (d: JsonValue, i: number): string => {
    const own = str(d, 'text') || (words(d) ?? [str(d, 'patientInstruction'), coded].filter(Boolean).join(' · '));
    return i > 0 && !str(d, 'text') && place(d) > place(steps[i - 1]!) ? $localize`then: ${own}:dosage:` : own;
  };
  return [...new Set(steps.map(text))].join(' · ');
}
/** Steps of one number are taken side by side; NaN: it has none. */
const place = (d: JsonValue): number => Number(str(d, 'sequence') || NaN);
function inOrder(steps: JsonValue[]): JsonValue[] {
  return steps.some((d) => Number.isNaN(place(d))) ? steps : steps.toSorted((a, b) => place(a) - place(b));
}

const QUANTITY: Shape = { id: 'value', value: 'value', unit: 'value', system: 'value', code: 'value' };
const amountOf = (v: JsonValue | undefined): string => (fits(v, QUANTITY) ? plainNumber(v, 'value') : '');
/** {tbl} is all that there is of a unit here, and no remark. */
function unitOf(v: JsonValue | undefined): string {
  const unit = str(v, 'unit') || str(v, 'code');
  return unitWord(unit) || unit.replace(/^\{(.*)\}$/, '$1');
}
/** "5 mg"; "": not understood. */
function quantityWords(v: JsonValue | undefined): string {
  const amount = amountOf(v);
  return amount && `${amount} ${unitOf(v) || $localize`(unit not stated)`}`;
}
function rangeWords(v: JsonValue | undefined): string {
  const [low, high] = [at(v, 'low'), at(v, 'high')];
  const isWhole = amountOf(low) && amountOf(high) && unitOf(low) === unitOf(high) && fits(v, { id: 'value', low: 'part', high: 'part' });
  return isWhole ? `${amountOf(low)}–${quantityWords(high)}` : '';
}
function ratioWords(v: JsonValue | undefined): string {
  const [of, per] = [quantityWords(at(v, 'numerator')), quantityWords(at(v, 'denominator'))];
  return of && per && fits(v, { id: 'value', numerator: 'part', denominator: 'part' }) ? $localize`${of}:amount: in ${per}:amount2:` : '';
}
/** Of the choices that a name in FHIR begins, the one there is; null: it is not understood. */
function choice(v: JsonValue, name: string): string | null {
  const readers = { Quantity: quantityWords, Range: rangeWords, Ratio: ratioWords };
  for (const [type, words] of Object.entries(readers)) {
    const x = at(v, name + type);
    if (x !== undefined) return words(x) || null;
  }
  return '';
}
/** null as soon as one part is not understood. */
function whole(parts: (string | null)[]): string | null {
  return parts.includes(null) ? null : parts.filter(Boolean).join(', ') || null;
}
const rateWords = (rate: string | null): string | null => rate && $localize`at a rate of ${rate}:rate:`;
const conceptOf = (v: JsonValue | undefined): string | null => (v === undefined ? '' : concept(v) || null);

const HOW: Shape = { site: 'part', route: 'part', method: 'part' };
const howWords = (d: JsonValue): (string | null)[] => Object.keys(HOW).map((k) => conceptOf(at(d, k)));
const STEP: Shape = {
  ...HOW, id: 'value', sequence: 'value', patientInstruction: 'value', additionalInstruction: 'list', timing: 'part', asNeededBoolean: 'value',
  asNeededCodeableConcept: 'part', doseAndRate: 'list', maxDosePerPeriod: 'part', maxDosePerAdministration: 'part', maxDosePerLifetime: 'part',
};
const DOSE: Shape = { id: 'value', type: 'part', doseQuantity: 'part', doseRange: 'part', rateQuantity: 'part', rateRange: 'part', rateRatio: 'part' };
const GIVEN: Shape = { ...HOW, id: 'value', dose: 'part', rateRatio: 'part', rateQuantity: 'part' };
/** One Dosage of R4 without words of its author. */
function stepWords(d: JsonValue): string | null {
  if (!fits(d, STEP) || arr(d, 'doseAndRate').length > 1) return null;
  const dose = doseWords(arr(d, 'doseAndRate')[0]);
  const timing = timingWords(at(d, 'timing'));
  const needed = neededWords(d);
  const often = dose && timing === '' && needed === '' ? $localize`how often is not stated` : timing;
  return whole([dose, often, needed, ...mostWords(d), ...howWords(d), ...arr(d, 'additionalInstruction').map(conceptOf), str(d, 'patientInstruction')]);
}
function doseWords(v: JsonValue | undefined): string | null {
  if (v === undefined) return '';
  const isOrdered = ['', 'ordered'].includes(str(v, 'type.coding.0.code'));
  if (!fits(v, DOSE) || !isOrdered) return null;
  return whole([choice(v, 'dose'), rateWords(choice(v, 'rate'))]);
}
function neededWords(d: JsonValue): string | null {
  const why = at(d, 'asNeededCodeableConcept');
  if (why === undefined) return str(d, 'asNeededBoolean') === 'true' ? $localize`as needed` : '';
  return concept(why) ? $localize`as needed for: ${concept(why)}:reason:` : null;
}
function mostWords(d: JsonValue): (string | null)[] {
  const most = (name: string, read: (v: JsonValue) => string, say: (amount: string) => string): string | null => {
    const v = at(d, name);
    if (v === undefined) return '';
    const words = read(v);
    return words ? say(words) : null;
  };
  return [
    most('maxDosePerPeriod', ratioWords, (x) => $localize`at most ${x}:amount:`),
    most('maxDosePerAdministration', quantityWords, (x) => $localize`at most ${x}:amount: each time`),
    most('maxDosePerLifetime', quantityWords, (x) => $localize`at most ${x}:amount: in a lifetime`),
  ];
}
/** The dose of a MedicationAdministration: what was given once. */
function givenWords(d: JsonValue): string | null {
  if (!fits(d, GIVEN)) return null;
  const dose = at(d, 'dose') === undefined ? '' : quantityWords(at(d, 'dose')) || null;
  return whole([dose, rateWords(choice(d, 'rate')), ...howWords(d)]);
}
/** What is kept of a Dosage where memory counts: all of what could be understood, and of any other that it cannot be. */
export function slimDosage(d: JsonValue): JsonValue {
  if (Array.isArray(d)) return d.map(slimDosage);
  if (fits(d, { ...STEP, ...GIVEN, text: 'value' })) return d;
  const kept = ['sequence', 'text', 'patientInstruction'].flatMap((k) => (at(d, k) === undefined ? [] : [[k, at(d, k)!]]));
  return { ...Object.fromEntries(kept), extension: [] };
}

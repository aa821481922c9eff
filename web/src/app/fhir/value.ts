// SPDX-License-Identifier: Apache-2.0
// Values of FHIR R4 in words: quantities with their comparator, ranges, ratios, coded results, and why there is none. Pure.
import type { JsonValue } from '../../core/codec/json';
import { arr, at, concept, plain, str } from './read';

/** How the reader's language says what FHIR has only a number, a date or a code for. */
export interface Say {
  decimal: (text: string) => string;
  date: (text: string) => string;
  yesNo: (is: boolean) => string;
  /** Why there is no value: a code of data-absent-reason, and the words of the resource. */
  missing: (reason: string, words: string) => string;
  /** An interpretation by its code, and the words of the resource. */
  judged: (code: string, words: string) => string;
  samples: string;
}

export interface Quantity {
  value: string;
  unit: string;
  /** "<", "<=", ">=", ">", "ad"; "": the value is what was measured. */
  comparator: string;
}
export function quantity(v: JsonValue | undefined): Quantity | null {
  const value = str(v, 'value');
  return value === '' ? null : { value, unit: unitWord(str(v, 'unit') || str(v, 'code')), comparator: str(v, 'comparator') };
}
const SIGNS: Record<string, string> = { '<=': '≤', '>=': '≥', ad: 'ad ' };
export function amount(q: Quantity, say: Say): string {
  const sign = q.comparator && (SIGNS[q.comparator] ?? (/^[<>≤≥~]+$/.test(q.comparator) ? q.comparator : `${q.comparator} `));
  return sign + say.decimal(q.value);
}
export function quantityText(q: Quantity, say: Say): string {
  return `${amount(q, say)} ${q.unit}`.trim();
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
/** A UCUM unit as it is printed: mm[Hg] is mmHg, 10*6/uL is 10⁶/µL, mg/dl is mg/dL; {annotations} and 1 are nothing. */
export function unitWord(unit: string): string {
  let word = units.get(unit);
  if (word === undefined) {
    word = printed(unit);
    if (units.size < UNITS_MAX) units.set(unit, word);
  }
  return word;
}
const UNITS_MAX = 500;
const units = new Map<string, string>();
function printed(unit: string): string {
  const raised = (digits: string): string => digits.replace(/\d/g, (d) => RAISED[Number(d)]!);
  return unit
    .replace(/\{([\d.]+)_m2\}/g, '$1 m²')
    .replace(/\{[^}]*\}/g, '')
    .replace(/^1(?=\/|$)/, '')
    .replace(/10[*^](\d+)/g, (_, e: string) => `10${raised(e)}`)
    .replace(/\b(m|cm)([23])\b/g, (_, u: string, e: string) => u + raised(e))
    .replace(/\bu(?=[A-Zmgl])|\u03bc/g, 'µ')
    .replace(/\[(\w+)\]/g, '$1')
    .replace(/(^|[/.])([dcmnpfµ]?)l(?=$|[/. ])/g, '$1$2L')
    .trim();
}

/** "5–10 mg/dL", "≥ 5 mg/dL", "≤ 10 mg/dL". */
export function rangeText(low: Quantity | null, high: Quantity | null, say: Say): string {
  if (low && high) {
    const unit = low.unit && high.unit && low.unit !== high.unit ? '' : high.unit || low.unit;
    return unit || !low.unit ? `${amount(low, say)}–${amount(high, say)} ${unit}`.trim() : `${quantityText(low, say)} – ${quantityText(high, say)}`;
  }
  if (low) return `≥ ${quantityText(low, say)}`;
  return high ? `≤ ${quantityText(high, say)}` : '';
}
/** A titre is "1:128"; of amounts with units, "5 mg / 10 mL". */
function ratioText(v: JsonValue, say: Say): string {
  const [a, b] = [quantity(at(v, 'numerator')), quantity(at(v, 'denominator'))];
  if (!a || !b) return [a, b].flatMap((q) => (q ? [quantityText(q, say)] : [])).join('');
  return a.unit || b.unit ? `${quantityText(a, say)} / ${quantityText(b, say)}` : `${amount(a, say)}:${amount(b, say)}`;
}
/** A time of day is said where it was written. */
export function dateTimeText(text: string, say: Pick<Say, 'date'>): string {
  const time = /T(\d\d:\d\d)/.exec(text)?.[1];
  return text && [say.date(text), time].filter(Boolean).join(', ');
}
export function periodText(v: JsonValue | undefined, say: Say): string {
  const [from, to] = [str(v, 'start'), str(v, 'end')].map((t) => dateTimeText(t, say));
  return from || to ? `${from} – ${to}`.trim() : '';
}
const quantityOr = (v: JsonValue, say: Say): string => {
  const q = quantity(v);
  return q ? quantityText(q, say) : '';
};
const READERS: Record<string, (v: JsonValue, say: Say) => string> = {
  valueQuantity: quantityOr,
  valueCodeableConcept: (v) => plain(concept(v)),
  valueString: (v) => String(v),
  valueInteger: (v, say) => say.decimal(String(v)),
  valueBoolean: (v, say) => say.yesNo(v === true),
  valueRange: (v, say) => rangeText(quantity(at(v, 'low')), quantity(at(v, 'high')), say),
  valueRatio: ratioText,
  valuePeriod: periodText,
  valueDateTime: (v, say) => dateTimeText(String(v), say),
  valueTime: (v) => String(v).replace(/:00$/, ''),
  valueSampledData: (_, say) => say.samples,
};
const NAMES = Object.keys(READERS);
/** The value of an Observation or of a component, without its components; else why there is none; else "". */
export function ownValue(r: JsonValue | undefined, say: Say): string {
  for (const [name, read] of Object.entries(READERS)) {
    const v = at(r, name);
    const text = v === undefined || v === null ? '' : read(v, say);
    if (text) return text;
  }
  const why = at(r, 'dataAbsentReason');
  return why ? say.missing(str(why, 'coding.0.code'), concept(why)) : '';
}
/** With its components: "Systolic 120 mmHg · Diastolic 80 mmHg". */
export function valueOf(r: JsonValue | undefined, say: Say): string {
  const parts = arr(r, 'component').map((x) => `${concept(at(x, 'code'))} ${ownValue(x, say)}`.trim());
  return [hasValue(r) || parts.length === 0 ? ownValue(r, say) : '', ...parts].filter(Boolean).join(' · ');
}
export function hasValue(r: JsonValue | undefined): boolean {
  return NAMES.some((name) => (at(r, name) ?? null) !== null);
}

/** What the laboratory says of the value, as codes of v3 ObservationInterpretation. */
export function interpretations(r: JsonValue | undefined): { code: string; words: string }[] {
  const list = arr(r, 'interpretation');
  const one = at(r, 'interpretation.coding') ? [at(r, 'interpretation')!] : []; // STU3 has one and no list
  return [...list, ...one].map((c) => {
    const known = arr(c, 'coding').find((x) => /ObservationInterpretation|v2-0078|v2\/0078|v3\/ObservationInterpretation/.test(str(x, 'system')) || str(x, 'system') === '');
    return { code: str(known, 'code'), words: concept(c) };
  });
}
export function judgement(r: JsonValue | undefined, say: Say): string {
  return interpretations(r).map((i) => say.judged(i.code, i.words)).filter(Boolean).join(', ');
}

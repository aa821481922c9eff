// SPDX-License-Identifier: Apache-2.0
// Reference ranges, and whether a value is surely outside of its own. Pure.
import type { JsonValue } from '../../core/codec/json';
import { arr, at, concept, plain, str } from './read';
import { interpretations, quantity, rangeText, type Quantity, type Say } from './value';

/** Bounds in the unit of the value; null where none is given, or where it cannot be told which range is meant. */
export interface Bounds { low: number | null; high: number | null; }
const NORMAL = new Set(['', 'normal', 'normal range']);
/** What it is a range of, by its code or else in the words of the resource: one "therapeutic" in words only is no normal one. */
const meaning = (r: JsonValue): string => str(r, 'type.coding.0.code') || plain(concept(at(r, 'type'))).toLowerCase();
const isNormal = (r: JsonValue): boolean => NORMAL.has(meaning(r));

/** Bounds of what is normal for an Observation or component. unit: of its value, as printed. */
export function boundsOf(source: JsonValue | undefined, unit: string): Bounds {
  const normal = arr(source, 'referenceRange').filter(isNormal);
  // Several normal ranges are for several ages or sexes: none is taken for this person's.
  if (normal.length !== 1) return { low: null, high: null };
  return { low: bound(at(normal[0], 'low'), unit), high: bound(at(normal[0], 'high'), unit) };
}
/** The range in words; those of treatment and aims only where no normal one is given, with what they are. */
export function rangeWords(source: JsonValue | undefined, unit: string, say: Say): { text: string; isNormal: boolean } {
  const all = arr(source, 'referenceRange');
  const normal = all.filter(isNormal);
  const shown = normal.length ? normal : all;
  return { text: shown.map((r) => oneText(r, unit, say, shown.length > 1)).filter(Boolean).join('; '), isNormal: normal.length > 0 };
}
/** A bound counts only when it is of the value's unit and exact. */
function bound(v: JsonValue | undefined, unit: string): number | null {
  const q = quantity(v);
  const of = numberOf(q);
  return q && of !== null && !q.comparator && (q.unit === '' || q.unit === unit) ? of : null;
}
function oneText(r: JsonValue, unit: string, say: Say, isOneOfSeveral: boolean): string {
  const bare = (q: Quantity | null): Quantity | null => q && { ...q, unit: q.unit === unit ? '' : q.unit };
  const text = rangeText(bare(quantity(at(r, 'low'))), bare(quantity(at(r, 'high'))), say);
  const ages = rangeText(quantity(at(r, 'age.low')), quantity(at(r, 'age.high')), say);
  const kind = isOneOfSeveral || !isNormal(r) ? concept(at(r, 'type')) || meaning(r) : '';
  const whose = [kind, ...arr(r, 'appliesTo').map(concept), ages].filter(Boolean).join(', ');
  const words = text || str(r, 'text');
  return words && whose ? `${words} (${whose})` : words;
}
export function numberOf(q: Quantity | null): number | null {
  return q === null || q.value.trim() === '' || Number.isNaN(Number(q.value)) ? null : Number(q.value);
}

/** "below 0.01" is the whole of what such a value says. */
export function limitSide(q: Quantity): 'below' | 'above' | null {
  if (/^(<|<=|≤)$/.test(q.comparator)) return 'below';
  return /^(>|>=|≥)$/.test(q.comparator) ? 'above' : null;
}
/** Not "<" and ">": off the scale is below or above what can be measured, which is normal for CRP and for a filtration rate. */
const ABNORMAL = new Set(['A', 'AA', 'H', 'HH', 'HU', 'HX', 'H>', 'L', 'LL', 'LU', 'LX', 'L<']);
/** high, low: by its own range; abnormal: only the laboratory says so; null: not outside, or not to be told. */
export type Outside = 'high' | 'low' | 'abnormal' | null;
export function outside(source: JsonValue | undefined, q: Quantity | null, range: Bounds): Outside {
  return byRange(q, range) ?? (interpretations(source).some((i) => ABNORMAL.has(i.code)) ? 'abnormal' : null);
}
function byRange(q: Quantity | null, range: Bounds): Outside {
  const v = numberOf(q);
  if (q === null || v === null) return null;
  const side = q.comparator ? limitSide(q) : 'exact';
  const isOpen = q.comparator === '<' || q.comparator === '>';
  const { low, high } = range;
  if (high !== null && side !== 'below' && side !== null && (v > high || (side === 'above' && isOpen && v === high))) return 'high';
  if (low !== null && side !== 'above' && side !== null && (v < low || (side === 'below' && isOpen && v === low))) return 'low';
  return null;
}

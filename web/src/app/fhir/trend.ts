// SPDX-License-Identifier: Apache-2.0
// Results by test: every value in words, and a curve of those that are exact numbers of one unit. Pure.
import type { JsonValue } from '../../core/codec/json';
import { conceptKey, siteOf } from './group';
import { boundsOf, limitSide, numberOf, outside, type Bounds, type Outside } from './range';
import { arr, at, concept, plain, str, type Resource } from './read';
import { standing, type Standing } from './standing';
import type { Entry } from './summary';
import { amount, hasValue, ownValue, quantity, type Quantity, type Say } from './value';

export interface Point {
  date: string;
  /** null: undated, it is in the table and in no curve. */
  time: number | null;
  /** The Observation or its component. */
  source: JsonValue;
  quantity: Quantity | null;
  /** null: no number, or one with a comparator: "<0.01" is no point of a curve. */
  value: number | null;
  /** Where the measurement ended: it lies below or above. */
  limit: { side: 'below' | 'above'; at: number } | null;
  bounds: Bounds;
  outside: Outside;
  standing: Standing;
  entry: Entry;
}
export interface Trend {
  key: string;
  title: string;
  unit: string;
  points: Point[]; // oldest first
  /** The newest that stands: not cancelled, and with a value where one has it. Its range is the trend's. */
  last: Point;
}
interface Test { key: string; title: string; byUnit: Map<string, Point[]>; words: Point[]; isBackground: boolean; }

/** What is asked and told comes after what was measured. */
const BACKGROUND = new Set(['survey', 'social-history', 'activity']);
const categories = (r: Resource): string[] => arr(r, 'category').flatMap((c) => arr(c, 'coding')).map((c) => str(c, 'code'));
export const isVitalSign = (r: Resource): boolean => categories(r).includes('vital-signs');

/** Observations by test; components (blood pressure) are tests of their own, units that differ are curves of their own. */
export function trends(entries: Entry[]): Trend[] {
  const tests = new Map<string, Test>();
  for (const e of entries) {
    const parts = arr(e.resource, 'component');
    const isPanel = arr(e.resource, 'hasMember').length > 0 || parts.length > 0;
    if (hasValue(e.resource) || !isPanel) take(tests, e, e.resource, '');
    parts.forEach((p, i) => take(tests, e, p, conceptKey(at(e.resource, 'code')) || `${e.recordId}/${e.index}/${i}`));
  }
  const order = (t: Test): number => Number(t.isBackground);
  return [...tests.values()]
    .sort((a, b) => order(a) - order(b))
    .flatMap((t) => curves(t).map((c) => ({ c, t })))
    .sort((a, b) => order(a.t) - order(b.t) || b.c.last.date.localeCompare(a.c.last.date) || a.c.title.localeCompare(b.c.title))
    .map(({ c }) => c);
}
function take(tests: Map<string, Test>, e: Entry, source: JsonValue, parent: string): void {
  const site = siteOf(e.resource);
  const code = conceptKey(at(source, 'code')) || `${e.recordId}/${e.index}`; // what is not named is like nothing else
  const key = [parent, code, site.toLowerCase()].filter(Boolean).join('/');
  const t = tests.get(key) ?? testOf(key, e, source, site);
  tests.set(key, t);
  const point = pointOf(e, source);
  const unit = point.quantity?.unit;
  const list = unit !== undefined ? (t.byUnit.get(unit) ?? []) : t.words;
  list.push(point);
  if (unit !== undefined) t.byUnit.set(unit, list);
}
function testOf(key: string, e: Entry, source: JsonValue, site: string): Test {
  const name = plain(concept(at(source, 'code'))) || e.title;
  return { key, title: site ? `${name}, ${site}` : name, byUnit: new Map(), words: [], isBackground: categories(e.resource).some((c) => BACKGROUND.has(c)) };
}
const points = new WeakMap<object, Point>();
function pointOf(e: Entry, source: JsonValue): Point {
  let p = points.get(source as object);
  if (p === undefined || p.entry !== e) points.set(source as object, (p = measure(e, source, quantity(at(source, 'valueQuantity')))));
  return p;
}
function measure(e: Entry, source: JsonValue, q: Quantity | null): Point {
  const state = standing(e.resource);
  const bounds = boundsOf(source, q?.unit ?? '');
  const number = isStanding(state) ? numberOf(q) : null;
  const side = q && limitSide(q);
  const time = Date.parse(e.date);
  return {
    date: e.date, time: Number.isNaN(time) ? null : time, source, quantity: q,
    value: q?.comparator ? null : number, limit: side && number !== null ? { side, at: number } : null,
    bounds, outside: outside(source, q, bounds), standing: state, entry: e,
  };
}
/** A cancelled result is no result; one that carries what this page does not know is told, not drawn. */
const isStanding = (s: Standing): boolean => s.weight !== 'not' && s.weight !== 'void' && !s.doubts.includes('modified');

/** Values in words belong to the curve of the test when it has one. */
function curves(t: Test): Trend[] {
  const units = [...t.byUnit];
  if (units.length === 1) return [trend(t.key, t.title, units[0]![0], [...units[0]![1], ...t.words])];
  const out = units.map(([unit, points]) => trend(`${t.key}|${unit}`, t.title, unit, points));
  return t.words.length ? [...out, trend(t.key, t.title, '', t.words)] : out;
}
function trend(key: string, title: string, unit: string, found: Point[]): Trend {
  const points = found.sort((a, b) => (a.time ?? -Infinity) - (b.time ?? -Infinity) || 0);
  const standing = points.filter((p) => p.standing.weight !== 'not');
  return { key, title, unit, points, last: (standing.filter((p) => hasValue(p.source)).at(-1) ?? standing.at(-1) ?? points.at(-1))! };
}
/** The value without its unit, which stands beside it; null unit: it has none. */
export function pointText(p: Point, say: Say): string {
  return p.quantity ? amount(p.quantity, say) : ownValue(p.source, say);
}
/** Of which a curve can be drawn. */
export function drawn(t: Trend): (Point & { time: number })[] {
  return t.points.filter((p): p is Point & { time: number } => p.time !== null && (p.value !== null || p.limit !== null));
}

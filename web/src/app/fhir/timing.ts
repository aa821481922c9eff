// SPDX-License-Identifier: Apache-2.0
// A FHIR R4 Timing in words, or null where any part of it is not understood.
import { decimal, fhirDate, list, span, weekday, type Unit } from '../state/words';
import { arr, at, concept, fits, str, type JsonValue, type Shape } from './read';
import { dateTimeText } from './value';

const UNITS: Record<string, Unit> = { s: 'second', min: 'minute', h: 'hour', d: 'day', wk: 'week', mo: 'month', a: 'year' };
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Abbreviations of v3 GTSAbbreviation: how many times in how many days. Two of them are misread where they are written. */
const OFTEN: Record<string, [string, string]> = { QD: ['1', '1'], QOD: ['1', '2'], BID: ['2', '1'], TID: ['3', '1'], QID: ['4', '1'] };

/** A number as a dose is written: 1.0 is 1, so that no zero behind a point is read as ten; "": none, or not one to show. */
export function plainNumber(v: JsonValue | undefined, path: string): string {
  const text = str(v, path);
  return /^\d{1,12}(\.\d{1,12})?$/.test(text) ? decimal(text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')) : '';
}
const joined = (low: string, high: string): string => (high && high !== low ? `${low}–${high}` : low);

/** "4–6 hours"; null: a number or a unit is missing. */
function spanOf(v: JsonValue, low: string, high: string, unit: string): string | null {
  const [from, to, name] = [str(v, low), str(v, high), UNITS[unit]];
  if (!plainNumber(v, low) || (to && !plainNumber(v, high)) || !name) return null;
  return to && to !== from ? `${plainNumber(v, low)}–${span(Number(to), name)}` : span(Number(from), name);
}
function each(times: string, unit: Unit): string {
  switch (unit) {
    case 'second': return $localize`${times}:times: a second`;
    case 'minute': return $localize`${times}:times: a minute`;
    case 'hour': return $localize`${times}:times: an hour`;
    case 'day': return $localize`${times}:times: a day`;
    case 'week': return $localize`${times}:times: a week`;
    case 'month': return $localize`${times}:times: a month`;
    case 'year': return $localize`${times}:times: a year`;
  }
}
const times = (count: string): string => (count === '1' ? $localize`once` : $localize`${count}:count: times`);
/** "3 times a day", "every 4–6 hours". */
function oftenWords(repeat: JsonValue): string | null {
  const [frequency, frequencyMax, period, unit] = ['frequency', 'frequencyMax', 'period', 'periodUnit'].map((k) => str(repeat, k));
  if (!frequency && !period && !frequencyMax && !unit) return '';
  const count = joined(plainNumber(repeat, 'frequency'), plainNumber(repeat, 'frequencyMax'));
  const every = spanOf(repeat, 'period', 'periodMax', unit!);
  if (!plainNumber(repeat, 'frequency') || every === null || (frequencyMax && !plainNumber(repeat, 'frequencyMax'))) return null;
  if (plainNumber(repeat, 'period') === '1' && !str(repeat, 'periodMax')) return each(times(count), UNITS[unit!]!);
  return count === '1' ? $localize`every ${every}:period:` : $localize`${times(count)}:times: in ${every}:period:`;
}
/** Codes of EventTiming and v3 TimingEvent. */
function whenWord(code: string): string | null {
  switch (code) {
    case 'MORN': return $localize`in the morning`;
    case 'MORN.early': return $localize`early in the morning`;
    case 'MORN.late': return $localize`late in the morning`;
    case 'NOON': return $localize`at noon`;
    case 'AFT': return $localize`in the afternoon`;
    case 'AFT.early': return $localize`early in the afternoon`;
    case 'AFT.late': return $localize`late in the afternoon`;
    case 'EVE': return $localize`in the evening`;
    case 'EVE.early': return $localize`early in the evening`;
    case 'EVE.late': return $localize`late in the evening`;
    case 'NIGHT': return $localize`at night`;
    case 'PHS': return $localize`after falling asleep`;
    case 'HS': return $localize`before going to sleep`;
    case 'WAKE': return $localize`after waking`;
    case 'C': return $localize`with a meal`;
    case 'CM': return $localize`with breakfast`;
    case 'CD': return $localize`with lunch`;
    case 'CV': return $localize`with dinner`;
    case 'AC': return $localize`before a meal`;
    case 'ACM': return $localize`before breakfast`;
    case 'ACD': return $localize`before lunch`;
    case 'ACV': return $localize`before dinner`;
    case 'PC': return $localize`after a meal`;
    case 'PCM': return $localize`after breakfast`;
    case 'PCD': return $localize`after lunch`;
    case 'PCV': return $localize`after dinner`;
    default: return null;
  }
}
/** offset: minutes before or after what is named; of a meal, sleep or waking only. */
function whensWords(repeat: JsonValue): string | null {
  const words = arr(repeat, 'when').map((c) => (/^(?:AC|PC|HS|PHS|WAKE)/.test(String(c)) || !str(repeat, 'offset') ? whenWord(String(c)) : null));
  if (words.includes(null) || (str(repeat, 'offset') && words.length === 0)) return null;
  const before = str(repeat, 'offset') ? spanOf(repeat, 'offset', '', 'min') : '';
  return before === null ? null : list(words.map((w) => [before, w].filter(Boolean).join(' ')));
}
function daysWords(repeat: JsonValue): string | null {
  const days = arr(repeat, 'dayOfWeek').map((c) => DAYS.indexOf(String(c)));
  if (days.length === 0) return '';
  return days.includes(-1) ? null : $localize`on ${list(days.map(weekday))}:days:`;
}
function clockWords(repeat: JsonValue): string | null {
  const hours = arr(repeat, 'timeOfDay').map((t) => /^([01]\d|2[0-3]):[0-5]\d(?=:[0-5]\d)/.exec(String(t))?.[0]);
  if (hours.length === 0) return '';
  return hours.includes(undefined) ? null : $localize`at ${list(hours as string[])}:hours:`;
}
const LENGTH: Shape = { id: 'value', value: 'value', unit: 'value', system: 'value', code: 'value' };
const unitOf = (v: JsonValue | undefined): string => str(v, 'code') || str(v, 'unit');
function lengthOf(v: JsonValue | undefined): string | null {
  return fits(v, LENGTH) ? spanOf(v, 'value', '', unitOf(v)) : null;
}
function boundsWords(repeat: JsonValue): string | null {
  const [length, range, period] = ['boundsDuration', 'boundsRange', 'boundsPeriod'].map((k) => at(repeat, k));
  if (length !== undefined) return forWords(lengthOf(length));
  if (range !== undefined) return forWords(rangeOf(range));
  return period === undefined ? '' : periodWords(period);
}
const forWords = (text: string | null): string | null => text && $localize`for ${text}:duration:`;
function rangeOf(range: JsonValue): string | null {
  const [low, high] = [at(range, 'low'), at(range, 'high')];
  const to = fits(range, { id: 'value', low: 'part', high: 'part' }) && unitOf(low) === unitOf(high) && lengthOf(low) ? lengthOf(high) : null;
  return to && `${plainNumber(low, 'value')}–${to}`;
}
function periodWords(period: JsonValue): string | null {
  const [from, to] = ['start', 'end'].map((k) => dateTimeText(str(period, k), { date: fhirDate }));
  if (!fits(period, { id: 'value', start: 'value', end: 'value' }) || (!from && !to)) return null;
  if (!from) return $localize`until ${to}:date:`;
  return to ? $localize`from ${from}:date: to ${to}:end:` : $localize`from ${from}:date:`;
}
function countWords(repeat: JsonValue): string | null {
  const [count, max] = [str(repeat, 'count'), str(repeat, 'countMax')];
  if (!count && !max) return '';
  const isWhole = plainNumber(repeat, 'count') && (!max || plainNumber(repeat, 'countMax'));
  return isWhole ? $localize`${times(joined(plainNumber(repeat, 'count'), plainNumber(repeat, 'countMax')))}:times: in all` : null;
}
function lengthWords(repeat: JsonValue): string | null {
  if (!str(repeat, 'duration') && !str(repeat, 'durationMax') && !str(repeat, 'durationUnit')) return '';
  const text = spanOf(repeat, 'duration', 'durationMax', str(repeat, 'durationUnit'));
  return text && $localize`each for ${text}:duration:`;
}
const REPEAT: Shape = {
  id: 'value', boundsDuration: 'part', boundsRange: 'part', boundsPeriod: 'part', count: 'value', countMax: 'value', duration: 'value', durationMax: 'value',
  durationUnit: 'value', frequency: 'value', frequencyMax: 'value', period: 'value', periodMax: 'value', periodUnit: 'value', dayOfWeek: 'list', timeOfDay: 'list',
  when: 'list', offset: 'value',
};
const HOW = [oftenWords, daysWords, clockWords, whensWords, lengthWords, countWords];

/** "2 times a day, with a meal, for 7 days"; "": nothing is said; null: something is not understood. R4, 2.24.0.13 Timing. */
export function timingWords(timing: JsonValue | undefined): string | null {
  if (timing === undefined) return '';
  const repeat = at(timing, 'repeat');
  if (!fits(timing, { id: 'value', repeat: 'part', code: 'part' }) || (repeat !== undefined && !fits(repeat, REPEAT))) return null;
  const parts = repeat === undefined ? [] : HOW.map((words) => words(repeat));
  // A code says all that the data say, the bounds apart: either may be read.
  const coded = parts.includes(null) || !parts.some(Boolean) ? codeWords(at(timing, 'code')) : '';
  const bounds = repeat === undefined ? '' : boundsWords(repeat);
  if (bounds === null || (parts.includes(null) && !coded)) return null;
  return [...(coded ? [coded] : parts), bounds].filter(Boolean).join(', ');
}
function codeWords(code: JsonValue | undefined): string {
  const often = OFTEN[str(code, 'coding.0.code')];
  if (!often || str(code, 'text')) return concept(code);
  const [frequency, period] = often;
  return period === '1' ? each(times(frequency), 'day') : $localize`every ${span(Number(period), 'day')}:period:`;
}

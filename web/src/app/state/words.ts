// SPDX-License-Identifier: Apache-2.0
// Dates, sizes and rights in the reader's language.
import { ADD, AMEND, REMOVE, VIEW, type Permissions, type Role } from './core';
import { language } from '../language';

const tag = (): string => {
  const l = language();
  return navigator.languages.find((t) => t.toLowerCase().startsWith(l)) ?? l;
};
const cache = new Map<string, Intl.DateTimeFormat>();
function format(key: string, o: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let f = cache.get(key);
  if (!f) cache.set(key, (f = new Intl.DateTimeFormat(tag(), o)));
  return f;
}

/** A FHIR date or dateTime (YYYY, YYYY-MM, YYYY-MM-DD, instant): never shown more exactly than it was written. */
export function fhirDate(text: string): string {
  const m = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(text);
  if (!m) return text;
  if (!m[2]) return m[1]!;
  const d = new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3] ?? 1), 12));
  if (!m[3]) return format('ym', { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(d);
  return format('ymd', { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(d);
}
export function day(unix: number): string {
  return format('day', { year: 'numeric', month: 'long', day: 'numeric' }).format(new Date(unix * 1000));
}
export function moment(unix: number): string {
  return format('moment', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(unix * 1000));
}
/** The end of a right: a day where it ends with that day, else to the minute. */
export function ending(unix: number): string {
  const d = new Date(unix * 1000);
  return d.getHours() === 23 && d.getMinutes() === 59 ? day(unix) : moment(unix);
}
/** "30 days", "1 hour": in the largest unit that divides it. */
export function duration(seconds: number): string {
  const [unit, length] = ([['day', DAY_S], ['hour', 3600], ['minute', 60]] as const).find(([, s]) => seconds % s === 0) ?? (['second', 1] as const);
  return span(seconds / length, unit);
}
export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
/** "1 day", "1.5 hours". */
export function span(n: number, unit: Unit): string {
  return new Intl.NumberFormat(tag(), { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 12 }).format(n);
}
/** 0: Sunday. */
export function weekday(n: number): string {
  return format('weekday', { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2023, 0, 1 + n))); // a Sunday
}
export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  let n = bytes;
  let u = 0;
  while (n >= 1000 && u < units.length - 1) {
    n /= 1000;
    u++;
  }
  return new Intl.NumberFormat(tag(), { style: 'unit', unit: units[u], unitDisplay: u === 0 ? 'long' : 'short', maximumFractionDigits: n < 10 && u > 0 ? 1 : 0 }).format(n);
}
export function number(n: number): string {
  return new Intl.NumberFormat(tag()).format(n);
}
/** A decimal exactly as it was written, with the reader's decimal sign. */
export function decimal(text: string): string {
  const comma = new Intl.NumberFormat(tag()).format(1.5).includes(',');
  return comma ? text.replace('.', ',') : text;
}
/** How old, as exactly as the birth is written: years, and of infants months, weeks or days. "": not born yet, or no date. */
export function age(birth: string, at = new Date()): string {
  const m = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(birth);
  if (!m) return '';
  const date = Number(m[3] ?? 1);
  const months = (at.getFullYear() - Number(m[1])) * 12 + at.getMonth() - (Number(m[2] ?? 1) - 1) - (at.getDate() < date ? 1 : 0);
  if (months < 0) return '';
  if (months >= 24 || (months >= 12 && !m[2])) return span(Math.floor(months / 12), 'year');
  if (!m[2]) return $localize`under 1 year`;
  if (months >= 3 || !m[3]) return span(months, 'month');
  const days = Math.round((Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) - Date.UTC(Number(m[1]), Number(m[2]) - 1, date)) / 864e5);
  return days < 14 ? span(days, 'day') : span(Math.floor(days / 7), 'week');
}
export function list(parts: string[]): string {
  return new Intl.ListFormat(tag(), { type: 'conjunction' }).format(parts);
}

/** "read and add to": what a sentence about sharing says. */
export function may(p: Permissions): string {
  const verbs: string[] = [];
  if (p & VIEW) verbs.push($localize`read`);
  if (p & ADD) verbs.push($localize`add to`);
  if (p & AMEND) verbs.push($localize`correct`);
  if (p & REMOVE) verbs.push($localize`remove from`);
  return verbs.length ? list(verbs) : $localize`do nothing in`;
}
export function shareSentence(who: string, p: Permissions, folder: string, notAfter: number): string {
  return $localize`${who}:person: may ${may(p)}:rights: “${folder}:folder:” until ${ending(notAfter)}:date:.`;
}
export function roleWord(r: Role | null): string {
  return r === 'patient' ? $localize`patient` : r === 'practitioner' ? $localize`physician` : r === 'organisation' ? $localize`organisation` : '';
}
export function short(hex: string): string {
  return hex.length > 18 ? `${hex.slice(0, 10)}…${hex.slice(-6)}` : hex;
}
export const DAY_S = 86400;
export const nowS = (): number => Math.floor(Date.now() / 1000);
export function categoryWord(slug: string): string {
  switch (slug) {
    case 'demographics': return $localize`Personal details`;
    case 'notes': return $localize`Notes, conditions and procedures`;
    case 'results': return $localize`Results`;
    case 'medications': return $localize`Medications`;
    case 'immunisations': return $localize`Immunisations`;
    case 'devices': return $localize`Devices`;
    case 'billing': return $localize`Billing`;
    case 'directory': return $localize`People and places`;
    case 'provenance': return $localize`Where it comes from`;
    case 'other': return $localize`Other`;
    default: return $localize`Documents`;
  }
}

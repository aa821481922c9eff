// SPDX-License-Identifier: Apache-2.0
// The order of FHIR dates: by the instant, which their text is not where offsets differ. Pure.

const known = new Map<string, number>(); // asked for at every sorting of a long chart
/** ms of its beginning; NaN: none, or no date. */
export function instantOf(date: string): number {
  let t = known.get(date);
  if (t === undefined) known.set(date, (t = Date.parse(date)));
  return t;
}
/** For sort(): what is undated comes last. */
export function newestFirst(a: string, b: string): number {
  const [x, y] = [instantOf(a), instantOf(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || b.localeCompare(a);
  return y - x || b.localeCompare(a);
}

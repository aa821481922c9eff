// SPDX-License-Identifier: Apache-2.0
// A resource as it was written, for who wants to read all of it.
import { number } from '../state/words';

/** Of one string; longer ones are files in base64, and texts that are shown above. */
const STRING_MAX = 4000;

/** Pretty JSON with numbers as they were written. What is cut off is counted. */
export function rawText(v: unknown, pad = ''): string {
  if (v === null || typeof v === 'boolean') return String(v);
  if (typeof v === 'string') return JSON.stringify(v.slice(0, STRING_MAX)) + (v.length > STRING_MAX ? ` … ${more(v.length - STRING_MAX)}` : '');
  const inner = `${pad}  `;
  if (Array.isArray(v)) return v.length ? `[\n${v.map((x) => `${inner}${rawText(x, inner)}`).join(',\n')}\n${pad}]` : '[]';
  if (typeof v === 'object' && 'toNumber' in v) return String(v);
  const o = v as Record<string, unknown>;
  return `{\n${Object.keys(o).map((k) => `${inner}${JSON.stringify(k)}: ${rawText(o[k], inner)}`).join(',\n')}\n${pad}}`;
}
function more(n: number): string {
  return $localize`(${number(n)}:count: more characters, not shown here)`;
}

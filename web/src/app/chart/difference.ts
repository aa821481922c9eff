// SPDX-License-Identifier: Apache-2.0
// Line difference of two texts (longest common subsequence), for versions of a record. Bounded.
import { parseJson, writeJson, type JsonValue } from '../../core/codec/json';

const LINES_MAX = 1500;

function pretty(text: string): string[] {
  try {
    return lines(parseJson(text)).slice(0, LINES_MAX);
  } catch {
    return text.split('\n').slice(0, LINES_MAX);
  }
}
/** JSON on lines of its own, numbers as they were written: 0.010 is not 0.01. */
function lines(v: JsonValue, pad = '', name = '', end = ''): string[] {
  const isList = Array.isArray(v);
  if (v === null || typeof v !== 'object' || 'toNumber' in v) return [`${pad}${name}${writeJson(v)}${end}`];
  const parts: [string, JsonValue][] = isList ? v.map((x) => ['', x]) : Object.keys(v).map((k) => [`${JSON.stringify(k)}: `, v[k]!]);
  const inner = parts.flatMap(([n, x], i) => lines(x, `${pad} `, n, i < parts.length - 1 ? ',' : ''));
  return [`${pad}${name}${isList ? '[' : '{'}`, ...inner, `${pad}${isList ? ']' : '}'}${end}`];
}
export function difference(a: string, b: string): { kind: string; text: string }[] {
  const x = pretty(a);
  const y = pretty(b);
  const width = y.length + 1;
  const table = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      table[i * width + j] = x[i] === y[j] ? table[(i + 1) * width + j + 1]! + 1 : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
  const out: { kind: string; text: string }[] = [];
  let i = 0;
  let j = 0;
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      i++;
      j++;
    } else if (j >= y.length || (i < x.length && table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) out.push({ kind: '-', text: x[i++]! });
    else out.push({ kind: '+', text: y[j++]! });
  }
  return out;
}

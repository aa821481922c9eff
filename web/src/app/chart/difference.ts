// SPDX-License-Identifier: Apache-2.0
// Line difference of two texts (longest common subsequence), for versions of a record. Bounded, and says so where it ends.
import { parseJson, writeJson, type JsonValue } from '../../core/codec/json';
import { number } from '../state/words';

/** Of each text, from the first line that differs to the last. */
const LINES_MAX = 3000;
/** "!" in place of "+" and "-": words of the page on what is not compared. */
export interface Line { kind: '+' | '-' | '!'; text: string; }

function pretty(text: string): string[] {
  try {
    return lines(parseJson(text));
  } catch {
    return text.split('\n');
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
/** What is between the lines that both begin with and those that both end with. */
function middles(x: string[], y: string[]): [string[], string[]] {
  let head = 0;
  while (head < x.length && head < y.length && x[head] === y[head]) head++;
  let tail = 0;
  while (tail < x.length - head && tail < y.length - head && x[x.length - 1 - tail] === y[y.length - 1 - tail]) tail++;
  return [x.slice(head, x.length - tail), y.slice(head, y.length - tail)];
}
export function difference(a: string, b: string): Line[] {
  const [x, y] = middles(pretty(a), pretty(b));
  const found = compare(x.slice(0, LINES_MAX), y.slice(0, LINES_MAX));
  if (x.length <= LINES_MAX && y.length <= LINES_MAX) return found;
  const cut: Line = { kind: '!', text: $localize`Only the first ${number(LINES_MAX)}:count: lines from the first difference on are compared. What comes after them may differ too: open both versions.` };
  return [cut, ...found, cut];
}
function compare(x: string[], y: string[]): Line[] {
  const width = y.length + 1;
  const table = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      table[i * width + j] = x[i] === y[j] ? table[(i + 1) * width + j + 1]! + 1 : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
  const out: Line[] = [];
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

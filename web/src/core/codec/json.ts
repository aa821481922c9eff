// SPDX-License-Identifier: Apache-2.0
// Strict JSON whose numbers keep their text, so that a FHIR decimal of 0.010 stays 0.010.
import { CoreError } from '../types.js';

/** A number as it was written. */
export class JsonNumber {
  constructor(readonly text: string) {}
  toNumber(): number {
    return Number(this.text);
  }
  toString(): string {
    return this.text;
  }
  toJSON(): number {
    return Number(this.text);
  }
}
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;
/** Members in the order of the source; no prototype. */
export interface JsonObject {
  [key: string]: JsonValue;
}

export const JSON_DEPTH_MAX = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Reads JSON text and tells where values begin and end. */
export class JsonReader {
  pos = 0;
  constructor(readonly text: string) {}

  fail(why: string): never {
    throw new CoreError('E_SYNTAX', `JSON: ${why} at ${this.pos}`);
  }
  space(): void {
    const t = this.text;
    for (let c = t.charCodeAt(this.pos); c === 32 || c === 10 || c === 13 || c === 9; c = t.charCodeAt(this.pos)) this.pos++;
  }
  /** The next character that is no white space is c: take it. */
  take(c: string): boolean {
    this.space();
    if (this.text[this.pos] !== c) return false;
    this.pos++;
    return true;
  }
  need(c: string): void {
    if (!this.take(c)) this.fail(`"${c}" is missing`);
  }
  string(): string {
    this.need('"');
    let out = '';
    for (;;) {
      PLAIN.lastIndex = this.pos;
      const m = PLAIN.exec(this.text);
      if (m) {
        out += m[0];
        this.pos += m[0].length;
      }
      const c = this.text[this.pos++];
      if (c === '"') return out;
      if (c !== '\\') this.fail(c === undefined ? 'ends within a string' : 'control character in a string');
      out += this.escape();
    }
  }
  private escape(): string {
    const c = this.text[this.pos++] ?? '';
    const plain = ESCAPES[c];
    if (plain !== undefined) return plain;
    const hex = this.text.slice(this.pos, this.pos + 4);
    if (c !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) this.fail('escape');
    this.pos += 4;
    const unit = parseInt(hex, 16);
    if (unit >= 0xdc00 && unit < 0xe000) this.fail('lone surrogate');
    if (unit >= 0xd800 && unit < 0xdc00) return String.fromCharCode(unit, this.lowSurrogate());
    return String.fromCharCode(unit);
  }
  private lowSurrogate(): number {
    const m = /^\\u([dD][c-fC-F][0-9a-fA-F]{2})$/.exec(this.text.slice(this.pos, this.pos + 6));
    if (!m) this.fail('lone surrogate');
    this.pos += 6;
    return parseInt(m![1]!, 16);
  }
  value(depth = 0): JsonValue {
    if (depth > JSON_DEPTH_MAX) this.fail('too deep');
    this.space();
    switch (this.text[this.pos]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }
  private word<T extends JsonValue>(text: string, v: T): T {
    if (!this.text.startsWith(text, this.pos)) this.fail('unknown word');
    this.pos += text.length;
    return v;
  }
  private number(): JsonNumber {
    NUMBER.lastIndex = this.pos;
    const m = NUMBER.exec(this.text);
    if (!m) this.fail(this.pos >= this.text.length ? 'ends too soon' : 'unexpected character');
    this.pos += m![0].length;
    return new JsonNumber(m![0]);
  }
  private array(depth: number): JsonValue[] {
    const out: JsonValue[] = [];
    this.need('[');
    if (this.take(']')) return out;
    do out.push(this.value(depth + 1));
    while (this.take(','));
    this.need(']');
    return out;
  }
  private object(depth: number): JsonObject {
    const out: JsonObject = Object.create(null) as JsonObject;
    this.need('{');
    if (this.take('}')) return out;
    do {
      this.space();
      const key = this.string();
      if (key in out) this.fail('the same member twice');
      this.need(':');
      out[key] = this.value(depth + 1);
    } while (this.take(','));
    this.need('}');
    return out;
  }
  end(): void {
    this.space();
    if (this.pos !== this.text.length) this.fail('text after the value');
  }
}

/** UTF-8 bytes to text; what is not UTF-8 is refused. */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CoreError('E_SYNTAX', 'text that is not UTF-8');
  }
}

/** One JSON value, nothing after it. */
export function parseJson(source: string | Uint8Array): JsonValue {
  const r = new JsonReader(typeof source === 'string' ? source : utf8Text(source));
  const v = r.value();
  r.end();
  return v;
}

/** Compact JSON; numbers as they were written. */
export function writeJson(v: JsonValue): string {
  if (v === null || typeof v === 'boolean') return String(v);
  if (typeof v === 'string') return JSON.stringify(v);
  if (v instanceof JsonNumber) return v.text;
  if (Array.isArray(v)) return `[${v.map(writeJson).join(',')}]`;
  return `{${Object.keys(v)
    .map((k) => `${JSON.stringify(k)}:${writeJson(v[k]!)}`)
    .join(',')}}`;
}

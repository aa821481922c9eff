// SPDX-License-Identifier: Apache-2.0
// Members of other people's JSON, with their bounds.
import { type Address, CoreError, type Hash, type Hex } from '../types.js';
import { fromHex, hexOf, utf8 } from './bytes.js';
import { JsonNumber, type JsonObject, type JsonValue, parseJson } from './json.js';

/** Control characters, line and paragraph separators, controls of writing direction: what base/utf8.c refuses. */
// eslint-disable-next-line no-control-regex
const NOT_PLAIN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
export function isPlain(text: string, maxBytes: number): boolean {
  return !NOT_PLAIN.test(text) && utf8(text).length <= maxBytes;
}

/** An object whose members are taken one by one. */
export class Members {
  constructor(
    readonly v: JsonObject,
    readonly what: string,
  ) {}
  static parse(source: Uint8Array | string, what: string, maxBytes: number): Members {
    if (source.length > maxBytes) throw new CoreError('E_TOO_LONG', `${what}: more than ${maxBytes} bytes`);
    return Members.of(parseJson(source), what);
  }
  static of(v: JsonValue | undefined, what: string): Members {
    if (v === null || typeof v !== 'object' || Array.isArray(v) || v instanceof JsonNumber) throw new CoreError('E_SYNTAX', `${what}: no object`);
    return new Members(v, what);
  }
  fail(name: string, why = 'is missing or wrong'): never {
    throw new CoreError('E_SYNTAX', `${this.what}: ${name} ${why}`);
  }
  has(name: string): boolean {
    return this.v[name] !== undefined;
  }
  /** No others than these, as signed objects need it. */
  only(names: string[]): this {
    for (const k of Object.keys(this.v)) if (!names.includes(k)) this.fail(k.slice(0, 40), 'is an unknown member');
    return this;
  }
  tag(want: string): this {
    if (this.v['ehrd'] !== want) throw new CoreError('E_UNSUPPORTED', `${this.what}: not ${want}`);
    return this;
  }
  str(name: string): string {
    const s = this.v[name];
    return typeof s === 'string' ? s : this.fail(name);
  }
  plain(name: string, maxBytes: number, minBytes = 0): string {
    const s = this.str(name);
    if (!isPlain(s, maxBytes) || utf8(s).length < minBytes) this.fail(name, 'is empty, too long or holds control characters');
    return s;
  }
  /** Unsigned integer up to 2^53 − 1; absent: or. */
  num(name: string, max = Number.MAX_SAFE_INTEGER, or?: number): number {
    const v = this.v[name];
    if (v === undefined && or !== undefined) return or;
    if (!(v instanceof JsonNumber) || !/^\d{1,16}$/.test(v.text) || v.toNumber() > max) this.fail(name, 'is no number in its range');
    return (v as JsonNumber).toNumber();
  }
  hex(name: string, n: number): Hex {
    const s = this.v[name];
    try {
      return hexOf(s, n);
    } catch {
      return this.fail(name, `is not 0x and ${2 * n} digits`);
    }
  }
  hash(name: string): Hash {
    return this.hex(name, 32);
  }
  address(name: string): Address {
    return this.hex(name, 20);
  }
  bytes(name: string): Uint8Array {
    return fromHex(this.str(name));
  }
  list(name: string, max = 1_000_000): JsonValue[] {
    const v = this.v[name];
    if (!Array.isArray(v) || v.length > max) this.fail(name, 'is no list, or too long');
    return v as JsonValue[];
  }
  objects(name: string, max?: number): Members[] {
    return this.list(name, max).map((v, i) => Members.of(v, `${this.what}: ${name} ${i}`));
  }
}

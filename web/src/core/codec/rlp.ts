// SPDX-License-Identifier: Apache-2.0
// RLP (Yellow Paper, appendix B): byte strings and lists, canonical only.
import { CoreError } from '../types.js';
import { bigOf, type Bytes, concat } from './bytes.js';

export type RlpItem = Uint8Array | RlpItem[];

function head(base: number, n: number): Bytes {
  if (n < 56) return Uint8Array.of(base + n);
  const len: number[] = [];
  for (let x = n; x > 0; x = Math.floor(x / 256)) len.unshift(x & 255);
  return Uint8Array.of(base + 55 + len.length, ...len);
}
export function rlpEncode(item: RlpItem): Bytes {
  if (!Array.isArray(item)) return item.length === 1 && item[0]! < 0x80 ? Uint8Array.of(item[0]!) : concat(head(0x80, item.length), item);
  const parts = item.map(rlpEncode);
  return concat(head(0xc0, parts.reduce((n, p) => n + p.length, 0)), ...parts);
}
/** An integer as RLP has it: big-endian without leading zeros. */
export function rlpInt(v: number | bigint): Bytes {
  const out: number[] = [];
  for (let x = BigInt(v); x > 0n; x >>= 8n) out.unshift(Number(x & 255n));
  return Uint8Array.from(out);
}

const DEPTH_MAX = 16;

class Reader {
  constructor(
    readonly b: Uint8Array,
    public at = 0,
  ) {}
  private fail(why: string): never {
    throw new CoreError('E_SYNTAX', `RLP: ${why} at ${this.at}`);
  }
  private length(n: number): number {
    if (this.at + n > this.b.length) this.fail('ends too soon');
    const first = this.b[this.at];
    if (n > 6 || first === 0) this.fail('length');
    let v = 0;
    for (let i = 0; i < n; i++) v = v * 256 + this.b[this.at++]!;
    if (v < 56) this.fail('length that is not the shortest');
    return v;
  }
  item(depth = 0): RlpItem {
    const c = this.b[this.at++];
    if (c === undefined) this.fail('ends too soon');
    if (c! < 0x80) return this.b.subarray(this.at - 1, this.at);
    const isList = c! >= 0xc0;
    const k = c! - (isList ? 0xc0 : 0x80);
    const n = k < 56 ? k : this.length(k - 55);
    const end = this.at + n;
    if (end > this.b.length) this.fail('ends too soon');
    if (isList) return this.list(end, depth);
    const out = this.b.subarray(this.at, end);
    if (n === 1 && out[0]! < 0x80) this.fail('byte that is not its own code');
    this.at = end;
    return out;
  }
  private list(end: number, depth: number): RlpItem[] {
    const out: RlpItem[] = [];
    if (depth >= DEPTH_MAX) this.fail('too deep');
    while (this.at < end) out.push(this.item(depth + 1));
    if (this.at !== end) this.fail('item that leaves its list');
    return out;
  }
}
export function rlpDecode(b: Uint8Array): RlpItem {
  const r = new Reader(b);
  const out = r.item();
  if (r.at !== b.length) throw new CoreError('E_SYNTAX', 'RLP: bytes after the item');
  return out;
}
/** The fields of one list, taken in order with their kinds. */
export class RlpFields {
  private i = 0;
  private readonly list: RlpItem[];
  constructor(
    b: Uint8Array | RlpItem,
    readonly what: string,
  ) {
    const v = b instanceof Uint8Array ? rlpDecode(b) : b;
    if (!Array.isArray(v)) throw new CoreError('E_SYNTAX', `${what}: no list`);
    this.list = v;
  }
  bytes(): Uint8Array {
    const v = this.list[this.i++];
    if (!(v instanceof Uint8Array)) throw new CoreError('E_SYNTAX', `${this.what}: field ${this.i} is missing or a list`);
    return v;
  }
  fixed(n: number): Uint8Array {
    const v = this.bytes();
    if (v.length !== n) throw new CoreError('E_SYNTAX', `${this.what}: field ${this.i} has ${v.length} bytes, not ${n}`);
    return v;
  }
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch (e) {
      throw e instanceof CoreError ? e : new CoreError('E_SYNTAX', `${this.what}: field ${this.i} is not UTF-8`);
    }
  }
  int(max = Number.MAX_SAFE_INTEGER): number {
    const v = this.bytes();
    if (v.length > 8 || v[0] === 0) throw new CoreError('E_SYNTAX', `${this.what}: field ${this.i} is no integer`);
    const n = bigOf(v);
    if (n > BigInt(max)) throw new CoreError('E_RANGE', `${this.what}: field ${this.i} is too large`);
    return Number(n);
  }
  tag(want: string): void {
    if (this.text() !== want) throw new CoreError('E_UNSUPPORTED', `${this.what}: not of a kind that is known here`);
  }
  /** The items not taken yet. */
  rest(): RlpItem[] {
    const out = this.list.slice(this.i);
    this.i = this.list.length;
    return out;
  }
  end(): void {
    if (this.i !== this.list.length) throw new CoreError('E_SYNTAX', `${this.what}: more fields than known`);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Bech32 (BIP-173) without its limit of 90 characters, as age has it.
import { CoreError } from '../types.js';
import type { Bytes } from './bytes.js';

const CHARS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GEN = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values: number[]): number {
  let c = 1;
  for (const v of values) {
    const top = c >>> 25;
    c = ((c & 0x1ffffff) << 5) ^ v;
    for (let i = 0; i < 5; i++) if ((top >>> i) & 1) c ^= GEN[i]!;
  }
  return c >>> 0;
}
function expand(hrp: string): number[] {
  const codes = [...hrp].map((c) => c.charCodeAt(0));
  return [...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31)];
}
function regroup(data: ArrayLike<number>, from: number, to: number, pad: boolean): number[] {
  const out: number[] = [];
  let acc = 0;
  let bits = 0;
  for (let i = 0; i < data.length; i++) {
    acc = ((acc << from) | data[i]!) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((acc >> bits) & ((1 << to) - 1));
    }
  }
  if (pad) {
    if (bits > 0) out.push((acc << (to - bits)) & ((1 << to) - 1));
  } else if (bits >= from || ((acc << (to - bits)) & ((1 << to) - 1)) !== 0) {
    throw new CoreError('E_SYNTAX', 'bech32: padding');
  }
  return out;
}
/** Lower case. */
export function bech32Encode(hrp: string, data: Uint8Array): string {
  const five = regroup(data, 8, 5, true);
  const sum = polymod([...expand(hrp), ...five, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = Array.from({ length: 6 }, (_, i) => (sum >>> (5 * (5 - i))) & 31);
  return `${hrp}1${[...five, ...check].map((v) => CHARS[v]).join('')}`;
}
/** Either case, not mixed. */
export function bech32Decode(text: string, hrp: string): Bytes {
  const t = text.toLowerCase();
  if (text !== t && text !== text.toUpperCase()) throw new CoreError('E_SYNTAX', 'bech32: mixed case');
  if (!t.startsWith(`${hrp}1`)) throw new CoreError('E_SYNTAX', `bech32: does not begin with ${hrp}1`);
  const values = [...t.slice(hrp.length + 1)].map((c) => CHARS.indexOf(c));
  if (values.length < 6 || values.includes(-1)) throw new CoreError('E_SYNTAX', 'bech32: a character that it does not have');
  if (polymod([...expand(hrp), ...values]) !== 1) throw new CoreError('E_SYNTAX', 'bech32: checksum');
  return Uint8Array.from(regroup(values.slice(0, -6), 5, 8, false));
}

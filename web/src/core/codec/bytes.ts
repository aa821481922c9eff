// SPDX-License-Identifier: Apache-2.0
// Bytes, hex, base64 and numbers.
import { CoreError, type Hex } from '../types.js';

export type Bytes = Uint8Array<ArrayBuffer>;

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export function toHex(b: Uint8Array): Hex {
  let out = '0x';
  for (let i = 0; i < b.length; i++) out += HEX[b[i]!];
  return out as Hex;
}
/** n: how many bytes it must be; left out: any. */
export function fromHex(text: unknown, n?: number): Bytes {
  if (typeof text !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new CoreError('E_SYNTAX', 'hex: 0x and digits are needed');
  const out = new Uint8Array((text.length - 2) / 2);
  if (n !== undefined && out.length !== n) throw new CoreError('E_RANGE', `hex: ${n} bytes are needed`);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  return out;
}
/** A lower-case id of n bytes out of somebody else's JSON. */
export function hexOf(text: unknown, n: number): Hex {
  return toHex(fromHex(text, n));
}
export function concat(...parts: Uint8Array[]): Bytes {
  let n = 0;
  for (const p of parts) n += p.length;
  const out = new Uint8Array(n);
  n = 0;
  for (const p of parts) {
    out.set(p, n);
    n += p.length;
  }
  return out;
}
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let d = 0;
  for (let i = 0; i < a.length; i++) d |= a[i]! ^ b[i]!;
  return d === 0;
}
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
export function bigOf(b: Uint8Array): bigint {
  return b.length === 0 ? 0n : BigInt(toHex(b));
}
/** Big-endian, n bytes. */
export function beBytes(v: bigint | number, n: number): Bytes {
  let x = BigInt(v);
  const out = new Uint8Array(n);
  for (let i = n - 1; i >= 0; i--) {
    out[i] = Number(x & 255n);
    x >>= 8n;
  }
  if (x !== 0n) throw new CoreError('E_RANGE', `number of more than ${n} bytes`);
  return out;
}
export function randomBytes(n: number): Bytes {
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i += 65536) crypto.getRandomValues(out.subarray(i, i + 65536)); // as much as one call gives
  return out;
}
export function wipe(...list: (Uint8Array | undefined | null)[]): void {
  for (const b of list) b?.fill(0);
}

// ---- base64 --------------------------------------------------------------------------------------

function binary(b: Uint8Array): string {
  let s = '';
  for (let i = 0; i < b.length; i += 0x8000) s += String.fromCharCode(...b.subarray(i, i + 0x8000));
  return s;
}
export function base64(b: Uint8Array): string {
  return btoa(binary(b));
}
export function base64NoPad(b: Uint8Array): string {
  return base64(b).replace(/=+$/, '');
}
export function base64url(b: Uint8Array): string {
  return base64NoPad(b).replaceAll('+', '-').replaceAll('/', '_');
}
/** Canonical, without padding; anything else is refused. */
export function fromBase64NoPad(text: string): Bytes {
  let s: string;
  try {
    if (!/^[A-Za-z0-9+/]*$/.test(text)) throw new Error();
    s = atob(text);
  } catch {
    throw new CoreError('E_SYNTAX', 'base64');
  }
  const out = Uint8Array.from(s, (c) => c.charCodeAt(0));
  if (base64NoPad(out) !== text) throw new CoreError('E_SYNTAX', 'base64: not canonical');
  return out;
}
export function fromBase64url(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new CoreError('E_SYNTAX', 'base64url');
  return fromBase64NoPad(text.replaceAll('-', '+').replaceAll('_', '/'));
}

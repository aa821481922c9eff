// SPDX-License-Identifier: Apache-2.0
// SHA-256, HKDF and HMAC; what is long goes to WebCrypto.
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as sha256sync } from '@noble/hashes/sha2.js';
import type { Bytes } from '../codec/bytes.js';

const SMALL = 2048;

export function sha256Now(...parts: Uint8Array[]): Bytes {
  const h = sha256sync.create();
  for (const p of parts) h.update(p);
  return h.digest() as Bytes;
}
export async function sha256(b: Uint8Array): Promise<Bytes> {
  if (b.length <= SMALL) return sha256Now(b);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', b as Bytes));
}
export function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, n: number): Bytes {
  return hkdf(sha256sync, ikm, salt, info, n) as Bytes;
}
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Bytes {
  const h = hmac.create(sha256sync, key);
  for (const p of parts) h.update(p);
  return h.digest() as Bytes;
}

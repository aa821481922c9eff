// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes as they come: WebCrypto takes whole messages only.
import { sha256 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../codec/bytes.js';

export interface Hasher {
  update(b: Uint8Array): void;
  digest(): Bytes;
}
let make: () => Hasher = () => {
  const h = sha256.create();
  return { update: (b) => void h.update(b), digest: () => h.digest() as Bytes };
};
export function newHasher(): Hasher {
  return make();
}
/** Use another implementation from now on. */
export function useHasher(f: () => Hasher): void {
  make = f;
}

// SPDX-License-Identifier: Apache-2.0
// secp256k1 as Ethereum has it: addresses and signatures r‖s‖v with low s and v 27 or 28.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak, typedDataDigest } from '../codec/abi.js';
import { beBytes, bigOf, type Bytes, concat, fromHex, toHex, wipe } from '../codec/bytes.js';
import { type Address, CoreError, type Hex, type Signer, type TypedData } from '../types.js';

export const ORDER = secp256k1.Point.Fn.ORDER;
const HALF = ORDER >> 1n;

export function publicKeyOf(key: Uint8Array): Bytes {
  return secp256k1.getPublicKey(key, true) as Bytes;
}
function addressOfPoint(p: InstanceType<typeof secp256k1.Point>): Address {
  return toHex(keccak(p.toBytes(false).subarray(1)).subarray(12));
}
/** Of a compressed or uncompressed public key. */
export function addressOfPublic(pub: Uint8Array): Address {
  return addressOfPoint(pointOf(pub));
}
export function pointOf(pub: Uint8Array): InstanceType<typeof secp256k1.Point> {
  try {
    return secp256k1.Point.fromBytes(pub);
  } catch {
    throw new CoreError('E_SYNTAX', 'public key: no point of secp256k1');
  }
}
export function addressOf(key: Uint8Array): Address {
  return addressOfPublic(publicKeyOf(key));
}
/** RFC 6979. */
export function signDigest(key: Uint8Array, digest: Uint8Array): Hex {
  const rec = secp256k1.sign(digest, key, { prehash: false, format: 'recovered', lowS: true });
  return toHex(concat(rec.subarray(1), Uint8Array.of(27 + rec[0]!)));
}
/** The signer; null when the bytes are no signature of ours (high s, v, range). */
export function recover(digest: Uint8Array, signature: Hex): Address | null {
  const sig = fromHex(signature, 65);
  const v = sig[64]! - 27;
  if ((v !== 0 && v !== 1) || bigOf(sig.subarray(32, 64)) > HALF) return null;
  try {
    const pub = secp256k1.recoverPublicKey(concat(Uint8Array.of(v), sig.subarray(0, 64)), digest, { prehash: false });
    return addressOfPublic(pub);
  } catch {
    return null;
  }
}
export function isSignedBy(data: TypedData, signature: Hex, by: Address): boolean {
  return recover(typedDataDigest(data), signature) === by;
}

/** A key in memory that signs; wiped by done(). */
export class KeySigner implements Signer {
  readonly kind = 'page';
  readonly address: Address;
  private readonly key: Uint8Array;
  private gone = false;
  constructor(key: Uint8Array) {
    this.key = key;
    this.address = addressOf(key);
  }
  signNow(data: TypedData): Hex {
    if (this.gone) throw new CoreError('E_LOCKED', 'locked');
    return signDigest(this.key, typedDataDigest(data));
  }
  signHash(digest: Uint8Array): Hex {
    if (this.gone) throw new CoreError('E_LOCKED', 'locked');
    return signDigest(this.key, digest);
  }
  async signTypedData(data: TypedData): Promise<Hex> {
    return this.signNow(data);
  }
  done(): void {
    wipe(this.key);
    this.gone = true;
  }
}

/** 48 bytes, big-endian, mod (N − 1), + 1. */
export function scalarOf(wide: Uint8Array): Bytes {
  return beBytes((bigOf(wide) % (ORDER - 1n)) + 1n, 32);
}

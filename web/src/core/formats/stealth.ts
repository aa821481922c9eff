// SPDX-License-Identifier: Apache-2.0
// Addresses of one relationship: ERC-5564, scheme 1.
import { keccak } from '../codec/abi.js';
import { beBytes, bigOf, type Bytes, concat, fromHex, randomBytes, toHex, wipe } from '../codec/bytes.js';
import { addressOf, addressOfPublic, ORDER, pointOf, publicKeyOf, scalarOf } from '../crypto/secp.js';
import { type Address, CoreError, type Hex } from '../types.js';

export interface Announcement {
  holder: Address;
  ephemeral: Hex;
  viewTag: number;
}
/** s_h of a shared point, and its view tag. */
function sharedScalar(secret: Uint8Array, pub: Uint8Array): { s: bigint; viewTag: number } {
  const shared = pointOf(pub).multiply(bigOf(secret)).toBytes(true);
  const h = keccak(shared);
  const s = bigOf(h);
  wipe(shared);
  if (s === 0n || s >= ORDER) throw new CoreError('E_RANGE', 'stealth address: secret out of range');
  return { s, viewTag: h[0]! };
}
/** A new address of the owner of this meta-address, which only that one can sign for. */
export function stealthMake(spend: Hex, view: Hex): Announcement {
  const r = scalarOf(concat(randomBytes(48)));
  const { s, viewTag } = sharedScalar(r, fromHex(view, 33));
  const P = pointOf(fromHex(spend, 33)).add(pointOf(publicKeyOf(beBytes(s, 32))));
  const out = { holder: addressOfPublic(P.toBytes(true)), ephemeral: toHex(publicKeyOf(r)), viewTag };
  wipe(r);
  return out;
}
/** The key of an announced address; null when it is not for this meta-address. */
export function stealthKey(spendKey: Uint8Array, viewKey: Uint8Array, a: Announcement): Bytes | null {
  const { s, viewTag } = sharedScalar(viewKey, fromHex(a.ephemeral, 33));
  if (viewTag !== a.viewTag) return null;
  const key = beBytes((bigOf(spendKey) + s) % ORDER, 32);
  if (addressOf(key) === a.holder) return key;
  wipe(key);
  return null;
}

// SPDX-License-Identifier: Apache-2.0
// The chain's authority, whose signature vouches for a block (docs/formats.md, GET /node): pinned at the first contact.
import { keccak } from './codec/abi.js';
import { beBytes, type Bytes, concat, fromHex, hexOf, utf8 } from './codec/bytes.js';
import { recover } from './crypto/secp.js';
import { type Address, CoreError, type Hash, type NodeInfo } from './types.js';

/** Where pins are kept, as localStorage does; nothing in it tells who used the device. */
export type Pins = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
type Chain = Pick<NodeInfo, 'chainId' | 'proxy'>;

function nameOf(c: Chain): string {
  return `ehrd.authority.${c.chainId}.${c.proxy}`;
}
/** The authority to go by. E_AUTHORITY: the node names another one than the pinned, or none any more. */
export function authorityPinned(info: Chain & Pick<NodeInfo, 'authority'>, pins: Pins): Address | null {
  const pinned = pins.getItem(nameOf(info));
  if (pinned === null) {
    if (info.authority !== null) pins.setItem(nameOf(info), info.authority);
    return info.authority;
  }
  if (pinned === info.authority) return info.authority;
  throw new CoreError('E_AUTHORITY', `this device pinned ${pinned}, the node names ${info.authority ?? 'nobody'}`);
}
/** A person who was told by who runs the node decides to trust whom the node names from now on. */
export function authorityForget(info: Chain, pins: Pins): void {
  pins.removeItem(nameOf(info));
}

export function sealDigest(chainId: bigint, number: number, hash: Hash): Bytes {
  return keccak(concat(keccak(utf8('ehrd/seal/v1')), beBytes(chainId, 32), beBytes(number, 32), fromHex(hash, 32)));
}
/** E_AUTHORITY: not signed by the authority. The genesis is no exception: its number is only what the node says. */
export function sealCheck(chainId: bigint, authority: Address, b: { number: number; hash: Hash; authoritySignature?: unknown }): void {
  if (typeof b.authoritySignature !== 'string') throw new CoreError('E_AUTHORITY', `block ${b.number} is not signed, but this chain's authority was pinned`);
  if (recover(sealDigest(chainId, b.number, b.hash), hexOf(b.authoritySignature, 65)) !== authority)
    throw new CoreError('E_AUTHORITY', `block ${b.number} is signed by somebody else than the authority that this device has pinned`);
}

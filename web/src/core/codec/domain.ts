// SPDX-License-Identifier: Apache-2.0
// Hashes with a domain (docs/formats.md, section 1).
import type { Address, Hash, Hex } from '../types.js';
import { abiEncode, type AbiValue, keccak } from './abi.js';
import { beBytes, type Bytes, concat, fromHex, toHex, utf8 } from './bytes.js';

/** Which registry on which chain. */
export interface Net {
  chainId: bigint;
  proxy: Address;
}
export function netBytes(net: Net): Bytes {
  return concat(beBytes(net.chainId, 32), fromHex(net.proxy, 20));
}
export function domainHash(net: Net, name: string, types: string[], values: AbiValue[]): Hash {
  const head: AbiValue[] = [keccak(utf8(`ehrd/${name}/v1`)), net.chainId, net.proxy];
  return toHex(keccak(abiEncode(['bytes32', 'uint256', 'address', ...types], [...head, ...values])));
}
export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`;

export function folderIdOf(net: Net, owner: Address, salt: Hash): Hash {
  return domainHash(net, 'folder', ['address', 'bytes32'], [owner, salt]);
}
export function keyHashOf(net: Net, folderId: Hash, epoch: number, recipient: string, prev: Hash): Hash {
  return domainHash(net, 'folder-key', ['bytes32', 'uint32', 'bytes32', 'bytes32'], [folderId, epoch, keccak(utf8(recipient)), prev]);
}
export function innerOf(net: Net, salt: Uint8Array, cid: Uint8Array, metaSha256: Uint8Array): Hash {
  return domainHash(net, 'inner', ['bytes32', 'bytes32', 'bytes32'], [salt, keccak(cid), metaSha256]);
}
export interface RecordPlace {
  folderId: Hash;
  recordId: Hash;
  version: number;
  epoch: number;
  author: Address;
}
/** 26 bytes. */
export function commitmentOf(net: Net, at: RecordPlace, inner: Hash): Hex {
  const types = ['bytes32', 'bytes32', 'uint256', 'uint256', 'address', 'bytes32'];
  const h = domainHash(net, 'record', types, [at.folderId, at.recordId, at.version, at.epoch, at.author, inner]);
  return h.slice(0, 2 + 52) as Hex;
}
export function logLeafOf(net: Net, folderId: Hash, seq: number, prev: Hash, saltedSha256: Uint8Array): Hash {
  return domainHash(net, 'log', ['bytes32', 'uint64', 'bytes32', 'bytes32'], [folderId, seq, prev, saltedSha256]);
}

// SPDX-License-Identifier: Apache-2.0
// A made-up chain for tests: blocks whose hashes fit, and one account with at most one slot, proved.
import { keccak } from '../codec/abi.js';
import { type Bytes, concat, fromHex, toHex } from '../codec/bytes.js';
import { rlpEncode } from '../codec/rlp.js';
import type { Hash, Hex } from '../types.js';
import { headerHash, type RpcBlock } from './trie.js';

/** A trie of one value. */
function leafOf(key: Uint8Array, value: Uint8Array): Bytes {
  return rlpEncode([concat(Uint8Array.of(0x20), keccak(key)), value]);
}
/** The state root, and what eth_getProof answers for these keys. */
export function provedAccount(address: Hex, slot?: { key: Hash; word: Hash }): { stateRoot: Hash; proof: (keys: Hash[]) => object } {
  const word = slot && rlpEncode(fromHex(slot.word.replace(/^0x(00)*/, '0x')));
  const storage = slot && word ? [leafOf(fromHex(slot.key), word)] : [];
  const storageRoot = keccak(storage[0] ?? Uint8Array.of(0x80));
  const account = leafOf(fromHex(address), rlpEncode([Uint8Array.of(1), new Uint8Array(), storageRoot, new Uint8Array(32)]));
  const proof = storage.map((x) => toHex(x));
  return { stateRoot: toHex(keccak(account)), proof: (keys) => ({ accountProof: [toHex(account)], storageProof: keys.map((key) => ({ key, value: '0x0', proof })) }) };
}
export function madeBlock(number: number, stateRoot: Hash): RpcBlock {
  const hash = (n: number): Hash => `0x${'00'.repeat(31)}0${n}`;
  const b: RpcBlock = {
    hash: hash(0), parentHash: hash(1), sha3Uncles: hash(2), miner: `0x${'11'.repeat(20)}`, stateRoot, transactionsRoot: hash(3), receiptsRoot: hash(4),
    logsBloom: `0x${'00'.repeat(256)}`, difficulty: '0x0', number: `0x${number.toString(16)}`, gasLimit: '0x1', gasUsed: '0x0', timestamp: '0x1',
    extraData: '0x', mixHash: hash(5), nonce: '0x0000000000000000',
  };
  return { ...b, hash: headerHash(b) };
}

// SPDX-License-Identifier: Apache-2.0
// Proofs of a Merkle Patricia trie (Yellow Paper, appendix D), as eth_getProof gives them, and block headers.
import { keccak } from '../codec/abi.js';
import { bigOf, bytesEqual, type Bytes, concat, fromHex, toHex } from '../codec/bytes.js';
import { rlpDecode, rlpEncode, rlpInt, type RlpItem } from '../codec/rlp.js';
import { CoreError, type Hash, type Hex } from '../types.js';

function bad(why: string): never {
  throw new CoreError('E_MISMATCH', `proof: ${why}`);
}
function nibbles(b: Uint8Array): number[] {
  return [...b].flatMap((x) => [x >> 4, x & 15]);
}
/** Compact path of a leaf or an extension. */
function pathOf(b: Uint8Array): { path: number[]; leaf: boolean } {
  const n = nibbles(b);
  if (n.length < 2 || n[0]! > 3) bad('path of a node');
  return { path: n.slice(n[0]! & 1 ? 1 : 2), leaf: n[0]! >= 2 };
}
const EMPTY_ROOT = keccak(Uint8Array.of(0x80));

/** The value under key in the trie of that root; null is proved absence. */
export function trieGet(root: Uint8Array, key: Uint8Array, proof: Uint8Array[]): Uint8Array | null {
  const path = nibbles(key);
  if (proof.length === 0) return bytesEqual(root, EMPTY_ROOT) ? null : bad('no nodes');
  let want: Uint8Array = root;
  let used = 0;
  let node: RlpItem = [];
  const load = (ref: RlpItem): RlpItem[] => {
    if (Array.isArray(ref)) return ref; // embedded
    if (ref.length !== 32) bad('reference of a node');
    want = ref;
    const bytes = proof[used++];
    if (bytes === undefined || !bytesEqual(keccak(bytes), want)) bad('a node is not the one it was reached by');
    const v = rlpDecode(bytes!);
    return Array.isArray(v) ? v : bad('node');
  };
  node = load(root);
  for (let at = 0; ; ) {
    if (node.length === 17) {
      if (at === path.length) return bad('key ends within the trie');
      const next: RlpItem = node[path[at++]!]!;
      if (!Array.isArray(next) && next.length === 0) return null;
      node = load(next);
    } else if (node.length === 2) {
      const { path: p, leaf } = pathOf(node[0] as Uint8Array);
      const fits = p.every((x, i) => path[at + i] === x);
      if (leaf) return fits && at + p.length === path.length ? (node[1] as Uint8Array) : null;
      if (!fits) return null;
      at += p.length;
      node = load(node[1]!);
    } else {
      return bad('node of a kind that is not known');
    }
  }
}

// ---- eth_getProof --------------------------------------------------------------------------------

export interface EthProof {
  address: Hex;
  accountProof: Hex[];
  storageHash: Hash;
  balance: Hex;
  nonce: Hex;
  codeHash: Hash;
  storageProof: { key: Hex; value: Hex; proof: Hex[] }[];
}
export interface ProvedAccount {
  codeHash: Hash;
  /** The words under the keys asked for, 32 bytes each. */
  words: Bytes[];
}
function word(v: Uint8Array | null): Bytes {
  if (v === null) return new Uint8Array(32);
  const b = rlpDecode(v);
  if (Array.isArray(b) || b.length > 32) bad('word of the storage');
  return concat(new Uint8Array(32 - (b as Uint8Array).length), b as Uint8Array);
}
/** Checks account and storage against a state root, for exactly these keys. */
export function checkProof(p: EthProof, stateRoot: Hash, address: Hex, keys: Hash[]): ProvedAccount {
  const list = (a: Hex[]): Bytes[] => a.map((x) => fromHex(x));
  const account = trieGet(fromHex(stateRoot, 32), keccak(fromHex(address, 20)), list(p.accountProof));
  if (account === null) bad('no such contract');
  const fields = rlpDecode(account!);
  if (!Array.isArray(fields) || fields.length !== 4) bad('account');
  const [, , storageRoot, codeHash] = fields as Uint8Array[];
  if (p.storageProof.length !== keys.length) bad('of other slots');
  const words = keys.map((key, i) => word(trieGet(storageRoot!, keccak(fromHex(key, 32)), list(p.storageProof[i]!.proof))));
  return { codeHash: toHex(codeHash!), words };
}

// ---- headers -------------------------------------------------------------------------------------

/** A block as JSON-RPC tells it. */
export type RpcBlock = Record<string, unknown> & { hash: Hash; number: Hex; timestamp: Hex; stateRoot: Hash };

const FIELDS: [string, 'bytes' | 'int'][] = [
  ['parentHash', 'bytes'], ['sha3Uncles', 'bytes'], ['miner', 'bytes'], ['stateRoot', 'bytes'], ['transactionsRoot', 'bytes'],
  ['receiptsRoot', 'bytes'], ['logsBloom', 'bytes'], ['difficulty', 'int'], ['number', 'int'], ['gasLimit', 'int'], ['gasUsed', 'int'],
  ['timestamp', 'int'], ['extraData', 'bytes'], ['mixHash', 'bytes'], ['nonce', 'bytes'], ['baseFeePerGas', 'int'],
  ['withdrawalsRoot', 'bytes'], ['blobGasUsed', 'int'], ['excessBlobGas', 'int'], ['parentBeaconBlockRoot', 'bytes'], ['requestsHash', 'bytes'],
];
/** The header's hash from all its fields, whatever hash the node tells. */
export function headerHash(b: RpcBlock): Hash {
  const items: RlpItem[] = [];
  for (const [name, kind] of FIELDS) {
    const v = b[name];
    if (v === undefined || v === null) break;
    items.push(kind === 'int' ? rlpInt(BigInt(v as string)) : fromHex(v));
  }
  return toHex(keccak(rlpEncode(items)));
}
/** bytes of a quantity, for tests. */
export const quantity = (h: Hex): bigint => (h === '0x' ? 0n : bigOf(fromHex(h.length % 2 ? `0x0${h.slice(2)}` : h)));

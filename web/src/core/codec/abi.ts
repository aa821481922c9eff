// SPDX-License-Identifier: Apache-2.0
// The ABI's types that the registry and the forwarder use, and EIP-712.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { CoreError, type Hash, type Hex, type TypedData } from '../types.js';
import { beBytes, bigOf, type Bytes, concat, fromHex, toHex, utf8 } from './bytes.js';

export function keccak(...parts: Uint8Array[]): Bytes {
  return keccak_256(parts.length === 1 ? parts[0]! : concat(...parts)) as Bytes;
}

export type AbiValue = Uint8Array | Hex | bigint | number | string | AbiValue[];

function word(v: AbiValue): bigint {
  if (typeof v === 'bigint' || typeof v === 'number') return BigInt(v);
  return bigOf(bytesOf(v));
}
function bytesOf(v: AbiValue): Uint8Array {
  return v instanceof Uint8Array ? v : fromHex(v);
}
function pad(b: Uint8Array): Bytes {
  return concat(b, new Uint8Array((32 - (b.length % 32)) % 32));
}
/** One word of a static type. */
export function abiWord(type: string, v: AbiValue): Bytes {
  if (/^bytes\d+$/.test(type)) {
    const b = bytesOf(v);
    if (b.length !== Number(type.slice(5))) throw new CoreError('E_RANGE', `ABI: ${type} of ${b.length} bytes`);
    return pad(b);
  }
  const bits = type === 'address' ? 160 : Number(type.slice(4) || 256);
  if (!/^(address|uint\d*)$/.test(type)) throw new CoreError('E_INTERNAL', `ABI: type ${type}`);
  const n = word(v);
  if (n < 0n || n >> BigInt(bits) !== 0n) throw new CoreError('E_RANGE', `ABI: ${type} out of range`);
  return beBytes(n, 32);
}
function tailOf(type: string, v: AbiValue): Bytes | null {
  if (type === 'bytes' || type === 'string') {
    const b = type === 'string' ? utf8(v as string) : bytesOf(v);
    return concat(beBytes(b.length, 32), pad(b));
  }
  if (!type.endsWith('[]')) return null;
  const list = v as AbiValue[];
  return concat(beBytes(list.length, 32), abiEncode(list.map(() => type.slice(0, -2)), list));
}
export function abiEncode(types: string[], values: AbiValue[]): Bytes {
  const tails: Bytes[] = [];
  let at = 32 * types.length;
  const heads = types.map((t, i) => {
    const tail = tailOf(t, values[i]!);
    if (tail === null) return abiWord(t, values[i]!);
    tails.push(tail);
    const h = beBytes(at, 32);
    at += tail.length;
    return h;
  });
  return concat(...heads, ...tails);
}
/** name(types): selector and arguments. */
export function abiCall(name: string, types: string[], values: AbiValue[]): Bytes {
  return concat(keccak(utf8(`${name}(${types.join(',')})`)).subarray(0, 4), abiEncode(types, values));
}

/** Words of an answer or of an event's data. */
export class AbiReader {
  constructor(
    readonly b: Uint8Array,
    readonly what: string,
  ) {}
  private word(i: number): Uint8Array {
    const w = this.b.subarray(32 * i, 32 * i + 32);
    if (w.length !== 32) throw new CoreError('E_CORRUPT', `${this.what}: ends too soon`);
    return w;
  }
  big(i: number): bigint {
    return bigOf(this.word(i));
  }
  num(i: number): number {
    const v = this.big(i);
    if (v > BigInt(Number.MAX_SAFE_INTEGER)) throw new CoreError('E_RANGE', `${this.what}: number too large`);
    return Number(v);
  }
  address(i: number): Hex {
    const w = this.word(i);
    if (w.subarray(0, 12).some((x) => x !== 0)) throw new CoreError('E_CORRUPT', `${this.what}: no address`);
    return toHex(w.subarray(12));
  }
  hash(i: number): Hex {
    return toHex(this.word(i));
  }
  /** bytesN, left-aligned. */
  fixed(i: number, n: number): Hex {
    return toHex(this.word(i).subarray(0, n));
  }
  /** bytes or string whose offset stands at word i. */
  dynamic(i: number): Uint8Array {
    const at = this.num(i);
    const n = new AbiReader(this.b.subarray(at, at + 32), this.what).num(0);
    const out = this.b.subarray(at + 32, at + 32 + n);
    if (out.length !== n) throw new CoreError('E_CORRUPT', `${this.what}: ends too soon`);
    return out;
  }
}

// ---- EIP-712 -------------------------------------------------------------------------------------

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';

/** A string or bytes of which only the keccak256 is known: all that a digest takes of it. */
export class HashedField {
  constructor(readonly hash: Hash) {}
}
function fieldHash(type: string, v: unknown): Bytes {
  if (v instanceof HashedField) {
    if (type !== 'string' && type !== 'bytes') throw new CoreError('E_INTERNAL', `EIP-712: ${type} is not hashed`);
    return fromHex(v.hash, 32);
  }
  if (type === 'string') return keccak(utf8(v as string));
  if (type === 'bytes') return keccak(bytesOf(v as AbiValue));
  return abiWord(type, v as AbiValue);
}
export function typedDataDigest(t: TypedData): Bytes {
  const fields = t.types[t.primaryType]!;
  const type = `${t.primaryType}(${fields.map((f) => `${f.type} ${f.name}`).join(',')})`;
  const struct = keccak(keccak(utf8(type)), ...fields.map((f) => fieldHash(f.type, t.message[f.name])));
  const d = t.domain;
  const domain = keccak(
    keccak(utf8(DOMAIN_TYPE)),
    keccak(utf8(d.name)),
    keccak(utf8(d.version)),
    abiWord('uint256', d.chainId),
    abiWord('address', d.verifyingContract),
  );
  return keccak(Uint8Array.of(0x19, 0x01), domain, struct);
}

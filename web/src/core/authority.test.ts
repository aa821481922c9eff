// SPDX-License-Identifier: Apache-2.0
import { encodeAbiParameters, keccak256, stringToHex } from 'viem';
import { privateKeyToAccount, sign } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { authorityForget, authorityPinned, type Pins, sealCheck, sealDigest } from './authority.js';
import { toHex } from './codec/bytes.js';
import type { Address, Hash } from './types.js';

const keyOf = (n: number): Hash => `0x${n.toString(16).padStart(64, '0')}`;
const addressOf = (n: number): Address => privateKeyToAccount(keyOf(n)).address.toLowerCase() as Address;
const hash: Hash = `0x${'5a'.repeat(32)}`;
const signed = (n: number, digest: Hash): Promise<Hash> => sign({ privateKey: keyOf(n), hash: digest, to: 'hex' });
function memory(): Pins & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return { all, getItem: (k) => all.get(k) ?? null, setItem: (k, v) => void all.set(k, v), removeItem: (k) => void all.delete(k) };
}
const info = (authority: Address | null) => ({ chainId: 31337n, proxy: addressOf(99), authority });

describe("the chain's authority", () => {
  it('signs what docs/formats.md says', () => {
    const types = [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes32' }] as const;
    const want = keccak256(encodeAbiParameters(types, [keccak256(stringToHex('ehrd/seal/v1')), 31337n, 7n, hash]));
    expect(toHex(sealDigest(31337n, 7, hash))).toBe(want);
  });
  it('is believed by its signature over this block of this chain only', async () => {
    const authoritySignature = await signed(1, toHex(sealDigest(31337n, 7, hash)));
    const block = { number: 7, hash, authoritySignature };
    const refused = { code: 'E_AUTHORITY' };
    expect(() => sealCheck(31337n, addressOf(1), block)).not.toThrow();
    expect(() => sealCheck(31337n, addressOf(2), block)).toThrow(expect.objectContaining(refused));
    expect(() => sealCheck(31338n, addressOf(1), block)).toThrow(expect.objectContaining(refused));
    expect(() => sealCheck(31337n, addressOf(1), { ...block, number: 8 })).toThrow(expect.objectContaining(refused));
    expect(() => sealCheck(31337n, addressOf(1), { ...block, hash: `0x${'5b'.repeat(32)}` })).toThrow(expect.objectContaining(refused));
    expect(() => sealCheck(31337n, addressOf(1), { number: 7, hash })).toThrow(expect.objectContaining(refused));
    expect(() => sealCheck(31337n, addressOf(1), { ...block, authoritySignature: '0x12' })).toThrow();
    expect(() => sealCheck(31337n, addressOf(1), { ...block, authoritySignature: `0x${'00'.repeat(65)}` })).toThrow();
  });
  it('signs the genesis, too: a block is none because the node numbers it 0', async () => {
    expect(() => sealCheck(31337n, addressOf(1), { number: 0, hash })).toThrow(expect.objectContaining({ code: 'E_AUTHORITY' }));
    const authoritySignature = await signed(1, toHex(sealDigest(31337n, 0, hash)));
    expect(() => sealCheck(31337n, addressOf(1), { number: 0, hash, authoritySignature })).not.toThrow();
  });
  it('is pinned at the first contact; another one, or none, is refused until the user says so', () => {
    const pins = memory();
    expect(authorityPinned(info(addressOf(1)), pins)).toBe(addressOf(1));
    expect(authorityPinned(info(addressOf(1)), pins)).toBe(addressOf(1));
    for (const other of [addressOf(2), null]) expect(() => authorityPinned(info(other), pins)).toThrow(expect.objectContaining({ code: 'E_AUTHORITY' }));
    authorityForget(info(null), pins);
    expect(authorityPinned(info(addressOf(2)), pins)).toBe(addressOf(2));
  });
  it('of a chain that nobody signs is not pinned: one that has an authority later is', () => {
    const pins = memory();
    expect(authorityPinned(info(null), pins)).toBe(null);
    expect(pins.all.size).toBe(0);
    expect(authorityPinned(info(addressOf(1)), pins)).toBe(addressOf(1));
    expect(authorityPinned({ ...info(null), chainId: 1n }, pins)).toBe(null); // another chain
  });
});

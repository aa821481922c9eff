// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../codec/bytes.js';
import type { Address, Hash } from '../types.js';
import { OpenIdentity } from './identity.js';
import { stateMac, StatePin, stateProve, stateProved } from './state-blob.js';

interface Stored {
  key: string;
  account: Address;
  version: number;
  file: string;
  mac: string;
}
const vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/identity.json', import.meta.url), 'utf8')) as {
  identities: { root: string; chainId: string; proxy: Address; ownerStates: Stored[] }[];
};
const account: Address = `0x${'09'.repeat(20)}`;

describe('an owner state', () => {
  it('is authenticated as in tests/vectors/identity.json', () => {
    for (const v of vectors.identities) {
      const id = new OpenIdentity(fromHex(v.root, 32), { chainId: BigInt(v.chainId), proxy: v.proxy, node: '' }, 'page');
      expect(v.ownerStates).toHaveLength(3);
      for (const s of v.ownerStates) {
        expect(toHex(id.stateKey())).toBe(s.key);
        expect(toHex(stateMac(fromHex(s.file), { key: id.stateKey(), account: s.account, version: s.version }))).toBe(s.mac);
      }
    }
  });
  it('is taken in its place only, and whole', () => {
    const at = { key: new Uint8Array(32).fill(3), account, version: 4 };
    const file = Uint8Array.from([1, 2, 3]);
    const blob = stateProve(file, at);
    const refused = { code: 'E_STATE' };
    expect(stateProved(blob, at)).toEqual(file);
    for (const other of [{ ...at, version: 3 }, { ...at, version: 5 }, { ...at, key: new Uint8Array(32) }, { ...at, account: `0x${'0a'.repeat(20)}` as Address }])
      expect(() => stateProved(blob, other)).toThrow(expect.objectContaining(refused));
    for (let i = 0; i < blob.length; i++) {
      expect(() => stateProved(blob.with(i, blob[i]! ^ 1), at)).toThrow(expect.objectContaining(refused));
      expect(() => stateProved(blob.subarray(0, i), at)).toThrow(expect.objectContaining(refused));
    }
  });
  it('that anybody sealed to the key card is refused', () => {
    const at = { key: new Uint8Array(32), account, version: 1 };
    expect(() => stateProved(new TextEncoder().encode('age-encryption.org/v1\n-> X25519'), at)).toThrow(expect.objectContaining({ code: 'E_STATE_UNPROVED', message: expect.stringContaining('--accept-state') }));
  });
});

describe('the version that a device saw', () => {
  const key = new Uint8Array(32).fill(1);
  const mac = (n: number): Hash => `0x${String(n).padStart(64, '0')}`;
  const store = (first?: string) => {
    const kept = new Map<string, string>();
    const pins = { getItem: (k: string) => kept.get(k) ?? first ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) };
    return { kept, pin: () => new StatePin(pins, key, account) };
  };
  const older = expect.objectContaining({ code: 'E_STATE_OLDER' }) as Error;
  it('is the least that it takes', () => {
    const { kept, pin } = store();
    const first = pin();
    first.check(0);
    first.saw(7, mac(1));
    const later = pin();
    later.load();
    expect(() => later.check(6)).toThrow(older);
    expect(() => later.check(0)).toThrow(older);
    later.check(7);
    later.saw(6, mac(2)); // never lowered
    expect([...kept.values()]).toEqual([`7 ${mac(1)}`]);
    expect([...kept.keys()].join()).not.toContain(account.slice(2)); // nor does it tell whose it is
    new StatePin(undefined, key, `0x${'0b'.repeat(20)}`).check(0);
  });
  it('is the only one of its number', () => {
    const { kept, pin } = store();
    pin().saw(7, mac(1));
    const later = pin();
    expect(() => later.saw(7, mac(2))).toThrow(older);
    later.saw(7, mac(1));
    later.saw(8, mac(2));
    expect(() => later.saw(8, mac(1))).toThrow(older);
    expect([...kept.values()]).toEqual([`8 ${mac(2)}`]);
  });
  it('is so from the first time on when a program of before kept its number alone', () => {
    const { pin } = store('7');
    expect(() => (pin().load(), pin().saw(6, mac(1)))).not.toThrow();
    const later = pin();
    later.load();
    expect(() => later.check(6)).toThrow(older);
    later.saw(7, mac(2));
    expect(() => pin().saw(7, mac(3))).toThrow(older);
  });
});

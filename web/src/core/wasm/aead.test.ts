// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { ageOpen, ageSeal } from '../age/file.js';
import { AgeIdentity } from '../age/keys.js';
import { CHUNK, nobleChunks, StreamOpener, StreamSealer, useChunks } from '../age/stream.js';
import { bytesEqual, concat, randomBytes, toHex } from '../codec/bytes.js';
import { newHasher } from '../crypto/hash.js';
import { useWasm, wasmChunks } from './aead.js';
import { MODULE } from './module.gen.js';

const there = MODULE !== '' && (await useWasm());

describe.skipIf(!there)('our C in WebAssembly', () => {
  const SIZES = [0, 1, 15, 16, 17, 63, 64, 255, 256, 257, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 17 * CHUNK, 33 * CHUNK + 5];
  const [key, nonce] = [randomBytes(16), randomBytes(16)];
  const seal = (plain: Uint8Array): Uint8Array => {
    const s = new StreamSealer(key, nonce);
    return concat(s.push(plain), s.finish());
  };
  it.each(SIZES)('seals %i bytes as TypeScript does, and opens them', (n) => {
    const plain = randomBytes(n);
    const fast = seal(plain);
    useChunks(nobleChunks);
    const slow = seal(plain);
    useChunks(wasmChunks!);
    const o = new StreamOpener(key);
    expect(bytesEqual(concat(o.push(fast), o.finish()), plain)).toBe(true);
    expect(bytesEqual(fast, slow)).toBe(true);
  });
  const text = generateIdentity();
  const BOUNDS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 16 * CHUNK, 16 * CHUNK + 1];
  const some = Array.from({ length: 8 }, () => Math.floor(Math.random() * 40 * CHUNK));
  it.each([...BOUNDS, ...some])('age-encryption opens what it sealed of %i bytes, and the other way round', async (n) => {
    useChunks(wasmChunks!);
    const plain = randomBytes(n);
    const recipient = await identityToRecipient(await text);
    const d = new Decrypter();
    d.addIdentity(await text);
    expect(bytesEqual(await d.decrypt(await ageSeal(plain, recipient)), plain)).toBe(true);
    const e = new Encrypter();
    e.addRecipient(recipient);
    expect(bytesEqual(await ageOpen(await e.encrypt(plain), await AgeIdentity.read(await text)), plain)).toBe(true);
  });
  it('gives the same bytes whatever the pieces are, and pieces may be lent', () => {
    for (let round = 0; round < 20; round++) {
      const plain = randomBytes(Math.floor(Math.random() * 5 * CHUNK));
      const s = new StreamSealer(key, nonce);
      const out: Uint8Array[] = [];
      const lent = new Uint8Array(3 * CHUNK);
      for (let at = 0; at < plain.length; ) {
        const b = lent.subarray(0, 1 + Math.floor(Math.random() * (lent.length - 1)));
        b.fill(0);
        const part = plain.subarray(at, at + b.length);
        b.set(part);
        s.pushTo(b.subarray(0, part.length), (x) => out.push(x.slice()));
        b.fill(255); // the sealer has kept what it needs
        at += part.length;
      }
      s.finishTo((x) => out.push(x.slice()));
      expect(bytesEqual(concat(...out), seal(plain))).toBe(true);
    }
  });
  it('opens and refuses as TypeScript does', () => {
    const plain = randomBytes(17 * CHUNK + 3);
    const file = seal(plain);
    const open = (b: Uint8Array): Uint8Array => {
      const o = new StreamOpener(key);
      return concat(o.push(b), o.finish());
    };
    expect(bytesEqual(open(file), plain)).toBe(true);
    for (const at of [16, 16 + CHUNK, 16 + 16 * (CHUNK + 16) + 5, file.length - 1]) {
      const b = Uint8Array.from(file);
      b[at]! ^= 1;
      expect(() => open(b)).toThrow();
    }
    expect(() => open(file.subarray(0, file.length - 1))).toThrow();
  });
  it('hashes as the standard says, several at once', () => {
    const list = [0, 1, 55, 56, 63, 64, 65, 1000, 3 * CHUNK + 1].map((n) => randomBytes(n));
    const hashers = list.map(() => newHasher());
    for (let i = 0; i < 3 * CHUNK + 1; i += 777) list.forEach((b, k) => hashers[k]!.update(b.subarray(i, i + 777)));
    list.forEach((b, k) => expect(toHex(hashers[k]!.digest())).toBe(`0x${createHash('sha256').update(b).digest('hex')}`));
  });
});

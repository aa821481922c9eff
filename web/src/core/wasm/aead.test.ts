// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
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

// SPDX-License-Identifier: Apache-2.0
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, randomBytes, toHex, utf8 } from '../codec/bytes.js';
import { ageFileKey, ageOpen, ageSeal, ageSealWith } from './file.js';
import { headerRead, headerWrite } from './header.js';
import { AgeIdentity, passphraseOpener, stanzaForPassphrase } from './keys.js';
import { CHUNK, sealedLength, StreamOpener, StreamSealer } from './stream.js';

const SIZES = [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5];
let id: AgeIdentity;
let text: string;

beforeAll(async () => {
  text = await generateIdentity();
  id = await AgeIdentity.read(text);
});

describe('age files, against age-encryption', () => {
  it('reads and writes identities', async () => {
    expect(id.text()).toBe(text);
    expect(id.recipient).toBe(await identityToRecipient(text));
  });
  it.each(SIZES)('opens theirs of %i bytes', async (n) => {
    const plain = randomBytes(n);
    const e = new Encrypter();
    e.addRecipient(await identityToRecipient(await generateIdentity()));
    e.addRecipient(id.recipient);
    expect(toHex(await ageOpen(await e.encrypt(plain), id))).toBe(toHex(plain));
  });
  it.each(SIZES)('seals %i bytes for them', async (n) => {
    const plain = randomBytes(n);
    const file = await ageSeal(plain, id.recipient);
    const d = new Decrypter();
    d.addIdentity(text);
    expect(toHex(await d.decrypt(file))).toBe(toHex(plain));
    expect(file.length - headerRead(file).length).toBe(sealedLength(n));
  });
  it('does passphrases both ways', async () => {
    const e = new Encrypter();
    e.setPassphrase('a b c');
    e.setScryptWorkFactor(10);
    expect(toHex(await ageOpen(await e.encrypt(utf8('hello')), passphraseOpener('a b c')))).toBe(toHex(utf8('hello')));
    const d = new Decrypter();
    d.addPassphrase('x y z');
    expect(await d.decrypt(await ageSealWith(utf8('hello'), (k) => stanzaForPassphrase('x y z', k, 10)), 'text')).toBe('hello');
  });
});

describe('hostile age files', () => {
  it('refuses every changed or missing byte of a small file', async () => {
    const file = await ageSeal(utf8('clinical'), id.recipient);
    for (let i = 0; i < file.length; i++) {
      const b = Uint8Array.from(file);
      b[i]! ^= 1;
      await expect(ageOpen(b, id), `byte ${i}`).rejects.toThrow();
      await expect(ageOpen(file.subarray(0, i), id), `cut at ${i}`).rejects.toThrow();
    }
    await expect(ageOpen(concat(file, Uint8Array.of(0)), id)).rejects.toThrow();
  });
  it('refuses chunks that were cut, swapped or given twice', () => {
    const key = randomBytes(16);
    const s = new StreamSealer(key, randomBytes(16));
    const all = concat(s.push(randomBytes(3 * CHUNK)), s.finish());
    const open = (b: Uint8Array): number => {
      const o = new StreamOpener(key);
      return o.push(b).length + o.finish().length;
    };
    const chunk = (i: number): Uint8Array => all.subarray(16 + i * (CHUNK + 16), 16 + (i + 1) * (CHUNK + 16));
    const head = all.subarray(0, 16);
    expect(open(all)).toBe(3 * CHUNK);
    for (const list of [[0, 1], [1, 0, 2], [0, 0, 2], [0, 2], [0, 1, 2, 2], []]) expect(() => open(concat(head, ...list.map(chunk)))).toThrow();
  });
  it('gives the same bytes however they come in', () => {
    const [key, nonce, plain] = [randomBytes(16), randomBytes(16), randomBytes(2 * CHUNK + 77)];
    const whole = new StreamSealer(key, nonce);
    const want = toHex(concat(whole.push(plain), whole.finish()));
    for (const step of [1000, CHUNK, CHUNK + 1]) {
      const s = new StreamSealer(key, nonce);
      const out: Uint8Array[] = [];
      for (let i = 0; i < plain.length; i += step) out.push(s.push(plain.subarray(i, i + step)));
      expect(toHex(concat(...out, s.finish()))).toBe(want);
    }
  });
  it('refuses a passphrase beside another stanza, and work factors above 20', async () => {
    const key = randomBytes(16);
    const one = await stanzaForPassphrase('p', key, 10);
    const file = headerWrite([one, one], key);
    await expect(ageFileKey(file, passphraseOpener('p'))).rejects.toThrow();
    const hard = headerWrite([{ ...one, args: [one.args[0]!, one.args[1]!, '21'] }], key);
    await expect(ageFileKey(hard, passphraseOpener('p'))).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { passkeyOpener, passphraseOpener, recipientText, stanzaForPasskey, stanzaForPassphrase } from '../age/keys.js';
import { beBytes, fromHex, randomBytes, toHex } from '../codec/bytes.js';
import { addressOf, publicKeyOf } from '../crypto/secp.js';
import { sha256Now } from '../crypto/kdf.js';
import { x25519Public } from '../crypto/x25519.js';
import { theIdentities } from '../identities.js';
import { derive, identityOpen, OpenIdentity, recoveryOpen } from './identity.js';
import { stealthKey, stealthMake } from './stealth.js';

interface Key {
  label: string;
  index?: number;
  context: string;
  key: string;
  wide?: string;
  recipient?: string;
  address?: string;
  publicKey?: string;
}
const vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/identity.json', import.meta.url), 'utf8')) as {
  identities: { root: string; chainId: string; proxy: string; net: string; keys: Key[]; recoveryCode?: string }[];
};

describe('identities, against tests/vectors/identity.json', () => {
  it.each(vectors.identities.map((v) => [v.root.slice(0, 12), v] as const))('derives every key of %s', (_n, v) => {
    const origin = { chainId: BigInt(v.chainId), proxy: v.proxy as `0x${string}`, node: '' };
    const id = new OpenIdentity(fromHex(v.root, 32), origin, 'page');
    for (const k of v.keys) {
      if (k.label === 'age') {
        const secret = id.ageSecret(k.index!);
        expect(toHex(secret)).toBe(k.key);
        expect(recipientText(x25519Public(secret))).toBe(k.recipient);
        continue;
      }
      if (k.wide) expect(toHex(derive(fromHex(v.root), k.label, fromHex(k.context), 48))).toBe(k.wide);
      const key = k.label === 'owner' ? id.ownerKey(k.index!) : id.key(k.label as 'spend');
      expect(toHex(key)).toBe(k.key);
      if (k.address) expect(addressOf(key)).toBe(k.address);
    }
  });
});

describe('ways to unlock', () => {
  const origin = { chainId: 31337n, proxy: `0x${'11'.repeat(20)}` as const, node: 'http://127.0.0.1:8545' };
  it('opens by passphrase and refuses another one', async () => {
    const id = OpenIdentity.create(origin, 'page');
    const file = await id.seal((k) => stanzaForPassphrase('correct horse', k, 10));
    const same = await identityOpen(file, passphraseOpener('correct horse'), 'page');
    expect(same.isSameAs(id)).toBe(true);
    expect(same.origin).toEqual(origin);
    await expect(identityOpen(file, passphraseOpener('wrong horse'), 'page')).rejects.toMatchObject({ code: 'E_PASSPHRASE' });
  });
  it('opens by passkey', async () => {
    const id = OpenIdentity.create(origin, 'page');
    const prf = async (a: Uint8Array, b: Uint8Array) => new Uint8Array([...sha256Now(a), ...sha256Now(b)]);
    const file = await id.seal((k) => stanzaForPasskey(prf, k));
    expect((await identityOpen(file, passkeyOpener(prf), 'page')).isSameAs(id)).toBe(true);
    const other = async () => randomBytes(64);
    await expect(identityOpen(file, passkeyOpener(other), 'page')).rejects.toMatchObject({ code: 'E_NO_KEY' });
  });
  it('opens by recovery code, in any case and with white space', () => {
    const id = OpenIdentity.create(origin, 'wallet');
    const { text, groups } = theIdentities.recoveryCode(id);
    expect(text).toHaveLength(81);
    const again = recoveryOpen(groups.join(' \n').toLowerCase(), origin, 'x');
    expect(again.isSameAs(id)).toBe(true);
    expect(again.accountKind).toBe('wallet');
    expect(() => recoveryOpen(text.replace(/.$/, (c) => (c === 'Q' ? 'P' : 'Q')), origin, 'x')).toThrow();
    expect(() => recoveryOpen(text, { ...origin, chainId: 1n }, 'x')).toThrow(/another registry/);
  });
  it('gives nothing out once it is locked', () => {
    const id = OpenIdentity.create(origin, 'page');
    id.lock();
    expect(() => id.key('cert')).toThrow(/locked/);
    expect(() => id.recoveryCode()).toThrow(/locked/);
  });
});

describe('stealth addresses', () => {
  it('are found by their owner only', () => {
    const [spend, view] = [fromHex(`0x${'05'.repeat(32)}`), fromHex(`0x${'06'.repeat(32)}`)];
    const pub = (k: Uint8Array) => toHex(publicKeyOf(k));
    for (let i = 0; i < 5; i++) {
      const a = stealthMake(pub(spend), pub(view));
      expect(addressOf(stealthKey(spend, view, a)!)).toBe(a.holder);
      expect(stealthKey(beBytes(9, 32), view, a)).toBeNull();
      expect(stealthKey(spend, beBytes(9, 32), a)).toBeNull();
      expect(stealthKey(spend, view, { ...a, viewTag: a.viewTag ^ 1 })).toBeNull();
    }
  });
});

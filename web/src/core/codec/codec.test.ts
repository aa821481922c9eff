// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { hashTypedData, encodeFunctionData, parseAbi, recoverTypedDataAddress } from 'viem';
import { call, decodeCall, together } from '../chain/registry.js';
import { addressOf, KeySigner, recover } from '../crypto/secp.js';
import { cardTyped, forwardTyped, grantNoteTyped, typed } from '../formats/signed.js';
import { HashedField, keccak, typedDataDigest } from './abi.js';
import { bech32Decode, bech32Encode } from './bech32.js';
import { fromBase64url, fromHex, randomBytes, toHex, utf8 } from './bytes.js';
import { parseJson, writeJson } from './json.js';
import { rlpDecode, rlpEncode, rlpInt } from './rlp.js';

const h = (n: number, b: string) => `0x${b.repeat(n)}` as const;
const net = { chainId: 31337n, proxy: h(20, '11') };

describe('JSON', () => {
  it('keeps the text of decimals', () => {
    const text = '{"a":0.010,"b":[1.00,-0.0,1E+2,123456789012345678901234567890],"c":"\\u00e9\\ud83d\\ude00"}';
    expect(writeJson(parseJson(text))).toBe('{"a":0.010,"b":[1.00,-0.0,1E+2,123456789012345678901234567890],"c":"é😀"}');
  });
  it.each(['', '{', '[1,]', '{"a":1,}', '01', '1.', '.5', 'NaN', "'a'", '"\t"', '"\\ud800"', '{"a":1,"a":2}', '1 2', '+1', '[1}', '"\\x41"', 'tru', '['.repeat(80)])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow();
    },
  );
  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow();
  });
  it('has no prototype to be poisoned', () => {
    const v = parseJson('{"__proto__":{"x":1}}') as Record<string, unknown>;
    expect(Object.keys(v)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('RLP', () => {
  it('reads what it writes', () => {
    const item = [utf8('dog'), [], [new Uint8Array(0), Uint8Array.of(0), rlpInt(1024)], new Uint8Array(60), [new Uint8Array(300)]];
    expect(toHex(rlpEncode(rlpDecode(rlpEncode(item))))).toBe(toHex(rlpEncode(item)));
    expect(toHex(rlpEncode([utf8('cat'), utf8('dog')]))).toBe('0xc88363617483646f67');
  });
  it.each(['0x', '0x8100', '0x817f', '0xb800', '0xb83700', '0xc1', '0xc28363', '0xf800', '0xb90037', '0x8363', '0xc883636174', '0x0000', '0xbf0000000000000001'])(
    'refuses %s',
    (text) => {
      expect(() => rlpDecode(fromHex(text))).toThrow();
    },
  );
});

describe('bech32 and base64url', () => {
  it('finds any one wrong character', () => {
    const text = bech32Encode('age', randomBytes(32));
    for (let i = 4; i < text.length; i++) {
      const wrong = text.slice(0, i) + (text[i] === 'q' ? 'p' : 'q') + text.slice(i + 1);
      expect(() => bech32Decode(wrong, 'age')).toThrow();
    }
    expect(toHex(bech32Decode(text.toUpperCase(), 'age'))).toBe(toHex(bech32Decode(text, 'age')));
  });
  it('takes one spelling only', () => {
    expect(() => fromBase64url('AB')).toThrow();
    expect(() => fromBase64url('AA==')).toThrow();
    expect(fromBase64url('AA')).toEqual(Uint8Array.of(0));
  });
});

describe('EIP-712 and calldata, against viem', () => {
  const signer = new KeySigner(fromHex(h(32, '42')));
  const card = {
    account: signer.address, seq: 7, ageRecipient: 'age1x', spend: h(33, '02'), view: h(33, '03'), certKey: h(20, '22'), name: 'Zoë', role: 'patient' as const,
    salt: h(32, '33'),
  };
  const note = {
    folderId: h(32, '01'), owner: h(20, '02'), holder: h(20, '03'), account: h(20, '04'), ownerAccount: h(20, '05'), ownerCardHash: h(32, '06'),
    ownerName: 'not signed', folderName: 'General', permissions: 3, notBefore: 1, notAfter: 2 ** 40, issued: 5,
  };
  const forward = { from: h(20, '01'), to: h(20, '02'), value: 0n, gas: 100000n, nonce: 3n, deadline: 1800000000n, data: '0x1234' };
  const request = { signer: h(20, '01'), origin: 'http://x', method: 'GET', target: '/a?b=1', bodySha256: h(32, '0a'), nonce: h(32, '0b'), issuedAt: 9 };
  const cases = [cardTyped(net, card), grantNoteTyped(net, note), forwardTyped(net, h(20, '77'), forward), typed(net, 'VaultRequest', request)];
  it.each(cases.map((t) => [t.primaryType, t] as const))('hashes %s', (_name, t) => {
    expect(toHex(typedDataDigest(t))).toBe(hashTypedData(t as never));
  });
  it('takes the hash of a string for the string', () => {
    const long = { ...request, target: `/a?b=${'1'.repeat(7000)}` };
    const hashed = { ...request, target: new HashedField(toHex(keccak(utf8(long.target)))) };
    expect(toHex(typedDataDigest(typed(net, 'VaultRequest', hashed)))).toBe(hashTypedData(typed(net, 'VaultRequest', long) as never));
    expect(() => typedDataDigest(typed(net, 'VaultRequest', { ...request, nonce: new HashedField(h(32, '0b')) }))).toThrow();
  });
  it('signs as Ethereum does', async () => {
    const signature = await signer.signTypedData(cases[0]!);
    expect((await recoverTypedDataAddress({ ...(cases[0] as never as object), signature } as never)).toLowerCase()).toBe(signer.address);
    expect(recover(typedDataDigest(cases[0]!), signature)).toBe(addressOf(fromHex(h(32, '42'))));
  });
  it('refuses a high s', async () => {
    const b = fromHex(await signer.signTypedData(cases[0]!));
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    b.set(fromHex(`0x${(n - BigInt(toHex(b.subarray(32, 64)))).toString(16).padStart(64, '0')}`), 32);
    b[64] = b[64] === 27 ? 28 : 27;
    expect(recover(typedDataDigest(cases[0]!), toHex(b))).toBeNull();
  });
  it('encodes calls, and decodes them for the person', () => {
    const abi = parseAbi(['function grant(bytes32,bytes32,address,uint8,uint64,uint64,uint32)', 'function multicall(bytes[])', 'function suspendAccount(address)']);
    const args = [h(32, '01'), h(32, '00'), h(20, '03'), 3, 5n, 9n, 1] as const;
    const grant = call('grant', [...args]);
    expect(toHex(grant)).toBe(encodeFunctionData({ abi, functionName: 'grant', args }));
    const other = call('suspendAccount', [h(20, '09')]);
    const both = together([grant, other]);
    expect(toHex(both)).toBe(encodeFunctionData({ abi, functionName: 'multicall', args: [[toHex(grant), toHex(other)]] }));
    const shown = decodeCall(both, net.proxy)!;
    expect(shown.map((c) => c.function)).toEqual(['grant', 'suspendAccount']);
    expect(shown[0]!.args.find((a) => a.name === 'holder')!.value).toBe(h(20, '03'));
    expect(decodeCall(fromHex('0x12345678'), net.proxy)).toBeNull();
  });
});

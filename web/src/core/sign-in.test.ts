// SPDX-License-Identifier: Apache-2.0
import { createSiweMessage, parseSiweMessage } from 'viem/siwe';
import { getAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { checksummed, signInMessage, STATEMENT } from './sign-in.js';

const account = '0x1a642f0e3c3af545e7acbd38b07251b3990914f1';
const info = { origin: 'https://records.example:8443', chainId: 31337n };

describe('signing in', () => {
  it('writes the message that viem writes', () => {
    const ours = signInMessage(info, account, '0123456789abcdef', 1795992521);
    const theirs = createSiweMessage({
      address: account, chainId: 31337, domain: 'records.example:8443', nonce: '0123456789abcdef', uri: 'https://records.example:8443/', version: '1',
      statement: STATEMENT, issuedAt: new Date('2026-11-29T22:48:41Z'),
    });
    expect(ours).toBe(theirs);
    expect(parseSiweMessage(ours)).toMatchObject({ chainId: 31337, statement: STATEMENT, nonce: '0123456789abcdef' });
  });
  it('writes addresses as viem does', () => {
    for (let i = 0; i < 200; i++) {
      const a = `0x${[...Array(40).keys()].map((j) => ((i * 7919 + j * 104729 + ((i * j) % 31)) % 16).toString(16)).join('')}` as const;
      expect(checksummed(a)).toBe(getAddress(a));
    }
  });
});

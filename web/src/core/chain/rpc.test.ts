// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Hex } from '../types.js';
import { madeBlock, provedAccount } from './made.fixture.js';
import { Rpc } from './rpc.js';

describe('a ledger without an answer', () => {
  const said = (answer: (id: number) => object) => new Rpc((body) => Promise.resolve(answer((JSON.parse(body) as { id: number }).id)));
  it.each([
    ['no block', (id: number) => ({ id, result: null })],
    ['an error', (id: number) => ({ id, error: { code: -32000, message: 'header not found' } })],
    ['another answer', (id: number) => ({ id: id + 1, result: {} })],
  ])('says nothing of what the chain has: %s', async (_n, answer) => {
    await expect(said(answer).prove(`0x${'11'.repeat(20)}`, [])).rejects.toMatchObject({ code: 'E_UNAVAILABLE' });
  });
});

describe('a head', () => {
  const proxy: Hex = `0x${'11'.repeat(20)}`;
  const { stateRoot, proof } = provedAccount(proxy);
  /** A node whose heads these are, one a question; the last stays. */
  function node(...heads: number[]): { rpc: Rpc; pauses: () => number } {
    let pauses = 0;
    const post = (body: string): Promise<unknown> => {
      const q = JSON.parse(body) as { id: number; method: string };
      const head = (): number => (heads.length > 1 ? heads.shift()! : heads[0]!);
      return Promise.resolve({ id: q.id, result: q.method === 'eth_getProof' ? proof([]) : madeBlock(head(), stateRoot) });
    };
    return { rpc: new Rpc(post, () => Promise.resolve(void pauses++)), pauses: () => pauses };
  }
  const older = { code: 'E_HEAD_OLDER' };
  it('that is older than one that was believed is asked for again, then refused', async () => {
    const { rpc, pauses } = node(5, 4);
    expect((await rpc.prove(proxy, [])).block.number).toBe(5);
    await expect(rpc.prove(proxy, [])).rejects.toMatchObject(older);
    expect(pauses()).toBeGreaterThan(2);
  });
  it('that is older than what was sent is refused', async () => {
    const { rpc } = node(5);
    rpc.saw(6);
    rpc.saw(3);
    await expect(rpc.prove(proxy, [])).rejects.toMatchObject(older);
  });
  it('of one of several nodes may be behind for a moment', async () => {
    const { rpc, pauses } = node(5, 3, 4, 5, 9);
    for (const number of [5, 5, 9]) expect((await rpc.prove(proxy, [])).block.number).toBe(number);
    expect(pauses()).toBe(2);
  });
});

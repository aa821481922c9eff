// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
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

// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountSlot, cardSlot, view } from '../chain/registry.js';
import { toHex } from '../codec/bytes.js';
import { madeBlock, provedAccount } from '../chain/made.fixture.js';
import type { Address, Hash, NodeInfo } from '../types.js';
import { NodeClient, timeOf } from './node.js';

const proxy: Address = `0x${'11'.repeat(20)}`;
const who: Address = `0x${'22'.repeat(20)}`;
const before: Hash = `0x${'be'.repeat(32)}`;
const now: Hash = `0x${'0a'.repeat(32)}`;
const word = (tail: string): Hash => `0x${tail.padStart(64, '0')}`;

/** A node that answers each eth_call with `before` (hasRole: yes); its chain holds this one slot. */
function node(slot?: { key: Hash; word: Hash }): NodeClient {
  const { stateRoot, proof } = provedAccount(proxy, slot);
  const said = (c: { data: Hash }): Hash => (c.data.startsWith(toHex(view('hasRole', [before, who])).slice(0, 10)) ? word('1') : before);
  const answer = (q: { id: number; method: string; params: [unknown, Hash[]] }): object => ({
    id: q.id,
    result: q.method === 'eth_getProof' ? proof(q.params[1]) : q.method === 'eth_call' ? said(q.params[0] as { data: Hash }) : madeBlock(3, stateRoot),
  });
  const post = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(new TextDecoder().decode(init!.body as Uint8Array)) as unknown;
    return Response.json(Array.isArray(body) ? body.map(answer) : answer(body as Parameters<typeof answer>[0]));
  };
  const n = new NodeClient('http://node.test', post as typeof fetch);
  n.info = { chainId: 1n, proxy, forwarder: proxy, origin: '', head: { number: 3, hash: now, timestamp: 1 } } as NodeInfo;
  return n;
}

describe('the hash of a key card', () => {
  it('is the one that the chain proves, whatever the node says', async () => {
    expect(await node({ key: cardSlot(who), word: now }).cardHash(who)).toBe(now);
  });
  it('is none only where that is proved', async () => {
    expect(await node().cardHash(who)).toBeNull();
    expect(await node({ key: cardSlot(proxy), word: now }).cardHashes([who, proxy])).toEqual([null, now]);
  });
});

describe('an account', () => {
  const account = async (tail: string) => (await node({ key: accountSlot(who), word: word(tail) })).account(who);
  it('is what the chain proves', async () => {
    expect(await account('0101')).toMatchObject({ role: 'patient', status: 'active', validUntil: 0, keyCardHash: null });
    expect(await account('0202')).toMatchObject({ role: 'practitioner', status: 'suspended' });
    expect(await account('0000000000000005' + '0103')).toMatchObject({ role: 'organisation', status: 'expired', validUntil: 5 });
    expect(await node().account(who)).toMatchObject({ role: null, status: 'none' });
  });
  it.each(['0301', '0104', '01' + '0000000000000000' + '0101'])('of another contract is refused: %s', async (tail) => {
    await expect(account(tail)).rejects.toMatchObject({ code: 'E_MISMATCH' });
  });
});

describe("the node's time", () => {
  const NOW = 1_800_000_000;
  const DAY = 86400;
  beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 }));
  afterEach(() => void vi.useRealTimers());
  it('counts as far as a day ahead of this device', () => {
    expect(timeOf(NOW - 9 * DAY, NOW + 1)).toBe(NOW + 1);
    expect(timeOf(NOW + DAY, NOW)).toBe(NOW + DAY);
  });
  it.each([NOW + DAY + 1, 4e9, 1e300, NaN])('is refused beyond, and both times are named: %s', (t) => {
    expect(() => timeOf(NOW, t)).toThrow(expect.objectContaining({ code: 'E_CLOCK', message: expect.stringContaining('2027-01-15T08:00:00') as string }));
  });
  it('is refused at the first contact, too', async () => {
    const told = { name: 'ehrd', version: '1', chainId: '1', proxy, forwarder: proxy, origin: 'http://node.test', nodeAddress: proxy, head: { number: 1, hash: now, timestamp: 1 } };
    const at = (time: number) => new NodeClient('http://node.test', (() => Promise.resolve(Response.json({ ...told, time }))) as typeof fetch);
    expect((await at(NOW + 60).refresh()).time).toBe(NOW + 60);
    const far = at(NOW + 9 * DAY);
    await expect(far.refresh()).rejects.toMatchObject({ code: 'E_CLOCK' });
    expect(far.http.now()).toBe(NOW);
  });
});

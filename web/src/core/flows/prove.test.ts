// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { fromHex, randomBytes, toHex } from '../codec/bytes.js';
import { parseJson } from '../codec/json.js';
import { rlpEncode } from '../codec/rlp.js';
import { Members } from '../codec/text.js';
import type { Hash } from '../types.js';
import type { Context } from './context.js';
import type { Access } from './folder.js';
import { fetchEnvelopes, idParts, toldAll } from './prove.js';

const zero = `0x${'00'.repeat(32)}`;
const told = (recordId: Hash) => ({
  recordId, status: 'active', version: 1, epoch: 0, author: `0x${'11'.repeat(20)}`, commitment: `0x${'22'.repeat(26)}`, inner: zero, block: 1, time: 1, tx: zero, history: [],
});
const answer = (v: object): Members => Members.of(parseJson(JSON.stringify(v)), 'records');
/** A node that holds these ids and tells at most 500 at a time, in their order. */
function nodeOf(ids: Hash[]): { c: Context; targets: string[]; most: () => number } {
  const sorted = [...ids].sort();
  const targets: string[] = [];
  let now = 0;
  let most = 0;
  const members = async ({ target }: { target: string }): Promise<Members> => {
    targets.push(target);
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    const after = /after=(0x[0-9a-f]{64})/.exec(target)?.[1] ?? '';
    const rest = sorted.filter((x) => x > after);
    const page = rest.slice(0, 500);
    return answer({ records: page.map(told), next: rest.length > 500 ? page.at(-1)! : null });
  };
  return { c: { node: { http: { members } } } as unknown as Context, targets, most: () => most };
}
const a = { folderId: zero, actor: {} } as unknown as Access;
const random = (n: number): Hash[] => Array.from({ length: n }, () => toHex(randomBytes(32)));
const idsOf = async (c: Context): Promise<string[]> => (await toldAll(c, a)).map((t) => t.recordId).sort();

describe('the list of all records', () => {
  it('has each of them once, however many there are', async () => {
    for (const n of [0, 1, 499, 500, 501, 2763]) {
      const ids = random(n);
      const node = nodeOf(ids);
      expect(await idsOf(node.c)).toEqual([...ids].sort());
      expect(node.most()).toBeLessThanOrEqual(4);
      expect(node.targets.length).toBeLessThanOrEqual(3 + (1.5 * n) / 500);
    }
  });
  it('has them too when ids are not random', async () => {
    const low = Array.from({ length: 1100 }, (_, i): Hash => `0x${i.toString(16).padStart(64, '0')}`);
    const high = Array.from({ length: 600 }, (_, i): Hash => `0x${'f'.repeat(60)}${i.toString(16).padStart(4, '0')}`);
    for (const ids of [low, high, [...low, ...high]]) expect(await idsOf(nodeOf(ids).c)).toEqual([...ids].sort());
  });
  it('ends at a node whose pages do not go on', async () => {
    const page = answer({ records: [told(zero as Hash)], next: zero });
    const c = { node: { http: { members: () => Promise.resolve(page) } } } as unknown as Context;
    await expect(toldAll(c, a)).rejects.toThrow();
  });
});

describe('the envelopes of many records', () => {
  const inner = (id: Hash): Uint8Array => fromHex(id, 32);
  /** Looks at so many of those that it is asked for, says how many it did not, and holds none of `missing`. */
  function nodeThatLooksAt(most: number, missing: Hash[] = [], field = (n: number): string | null => (n > 0 ? String(n) : null)): { c: Context; rounds: () => number } {
    let rounds = 0;
    const bytesAnd = ({ body }: { body: Uint8Array }): Promise<{ bytes: Uint8Array; value: string | null }> => {
      rounds++;
      const { records } = JSON.parse(new TextDecoder().decode(body)) as { records: Hash[] };
      const looked = records.slice(0, most);
      const pairs = looked.filter((id) => !missing.includes(id)).map((id) => [inner(id), inner(id)]);
      return Promise.resolve({ bytes: rlpEncode(pairs), value: field(records.length - looked.length) });
    };
    return { c: { node: { http: { bytesAnd } } } as unknown as Context, rounds: () => rounds };
  }
  it('are asked for again as long as some are left out', async () => {
    const ids = random(80);
    const node = nodeThatLooksAt(31);
    expect([...(await fetchEnvelopes(node.c, a, ids)).keys()].sort()).toEqual([...ids].sort());
    expect(node.rounds()).toBe(3);
  });
  it('are missing only where the node looked', async () => {
    const ids = random(10);
    const node = nodeThatLooksAt(4, [ids[0]!, ids[9]!]);
    expect([...(await fetchEnvelopes(node.c, a, ids)).keys()].sort()).toEqual(ids.slice(1, 9).sort());
    expect(node.rounds()).toBe(3);
  });
  it('are not asked for without end', async () => {
    for (const value of ['5', '6', '-1', 'all', '1e0']) {
      const node = nodeThatLooksAt(2, [], () => value);
      await expect(fetchEnvelopes(node.c, a, random(5))).rejects.toThrow('looks at none');
      expect(node.rounds()).toBe(1);
    }
  });
});

describe('parts of the ids', () => {
  it('lie side by side up to the last id, and are not too many', () => {
    for (const first of [0n, 1n, 1n << 200n, 1n << 252n, (1n << 256n) - 1n]) {
      const parts = idParts(first);
      expect(parts.length).toBeGreaterThan(0);
      expect(parts.length).toBeLessThanOrEqual(16);
      expect(parts[0]![0]).toBe(first);
      expect(parts.at(-1)![1]).toBe(1n << 256n);
      for (let i = 1; i < parts.length; i++) expect(parts[i]![0]).toBe(parts[i - 1]![1]);
    }
  });
});

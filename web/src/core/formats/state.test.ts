// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../codec/bytes.js';
import { CoreError } from '../types.js';
import { stateRead, stateWrite } from './state.js';

const vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/owner-state.json', import.meta.url), 'utf8')) as {
  state: string;
  cases: { name: string; from: string; to: string; reads: boolean; unread: number }[];
};

describe('an owner state, by tests/vectors/owner-state.json', () => {
  it.each(vectors.cases.map((v) => [v.name, v] as const))('%s', async (_, v) => {
    expect(vectors.state).toContain(v.from);
    const text = vectors.state.replace(v.from, () => v.to);
    if (!v.reads) return expect(stateRead(utf8(text))).rejects.toBeInstanceOf(CoreError);
    const s = await stateRead(utf8(text));
    expect(s.unread).toBe(v.unread);
    const again = await stateRead(utf8(stateWrite(s)));
    expect([again.unread, again.shared]).toEqual([0, s.shared]);
  });
});

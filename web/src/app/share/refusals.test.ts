// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { refusalWords } from './refusals';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
});

describe('why a node refused', () => {
  it('is said in our words, each reason once', () => {
    expect(refusalWords(['the grant is over', 'the grant is over', 'the grant lacks the permission (has 1, needs one of 2)'])).toEqual(['the time they were given was over', 'they may not do that']);
  });
  it('tells how many the log leaves out', () => {
    expect(refusalWords(['no grant (12 refusals before it were not written)', 'no grant'])).toEqual(['nothing was shared with them', '12 more were not written down']);
  });
  it('stands in the node’s words where we have none', () => expect(refusalWords(['a new reason'])[0]).toContain('a new reason'));
  it('is known for every refusal of a request to a folder', () => {
    const source = readFileSync(new URL('../../../../src/api/access.c', import.meta.url), 'utf8');
    const reasons = [...source.matchAll(/ERR\(reterr, E_FORBIDDEN,\s*"([^"]+)"/g)].map((m) => m[1]!).filter((r) => !/registrar|registers no|only the account itself/.test(r));
    expect(reasons.length).toBeGreaterThan(9);
    for (const r of reasons) expect(refusalWords([r])[0], r).not.toContain(r);
  });
});

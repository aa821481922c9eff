// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { MemoryIndex, wordsOf } from './search.js';
import type { RecordItem } from './types.js';

const item = (n: number, title: string): RecordItem =>
  ({ folderId: '0xf0', recordId: `0x${n.toString(16)}`, meta: { title, categoryText: '', typeText: '', authorName: '', fileName: '', creation: '' } }) as unknown as RecordItem;
const made = (): MemoryIndex => {
  const x = new MemoryIndex();
  x.put(item(1, 'Lab report'), [{ entry: 0, text: 'Kreatinin 0.010 mg/dL nüchtern' }, { entry: 1, text: 'Glucose' }]);
  x.put(item(2, 'Kreatinin'), [{ entry: null, text: 'later' }]);
  return x;
};
const ids = (x: MemoryIndex, q: string): string[] => x.query(q).map((h) => `${h.recordId}/${h.entry}`);

describe('the search index', () => {
  it('finds words by their beginnings, without accents and capitals', () => {
    expect(wordsOf('Nüchtern, É!')).toEqual(['nuchtern', 'e']);
    expect(ids(made(), 'nucht')).toEqual(['0x1/0']);
    expect(ids(made(), 'NÜCHTERN')).toEqual(['0x1/0']);
  });
  it('puts a title before a text, and a whole word before a beginning', () => {
    expect(ids(made(), 'kreatinin')).toEqual(['0x2/null', '0x1/0']);
  });
  it('wants every word', () => {
    expect(ids(made(), 'kreatinin nüch')).toEqual(['0x1/0']);
    expect(ids(made(), 'kreatinin glucose')).toEqual([]);
    expect(ids(made(), '')).toEqual([]);
  });
  it('forgets what was dropped and knows what was put anew', () => {
    const x = made();
    x.drop('0xf0', '0x1');
    expect(ids(x, 'nucht')).toEqual([]);
    x.put(item(2, 'Natrium'));
    expect(ids(x, 'kreatinin')).toEqual([]);
    expect(ids(x, 'natrium')).toEqual(['0x2/null']);
    expect(x.size).toBe(1);
  });
  it('answers one letter of 10,000 entries with as many as are asked for', () => {
    const x = new MemoryIndex();
    for (let i = 0; i < 2500; i++)
      x.put(item(i + 1, `visit ${i}`), [0, 1, 2, 3].map((entry) => ({ entry, text: `alpha${i % 700} amber${entry} antibody${(i * 7) % 900} creatinine ${i}.${entry} mg` })));
    expect(x.query('a', { limit: 5000 })).toHaveLength(5000);
    expect(x.query('a', { limit: 7 })).toHaveLength(7);
  });
});

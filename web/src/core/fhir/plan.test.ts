// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { utf8 } from '../codec/bytes.js';
import { CATEGORIES } from '../formats/meta.js';
import { isText, planFiles } from './plan.js';

describe('what a dropped file would become', () => {
  it.each([
    ['words', utf8('Blutdruck 120/80\r\n\tgrün\n'), true],
    ['a character that the end cut off', utf8('€').subarray(0, 2), false],
    ['words and such a character', utf8('ab€').subarray(0, 4), true],
    ['nothing', new Uint8Array(), false],
    ['a NUL', utf8('a\u0000b'), false],
    ['an escape', utf8('a\u001b[31m'), false],
    ['a control character of two bytes', utf8('a\u0085b'), false],
    ['Latin-1', new Uint8Array([0x67, 0x72, 0xfc, 0x6e, 0x20]), false],
  ])('%s: text or not', (_, bytes, want) => {
    expect(isText(bytes)).toBe(want);
  });
  it('is text/plain where neither signature nor browser say what it is', async () => {
    const types = async (...files: Blob[]): Promise<string[]> => (await planFiles(files, {})).items.map((i) => i.contentType);
    expect(await types(new Blob(['words']), new Blob(['a,b'], { type: 'text/csv' }), new Blob([new Uint8Array([0, 1, 2])]))).toEqual([
      'text/plain', 'text/csv', 'application/octet-stream',
    ]);
  });
  it('is no summary of an episode when nobody said what it is', () => {
    expect(CATEGORIES['other']).toMatchObject({ loinc: '34109-9', text: 'Note' });
  });
});

// SPDX-License-Identifier: Apache-2.0
import '@angular/localize/init';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readDicom } from './dicom-image';

beforeAll(() => {
  vi.stubGlobal('localStorage', { getItem: () => 'en' });
});
const text = (s: string): number[] => Array.from(s.length % 2 ? `${s} ` : s, (c) => c.charCodeAt(0));
const short = (n: number): number[] => [n & 255, n >> 8];
/** An element in explicit little endian. */
const element = (group: number, number: number, vr: string, value: number[]): number[] =>
  [...short(group), ...short(number), ...text(vr), ...(vr === 'OW' ? [0, 0, ...short(value.length), 0, 0] : short(value.length)), ...value];
/** Two by two pixels. */
function image(photometric: string, samples: number): Uint8Array {
  const syntax = element(2, 0x10, 'UI', text('1.2.840.10008.1.2.1\0'));
  const body = [
    element(0x28, 2, 'US', short(samples)), element(0x28, 4, 'CS', text(photometric)), element(0x28, 0x10, 'US', short(2)), element(0x28, 0x11, 'US', short(2)),
    element(0x28, 0x100, 'US', short(8)), element(0x7fe0, 0x10, 'OW', Array.from({ length: 4 * samples }, (_, i) => i)),
  ].flat();
  return Uint8Array.from([...new Array<number>(128).fill(0), ...text('DICM'), ...element(2, 0, 'UL', [...short(syntax.length), 0, 0]), ...syntax, ...body]);
}

describe('a picture', () => {
  it.each([['MONOCHROME1', 1], ['MONOCHROME2', 1]])('in grey is drawn: %s', (photometric, samples) => {
    expect(Array.from(readDicom(image(photometric, samples)).values(0)!)).toEqual([0, 1, 2, 3]);
  });
  it('in red, green and blue is drawn', () => {
    expect(Array.from(readDicom(image('RGB', 3)).rgb(0)!.slice(0, 8))).toEqual([0, 1, 2, 255, 3, 4, 5, 255]);
  });
  it.each([['PALETTE COLOR', 1], ['YBR_FULL', 3], ['YBR_FULL_422', 3], ['RGB', 1], ['MONOCHROME2', 3]])('whose colours would be wrong is refused by name: %s', (photometric, samples) => {
    expect(() => readDicom(image(photometric, samples))).toThrow(`photometric interpretation ${photometric}`);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { CID } from 'multiformats/cid';
import { describe, expect, it } from 'vitest';
import { CidMaker, cidOf, cidText, LEAF } from './cid.js';

/** Bytes whose value tells their place. */
function made(n: number): Uint8Array {
  const b = new Uint8Array(n);
  for (let i = 0; i < n; i++) b[i] = (Math.imul(i, 2654435761) >>> 13) & 255;
  return b;
}
describe('CIDs of the profile unixfs-v1-2025', () => {
  // Made by ipfs-unixfs-importer 17.1.1 of made(n).
  it.each([
    [0, 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'],
    [1, 'bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu'],
    [LEAF, 'bafkreihvmadxbkdjlkc7y65w2gfebjnybivyuooin42gug2y7dgmd2h54y'],
    [LEAF + 1, 'bafybeibrc6qztrjarey74wrirr5mltzcmx4h4i6mverjl3bhiskj4u4qwm'],
    [2 * LEAF + 5, 'bafybeif3tf32xve7jnykkod34yai3m7wyc4fjsqxlybgzg7tizcr5cxzrm'],
    [3 * LEAF + 100, 'bafybeiakxyqoseafth4zz6ihv7aoq2awqb7tik4ogiacrk36f3nirihvca'],
  ])('of %i bytes', async (n, want) => {
    expect(cidText(await cidOf(made(n)))).toBe(want);
  });
  it('of more leaves than one node holds (1 GiB and 3 bytes of zeros)', async () => {
    const m = new CidMaker();
    const leaf = new Uint8Array(LEAF);
    for (let i = 0; i < 1024; i++) await m.push(leaf);
    await m.push(new Uint8Array(3));
    expect(cidText(await m.finish())).toBe('bafybeigh3t5fgf2v7vgd2prwdeebbwuxasunjqedftgdbeya5ywvopslga');
  }, 240_000);
  it('read as CIDs, whatever the pieces they come in', async () => {
    const b = made(2 * LEAF + 5);
    const whole = cidText(await cidOf(b));
    expect(CID.parse(whole).toString()).toBe(whole);
    for (const step of [1000, LEAF, LEAF + 1]) {
      const m = new CidMaker();
      for (let i = 0; i < b.length; i += step) await m.push(b.subarray(i, i + step));
      expect(cidText(await m.finish())).toBe(whole);
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { OpenIdentity } from './formats/identity.js';
import { LocalSeal } from './local.js';

const origin = { chainId: 1n, proxy: '0x00000000000000000000000000000000000000aa', node: 'http://node' } as const;
const folder = `0x${'11'.repeat(32)}` as const;
const other = `0x${'22'.repeat(32)}` as const;
const clear = new TextEncoder().encode('creatinine 0.010');

describe('a chart kept on the device', () => {
  it('opens for the identity that sealed it', async () => {
    const seal = await LocalSeal.of(OpenIdentity.create(origin, 'page'));
    expect(await seal.open(folder, await seal.seal(folder, clear))).toEqual(clear);
  });
  it('shows nothing of its content, and not twice the same', async () => {
    const seal = await LocalSeal.of(OpenIdentity.create(origin, 'page'));
    const [a, b] = [await seal.seal(folder, clear), await seal.seal(folder, clear)];
    expect(Buffer.from(a).includes('creatinine')).toBe(false);
    expect(a).not.toEqual(b);
  });
  it('does not open for another identity, in another place, or when a bit was changed', async () => {
    const seal = await LocalSeal.of(OpenIdentity.create(origin, 'page'));
    const sealed = await seal.seal(folder, clear);
    expect(await (await LocalSeal.of(OpenIdentity.create(origin, 'page'))).open(folder, sealed)).toBeNull();
    expect(await seal.open(other, sealed)).toBeNull();
    for (const at of [0, 12, sealed.length - 1]) {
      const bad = sealed.slice();
      bad[at]! ^= 1;
      expect(await seal.open(folder, bad)).toBeNull();
    }
    expect(await seal.open(folder, sealed.slice(0, 20))).toBeNull();
  });
  it('stands under a name that does not tell the folder', async () => {
    const [a, b] = [await LocalSeal.of(OpenIdentity.create(origin, 'page')), await LocalSeal.of(OpenIdentity.create(origin, 'page'))];
    expect(await a.name(folder)).toBe(await a.name(folder));
    expect(await a.name(folder)).not.toBe(await b.name(folder));
    expect(await a.name(folder)).not.toContain('11'.repeat(8));
  });
});

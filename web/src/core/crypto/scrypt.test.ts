// SPDX-License-Identifier: Apache-2.0
import { scryptSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { toHex } from '../codec/bytes.js';
import { noble, scrypt, type ScryptAnswer, type ScryptOrder, useScryptWorker } from './scrypt.js';

const SALT = new Uint8Array(16).fill(7);
const COST = { N: 2 ** 14, r: 8, p: 1 };
const want = (text: string): string => `0x${scryptSync(text, SALT, 32, { ...COST, maxmem: 2 ** 27 }).toString('hex')}`;

/** A Worker that says what the test tells it to. */
class Made {
  static last: Made;
  onmessage: ((e: { data: ScryptAnswer }) => void) | null = null;
  onerror: ((e: { message: string }) => void) | null = null;
  order: ScryptOrder | null = null;
  ended = false;
  constructor() {
    Made.last = this;
  }
  postMessage(order: ScryptOrder): void {
    this.order = { ...order, passphrase: order.passphrase.slice() };
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: ScryptAnswer): void {
    this.onmessage!({ data });
  }
}
describe('scrypt', () => {
  it("is the standard's, tells how far it is, and can be stopped on the way", async () => {
    const parts: number[] = [];
    expect(toHex(await scrypt('correct horse', SALT, COST, { onProgress: (p) => parts.push(p) }))).toBe(want('correct horse'));
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every((p, i) => p > 0 && p <= 1 && p >= (parts[i - 1] ?? 0))).toBe(true);
    const stop = new AbortController();
    const run = scrypt('correct horse', SALT, { ...COST, N: 2 ** 17 }, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(run).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });
  describe('in a Worker', () => {
    afterEach(() => useScryptWorker(null));
    const start = (signal?: AbortSignal, onProgress?: (part: number) => void) => {
      useScryptWorker(() => new Made() as unknown as Worker);
      return scrypt('a passphrase', SALT, COST, { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) });
    };
    it('gives its key, passes on how far it is, and ends the Worker', async () => {
      const parts: number[] = [];
      const run = start(undefined, (p) => parts.push(p));
      Made.last.say({ part: 0.5 });
      Made.last.say({ key: new Uint8Array(32).fill(9) });
      expect(toHex(await run)).toBe(`0x${'09'.repeat(32)}`);
      expect([parts, Made.last.ended]).toEqual([[0.5], true]);
      expect(new TextDecoder().decode(Made.last.order!.passphrase)).toBe('a passphrase');
      expect(noble(Made.last.order!)).toMatchObject({ N: 2 ** 14, r: 8, p: 1, dkLen: 32 });
    });
    it('ends it at once when told to stop', async () => {
      const stop = new AbortController();
      const run = start(stop.signal);
      stop.abort();
      await expect(run).rejects.toMatchObject({ code: 'E_CANCELLED' });
      expect(Made.last.ended).toBe(true);
      await expect(start(stop.signal)).rejects.toMatchObject({ code: 'E_CANCELLED' });
    });
    it('ends it when it fails', async () => {
      const run = start();
      Made.last.say({ failed: 'no memory' });
      await expect(run).rejects.toMatchObject({ code: 'E_UNAVAILABLE' });
      const other = start();
      Made.last.onerror!({ message: 'not loaded' });
      await expect(other).rejects.toMatchObject({ code: 'E_INTERNAL' });
      expect(Made.last.ended).toBe(true);
    });
  });
});

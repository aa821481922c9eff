// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHUNK, sealedLength, StreamSealer } from '../age/stream.js';
import { bytesEqual, concat, randomBytes, toHex } from '../codec/bytes.js';
import { cidOf, LEAF } from '../codec/cid.js';
import { useWasm } from '../wasm/aead.js';
import { openBody, PIECE, piecesOf, sealBody, sealHere, sumOf, WHOLE } from './seal.js';

await useWasm();
const [key, nonce] = [randomBytes(16), randomBytes(16)];

/** A file that is made as it is read. */
class MadeBlob extends Blob {
  made = 0;
  constructor(private readonly length: number, private readonly step = 200_000) {
    super();
  }
  override get size(): number {
    return this.length;
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error('held whole');
  }
  override slice(): Blob {
    throw new Error('held whole');
  }
  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: (c): void => {
        const n = Math.min(this.step, this.length - this.made);
        if (n > 0) c.enqueue(new Uint8Array(n).fill(this.made & 255));
        else c.close();
        this.made += n;
      },
    });
  }
}
async function* once(b: Uint8Array): AsyncGenerator<Uint8Array> {
  yield b;
}
describe('sealing of a body', () => {
  const edge = PIECE - 16 - (PIECE / CHUNK) * 16; // its body is one piece to the byte, or a few bytes off
  it.each([0, 1, CHUNK, LEAF, edge - 1, edge, edge + 1, 2 * PIECE, 2 * PIECE + 77_777])('of %i bytes: the stream of age, its CID, its SHA-256', async (n) => {
    const plain = randomBytes(n);
    const pieces: Uint8Array[] = [];
    const s = await sealHere(new Blob([plain]), key, nonce, (p) => void pieces.push(p));
    const one = new StreamSealer(key.slice(), nonce);
    const body = concat(one.push(plain), one.finish());
    expect(bytesEqual(concat(...pieces), body)).toBe(true);
    expect(pieces.slice(0, -1).every((p) => p.length === PIECE)).toBe(true);
    expect(toHex(s.cid)).toBe(toHex(await cidOf(body)));
    expect([s.size, s.bodySize]).toEqual([n, sealedLength(n)]);
    expect(toHex(s.sha256)).toBe(`0x${createHash('sha256').update(plain).digest('hex')}`);
    const o = await openBody(once(body), key, s.cid, () => undefined);
    expect(bytesEqual(concat(...o.parts), plain) && toHex(o.sha256) === toHex(s.sha256)).toBe(true);
  });
  it('waits for who takes the pieces', async () => {
    const blob = new MadeBlob(40 << 20);
    let ahead = 0;
    let taken = 0;
    await sealBody(blob, key.slice(), nonce, async (p) => {
      await new Promise((done) => setTimeout(done, 5));
      taken += p.length;
      ahead = Math.max(ahead, blob.made - taken);
    });
    expect(taken).toBe(sealedLength(40 << 20));
    expect(ahead).toBeLessThan(PIECE);
  });
  it.each([['a file', () => new Blob([new Uint8Array(5 << 20).fill(7)])], ['a stream of the old kind', () => new MadeBlob(5 << 20)]])('hands on the plaintext of %s, and waits for buffers', async (_, of) => {
    const blob = of();
    const sum = createHash('sha256');
    let out = 1; // buffers that are with the sealer
    let least = 1;
    const tap = {
      take: (b: Uint8Array) => {
        sum.update(b);
        structuredClone(b.buffer, { transfer: [b.buffer as ArrayBuffer] }); // it is gone
        least = Math.min(least, --out);
      },
      buffer: async () => {
        await new Promise((done) => setTimeout(done, 1));
        out++;
        return new ArrayBuffer(1 << 20);
      },
    };
    const pieces: Uint8Array[] = [];
    const s = await sealBody(blob, key.slice(), nonce, (p) => void pieces.push(p), undefined, tap);
    const o = await openBody(once(concat(...pieces)), key, s.cid, () => undefined);
    expect(o.size).toBe(5 << 20);
    expect(`0x${sum.digest('hex')}`).toBe(toHex(o.sha256));
    expect(least).toBe(0);
  });
  it('hears a node to the end of the body that is due, and no further', async () => {
    let given = 0;
    let ended = false;
    const endless = (most: number): Response =>
      new Response(new ReadableStream<Uint8Array>({
        pull: (c) => (given < most ? c.enqueue(new Uint8Array(1000)) : c.close(), void (given += 1000)),
        cancel: () => void (ended = true),
      }));
    const take = async (most: number): Promise<number> => {
      let n = 0;
      given = 0;
      for await (const p of piecesOf(endless(most), 10_000 - 32)) n += p.length;
      return n;
    };
    expect(sealedLength(10_000 - 32)).toBe(10_000);
    expect(await take(10_000)).toBe(10_000);
    await expect(take(1_000_000)).rejects.toMatchObject({ code: 'E_MISMATCH' });
    expect(given).toBeLessThan(20_000);
    expect(ended).toBe(true);
  });
  it('makes the SHA-256 of a large file without holding it', async () => {
    const blob = new MadeBlob(WHOLE + 12_345);
    const want = createHash('sha256');
    for (let at = 0; at < blob.size; at += 200_000) want.update(new Uint8Array(Math.min(200_000, blob.size - at)).fill(at & 255));
    expect(toHex(await sumOf(blob))).toBe(`0x${want.digest('hex')}`);
  });
  it.each([['shorter', 1000], ['longer', -1000]])('refuses a file that became %s while it was read', async (_, by) => {
    const blob = new MadeBlob(2_000_000 - by);
    Object.defineProperty(blob, 'size', { value: 2_000_000 });
    await expect(sealBody(blob, key.slice(), nonce, () => undefined)).rejects.toMatchObject({ code: 'E_IO' });
  });
  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const blob = new MadeBlob(40 << 20);
    await expect(sealBody(blob, key.slice(), nonce, () => stop.abort(), stop.signal)).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(blob.made).toBeLessThan(10 << 20);
  });
});

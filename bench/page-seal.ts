// SPDX-License-Identifier: Apache-2.0
// Run in Chromium by page.mjs: how fast the page's core seals and opens, in MB (10^6 bytes) a second, beside @noble in the same run.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { StreamOpener, StreamSealer } from '../web/src/core/age/stream.js';
import { newHasher } from '../web/src/core/crypto/hash.js';
import { sealInWorker, useSealWorker } from '../web/src/core/flows/seal-worker.js';
import { useWasm } from '../web/src/core/wasm/aead.js';

const SIZE = 256 << 20;
const PIECE = 1 << 20;
const ROUNDS = 4;
const key = crypto.getRandomValues(new Uint8Array(16));
const nonce = crypto.getRandomValues(new Uint8Array(16));
const piece = new Uint8Array(PIECE);
for (let i = 0; i < PIECE; i += 65536) crypto.getRandomValues(piece.subarray(i, i + 65536));

async function best(bytes: number, f: () => Promise<void> | void, rounds = ROUNDS): Promise<number> {
  let ms = Infinity;
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    await f();
    ms = Math.min(ms, performance.now() - from);
  }
  return Math.round(bytes / 1000 / ms);
}
/** As a body is sealed: into one buffer after the other. */
const store = new Uint8Array(PIECE + 65536);
const keep = (b: Uint8Array): void => store.set(b);
function seal(size: number): void {
  const s = new StreamSealer(key.slice(), nonce);
  for (let at = 0; at < size; at += PIECE) s.pushTo(piece, keep);
  s.finishTo(keep);
}
function noble(size: number): void {
  const k = new Uint8Array(32);
  for (let at = 0; at < size; at += 65536) chacha20poly1305(k, nonce.subarray(0, 12)).encrypt(piece.subarray(at % PIECE, (at % PIECE) + 65536));
}
function open(sealed: Uint8Array): void {
  const o = new StreamOpener(key.slice());
  for (let at = 0; at < sealed.length; at += PIECE) o.pushTo(sealed.subarray(at, at + PIECE), keep);
  o.finishTo(keep);
}
function sealed(size: number): Uint8Array {
  const s = new StreamSealer(key.slice(), nonce);
  const out = new Uint8Array(size * 1.001 + 32);
  let n = 0;
  const add = (b: Uint8Array): void => {
    out.set(b, n);
    n += b.length;
  };
  for (let at = 0; at < size; at += PIECE) s.pushTo(piece, add);
  s.finishTo(add);
  return out.subarray(0, n);
}
/** Several Workers, each of which seals as much: what they do together. */
async function together(n: number): Promise<number> {
  const workers = Array.from({ length: n }, () => new Worker('/seal.js', { type: 'module' }));
  const told = (w: Worker): Promise<unknown> => new Promise((done) => (w.onmessage = done));
  await Promise.all(workers.map(told)); // warm
  const rate = await best(SIZE * n, async () => {
    const done = workers.map(told);
    workers.forEach((w) => w.postMessage(null));
    await Promise.all(done);
  });
  workers.forEach((w) => w.terminate());
  return rate;
}
/** File to sealed pieces that are thrown away: reading, sealing, CID, SHA-256 of the plaintext, passing on. */
async function whole(blob: Blob): Promise<void> {
  await sealInWorker(blob, key.slice(), nonce, () => Promise.resolve());
}
export async function measure(file: Blob): Promise<Record<string, number>> {
  useSealWorker(() => new Worker('/worker.js', { type: 'module' }));
  const out: Record<string, number> = {};
  out['sealed by @noble, one thread, MB/s'] = await best(PIECE * 16, () => noble(PIECE * 16));
  if (!(await useWasm())) throw new Error('no WebAssembly');
  out['sealed by our C in WebAssembly, one thread, MB/s'] = await best(SIZE, () => seal(SIZE));
  out[`the same in ${navigator.hardwareConcurrency} Workers together, MB/s`] = await together(navigator.hardwareConcurrency);
  const body = sealed(SIZE / 2);
  out['opened by our C, one thread, MB/s'] = await best(SIZE / 2, () => open(body));
  const sum = newHasher();
  out['SHA-256 by our C, one thread, MB/s'] = await best(SIZE / 2, () => {
    for (let at = 0; at < SIZE / 2; at += PIECE) sum.update(piece);
  });
  out[`file of ${Math.round(file.size / 1e6)} MB read, sealed, named by its CID and hashed, two Workers, MB/s`] = await best(file.size, () => whole(file), 3);
  out['file of 16 MB, the same, MB/s'] = await best(16e6, () => whole(file.slice(0, 16e6)), 3);
  return out;
}
if (typeof window === 'undefined') {
  const work = (): void => {
    seal(SIZE);
    postMessage(null);
  };
  onmessage = work;
  void useWasm().then(work);
} else (globalThis as { measure?: typeof measure }).measure = measure;

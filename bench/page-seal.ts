// SPDX-License-Identifier: Apache-2.0
// Run in Chromium by page.mjs: how fast the page's core seals, in MB (10^6 bytes) a second of this thread.
import { StreamSealer } from '../web/src/core/age/stream.js';
import { sealBody } from '../web/src/core/flows/seal.js';
import { useWasm } from '../web/src/core/wasm/aead.js';

const SIZE = 256 << 20;
const PIECE = 1 << 20;
const key = crypto.getRandomValues(new Uint8Array(16));
const nonce = crypto.getRandomValues(new Uint8Array(16));
const piece = new Uint8Array(PIECE);
for (let i = 0; i < PIECE; i += 65536) crypto.getRandomValues(piece.subarray(i, i + 65536));

function aead(size: number): number {
  const from = performance.now();
  const s = new StreamSealer(key.slice(), nonce);
  for (let at = 0; at < size; at += PIECE) s.push(piece);
  s.finish();
  return size / 1000 / (performance.now() - from);
}
async function whole(size: number): Promise<number> {
  const blob = new Blob(Array.from({ length: size / PIECE }, () => piece));
  const from = performance.now();
  await sealBody(blob, key.slice(), nonce, () => undefined);
  return size / 1000 / (performance.now() - from);
}
const best = (all: number[]): number => Math.round(Math.max(...all));
export async function measure(): Promise<Record<string, number>> {
  const plain = best([aead(PIECE * 16)]);
  await useWasm();
  return {
    'sealed by TypeScript, MB/s': plain,
    'sealed by our C in WebAssembly, MB/s': best([aead(SIZE), aead(SIZE), aead(SIZE)]),
    'file read, sealed, named by its CID and hashed, one thread, MB/s': best([await whole(SIZE / 4), await whole(SIZE / 4)]),
  };
}
(globalThis as { measure?: typeof measure }).measure = measure;

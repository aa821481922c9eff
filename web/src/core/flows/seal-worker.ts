// SPDX-License-Identifier: Apache-2.0
// Sealing in a Worker where there are Workers; a few pieces wait for the network, then the Worker waits.
import type { Bytes } from '../codec/bytes.js';
import { CoreError } from '../types.js';
import { sealBody, type Sealed } from './seal.js';

/** From the Worker. */
export type FromWorker =
  | { kind: 'piece'; bytes: Bytes }
  | { kind: 'done'; sealed: Sealed }
  | { kind: 'failed'; code: string; message: string };
/** To the Worker: begin, and "one more piece may come". */
export type ToWorker = { kind: 'begin'; blob: Blob; fileKey: Uint8Array; nonce: Uint8Array; credit: number } | { kind: 'more' };
const CREDIT = 6;

type WorkerMaker = () => Worker;
let make: WorkerMaker | null = null;
/** How the page makes the Worker of seal.worker.ts (its bundler knows the address). */
export function useSealWorker(f: WorkerMaker): void {
  make = f;
}
export async function sealInWorker(
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  out: (piece: Bytes) => Promise<void>,
  signal?: AbortSignal,
): Promise<Sealed> {
  if (make === null || typeof Worker === 'undefined') return sealBody(blob, fileKey, nonce, out, signal);
  const worker = make();
  try {
    return await drive(worker, { kind: 'begin', blob, fileKey, nonce, credit: CREDIT }, out, signal);
  } finally {
    worker.terminate();
  }
}
function drive(worker: Worker, begin: ToWorker, out: (piece: Bytes) => Promise<void>, signal?: AbortSignal): Promise<Sealed> {
  return new Promise((resolve, reject) => {
    let tail: Promise<void> = Promise.resolve();
    signal?.addEventListener('abort', () => reject(new CoreError('E_CANCELLED', 'cancelled')), { once: true });
    worker.onerror = (e) => reject(new CoreError('E_INTERNAL', `worker: ${e.message}`));
    worker.onmessage = (e: MessageEvent<FromWorker>) => {
      const m = e.data;
      if (m.kind === 'failed') return reject(new CoreError(m.code, m.message));
      if (m.kind === 'done') return void tail.then(() => resolve(m.sealed), reject);
      tail = tail.then(() => out(m.bytes)).then(() => worker.postMessage({ kind: 'more' } satisfies ToWorker));
      tail.catch(reject);
    };
    worker.postMessage(begin);
  });
}

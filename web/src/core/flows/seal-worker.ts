// SPDX-License-Identifier: Apache-2.0
// Sealing in a Worker where there are Workers; a few pieces wait for the network, then the Worker waits.
import type { Bytes } from '../codec/bytes.js';
import { CoreError } from '../types.js';
import { type Sealed, type SealedBody, sealHere, sumOf, WHOLE } from './seal.js';

/** From the Worker. */
export type FromWorker =
  | { kind: 'piece'; bytes: Bytes }
  | { kind: 'done'; sealed: SealedBody }
  | { kind: 'sum'; sha256: Bytes }
  | { kind: 'failed'; code: string; message: string };
/** To the Worker: what it is to do, and "one more piece may come". */
export type ToWorker =
  | { kind: 'seal'; blob: Blob; fileKey: Uint8Array; nonce: Uint8Array; credit: number; plain: MessagePort | null }
  | { kind: 'sum'; plain: MessagePort }
  | { kind: 'more' };
/** Between both Workers: plaintext as it was read, null at its end; and its buffers back. */
export type Plain = Bytes | null;
/** Pieces that are under way at a time: what an upload holds in memory. */
const CREDIT = 3;

type WorkerMaker = () => Worker;
let make: WorkerMaker | null = null;
/** How the page makes the Worker of seal.worker.ts (its bundler knows the address). */
export function useSealWorker(f: WorkerMaker): void {
  make = f;
}
/** One Worker reads and seals, another makes the SHA-256 of a large file of what the first has read. out: the piece is lent until its promise is kept. */
export async function sealInWorker(
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  out: (piece: Bytes) => Promise<void>,
  signal?: AbortSignal,
): Promise<Sealed> {
  if (make === null || typeof Worker === 'undefined') return sealHere(blob, fileKey, nonce, out, signal);
  const stop = new AbortController(); // when one of both fails, the other one ends
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  try {
    const { port1, port2 } = new MessageChannel();
    const large = blob.size > WHOLE;
    const [body, sha256] = await Promise.all([
      drive<SealedBody>(make(), { kind: 'seal', blob, fileKey, nonce, credit: CREDIT, plain: large ? port1 : null }, both, out),
      large ? drive<Bytes>(make(), { kind: 'sum', plain: port2 }, both) : sumOf(blob, both),
    ]);
    return { ...body, sha256 };
  } finally {
    stop.abort();
  }
}
/** The worker ends with its answer. */
function drive<T>(worker: Worker, order: ToWorker, signal: AbortSignal, out?: (piece: Bytes) => Promise<void>): Promise<T> {
  const answer = new Promise<unknown>((resolve, reject) => {
    let tail: Promise<void> = Promise.resolve();
    const cancelled = (): void => reject(new CoreError('E_CANCELLED', 'cancelled'));
    if (signal.aborted) return cancelled();
    signal.addEventListener('abort', cancelled, { once: true });
    worker.onerror = (e) => reject(new CoreError('E_INTERNAL', `worker: ${e.message}`));
    worker.onmessage = (e: MessageEvent<FromWorker>) => {
      const m = e.data;
      if (m.kind === 'failed') return reject(new CoreError(m.code, m.message));
      if (m.kind === 'sum') return resolve(m.sha256);
      if (m.kind === 'done') return void tail.then(() => resolve(m.sealed), reject);
      // The piece is left to the collector: only what it counts makes it run, and the browser's own copy of a request's body,
      // which it does not count, ends with it.
      tail = tail.then(() => out!(m.bytes)).then(() => worker.postMessage({ kind: 'more' } satisfies ToWorker));
      tail.catch(reject);
    };
    const port = order.kind === 'more' ? null : order.plain;
    worker.postMessage(order, port === null ? [] : [port]);
  });
  return (answer as Promise<T>).finally(() => worker.terminate());
}

// SPDX-License-Identifier: Apache-2.0
// scrypt in a Worker of its own where there are Workers: a second of work and 256 MiB that the page neither waits for nor keeps.
import { type Bytes, utf8, wipe } from '../codec/bytes.js';
import { CoreError } from '../types.js';

export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}
export interface ScryptOptions {
  onProgress?: (part: number) => void;
  signal?: AbortSignal;
}
/** To the Worker, and back: how far it is, the key, or why there is none. */
export interface ScryptOrder extends ScryptCost {
  passphrase: Bytes;
  salt: Uint8Array;
}
export type ScryptAnswer = { part: number } | { key: Bytes } | { failed: string };

let make: (() => Worker) | null = null;
/** How the page makes the Worker of scrypt.worker.ts (its bundler knows the address); null: it is done where it is asked for. */
export function useScryptWorker(f: (() => Worker) | null): void {
  make = f;
}
const cancelled = (): CoreError => new CoreError('E_CANCELLED', 'cancelled');

/** 32 bytes. E_CANCELLED: the signal said so; nothing runs on. */
export async function scrypt(passphrase: string, salt: Uint8Array, cost: ScryptCost, o: ScryptOptions = {}): Promise<Bytes> {
  if (o.signal?.aborted) throw cancelled();
  const order: ScryptOrder = { ...cost, passphrase: utf8(passphrase), salt };
  try {
    return await (make === null ? here(order, o) : inWorker(make(), order, o));
  } finally {
    wipe(order.passphrase);
  }
}
async function here(s: ScryptOrder, o: ScryptOptions): Promise<Bytes> {
  const { scryptAsync } = await import('@noble/hashes/scrypt.js');
  const onProgress = (part: number): void => {
    if (o.signal?.aborted) throw cancelled();
    o.onProgress?.(part);
  };
  return (await scryptAsync(s.passphrase, s.salt, { ...noble(s), onProgress })) as Bytes;
}
/** As @noble/hashes wants it. */
export function noble(s: ScryptCost): ScryptCost & { dkLen: number; maxmem: number } {
  return { N: s.N, r: s.r, p: s.p, dkLen: 32, maxmem: 128 * s.N * s.r + 2 ** 21 };
}
function inWorker(worker: Worker, order: ScryptOrder, o: ScryptOptions): Promise<Bytes> {
  const answer = new Promise<Bytes>((resolve, reject) => {
    o.signal?.addEventListener('abort', () => reject(cancelled()), { once: true });
    worker.onerror = (e) => reject(new CoreError('E_INTERNAL', `worker: ${e.message}`));
    worker.onmessage = ({ data: m }: MessageEvent<ScryptAnswer>) => {
      if ('part' in m) o.onProgress?.(m.part);
      else if ('key' in m) resolve(m.key);
      else reject(new CoreError('E_UNAVAILABLE', `scrypt: ${m.failed}`));
    };
    worker.postMessage(order);
  });
  return answer.finally(() => worker.terminate());
}

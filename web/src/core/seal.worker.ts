// SPDX-License-Identifier: Apache-2.0
// The Worker of large files: reads and seals one, or makes the SHA-256 of what another has read.
import type { Bytes } from './codec/bytes.js';
import { newHasher } from './crypto/hash.js';
import { READ, sealBody, type Tap } from './flows/seal.js';
import type { FromWorker, Plain, ToWorker } from './flows/seal-worker.js';
import { CoreError } from './types.js';

interface Scope {
  onmessage: ((e: MessageEvent<ToWorker>) => void) | null;
  postMessage(m: FromWorker, transfer?: Transferable[]): void;
}
const scope = self as unknown as Scope;
const AHEAD = 4; // pieces that wait to be hashed
let credit = 0;
let wake: (() => void) | null = null;

async function out(bytes: Bytes): Promise<void> {
  while (credit === 0) await new Promise<void>((done) => (wake = done));
  credit--;
  scope.postMessage({ kind: 'piece', bytes }, [bytes.buffer]);
}
/** Plaintext goes on to the Worker that hashes; it sends the buffers back. */
function tapOf(port: MessagePort): Tap {
  const free = Array.from({ length: AHEAD }, () => new ArrayBuffer(READ));
  let ready: (() => void) | null = null;
  port.onmessage = (e: MessageEvent<ArrayBuffer>) => {
    free.push(e.data);
    ready?.();
  };
  return {
    take: (piece) => port.postMessage(piece satisfies Plain, [piece.buffer]),
    async buffer() {
      while (free.length === 0) await new Promise<void>((done) => (ready = done));
      return free.pop()!;
    },
  };
}
async function seal(m: Extract<ToWorker, { kind: 'seal' }>): Promise<void> {
  credit = m.credit;
  try {
    const sealed = await sealBody(m.blob, m.fileKey, m.nonce, out, undefined, m.plain === null ? undefined : tapOf(m.plain));
    m.plain?.postMessage(null satisfies Plain);
    scope.postMessage({ kind: 'done', sealed });
  } finally {
    m.fileKey.fill(0);
  }
}
function sum(plain: MessagePort): Promise<void> {
  const hasher = newHasher();
  return new Promise((done) => {
    plain.onmessage = ({ data: b }: MessageEvent<Plain>) => {
      if (b === null) {
        scope.postMessage({ kind: 'sum', sha256: hasher.digest() });
        return done();
      }
      hasher.update(b);
      plain.postMessage(b.buffer, [b.buffer]);
    };
  });
}
async function run(order: Promise<void>): Promise<void> {
  try {
    await order;
  } catch (e) {
    const code = e instanceof CoreError ? e.code : 'E_INTERNAL';
    scope.postMessage({ kind: 'failed', code, message: e instanceof Error ? e.message : String(e) });
  }
}
const ready = import('./wasm/aead.js').then((m) => m.useWasm());
scope.onmessage = ({ data: m }) => {
  if (m.kind === 'seal') void run(ready.then(() => seal(m)));
  else if (m.kind === 'sum') void run(ready.then(() => sum(m.plain)));
  else {
    credit++;
    wake?.();
  }
};

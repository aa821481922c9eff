// SPDX-License-Identifier: Apache-2.0
// The Worker of large files: seals one, or makes its SHA-256.
import type { Bytes } from './codec/bytes.js';
import { sealBody, sumOf } from './flows/seal.js';
import type { FromWorker, ToWorker } from './flows/seal-worker.js';
import { CoreError } from './types.js';

interface Scope {
  onmessage: ((e: MessageEvent<ToWorker>) => void) | null;
  postMessage(m: FromWorker, transfer?: Transferable[]): void;
}
const scope = self as unknown as Scope;
const spare: ArrayBuffer[] = [];
let credit = 0;
let wake: (() => void) | null = null;

async function out(bytes: Bytes): Promise<void> {
  while (credit === 0) await new Promise<void>((done) => (wake = done));
  credit--;
  scope.postMessage({ kind: 'piece', bytes }, [bytes.buffer]);
}
async function seal(m: Extract<ToWorker, { kind: 'seal' }>): Promise<void> {
  credit = m.credit;
  try {
    scope.postMessage({ kind: 'done', sealed: await sealBody(m.blob, m.fileKey, m.nonce, out, undefined, spare) });
  } finally {
    m.fileKey.fill(0);
  }
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
  else if (m.kind === 'sum') void run(ready.then(async () => scope.postMessage({ kind: 'sum', sha256: await sumOf(m.blob) })));
  else {
    credit++;
    spare.push(m.buffer);
    wake?.();
  }
};

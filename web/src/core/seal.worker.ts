// SPDX-License-Identifier: Apache-2.0
// The Worker that seals large files.
import { sealBody } from './flows/seal.js';
import type { FromWorker, ToWorker } from './flows/seal-worker.js';
import { CoreError } from './types.js';

interface Scope {
  onmessage: ((e: MessageEvent<ToWorker>) => void) | null;
  postMessage(m: FromWorker, transfer?: Transferable[]): void;
}
const scope = self as unknown as Scope;
let credit = 0;
let wake: (() => void) | null = null;

async function out(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  while (credit === 0) await new Promise<void>((done) => (wake = done));
  credit--;
  scope.postMessage({ kind: 'piece', bytes }, [bytes.buffer]);
}
async function begin(m: Extract<ToWorker, { kind: 'begin' }>): Promise<void> {
  credit = m.credit;
  try {
    const { useWasm } = await import('./wasm/aead.js');
    await useWasm();
    const sealed = await sealBody(m.blob, m.fileKey, m.nonce, out);
    scope.postMessage({ kind: 'done', sealed });
  } catch (e) {
    const code = e instanceof CoreError ? e.code : 'E_INTERNAL';
    scope.postMessage({ kind: 'failed', code, message: e instanceof Error ? e.message : String(e) });
  } finally {
    m.fileKey.fill(0);
  }
}
scope.onmessage = (e) => {
  if (e.data.kind === 'begin') void begin(e.data);
  else {
    credit++;
    wake?.();
  }
};

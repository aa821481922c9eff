// SPDX-License-Identifier: Apache-2.0
// Bodies to the node: small ones at once, large ones in pieces, which go on where a cut left them.
import { type Bytes, concat, randomBytes } from '../codec/bytes.js';
import { cidText } from '../codec/cid.js';
import { sealedLength, STREAM_NONCE } from '../age/stream.js';
import { CoreError } from '../types.js';
import type { Context } from './context.js';
import { type Access, folderPath } from './folder.js';
import { type Sealed, sealHere } from './seal.js';

const AT_ONCE = 8 << 20;
const SMALL = 1 << 20; // what a slow line, too, brings before the node ends the request

export async function uploadBody(
  c: Context,
  a: Access,
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  onBytes: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Sealed> {
  if (blob.size > AT_ONCE) return uploadInPieces(c, a, blob, fileKey, nonce, onBytes, signal);
  const parts: Bytes[] = [];
  const s = await sealHere(blob, fileKey, nonce, (p) => void parts.push(p), signal);
  const total = sealedLength(blob.size);
  onBytes(0, total);
  const target = folderPath(a.folderId, `/bodies?cid=${cidText(s.cid)}`);
  const body = parts.length === 1 ? parts[0]! : concat(...parts);
  const send = (): Promise<void> => c.node.http.none({ method: 'POST', target, body, signer: a.actor, signal, timeoutMs: 120_000 });
  try {
    await retry(send, signal, blob.size > SMALL ? 1 : undefined);
  } catch (e) {
    // On a line that is too slow it would be cut again each time; of a piece what arrived stays. Sealed anew: under another nonce.
    if (blob.size <= SMALL || !(e instanceof CoreError) || e.code !== 'E_AWAY') throw e;
    return uploadInPieces(c, a, blob, fileKey, randomBytes(STREAM_NONCE), onBytes, signal);
  }
  onBytes(total, total);
  return s;
}
const uploadInPieces: typeof uploadBody = async (...args) => (await import('./upload-large.js')).uploadLarge(...args);
/** While the node is away: a few more tries, further and further apart. */
export async function retry<T>(f: () => Promise<T>, signal?: AbortSignal, tries = 6, codes = ['E_AWAY']): Promise<T> {
  for (let i = 0; ; i++) {
    try {
      return await f();
    } catch (e) {
      if (!(e instanceof CoreError) || !codes.includes(e.code) || i + 1 >= tries || signal?.aborted) throw e;
      await new Promise((done) => setTimeout(done, Math.min(500 * 2 ** i, 8000)));
    }
  }
}

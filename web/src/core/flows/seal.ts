// SPDX-License-Identifier: Apache-2.0
// From plaintext to a sealed body: AEAD, CID, SHA-256, as the bytes stream by. Runs in the page or in a Worker (seal.worker.ts).
import { StreamOpener, StreamSealer } from '../age/stream.js';
import { type Bytes, bytesEqual } from '../codec/bytes.js';
import { CidMaker } from '../codec/cid.js';
import { newHasher } from '../crypto/hash.js';
import { CoreError } from '../types.js';

/** Plaintext is read and sealed in pieces of this size. */
export const PIECE = 1 << 20;

export interface Sealed {
  cid: Bytes;
  sha256: Bytes; // of the plaintext
  size: number;
  bodySize: number;
}
function cut(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
}
async function pieceOf(blob: Blob, at: number): Promise<Bytes> {
  try {
    return new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
  } catch (e) {
    throw new CoreError('E_IO', 'the file cannot be read any more', { cause: e });
  }
}
/** Up to here the browser's own SHA-256 takes the whole file at once, beside the sealing and three times as fast as ours. */
const WHOLE = 64 << 20;
async function shaOf(blob: Blob): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
}
/** The same blob, file key and nonce always give the same body: an upload that was cut is gone on with. */
export async function sealBody(
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  out: (piece: Bytes) => Promise<void> | void,
  signal?: AbortSignal,
): Promise<Sealed> {
  const sealer = new StreamSealer(fileKey, nonce);
  const cid = new CidMaker();
  const sum = blob.size > WHOLE ? newHasher() : null;
  const whole = sum === null ? shaOf(blob) : null;
  whole?.catch(() => undefined); // what it says is heard below
  const emit = async (b: Bytes): Promise<void> => {
    if (b.length === 0) return;
    await cid.push(b);
    await out(b);
  };
  for (let at = 0; at < blob.size; at += PIECE) {
    cut(signal);
    const plain = await pieceOf(blob, at);
    sum?.update(plain);
    await emit(sealer.push(plain));
  }
  await emit(sealer.finish());
  return { cid: await cid.finish(), sha256: sum?.digest() ?? (await whole!), size: blob.size, bodySize: cid.size };
}

export interface Opened {
  parts: Bytes[];
  size: number;
  sha256: Bytes;
}
/** A body as it comes, opened and checked: CID, every chunk. onBytes tells how many came. */
export async function openBody(
  body: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
  cid: Uint8Array,
  onBytes: (n: number) => void,
): Promise<Opened> {
  const opener = new StreamOpener(fileKey);
  const made = new CidMaker();
  const sum = newHasher();
  const parts: Bytes[] = [];
  let size = 0;
  const take = (b: Bytes): void => {
    if (b.length === 0) return;
    sum.update(b);
    parts.push(b);
    size += b.length;
  };
  let failure: unknown = null; // a changed byte breaks the chunk first: the CID tells that it was not the chain's body
  for await (const piece of body) {
    await made.push(piece);
    onBytes(made.size);
    if (failure === null) {
      try {
        take(opener.push(piece));
      } catch (e) {
        failure = e;
      }
    }
  }
  if (!bytesEqual(await made.finish(), cid)) throw new CoreError('E_MISMATCH', "CID: the body's bytes are not the ones it names");
  if (failure !== null) throw failure;
  take(opener.finish());
  return { parts, size, sha256: sum.digest() };
}
export async function* piecesOf(r: Response): AsyncGenerator<Uint8Array> {
  if (r.body === null) return;
  const reader = r.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((e: unknown) => {
        throw new CoreError('E_AWAY', 'the download was cut', { cause: e });
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

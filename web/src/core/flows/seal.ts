// SPDX-License-Identifier: Apache-2.0
// From plaintext to a sealed body: AEAD, CID, SHA-256, as the bytes stream by. Runs in the page or in a Worker (seal.worker.ts).
import { sealedLength, StreamOpener, StreamSealer } from '../age/stream.js';
import { type Bytes, bytesEqual } from '../codec/bytes.js';
import { CidMaker } from '../codec/cid.js';
import { newHasher } from '../crypto/hash.js';
import { CoreError } from '../types.js';

/** A sealed body comes in pieces of this size, whole leaves of its CID; only the last is shorter. */
export const PIECE = 4 << 20;
export const READ = 1 << 20;

export interface SealedBody {
  cid: Bytes;
  size: number;
  bodySize: number;
}
export interface Sealed extends SealedBody {
  sha256: Bytes; // of the plaintext
}
function cut(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CoreError('E_CANCELLED', 'cancelled');
}
/** A reader that fills one buffer again and again, where the browser has it: what others leave to the collector grows to 100 MB. */
interface Reader {
  read(into: ArrayBuffer): Promise<ReadableStreamReadResult<Bytes> | { done: true; value: Bytes | undefined }>;
  cancel(): Promise<void>;
}
function readerOf(stream: ReadableStream<Bytes>): Reader {
  try {
    const byob = stream.getReader({ mode: 'byob' });
    return { read: (into) => byob.read(new Uint8Array(into)), cancel: () => byob.cancel() };
  } catch {
    const reader = stream.getReader();
    return { read: () => reader.read(), cancel: () => reader.cancel() };
  }
}
/** Who else wants the plaintext: takes over each piece once it was sealed, and lends buffers to read into. */
export interface Tap {
  take(piece: Bytes): void;
  /** Waits when it is behind. */
  buffer(): Promise<ArrayBuffer>;
}
/** The file as the browser reads it: twice as fast as asking for slices. A piece is lent until the next is asked for. */
async function* blobPieces(blob: Blob, tap?: Tap): AsyncGenerator<Uint8Array> {
  const reader = readerOf(blob.stream());
  let buffer = new ArrayBuffer(READ);
  try {
    for (;;) {
      const { done, value } = await reader.read(buffer).catch(unreadable);
      if (done) return;
      yield value;
      tap?.take(value);
      buffer = tap === undefined ? value.buffer : await tap.buffer();
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
/** Up to here the browser's own SHA-256 takes the file at once, three times as fast as ours but holding it whole. */
export const WHOLE = 16 << 20;
/** SHA-256 of a file; a large one is never whole in memory. */
export async function sumOf(blob: Blob, signal?: AbortSignal): Promise<Bytes> {
  if (blob.size <= WHOLE) return new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer().catch(unreadable)));
  const sum = newHasher();
  for await (const b of blobPieces(blob)) {
    cut(signal);
    sum.update(b);
  }
  return sum.digest();
}
function unreadable(e: unknown): never {
  throw new CoreError('E_IO', 'the file cannot be read any more', { cause: e });
}

/** Cuts a stream into buffers of PIECE bytes. */
class Cutter {
  private piece: Bytes | null = null;
  private fill = 0;
  private left: number;
  readonly full: Bytes[] = [];
  constructor(total: number) {
    this.left = total;
  }
  private begin(): Bytes {
    const n = Math.min(PIECE, this.left);
    this.left -= n;
    return new Uint8Array(n);
  }
  readonly put = (b: Uint8Array): void => {
    while (b.length > 0) {
      this.piece ??= this.begin();
      const n = Math.min(b.length, this.piece.length - this.fill);
      if (n === 0) throw new CoreError('E_IO', 'the file has grown');
      this.piece.set(b.subarray(0, n), this.fill);
      this.fill += n;
      b = b.subarray(n);
      if (this.fill === this.piece.length) this.end();
    }
  };
  private end(): void {
    this.full.push(this.piece!);
    this.piece = null;
    this.fill = 0;
  }
  /** A file that became shorter leaves a piece that is not full. */
  get isWhole(): boolean {
    return this.left === 0 && this.piece === null;
  }
}
/** The same blob, file key and nonce always give the same body: an upload that was cut is gone on with.
 * Every piece that goes to out is given away. */
export async function sealBody(
  blob: Blob,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  out: (piece: Bytes) => Promise<void> | void,
  signal?: AbortSignal,
  tap?: Tap,
): Promise<SealedBody> {
  const sealer = new StreamSealer(fileKey, nonce);
  const cid = new CidMaker();
  const cutter = new Cutter(sealedLength(blob.size));
  const emit = async (): Promise<void> => {
    for (let b = cutter.full.shift(); b !== undefined; b = cutter.full.shift()) {
      await cid.push(b);
      await out(b);
    }
  };
  for await (const plain of blobPieces(blob, tap)) {
    cut(signal);
    sealer.pushTo(plain, cutter.put);
    await emit();
  }
  sealer.finishTo(cutter.put);
  if (!cutter.isWhole) throw new CoreError('E_IO', 'the file became shorter');
  await emit();
  return { cid: await cid.finish(), size: blob.size, bodySize: cid.size };
}
/** Body and SHA-256, both by this thread. */
export async function sealHere(
  blob: Blob, fileKey: Uint8Array, nonce: Uint8Array, out: (piece: Bytes) => Promise<void> | void, signal?: AbortSignal,
): Promise<Sealed> {
  const [body, sha256] = await Promise.all([sealBody(blob, fileKey, nonce, out, signal), sumOf(blob, signal)]);
  return { ...body, sha256 };
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
  const take = (lent: Uint8Array): void => {
    if (lent.length === 0) return;
    const b = lent.slice();
    sum.update(b);
    parts.push(b as Bytes);
    size += b.length;
  };
  let failure: unknown = null; // a changed byte breaks the chunk first: the CID tells that it was not the chain's body
  for await (const piece of body) {
    await made.push(piece);
    onBytes(made.size);
    if (failure === null) {
      try {
        opener.pushTo(piece, take);
      } catch (e) {
        failure = e;
      }
    }
  }
  if (!bytesEqual(await made.finish(), cid)) throw new CoreError('E_MISMATCH', "CID: the body's bytes are not the ones it names");
  if (failure !== null) throw failure;
  opener.finishTo(take);
  return { parts, size, sha256: sum.digest() };
}
/** The sealed body of size bytes of plaintext as it comes. A node that sends more is not heard to its end: it could fill the memory. */
export async function* piecesOf(r: Response, size: number): AsyncGenerator<Uint8Array> {
  if (r.body === null) return;
  const reader = r.body.getReader();
  let left = sealedLength(size);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((e: unknown) => {
        throw new CoreError('E_AWAY', 'the download was cut', { cause: e });
      });
      if (done) return;
      left -= value.length;
      if (left < 0) throw new CoreError('E_MISMATCH', 'the body is longer than its description says');
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Payloads of age v1 files: 16-byte nonce, then ChaCha20-Poly1305 STREAM in chunks of 64 KiB.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type Bytes, concat, utf8, wipe } from '../codec/bytes.js';
import { hkdfSha256 } from '../crypto/kdf.js';
import { CoreError } from '../types.js';

export const CHUNK = 65536;
export const TAG = 16;
export const STREAM_NONCE = 16;

/** Seals and opens chunks under one key. One of noble, or our C as WebAssembly (wasm.ts). */
export interface Chunks {
  /** Seals consecutive chunks from counter on; only the last of them may be short. last: the stream ends with them. */
  seal(plain: Uint8Array, counter: number, last: boolean): Bytes;
  /** null: a chunk was changed. */
  open(sealed: Uint8Array, counter: number, last: boolean): Bytes | null;
  done(): void;
}
export type ChunksOf = (key: Uint8Array) => Chunks;

function nonceOf(counter: number, last: boolean): Bytes {
  const n = new Uint8Array(12);
  new DataView(n.buffer).setUint32(3, Math.floor(counter / 2 ** 32));
  new DataView(n.buffer).setUint32(7, counter >>> 0);
  n[11] = last ? 1 : 0;
  return n;
}
export const nobleChunks: ChunksOf = (key) => {
  const each = (b: Uint8Array, size: number, counter: number, last: boolean, f: (c: Uint8Array, nonce: Bytes) => Uint8Array): Bytes => {
    const out: Uint8Array[] = [];
    const n = Math.max(1, Math.ceil(b.length / size));
    for (let i = 0; i < n; i++) out.push(f(b.subarray(i * size, (i + 1) * size), nonceOf(counter + i, last && i === n - 1)));
    return concat(...out);
  };
  return {
    seal: (b, counter, last) => each(b, CHUNK, counter, last, (c, nonce) => chacha20poly1305(key, nonce).encrypt(c)),
    open(b, counter, last) {
      try {
        return each(b, CHUNK + TAG, counter, last, (c, nonce) => chacha20poly1305(key, nonce).decrypt(c));
      } catch {
        return null;
      }
    },
    done: () => wipe(key),
  };
};
let chunksOf: ChunksOf = nobleChunks;
/** Use another implementation from now on. */
export function useChunks(f: ChunksOf): void {
  chunksOf = f;
}
function streamKey(fileKey: Uint8Array, nonce: Uint8Array): Bytes {
  return hkdfSha256(fileKey, nonce, utf8('payload'), 32);
}

/** Bytes in, whole chunks out: holds back up to `unit` bytes since the last chunk is told apart. */
class Pieces {
  private held: Uint8Array = new Uint8Array(0);
  private counter = 0;
  constructor(
    private readonly unit: number,
    private readonly run: (b: Uint8Array, counter: number, last: boolean) => Bytes,
  ) {}
  get chunks(): number {
    return this.counter;
  }
  push(b: Uint8Array): Bytes {
    const all = this.held.length === 0 ? b : concat(this.held, b);
    const n = Math.floor(Math.max(0, all.length - 1) / this.unit);
    this.held = all.slice(n * this.unit);
    if (n === 0) return new Uint8Array(0);
    const out = this.run(all.subarray(0, n * this.unit), this.counter, false);
    this.counter += n;
    return out;
  }
  finish(): Bytes {
    const out = this.run(this.held, this.counter, true);
    wipe(this.held);
    return out;
  }
}

/** Length of a payload for n bytes of plaintext. */
export function sealedLength(n: number): number {
  return STREAM_NONCE + n + TAG * Math.max(1, Math.ceil(n / CHUNK));
}

/** Plaintext to payload. The first push gives the nonce too. */
export class StreamSealer {
  private readonly chunks: Chunks;
  private readonly pieces: Pieces;
  private nonce: Uint8Array | null;
  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.chunks = chunksOf(streamKey(fileKey, nonce));
    this.pieces = new Pieces(CHUNK, (b, counter, last) => this.chunks.seal(b, counter, last));
    this.nonce = nonce;
  }
  private begin(b: Bytes): Bytes {
    if (this.nonce === null) return b;
    const out = concat(this.nonce, b);
    this.nonce = null;
    return out;
  }
  push(b: Uint8Array): Bytes {
    return this.begin(this.pieces.push(b));
  }
  finish(): Bytes {
    const out = this.begin(this.pieces.finish());
    this.chunks.done();
    return out;
  }
}

/** Payload to plaintext. What was given out before a failure must not be used. */
export class StreamOpener {
  private chunks: Chunks | null = null;
  private readonly pieces: Pieces;
  private head: Uint8Array = new Uint8Array(0);
  constructor(private readonly fileKey: Uint8Array) {
    this.pieces = new Pieces(CHUNK + TAG, (b, counter, last) => this.open(b, counter, last));
  }
  private open(b: Uint8Array, counter: number, last: boolean): Bytes {
    const rest = b.length % (CHUNK + TAG);
    const short = last && (b.length === 0 || (rest > 0 && rest < TAG) || (counter > 0 && b.length === TAG));
    const out = short || this.chunks === null ? null : this.chunks.open(b, counter, last);
    if (out === null) throw new CoreError('E_DECRYPT', `chunk ${counter}${last ? ' (the last)' : ''} was changed or cut`);
    return out;
  }
  push(b: Uint8Array): Bytes {
    if (this.chunks === null) {
      this.head = concat(this.head, b);
      if (this.head.length < STREAM_NONCE) return new Uint8Array(0);
      this.chunks = chunksOf(streamKey(this.fileKey, this.head.subarray(0, STREAM_NONCE)));
      b = this.head.subarray(STREAM_NONCE);
    }
    return this.pieces.push(b);
  }
  finish(): Bytes {
    const out = this.pieces.finish();
    this.chunks?.done();
    return out;
  }
}

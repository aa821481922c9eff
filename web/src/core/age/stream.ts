// SPDX-License-Identifier: Apache-2.0
// Payloads of age v1 files: 16-byte nonce, then ChaCha20-Poly1305 STREAM in chunks of 64 KiB.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type Bytes, concat, utf8, wipe } from '../codec/bytes.js';
import { hkdfSha256 } from '../crypto/kdf.js';
import { CoreError } from '../types.js';

export const CHUNK = 65536;
export const TAG = 16;
export const STREAM_NONCE = 16;

/** Takes bytes that are only lent: they are others when it has returned. */
export type Sink = (b: Uint8Array) => void;
/** Seals and opens chunks under one key. One of noble, or our C as WebAssembly (wasm.ts). */
export interface Chunks {
  /** Seals consecutive chunks from counter on; only the last of them may be short. last: the stream ends with them. */
  seal(plain: Uint8Array, counter: number, last: boolean, out: Sink): void;
  /** false: a chunk was changed. */
  open(sealed: Uint8Array, counter: number, last: boolean, out: Sink): boolean;
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
  const each = (b: Uint8Array, size: number, counter: number, last: boolean, f: (c: Uint8Array, nonce: Bytes) => void): void => {
    const n = Math.max(1, Math.ceil(b.length / size));
    for (let i = 0; i < n; i++) f(b.subarray(i * size, (i + 1) * size), nonceOf(counter + i, last && i === n - 1));
  };
  return {
    seal: (b, counter, last, out) => each(b, CHUNK, counter, last, (c, nonce) => out(chacha20poly1305(key, nonce).encrypt(c))),
    open(b, counter, last, out) {
      const opened: Uint8Array[] = [];
      try {
        each(b, CHUNK + TAG, counter, last, (c, nonce) => opened.push(chacha20poly1305(key, nonce).decrypt(c)));
      } catch {
        return false;
      }
      opened.forEach(out);
      return true;
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

/** Bytes in, whole chunks out: one chunk is held back until it is known whether another follows. Copies no more than that one. */
class Pieces {
  private held: Uint8Array = new Uint8Array(0);
  private fill = 0;
  private counter = 0;
  constructor(
    private readonly unit: number,
    private readonly run: (b: Uint8Array, counter: number, last: boolean, out: Sink) => void,
  ) {}
  private hold(b: Uint8Array): void {
    const n = this.fill + b.length;
    if (n > this.held.length) {
      const grown = new Uint8Array(this.fill === 0 ? n : this.unit); // what is small comes at once
      grown.set(this.held.subarray(0, this.fill));
      wipe(this.held);
      this.held = grown;
    }
    this.held.set(b, this.fill);
    this.fill = n;
  }
  push(b: Uint8Array, out: Sink): void {
    if (this.fill > 0) {
      const n = Math.min(this.unit - this.fill, b.length);
      this.hold(b.subarray(0, n));
      b = b.subarray(n);
    }
    if (b.length === 0) return;
    if (this.fill > 0) this.run(this.held.subarray(0, this.unit), this.counter++, false, out);
    this.fill = 0;
    const n = Math.ceil(b.length / this.unit) - 1;
    if (n > 0) this.run(b.subarray(0, n * this.unit), this.counter, false, out);
    this.counter += n;
    this.hold(b.subarray(n * this.unit));
  }
  finish(out: Sink): void {
    this.run(this.held.subarray(0, this.fill), this.counter, true, out);
    wipe(this.held);
  }
}
/** What f gives to its sink, as bytes of their own. */
function gathered(f: (out: Sink) => void): Bytes {
  const parts: Uint8Array[] = [];
  f((b) => parts.push(b.slice()));
  return parts.length === 1 ? (parts[0] as Bytes) : concat(...parts);
}

/** Length of a payload for n bytes of plaintext. */
export function sealedLength(n: number): number {
  return STREAM_NONCE + n + TAG * Math.max(1, Math.ceil(n / CHUNK));
}

/** Plaintext to payload. The nonce comes with the first bytes. */
export class StreamSealer {
  private readonly chunks: Chunks;
  private readonly pieces: Pieces;
  private nonce: Uint8Array | null;
  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.chunks = chunksOf(streamKey(fileKey, nonce));
    this.pieces = new Pieces(CHUNK, (b, counter, last, out) => this.chunks.seal(b, counter, last, out));
    this.nonce = nonce;
  }
  private begin(out: Sink): void {
    if (this.nonce !== null) out(this.nonce);
    this.nonce = null;
  }
  pushTo(b: Uint8Array, out: Sink): void {
    this.begin(out);
    this.pieces.push(b, out);
  }
  finishTo(out: Sink): void {
    this.begin(out);
    this.pieces.finish(out);
    this.chunks.done();
  }
  push(b: Uint8Array): Bytes {
    return gathered((out) => this.pushTo(b, out));
  }
  finish(): Bytes {
    return gathered((out) => this.finishTo(out));
  }
}

/** Payload to plaintext. What was given out before a failure must not be used. */
export class StreamOpener {
  private chunks: Chunks | null = null;
  private readonly pieces: Pieces;
  private head: Uint8Array = new Uint8Array(0);
  constructor(private readonly fileKey: Uint8Array) {
    this.pieces = new Pieces(CHUNK + TAG, (b, counter, last, out) => this.open(b, counter, last, out));
  }
  private open(b: Uint8Array, counter: number, last: boolean, out: Sink): void {
    const rest = b.length % (CHUNK + TAG);
    const short = last && (b.length === 0 || (rest > 0 && rest < TAG) || (counter > 0 && b.length === TAG));
    if (short || this.chunks === null || !this.chunks.open(b, counter, last, out))
      throw new CoreError('E_DECRYPT', `chunk ${counter}${last ? ' (the last)' : ''} was changed or cut`);
  }
  pushTo(b: Uint8Array, out: Sink): void {
    if (this.chunks === null) {
      this.head = concat(this.head, b);
      if (this.head.length < STREAM_NONCE) return;
      this.chunks = chunksOf(streamKey(this.fileKey, this.head.subarray(0, STREAM_NONCE)));
      b = this.head.subarray(STREAM_NONCE);
      this.head = new Uint8Array(0);
    }
    this.pieces.push(b, out);
  }
  finishTo(out: Sink): void {
    this.pieces.finish(out);
    this.chunks?.done();
  }
  push(b: Uint8Array): Bytes {
    return gathered((out) => this.pushTo(b, out));
  }
  finish(): Bytes {
    return gathered((out) => this.finishTo(out));
  }
}

// SPDX-License-Identifier: Apache-2.0
// Our own C (web/wasm) in WebAssembly: ChaCha20-Poly1305 and streaming SHA-256, five times and twice as fast as TypeScript.
import { CHUNK, type Chunks, type ChunksOf, type Sink, TAG, useChunks } from '../age/stream.js';
import { type Bytes, wipe } from '../codec/bytes.js';
import { type Hasher, useHasher } from '../crypto/hash.js';
import { MODULE } from './module.gen.js';

const AT_ONCE = 16; // chunks of one call

interface Exports {
  memory: WebAssembly.Memory;
  key_at(): number;
  plain_at(): number;
  sealed_at(): number;
  seal(n: number, hi: number, lo: number, last: number): number;
  open(n: number, hi: number, lo: number, last: number): number;
  wipe(chunks: number): void;
  sha_begin(): void;
  sha_take(n: number): void;
  sha_end(): void;
}

class Machine {
  private readonly x: Exports;
  private readonly memory: Uint8Array;
  private used = 0; // bytes of a buffer
  constructor(module: WebAssembly.Module) {
    this.x = new WebAssembly.Instance(module).exports as unknown as Exports;
    this.memory = new Uint8Array(this.x.memory.buffer);
  }
  private copyIn(b: Uint8Array, at: number): void {
    this.memory.set(b, at);
    this.used = Math.max(this.used, b.length);
  }
  /** false: f refused. out gets a view of this memory. */
  private run(b: Uint8Array, from: number, to: number, f: (n: number) => number, out: Sink): boolean {
    this.copyIn(b, from);
    const n = f(b.length);
    if (n >= 0) out(this.memory.subarray(to, to + n));
    return n >= 0;
  }
  seal(key: Uint8Array, b: Uint8Array, counter: number, last: boolean, out: Sink): boolean {
    this.memory.set(key, this.x.key_at());
    const f = (n: number): number => this.x.seal(n, Math.floor(counter / 2 ** 32), counter >>> 0, last ? 1 : 0);
    return this.run(b, this.x.plain_at(), this.x.sealed_at(), f, out);
  }
  open(key: Uint8Array, b: Uint8Array, counter: number, last: boolean, out: Sink): boolean {
    this.memory.set(key, this.x.key_at());
    const f = (n: number): number => this.x.open(n, Math.floor(counter / 2 ** 32), counter >>> 0, last ? 1 : 0);
    return this.run(b, this.x.sealed_at(), this.x.plain_at(), f, out);
  }
  wipe(): void {
    this.x.wipe(Math.ceil(this.used / CHUNK));
    this.used = 0;
  }
  begin(): void {
    this.x.sha_begin();
  }
  take(b: Uint8Array): void {
    for (let i = 0; i < b.length; i += AT_ONCE * CHUNK) {
      const part = b.subarray(i, i + AT_ONCE * CHUNK);
      this.copyIn(part, this.x.plain_at());
      this.x.sha_take(part.length);
    }
  }
  end(): Bytes {
    this.x.sha_end();
    const out = this.memory.slice(this.x.plain_at(), this.x.plain_at() + 32) as Bytes;
    this.used = Math.max(this.used, 32);
    this.wipe();
    return out;
  }
}

/** Calls of at most AT_ONCE chunks; false when one of them fails. */
function inCalls(b: Uint8Array, unit: number, last: boolean, f: (part: Uint8Array, chunk: number, last: boolean) => boolean): boolean {
  const step = AT_ONCE * unit;
  for (let i = 0; i === 0 || i < b.length; i += step)
    if (!f(b.subarray(i, i + step), i / unit, last && i + step >= b.length)) return false;
  return true;
}
function chunksOf(m: Machine, key: Uint8Array): Chunks {
  return {
    seal: (b, counter, last, out) => void inCalls(b, CHUNK, last, (part, i, end) => m.seal(key, part, counter + i, end, out)),
    open: (b, counter, last, out) => inCalls(b, CHUNK + TAG, last, (part, i, end) => m.open(key, part, counter + i, end, out)),
    done() {
      wipe(key);
      m.wipe();
    },
  };
}
/** A machine hashes one message at a time; those that are done are used again. */
function hasherOf(module: WebAssembly.Module, free: Machine[]): () => Hasher {
  return () => {
    const m = free.pop() ?? new Machine(module);
    m.begin();
    return {
      update: (b) => m.take(b),
      digest() {
        const out = m.end();
        free.push(m);
        return out;
      },
    };
  };
}

let ready: Promise<boolean> | null = null;
/** Null until useWasm() succeeded. */
export let wasmChunks: ChunksOf | null = null;
async function load(): Promise<boolean> {
  if (MODULE === '' || typeof WebAssembly === 'undefined') return false;
  try {
    const module = await WebAssembly.compile(Uint8Array.from(atob(MODULE), (c) => c.charCodeAt(0)));
    const machine = new Machine(module);
    wasmChunks = (key) => chunksOf(machine, key);
    useChunks(wasmChunks);
    useHasher(hasherOf(module, []));
    return true;
  } catch {
    return false; // a browser without SIMD: the slow way works everywhere
  }
}
/** Use it from now on, where it can be had. */
export function useWasm(): Promise<boolean> {
  return (ready ??= load());
}

// SPDX-License-Identifier: Apache-2.0
// CIDv1 of a file by the UnixFS profile unixfs-v1-2025: leaves of 1 MiB as raw blocks, 1024 links a node, balanced, SHA-256.
import { sha256 } from '../crypto/kdf.js';
import { CoreError } from '../types.js';
import { type Bytes, concat } from './bytes.js';

export const LEAF = 1 << 20;
const FANOUT = 1024;
const RAW = 0x55;
const DAG_PB = 0x70;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function base32(b: Uint8Array): string {
  let out = '';
  let acc = 0;
  let bits = 0;
  for (const x of b) {
    acc = ((acc << 8) | x) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) out += ALPHABET[(acc >> (bits - 5)) & 31];
  }
  return bits > 0 ? out + ALPHABET[(acc << (5 - bits)) & 31] : out;
}
/** Binary CIDv1 as text: multibase base32. */
export function cidText(bin: Uint8Array): string {
  return `b${base32(bin)}`;
}
/** What an envelope may hold: CIDv1, raw or dag-pb, SHA-256. */
export function cidCheck(bin: Uint8Array): void {
  if (bin.length !== 36 || bin[0] !== 1 || (bin[1] !== RAW && bin[1] !== DAG_PB) || bin[2] !== 0x12 || bin[3] !== 0x20)
    throw new CoreError('E_UNSUPPORTED', 'CID: not of version 1 with SHA-256');
}

function varint(v: number): number[] {
  const out: number[] = [];
  for (; v >= 128; v = Math.floor(v / 128)) out.push((v % 128) | 128);
  return [...out, v];
}
function field(n: number, bytes: Uint8Array): Bytes {
  return concat(Uint8Array.from([(n << 3) | 2, ...varint(bytes.length)]), bytes);
}
interface Node {
  cid: Bytes;
  fileSize: number;
  treeSize: number; // blocks below and itself
}
async function nodeOf(codec: number, block: Uint8Array, fileSize: number, below: number): Promise<Node> {
  const cid = concat(Uint8Array.of(1, codec, 0x12, 0x20), await sha256(block));
  return { cid, fileSize, treeSize: below + block.length };
}
/** dag-pb: links before data; UnixFS File with the size of each child. */
async function parentOf(children: Node[]): Promise<Node> {
  const total = children.reduce((n, c) => n + c.fileSize, 0);
  const links = children.map((c) =>
    field(2, concat(field(1, c.cid), Uint8Array.of(0x12, 0), Uint8Array.from([0x18, ...varint(c.treeSize)]))),
  );
  const sizes = children.flatMap((c) => [0x20, ...varint(c.fileSize)]);
  const data = field(1, Uint8Array.from([0x08, 2, 0x18, ...varint(total), ...sizes]));
  return nodeOf(DAG_PB, concat(...links, data), total, children.reduce((n, c) => n + c.treeSize, 0));
}

/** Leaves that are hashed at a time, beside the work of who pushes. */
const AT_ONCE = 4;

/** Makes the CID of bytes as they come; holds one leaf, none while whole leaves come in one piece. */
export class CidMaker {
  private leaf: Uint8Array | null = null;
  private fill = 0;
  private readonly levels: Node[][] = [[]];
  private readonly pending: Promise<void>[] = [];
  private last: Promise<void> = Promise.resolve();
  size = 0;

  private async add(level: number, n: Node): Promise<void> {
    const row = (this.levels[level] ??= []);
    if (row.length === FANOUT) {
      const parent = await parentOf(row.splice(0));
      await this.add(level + 1, parent);
    }
    row.push(n);
  }
  /** The block is read before this returns. Waits only when hashing is behind. */
  private async hash(block: Uint8Array): Promise<void> {
    const made = nodeOf(RAW, block, block.length, 0);
    const before = this.last;
    this.last = made.then(async (n) => {
      await before;
      await this.add(0, n);
    });
    this.pending.push(this.last);
    if (this.pending.length > AT_ONCE) await this.pending.shift();
  }
  /** b is not needed any more when this is done. */
  async push(b: Uint8Array): Promise<void> {
    this.size += b.length;
    while (b.length > 0) {
      if (this.fill === 0 && b.length >= LEAF) {
        await this.hash(b.subarray(0, LEAF));
        b = b.subarray(LEAF);
        continue;
      }
      const n = Math.min(LEAF - this.fill, b.length);
      this.leaf ??= new Uint8Array(LEAF);
      this.leaf.set(b.subarray(0, n), this.fill);
      this.fill += n;
      b = b.subarray(n);
      if (this.fill < LEAF) continue;
      this.fill = 0;
      await this.hash(this.leaf);
    }
  }
  async finish(): Promise<Bytes> {
    if (this.fill > 0 || this.size === 0) await this.hash(this.leaf?.subarray(0, this.fill) ?? new Uint8Array(0));
    await this.last;
    for (let i = 0; ; i++) {
      const row = this.levels[i] ?? [];
      const isTop = this.levels.slice(i + 1).every((r) => r.length === 0);
      if (isTop && row.length === 1) return row[0]!.cid;
      const parent = await parentOf(row.splice(0));
      await this.add(i + 1, parent);
    }
  }
}
export async function cidOf(b: Uint8Array): Promise<Bytes> {
  if (b.length <= LEAF) return (await nodeOf(RAW, b, b.length, 0)).cid;
  const m = new CidMaker();
  await m.push(b);
  return m.finish();
}

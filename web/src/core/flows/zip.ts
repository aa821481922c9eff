// SPDX-License-Identifier: Apache-2.0
// ZIP archives without compression: sealed files cannot be made smaller.
import { concat, utf8 } from '../codec/bytes.js';
import { CoreError } from '../types.js';

const TABLE = Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
async function crcOf(b: Blob): Promise<number> {
  let crc = 0xffffffff;
  for (let at = 0; at < b.size; at += 1 << 20)
    for (const x of new Uint8Array(await b.slice(at, at + (1 << 20)).arrayBuffer())) crc = TABLE[(crc ^ x) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
function le(n: number, v: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.floor(v / 256 ** i) & 255);
}
export async function zip(files: { name: string; data: Blob | Uint8Array }[]): Promise<Blob> {
  const parts: BlobPart[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const f of files) {
    const blob = f.data instanceof Blob ? f.data : new Blob([f.data as Uint8Array<ArrayBuffer>]);
    const name = utf8(f.name);
    // version 2.0, UTF-8 names, stored, no date (1980-01-01)
    const common = [...le(2, 20), ...le(2, 0x800), ...le(2, 0), ...le(2, 0), ...le(2, 0x21), ...le(4, await crcOf(blob)), ...le(4, blob.size), ...le(4, blob.size), ...le(2, name.length), ...le(2, 0)];
    const head = concat(Uint8Array.from([0x50, 0x4b, 3, 4, ...common]), name);
    directory.push(concat(Uint8Array.from([0x50, 0x4b, 1, 2, ...le(2, 20), ...common, ...le(2, 0), ...le(2, 0), ...le(2, 0), ...le(4, 0), ...le(4, at)]), name));
    parts.push(head, blob);
    at += head.length + blob.size;
    if (at > 0xfffffffe || files.length > 0xfffe) throw new CoreError('E_TOO_LONG', 'more than 4 GiB: export folder by folder');
  }
  const list = concat(...directory);
  const end = Uint8Array.from([0x50, 0x4b, 5, 6, ...le(4, 0), ...le(2, files.length), ...le(2, files.length), ...le(4, list.length), ...le(4, at), ...le(2, 0)]);
  return new Blob([...parts, list, end], { type: 'application/zip' });
}

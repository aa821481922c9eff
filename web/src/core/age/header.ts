// SPDX-License-Identifier: Apache-2.0
// Headers of age v1 files (C2SP age.md): stanzas, and the MAC under the file key.
import { base64NoPad, bytesEqual, type Bytes, concat, fromBase64NoPad, utf8 } from '../codec/bytes.js';
import { hkdfSha256, hmacSha256 } from '../crypto/kdf.js';
import { CoreError } from '../types.js';

export const HEADER_BYTES_MAX = 65536;
const VERSION = 'age-encryption.org/v1';
const STANZAS_MAX = 64;
const NO_SALT = new Uint8Array(0);

export interface Stanza {
  args: string[]; // type first
  body: Uint8Array;
}
export interface Header {
  stanzas: Stanza[];
  mac: Uint8Array;
  /** Up to and with "---". */
  signed: Uint8Array;
  /** With the MAC line: where the payload begins. */
  length: number;
}

function stanzaText(s: Stanza): string {
  const body = base64NoPad(s.body);
  let lines = '';
  for (let i = 0; i + 64 <= body.length; i += 64) lines += `${body.slice(i, i + 64)}\n`;
  return `-> ${s.args.join(' ')}\n${lines}${body.slice(body.length - (body.length % 64))}\n`;
}
function macOf(fileKey: Uint8Array, signed: Uint8Array): Bytes {
  return hmacSha256(hkdfSha256(fileKey, NO_SALT, utf8('header'), 32), signed);
}
export function headerWrite(stanzas: Stanza[], fileKey: Uint8Array): Bytes {
  const signed = utf8(`${VERSION}\n${stanzas.map(stanzaText).join('')}---`);
  return concat(signed, utf8(` ${base64NoPad(macOf(fileKey, signed))}\n`));
}

function fail(why: string): never {
  throw new CoreError('E_SYNTAX', `age header: ${why}`);
}
class Lines {
  at = 0;
  constructor(readonly b: Uint8Array) {}
  next(): string {
    const end = this.b.subarray(0, HEADER_BYTES_MAX).indexOf(10, this.at);
    if (end < 0) fail('ends too soon');
    const line = String.fromCharCode(...this.b.subarray(this.at, end));
    this.at = end + 1;
    return line;
  }
}
function bodyRead(lines: Lines): Bytes {
  let text = '';
  for (;;) {
    const line = lines.next();
    if (line.length > 64) fail('line of more than 64 characters');
    text += line;
    if (line.length < 64) return fromBase64NoPad(text);
  }
}
/** Reads the header at the beginning of b. */
export function headerRead(b: Uint8Array): Header {
  const lines = new Lines(b);
  if (lines.next() !== VERSION) fail('not an age file of version 1');
  const stanzas: Stanza[] = [];
  for (;;) {
    const at = lines.at;
    const line = lines.next();
    if (line.startsWith('--- ')) {
      const mac = fromBase64NoPad(line.slice(4));
      if (stanzas.length === 0 || mac.length !== 32) fail('no stanza, or MAC');
      return { stanzas, mac, signed: b.subarray(0, at + 3), length: lines.at };
    }
    if (!line.startsWith('-> ') || stanzas.length === STANZAS_MAX) fail('line that is no stanza');
    const args = line.slice(3).split(' ');
    if (args.some((a) => !/^[\x21-\x7e]+$/.test(a))) fail('arguments of a stanza');
    stanzas.push({ args, body: bodyRead(lines) });
  }
}
export function headerCheckMac(h: Header, fileKey: Uint8Array): void {
  if (!bytesEqual(macOf(fileKey, h.signed), h.mac)) throw new CoreError('E_DECRYPT', 'age header: the MAC does not fit');
}

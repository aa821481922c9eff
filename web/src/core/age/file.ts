// SPDX-License-Identifier: Apache-2.0
// Whole small age files: meta, wraps, grant notes, owner state, identity files.
import { type Bytes, concat, randomBytes, wipe } from '../codec/bytes.js';
import { CoreError } from '../types.js';
import { headerCheckMac, headerRead, headerWrite, type Stanza } from './header.js';
import { FILE_KEY, type Opener, stanzaForRecipient } from './keys.js';
import { STREAM_NONCE, StreamOpener, StreamSealer } from './stream.js';

/** stanza: makes the one stanza for a fresh file key. */
export async function ageSealWith(plain: Uint8Array, stanza: (fileKey: Uint8Array) => Promise<Stanza>): Promise<Bytes> {
  const fileKey = randomBytes(FILE_KEY);
  const header = headerWrite([await stanza(fileKey)], fileKey);
  const s = new StreamSealer(fileKey, randomBytes(STREAM_NONCE));
  const out = concat(header, s.push(plain), s.finish());
  wipe(fileKey);
  return out;
}
export function ageSeal(plain: Uint8Array, recipient: string): Promise<Bytes> {
  return ageSealWith(plain, (fileKey) => stanzaForRecipient(recipient, fileKey));
}
/** The file key of a header, MAC checked. E_NO_KEY: no stanza is for this opener. */
export async function ageFileKey(header: Uint8Array, opener: Opener): Promise<{ fileKey: Bytes; length: number }> {
  const h = headerRead(header);
  if (h.stanzas.length > 1 && h.stanzas.some((s) => s.args[0] === 'scrypt')) throw new CoreError('E_SYNTAX', 'age header: scrypt is not alone');
  const fileKey = await opener.open(h);
  if (fileKey === null) throw new CoreError('E_NO_KEY', 'age file: sealed for another key');
  headerCheckMac(h, fileKey);
  return { fileKey, length: h.length };
}
export async function ageOpen(file: Uint8Array, opener: Opener): Promise<Bytes> {
  const { fileKey, length } = await ageFileKey(file, opener);
  const s = new StreamOpener(fileKey);
  const out = concat(s.push(file.subarray(length)), s.finish());
  wipe(fileKey);
  return out;
}

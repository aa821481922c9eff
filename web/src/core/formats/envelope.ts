// SPDX-License-Identifier: Apache-2.0
// Envelopes of records (docs/formats.md, section 6).
import { type Bytes, fromHex, toHex, utf8 } from '../codec/bytes.js';
import { cidCheck } from '../codec/cid.js';
import type { RecordPlace } from '../codec/domain.js';
import { RlpFields, rlpEncode, rlpInt } from '../codec/rlp.js';
import { CoreError } from '../types.js';

export interface Envelope extends RecordPlace {
  cid: Uint8Array;
  salt: Uint8Array;
  header: Uint8Array;
  metaAge: Uint8Array;
}
const ENVELOPE_MAX = 1 << 20;

export function envelopeWrite(e: Envelope): Bytes {
  const out = rlpEncode([
    utf8('ehrd/envelope/v1'), fromHex(e.folderId), fromHex(e.recordId), rlpInt(e.version), rlpInt(e.epoch), fromHex(e.author), e.cid, e.salt,
    e.header, e.metaAge,
  ]);
  if (out.length > ENVELOPE_MAX) throw new CoreError('E_TOO_LONG', 'envelope: more than 1 MiB');
  return out;
}
export function envelopeRead(b: Uint8Array): Envelope {
  if (b.length > ENVELOPE_MAX) throw new CoreError('E_TOO_LONG', 'envelope: more than 1 MiB');
  const r = new RlpFields(b, 'envelope');
  r.tag('ehrd/envelope/v1');
  const e: Envelope = {
    folderId: toHex(r.fixed(32)), recordId: toHex(r.fixed(32)), version: r.int(0xffffffff), epoch: r.int(0xffffffff),
    author: toHex(r.fixed(20)), cid: r.bytes(), salt: r.fixed(32), header: r.bytes(), metaAge: r.bytes(),
  };
  r.end();
  if (e.version === 0 || e.epoch === 0) throw new CoreError('E_RANGE', 'envelope: version or epoch 0');
  cidCheck(e.cid);
  return e;
}
/** The list of [inner, envelope] that goes to and from the node. */
export function envelopesWrite(list: { inner: Uint8Array; envelope: Uint8Array }[]): Bytes {
  return rlpEncode(list.map((x) => [x.inner, x.envelope]));
}
export function envelopesRead(b: Uint8Array): Map<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  const all = new RlpFields(b, 'envelopes');
  for (const item of all.rest()) {
    const r = new RlpFields(item, 'envelopes');
    const inner = toHex(r.fixed(32));
    out.set(inner, r.bytes());
    r.end();
  }
  return out;
}

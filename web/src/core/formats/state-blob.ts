// SPDX-License-Identifier: Apache-2.0
// The owner state as it is stored: a mac and an age file (docs/formats.md, section 8). Anybody can seal to the recipient of a key
// card; the mac says that the identity wrote it, as this version.
import { beBytes, type Bytes, bytesEqual, concat, fromHex, toHex, utf8 } from '../codec/bytes.js';
import { hmacSha256 } from '../crypto/kdf.js';
import type { Pins } from '../authority.js';
import { type Address, CoreError, type Hash } from '../types.js';

const DOMAIN = utf8('ehrd/owner-state/v2');
const MAC = 32;
const OLD = utf8('age-encryption.org/');

/** What a stored state is bound to. key: OpenIdentity.stateKey(). */
export interface StatePlace {
  key: Uint8Array;
  account: Address;
  version: number;
}
export function stateMac(file: Uint8Array, at: StatePlace): Bytes {
  return hmacSha256(at.key, DOMAIN, fromHex(at.account, 20), beBytes(at.version, 8), file);
}
export function stateProve(file: Uint8Array, at: StatePlace): Bytes {
  return concat(stateMac(file, at), file);
}
/** The age file. E_STATE_UNPROVED: of a program before the mac, or made up. E_STATE: this identity did not write it for this place. */
export function stateProved(blob: Uint8Array, at: StatePlace): Uint8Array {
  if (bytesEqual(blob.subarray(0, OLD.length), OLD))
    throw new CoreError('E_STATE_UNPROVED', 'owner state: nothing proves that this identity wrote it: a program of before did, or the node; "ehr recover NAME --accept-state" takes it over');
  const file = blob.subarray(MAC);
  if (blob.length < MAC || !bytesEqual(blob.subarray(0, MAC), stateMac(file, at)))
    throw new CoreError('E_STATE', `owner state: not written by this identity for this account as version ${at.version}`);
  return file;
}

/** A version of a state as a device remembers it. mac: tells it from another of the same number; null: not known, of a program of before. */
interface Seen {
  version: number;
  mac: Hash | null;
}
function seenRead(text: string | null): Seen {
  const m = /^(\d{1,15})(?: (0x[0-9a-f]{64}))?$/.exec(text ?? '');
  return m === null ? { version: 0, mac: null } : { version: Number(m[1]), mac: (m[2] ?? null) as Hash | null };
}
/** Of a state that is stored: the mac it begins with. */
export function stateMacOf(blob: Uint8Array): Hash {
  return toHex(blob.subarray(0, MAC));
}
/** The highest version that this device saw; what it is kept under tells nobody whose it is. */
export class StatePin {
  private readonly name: string;
  private seen: Seen = { version: 0, mac: null };
  constructor(private readonly pins: Pins | undefined, key: Uint8Array, account: Address) {
    this.name = 'ehrd.state.' + toHex(hmacSha256(key, utf8('ehrd/state-pin/v1'), fromHex(account, 20)).subarray(0, 16)).slice(2);
  }
  /** Before the node is asked: another page may see a later one meanwhile. */
  load(): void {
    const kept = seenRead(this.pins?.getItem(this.name) ?? null);
    if (kept.version > this.seen.version || (kept.version === this.seen.version && this.seen.mac === null)) this.seen = kept;
  }
  /** E_STATE_OLDER: older than what was seen when it was loaded. */
  check(version: number): void {
    if (version < this.seen.version)
      throw new CoreError('E_STATE_OLDER', `owner state: the node has version ${version}, this device saw ${this.seen.version}: it was set back to a backup, or keeps back what came since`);
  }
  /** Of one number there is one version: E_STATE_OLDER when the node gives out another, as one that it said it had refused. */
  saw(version: number, mac: Hash): void {
    this.load();
    if (version < this.seen.version) return;
    if (version === this.seen.version && this.seen.mac !== null && this.seen.mac !== mac)
      throw new CoreError('E_STATE_OLDER', `owner state: the node has another version ${version} than the one that this device saw or wrote: it gives out one that was refused or never confirmed, or was set back to a backup and written since`);
    this.seen = { version, mac };
    this.pins?.setItem(this.name, `${version} ${mac}`);
  }
}

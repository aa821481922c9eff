// SPDX-License-Identifier: Apache-2.0
// What opens and seals a file key: X25519 identities and recipients, passphrases (scrypt), passkeys (fido2prf).
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { base64NoPad, type Bytes, concat, fromBase64NoPad, randomBytes, utf8, wipe } from '../codec/bytes.js';
import { bech32Decode, bech32Encode } from '../codec/bech32.js';
import { hkdfSha256 } from '../crypto/kdf.js';
import { scrypt, type ScryptOptions } from '../crypto/scrypt.js';
import { x25519Key, type X25519Key, x25519Public } from '../crypto/x25519.js';
import { CoreError } from '../types.js';
import type { Header, Stanza } from './header.js';

export const FILE_KEY = 16;
const NONCE = new Uint8Array(12);
const X25519_INFO = utf8('age-encryption.org/v1/X25519');
const SCRYPT_SALT = utf8('age-encryption.org/v1/scrypt');
/** As age writes, and what a reader takes at most: 2^18 are 256 MiB and about a second. */
export const SCRYPT_LOG_N = 18;
export const SCRYPT_LOG_N_MAX = 20;

/** Opens the file key of a header, or tells that no stanza is for it. */
export interface Opener {
  open(h: Header): Promise<Bytes | null>;
}

function seal(key: Uint8Array, fileKey: Uint8Array): Bytes {
  return chacha20poly1305(key, NONCE).encrypt(fileKey) as Bytes;
}
function unseal(key: Uint8Array, body: Uint8Array): Bytes | null {
  try {
    return chacha20poly1305(key, NONCE).decrypt(body) as Bytes;
  } catch {
    return null;
  }
}

// ---- X25519 --------------------------------------------------------------------------------------

export function recipientText(publicKey: Uint8Array): string {
  return bech32Encode('age', publicKey);
}
export function recipientRead(text: string): Bytes {
  const b = bech32Decode(text, 'age');
  if (b.length !== 32 || text !== text.toLowerCase()) throw new CoreError('E_SYNTAX', 'age recipient');
  return b;
}
export async function stanzaForRecipient(recipient: string, fileKey: Uint8Array): Promise<Stanza> {
  const theirs = recipientRead(recipient);
  const ephemeral = randomBytes(32);
  const key = await x25519Key(ephemeral);
  const share = x25519Public(ephemeral);
  const shared = await key.shared(theirs);
  const wrapKey = hkdfSha256(shared, concat(share, theirs), X25519_INFO, 32);
  const body = seal(wrapKey, fileKey);
  wipe(ephemeral, shared, wrapKey);
  key.done();
  return { args: ['X25519', base64NoPad(share)], body };
}

/** An age identity: its secret is held as a key that can only be used, its text is made on demand from a copy. */
export class AgeIdentity implements Opener {
  readonly recipient: string;
  private constructor(
    private readonly secret: Uint8Array,
    private readonly key: X25519Key,
  ) {
    this.recipient = recipientText(key.publicKey);
  }
  /** Takes over secret. */
  static async of(secret: Uint8Array): Promise<AgeIdentity> {
    return new AgeIdentity(secret, await x25519Key(secret));
  }
  static generate(): Promise<AgeIdentity> {
    return AgeIdentity.of(randomBytes(32));
  }
  static async read(text: string): Promise<AgeIdentity> {
    if (text !== text.toUpperCase()) throw new CoreError('E_SYNTAX', 'age identity');
    const secret = bech32Decode(text, 'age-secret-key-');
    if (secret.length !== 32) throw new CoreError('E_SYNTAX', 'age identity');
    return AgeIdentity.of(secret);
  }
  /** AGE-SECRET-KEY-1… */
  text(): string {
    return bech32Encode('age-secret-key-', this.secret).toUpperCase();
  }
  async open(h: Header): Promise<Bytes | null> {
    for (const s of h.stanzas) {
      if (s.args[0] !== 'X25519') continue;
      if (s.args.length !== 2 || s.body.length !== FILE_KEY + 16) throw new CoreError('E_SYNTAX', 'age header: X25519 stanza');
      const share = fromBase64NoPad(s.args[1]!);
      if (share.length !== 32) throw new CoreError('E_SYNTAX', 'age header: X25519 stanza');
      const shared = await this.key.shared(share);
      const fileKey = unseal(hkdfSha256(shared, concat(share, this.key.publicKey), X25519_INFO, 32), s.body);
      wipe(shared);
      if (fileKey !== null) return fileKey;
    }
    return null;
  }
  done(): void {
    wipe(this.secret);
    this.key.done();
  }
}

// ---- passphrase ----------------------------------------------------------------------------------

function scryptKey(passphrase: string, salt: Uint8Array, logN: number, o?: ScryptOptions): Promise<Bytes> {
  return scrypt(passphrase, concat(SCRYPT_SALT, salt), { N: 2 ** logN, r: 8, p: 1 }, o);
}
export async function stanzaForPassphrase(
  passphrase: string,
  fileKey: Uint8Array,
  logN = SCRYPT_LOG_N,
  o?: ScryptOptions,
): Promise<Stanza> {
  const salt = randomBytes(16);
  const key = await scryptKey(passphrase, salt, logN, o);
  const body = seal(key, fileKey);
  wipe(key);
  return { args: ['scrypt', base64NoPad(salt), String(logN)], body };
}
export function passphraseOpener(passphrase: string, o?: ScryptOptions): Opener {
  return {
    async open(h) {
      const s = h.stanzas.find((x) => x.args[0] === 'scrypt');
      if (s === undefined) return null;
      if (h.stanzas.length !== 1 || s.args.length !== 3 || !/^[1-9]\d?$/.test(s.args[2]!) || s.body.length !== FILE_KEY + 16)
        throw new CoreError('E_SYNTAX', 'age header: scrypt stanza');
      const logN = Number(s.args[2]);
      if (logN > SCRYPT_LOG_N_MAX) throw new CoreError('E_UNSUPPORTED', 'age header: scrypt work factor above 20');
      const salt = fromBase64NoPad(s.args[1]!);
      if (salt.length !== 16) throw new CoreError('E_SYNTAX', 'age header: scrypt stanza');
      const key = await scryptKey(passphrase, salt, logN, o);
      const fileKey = unseal(key, s.body);
      wipe(key);
      if (fileKey === null) throw new CoreError('E_PASSPHRASE', 'the passphrase does not open this');
      return fileKey;
    },
  };
}

// ---- passkey (C2SP fido2prf, as in age-encryption) ------------------------------------------------

const PRF_LABEL = utf8('age-encryption.org/fido2prf');

/** The platform's answer to two PRF inputs. */
export type Prf = (first: Bytes, second: Bytes) => Promise<Bytes>;

function prfInputs(nonce: Uint8Array): [Bytes, Bytes] {
  return [concat(PRF_LABEL, Uint8Array.of(1), nonce), concat(PRF_LABEL, Uint8Array.of(2), nonce)];
}
async function prfKey(prf: Prf, nonce: Uint8Array): Promise<Bytes> {
  const { extract } = await import('@noble/hashes/hkdf.js');
  const { sha256 } = await import('@noble/hashes/sha2.js');
  const out = await prf(...prfInputs(nonce));
  const key = extract(sha256, out, PRF_LABEL) as Bytes;
  wipe(out);
  return key;
}
export async function stanzaForPasskey(prf: Prf, fileKey: Uint8Array): Promise<Stanza> {
  const nonce = randomBytes(16);
  const key = await prfKey(prf, nonce);
  const body = seal(key, fileKey);
  wipe(key);
  return { args: ['age-encryption.org/fido2prf', base64NoPad(nonce)], body };
}
export function passkeyOpener(prf: Prf): Opener {
  return {
    async open(h) {
      for (const s of h.stanzas) {
        if (s.args[0] !== 'age-encryption.org/fido2prf') continue;
        const nonce = fromBase64NoPad(s.args[1] ?? '');
        if (s.args.length !== 2 || nonce.length !== 16) throw new CoreError('E_SYNTAX', 'age header: passkey stanza');
        const key = await prfKey(prf, nonce);
        const fileKey = unseal(key, s.body);
        wipe(key);
        if (fileKey !== null) return fileKey;
      }
      return null;
    },
  };
}

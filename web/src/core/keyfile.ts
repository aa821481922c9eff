// SPDX-License-Identifier: Apache-2.0
// Account keys in Web3 Secret Storage files (version 3), as administrators of the command line have them.
import { keccak } from './codec/abi.js';
import { bytesEqual, concat, fromHex, utf8, wipe } from './codec/bytes.js';
import { Members } from './codec/text.js';
import { scrypt, type ScryptOptions } from './crypto/scrypt.js';
import { KeySigner } from './crypto/secp.js';
import { CoreError, type Signer } from './types.js';

const COST_MAX = 2 ** 20 * 8; // N * r

async function kdf(c: Members, passphrase: string, how?: ScryptOptions): Promise<Uint8Array> {
  const p = Members.of(c.v['kdfparams'], 'key file: kdfparams');
  const salt = fromHex(`0x${p.str('salt')}`);
  if (p.num('dklen') !== 32) p.fail('dklen');
  if (c.str('kdf') === 'scrypt') {
    const o = { N: p.num('n'), r: p.num('r'), p: p.num('p', 16) };
    if (o.N * o.r > COST_MAX) throw new CoreError('E_UNSUPPORTED', 'key file: scrypt of too high a cost');
    return scrypt(passphrase, salt, o, how);
  }
  if (c.str('kdf') !== 'pbkdf2' || p.str('prf') !== 'hmac-sha256') throw new CoreError('E_UNSUPPORTED', 'key file: kdf');
  const base = await crypto.subtle.importKey('raw', utf8(passphrase), 'PBKDF2', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: p.num('c', 10_000_000) }, base, 256));
}
/** E_PASSPHRASE | E_SYNTAX. The signer's key is wiped when its session locks. */
export async function unlockKeyFile(json: Uint8Array | string, passphrase: string, o?: ScryptOptions): Promise<Signer> {
  const m = Members.parse(json, 'key file', 16384);
  if (m.num('version') !== 3) m.fail('version');
  const c = Members.of(m.v['crypto'] ?? m.v['Crypto'], 'key file: crypto');
  if (c.str('cipher') !== 'aes-128-ctr') throw new CoreError('E_UNSUPPORTED', 'key file: cipher');
  const text = fromHex(`0x${c.str('ciphertext')}`, 32);
  const iv = fromHex(`0x${Members.of(c.v['cipherparams'], 'key file: cipherparams').str('iv')}`, 16);
  const key = await kdf(c, passphrase, o);
  const mac = keccak(concat(key.subarray(16, 32), text));
  if (!bytesEqual(mac, fromHex(`0x${c.str('mac')}`, 32))) throw new CoreError('E_PASSPHRASE', 'the passphrase does not open this');
  const aes = await crypto.subtle.importKey('raw', key.slice(0, 16), 'AES-CTR', false, ['decrypt']);
  const secret = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CTR', counter: iv, length: 128 }, aes, text));
  wipe(key);
  return new KeySigner(secret);
}

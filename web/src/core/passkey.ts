// SPDX-License-Identifier: Apache-2.0
// Passkeys with the PRF extension of WebAuthn, as a way to unlock.
import type { Prf } from './age/keys.js';
import { base64url, type Bytes, concat, fromBase64url, randomBytes } from './codec/bytes.js';
import { CoreError } from './types.js';

const NO_PRF = 'this browser or key has no passkeys that can unlock data';

interface PrfResults {
  prf?: { enabled?: boolean; results?: { first: BufferSource | number[]; second?: BufferSource | number[] } };
}
function failure(e: unknown): CoreError {
  const name = e instanceof DOMException ? e.name : '';
  if (e instanceof CoreError) return e;
  if (name === 'NotAllowedError' || name === 'AbortError') return new CoreError('E_CANCELLED', 'the passkey was not used', { cause: e });
  return new CoreError('E_UNSUPPORTED', NO_PRF, { cause: e });
}
export async function passkeysSupported(): Promise<boolean> {
  if (typeof PublicKeyCredential === 'undefined') return false;
  const caps = await (PublicKeyCredential as { getClientCapabilities?: () => Promise<Record<string, boolean>> }).getClientCapabilities?.();
  return caps?.['extension:prf'] ?? true;
}
/** Makes a passkey; its credential id. */
export async function passkeyCreate(userLabel: string): Promise<string> {
  try {
    const cred = (await navigator.credentials.create({
      publicKey: {
        rp: { name: 'Health records' },
        user: { name: userLabel, displayName: userLabel, id: randomBytes(16) },
        pubKeyCredParams: [{ type: 'public-key', alg: -8 }, { type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
        authenticatorSelection: { requireResidentKey: true, residentKey: 'required', userVerification: 'required' },
        extensions: { prf: {} } as AuthenticationExtensionsClientInputs,
        challenge: randomBytes(16),
      },
    })) as PublicKeyCredential | null;
    if (!(cred?.getClientExtensionResults() as PrfResults | undefined)?.prf?.enabled) throw new CoreError('E_UNSUPPORTED', NO_PRF);
    return base64url(new Uint8Array(cred!.rawId));
  } catch (e) {
    throw failure(e);
  }
}
function bytesOf(v: BufferSource | number[] | undefined): Bytes {
  if (v === undefined) throw new CoreError('E_UNSUPPORTED', NO_PRF);
  if (Array.isArray(v)) return Uint8Array.from(v); // a password manager that answers with numbers
  return v instanceof ArrayBuffer ? new Uint8Array(v.slice(0)) : new Uint8Array(v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength) as ArrayBuffer);
}
/** Asks the platform: the person touches or looks. */
export function passkeyPrf(credentialId: string): Prf {
  return async (first, second) => {
    try {
      const got = (await navigator.credentials.get({
        publicKey: {
          allowCredentials: [{ type: 'public-key', id: fromBase64url(credentialId) }],
          challenge: randomBytes(16),
          userVerification: 'required',
          extensions: { prf: { eval: { first, second } } } as AuthenticationExtensionsClientInputs,
        },
      })) as PublicKeyCredential | null;
      const r = (got?.getClientExtensionResults() as PrfResults | undefined)?.prf?.results;
      return concat(bytesOf(r?.first), bytesOf(r?.second));
    } catch (e) {
      throw failure(e);
    }
  };
}

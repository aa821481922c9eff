// SPDX-License-Identifier: Apache-2.0
// The Worker of one scrypt.
import { scrypt } from '@noble/hashes/scrypt.js';
import { type Bytes, wipe } from './codec/bytes.js';
import { noble, type ScryptAnswer, type ScryptOrder } from './crypto/scrypt.js';

const scope = self as unknown as { onmessage: ((e: MessageEvent<ScryptOrder>) => void) | null; postMessage(m: ScryptAnswer): void };

/** Every hundredth part is told. */
function teller(): (part: number) => void {
  let told = 0;
  return (part) => {
    if (part - told < 0.01) return;
    told = part;
    scope.postMessage({ part });
  };
}
scope.onmessage = ({ data: s }) => {
  try {
    const key = scrypt(s.passphrase, s.salt, { ...noble(s), onProgress: teller() }) as Bytes;
    scope.postMessage({ key });
    wipe(key);
  } catch (e) {
    scope.postMessage({ failed: e instanceof Error ? e.message : String(e) });
  } finally {
    wipe(s.passphrase);
  }
};

// SPDX-License-Identifier: Apache-2.0
// The identity: a random root, the keys derived from it, and the forms it is kept in (docs/formats.md, section 2).
import { ageOpen, ageSealWith } from '../age/file.js';
import { AgeIdentity, type Opener } from '../age/keys.js';
import type { Stanza } from '../age/header.js';
import { beBytes, bytesEqual, type Bytes, concat, fromHex, randomBytes, toHex, utf8, wipe } from '../codec/bytes.js';
import { bech32Decode, bech32Encode } from '../codec/bech32.js';
import { type Net, netBytes } from '../codec/domain.js';
import { Members } from '../codec/text.js';
import { hkdfSha256, sha256Now } from '../crypto/kdf.js';
import { scalarOf } from '../crypto/secp.js';
import { CoreError, type Identity } from '../types.js';

const SALT = utf8('ehrd/v1');
const IDENTITY_MAX = 4096;

/** K(label, ctx, n) */
export function derive(root: Uint8Array, label: string, ctx: Uint8Array, n: number): Bytes {
  return hkdfSha256(root, SALT, concat(utf8(label), Uint8Array.of(0), ctx), n);
}
function scalar(root: Uint8Array, label: string, ctx: Uint8Array): Bytes {
  const wide = derive(root, label, ctx, 48);
  const out = scalarOf(wide);
  wipe(wide);
  return out;
}

export interface IdentityOrigin extends Net {
  node: string;
}

/** Secret. Keys that are handed out belong to the caller, who wipes them. */
export class OpenIdentity implements Identity {
  readonly kind = 'identity';
  isLocked = false;
  constructor(
    private readonly root: Uint8Array,
    readonly origin: IdentityOrigin,
    readonly accountKind: 'page' | 'wallet',
  ) {}
  static create(origin: IdentityOrigin, accountKind: 'page' | 'wallet'): OpenIdentity {
    return new OpenIdentity(randomBytes(32), origin, accountKind);
  }
  private secret(): Uint8Array {
    if (this.isLocked) throw new CoreError('E_LOCKED', 'locked');
    return this.root;
  }
  ageSecret(generation: number): Bytes {
    return derive(this.secret(), 'age', beBytes(generation, 4), 32);
  }
  age(generation = 0): Promise<AgeIdentity> {
    return AgeIdentity.of(this.ageSecret(generation));
  }
  key(label: 'spend' | 'view' | 'cert' | 'account'): Bytes {
    return scalar(this.secret(), label, netBytes(this.origin));
  }
  ownerKey(i: number): Bytes {
    return scalar(this.secret(), 'owner', concat(netBytes(this.origin), beBytes(i, 4)));
  }
  /** What the owner state is authenticated with; the caller wipes it. */
  stateKey(): Bytes {
    return derive(this.secret(), 'state', netBytes(this.origin), 32);
  }
  /** Keys of what the page keeps on a device; the owner wipes them. */
  local(label: 'page-local' | 'page-local-name'): Bytes {
    return derive(this.secret(), label, netBytes(this.origin), 32);
  }
  /** The identity as an age file; stanza seals its file key. */
  async seal(stanza: (fileKey: Uint8Array) => Promise<Stanza>): Promise<Bytes> {
    const o = this.origin;
    const text = JSON.stringify({
      ehrd: 'identity/v1', root: toHex(this.secret()), chainId: String(o.chainId), proxy: o.proxy, node: o.node,
    });
    const plain = utf8(text);
    const out = await ageSealWith(plain, stanza);
    wipe(plain);
    return out;
  }
  recoveryCode(): string {
    const flags = this.accountKind === 'page' ? 1 : 0;
    const bytes = concat(Uint8Array.of(1, flags), this.secret(), sha256Now(netBytes(this.origin)).subarray(0, 4));
    const text = bech32Encode('ehr-recovery-', bytes).toUpperCase();
    wipe(bytes);
    return text;
  }
  isSameAs(other: OpenIdentity): boolean {
    return bytesEqual(this.secret(), other.secret());
  }
  lock(): void {
    wipe(this.root);
    this.isLocked = true;
  }
}

/** accountKind of a file is not in it: a wallet's identity is told apart by the profile that names its wallet. */
export async function identityOpen(file: Uint8Array, opener: Opener, accountKind: 'page' | 'wallet'): Promise<OpenIdentity> {
  if (file.length > IDENTITY_MAX) throw new CoreError('E_TOO_LONG', 'identity file: too long');
  const plain = await ageOpen(file, opener);
  try {
    const m = Members.parse(plain, 'identity file', IDENTITY_MAX).tag('identity/v1');
    const chainId = m.str('chainId');
    if (!/^(0|[1-9]\d{0,19})$/.test(chainId)) m.fail('chainId');
    return new OpenIdentity(fromHex(m.str('root'), 32), { chainId: BigInt(chainId), proxy: m.address('proxy'), node: m.str('node') }, accountKind);
  } finally {
    wipe(plain);
  }
}

/** Either case, white space anywhere. E_SYNTAX (a character is wrong) | E_MISMATCH (another registry). */
export function recoveryOpen(text: string, net: Net, node: string): OpenIdentity {
  if (text.length > 1024) throw new CoreError('E_TOO_LONG', 'recovery code: too long');
  const b = bech32Decode(text.replace(/[ \t\r\n]/g, ''), 'ehr-recovery-');
  if (b.length !== 38) throw new CoreError('E_SYNTAX', 'recovery code: length');
  if (b[0] !== 1 || (b[1]! & ~1) !== 0) throw new CoreError('E_UNSUPPORTED', 'recovery code: made by a newer program');
  if (!bytesEqual(b.subarray(34), sha256Now(netBytes(net)).subarray(0, 4)))
    throw new CoreError('E_MISMATCH', 'recovery code: it belongs to another registry');
  const kind = b[1]! & 1 ? 'page' : 'wallet';
  const root = b.slice(2, 34);
  wipe(b);
  return new OpenIdentity(root, { ...net, node }, kind);
}

// SPDX-License-Identifier: Apache-2.0
// Making identities, and the ways to unlock them.
import { passkeyOpener, passphraseOpener, stanzaForPasskey, stanzaForPassphrase } from './age/keys.js';
import type { Identities } from './api.js';
import { wipe } from './codec/bytes.js';
import { addressOf } from './crypto/secp.js';
import { identityOpen, OpenIdentity, recoveryOpen } from './formats/identity.js';
import { passkeyCreate, passkeyPrf, passkeysSupported } from './passkey.js';
import { CoreError, type Identity, type NodeInfo, type Way } from './types.js';

export function opened(id: Identity): OpenIdentity {
  if (!(id instanceof OpenIdentity)) throw new CoreError('E_INTERNAL', 'not an identity of this core');
  return id;
}
function now(): number {
  return Math.floor(Date.now() / 1000);
}
/** As people write it down. */
function groupsOf(text: string): string[] {
  return text.match(/.{1,5}/g) ?? [];
}

export const theIdentities: Identities = {
  async create(node: NodeInfo, accountKind) {
    return OpenIdentity.create({ chainId: node.chainId, proxy: node.proxy, node: node.origin }, accountKind);
  },
  accountOf(id) {
    if (id.accountKind === 'wallet') return null;
    const key = opened(id).key('account');
    const out = addressOf(key);
    wipe(key);
    return out;
  },
  async addPassphrase(id, name, passphrase, o) {
    if (passphrase.length < 8) throw new CoreError('E_RANGE', 'a passphrase has 8 characters or more');
    const file = await opened(id).seal((fileKey) => stanzaForPassphrase(passphrase, fileKey, undefined, o));
    return { kind: 'passphrase', name, created: now(), file };
  },
  async addPasskey(id, name, userLabel) {
    const credentialId = await passkeyCreate(userLabel);
    const file = await opened(id).seal((fileKey) => stanzaForPasskey(passkeyPrf(credentialId), fileKey));
    return { kind: 'passkey', name, created: now(), file, credentialId };
  },
  passkeysSupported,
  recoveryCode(id) {
    const text = opened(id).recoveryCode();
    return { text, groups: groupsOf(text), way: { kind: 'recovery', name: 'recovery code', created: now(), file: null } };
  },
  unlockPassphrase: (file, passphrase, o) => identityOpen(file, passphraseOpener(passphrase, o), o?.accountKind ?? 'page'),
  async unlockPasskey(way: Way, accountKind = 'page') {
    if (way.file === null || way.credentialId === undefined) throw new CoreError('E_RANGE', 'this way is no passkey');
    return identityOpen(way.file, passkeyOpener(passkeyPrf(way.credentialId)), accountKind);
  },
  async unlockRecovery(text, node) {
    return recoveryOpen(text, { chainId: node.chainId, proxy: node.proxy }, node.origin);
  },
  isSame: (a, b) => opened(a).isSameAs(opened(b)),
};

// SPDX-License-Identifier: Apache-2.0
// The page's core: everything but the screens. No framework, no DOM but fetch, Worker, IndexedDB and WebAuthn.
//
//   const node = await connect(location.origin);
//   const identity = await identities().unlockPassphrase(file, passphrase);
//   const session = await openSession({ node, identity });
//   for await (const page of session.list(folderId)) show(page);
import type { Identities, Node } from './api.js';
import { theIdentities } from './identities.js';
import { NodeClient } from './net/node.js';
import { indexedProfiles } from './profiles.js';
import type { ProfileStore } from './types.js';

export * from './types.js';
export type * from './api.js';
export { openSession } from './session.js';
export { authorityForget } from './authority.js';
export { connectWallet, discoverWallets } from './wallet.js';
export { unlockKeyFile } from './keyfile.js';
export { useSealWorker } from './flows/seal-worker.js';
export { useScryptWorker } from './crypto/scrypt.js';
export { decodeCall } from './chain/registry.js';
export { forgetLocal } from './local.js';
export { CATEGORIES } from './formats/meta.js';

/** Ask a node who it is; keeps an eye on whether it can be reached. E_AWAY. */
export async function connect(url: string, fetchOf?: typeof fetch): Promise<Node> {
  const n = new NodeClient(url.replace(/\/$/, ''), fetchOf);
  await n.refresh();
  return n;
}
export function identities(): Identities {
  return theIdentities;
}
/** Profiles of this device, in IndexedDB. */
export function profileStore(): ProfileStore {
  return indexedProfiles;
}

// ---- FHIR text -----------------------------------------------------------------------------------
export { JsonNumber, parseJson, writeJson, type JsonObject, type JsonValue } from './codec/json.js';

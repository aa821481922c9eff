// SPDX-License-Identifier: Apache-2.0
// The page's core: everything but the screens. No framework, no DOM but fetch, Worker, IndexedDB and WebAuthn.
//
//   const node = await connect(location.origin);
//   const identity = await identities().unlockPassphrase(file, passphrase);
//   const session = await openSession({ node, identity });
//   for await (const page of session.list(folderId)) show(page);
import type { Identities, Node, Session, SessionConfig } from './api.js';
import { CoreError, type NodeInfo, type ProfileStore, type Wallet, type WalletSigner } from './types.js';

export * from './types.js';
export type * from './api.js';

const soon = (what: string): never => {
  throw new CoreError('E_UNSUPPORTED', `${what} is not there yet`);
};

/** Ask a node who it is; keeps an eye on whether it can be reached. */
export async function connect(_url: string): Promise<Node> {
  return soon('connect');
}
export function identities(): Identities {
  return soon('identities');
}
export async function openSession(_config: SessionConfig): Promise<Session> {
  return soon('openSession');
}
/** Profiles of this device, in IndexedDB. */
export function profileStore(): ProfileStore {
  return soon('profileStore');
}

/** Wallets that announce themselves (EIP-6963), now and later. Returns the unsubscriber. */
export function discoverWallets(_onFound: (w: Wallet) => void): () => void {
  return soon('discoverWallets');
}
/**
 * Ask a wallet for an account and bring it to the node's chain (added when it is unknown: 4902). rpcUrl: what the wallet is told.
 * E_REFUSED (4001) | E_WALLET (locked, no account).
 */
export async function connectWallet(_wallet: Wallet, _node: NodeInfo, _rpcUrl: string): Promise<WalletSigner> {
  return soon('connectWallet');
}

// ---- FHIR text -----------------------------------------------------------------------------------
export { JsonNumber, parseJson, writeJson, type JsonObject, type JsonValue } from './codec/json.js';

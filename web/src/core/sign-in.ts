// SPDX-License-Identifier: Apache-2.0
// Signing in by ERC-4361 with a wallet (docs/formats.md section 13): after it the wallet is not asked for each account matter.
import { keccak } from './codec/abi.js';
import { toHex, utf8 } from './codec/bytes.js';
import type { NodeClient } from './net/node.js';
import { type Address, CoreError, type NodeInfo, type WalletSigner } from './types.js';

export const STATEMENT = 'Sign in to your health records. This shares nothing and pays nothing.';

/** With the capitals of EIP-55. */
export function checksummed(address: Address): string {
  const digits = address.slice(2).toLowerCase();
  const hash = toHex(keccak(utf8(digits))).slice(2);
  return `0x${[...digits].map((c, i) => (parseInt(hash[i]!, 16) >= 8 ? c.toUpperCase() : c)).join('')}`;
}
export function signInMessage(info: Pick<NodeInfo, 'origin' | 'chainId'>, account: Address, nonce: string, issued: number): string {
  const domain = info.origin.replace(/^[a-z]+:\/\//, '');
  return [
    `${domain} wants you to sign in with your Ethereum account:`, checksummed(account), '', STATEMENT, '',
    `URI: ${info.origin}/`, 'Version: 1', `Chain ID: ${info.chainId}`, `Nonce: ${nonce}`, `Issued At: ${new Date(issued * 1000).toISOString()}`,
  ].join('\n');
}
export async function signIn(node: NodeClient, signer: WalletSigner): Promise<void> {
  const { http, info } = node;
  const told = await http.members({ method: 'GET', target: '/api/v1/session/nonce' }, 'nonce', 1024);
  const nonce = told.str('nonce');
  if (!/^[0-9a-zA-Z]{8,128}$/.test(nonce)) throw new CoreError('E_SYNTAX', 'nonce: letters and digits are needed');
  const message = signInMessage(info, signer.address, nonce, http.now());
  const body = utf8(JSON.stringify({ message, signature: await signer.signMessage(message) }));
  const got = await http.members({ method: 'POST', target: '/api/v1/session', body, type: 'application/json', cookie: true }, 'session', 1024);
  if (got.address('account') !== signer.address) throw new CoreError('E_MISMATCH', 'the node signed in another account');
  http.sessionOf = signer.address;
}
/** Never fails: a session that cannot be ended ends by itself. */
export async function signOut(node: NodeClient): Promise<void> {
  if (node.http.sessionOf === null) return;
  node.http.sessionOf = null;
  await node.http.none({ method: 'DELETE', target: '/api/v1/session', cookie: true }).catch(() => undefined);
}

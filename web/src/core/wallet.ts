// SPDX-License-Identifier: Apache-2.0
// Wallets: discovery by EIP-6963, requests by EIP-1193, the chain brought to the node's.
import { hexOf, toHex, utf8 } from './codec/bytes.js';
import { type Address, CoreError, type Eip1193, type Hex, type NodeInfo, type TypedData, type Wallet, type WalletSigner } from './types.js';

interface Announced {
  info: { rdns: string; name: string; icon: string; uuid: string };
  provider: Eip1193;
}
export function discoverWallets(onFound: (w: Wallet) => void): () => void {
  const seen = new Set<string>();
  const listener = (e: Event): void => {
    const d = (e as CustomEvent<Announced>).detail;
    if (!d?.info?.uuid || seen.has(d.info.uuid) || typeof d.provider?.request !== 'function') return;
    seen.add(d.info.uuid);
    const icon = /^data:image\//.test(d.info.icon) ? d.info.icon : '';
    onFound({ rdns: String(d.info.rdns), name: String(d.info.name).slice(0, 100), icon, uuid: d.info.uuid, provider: d.provider });
  };
  window.addEventListener('eip6963:announceProvider', listener);
  window.dispatchEvent(new Event('eip6963:requestProvider'));
  return () => window.removeEventListener('eip6963:announceProvider', listener);
}

function codeOf(e: unknown): number {
  const x = e as { code?: unknown; data?: { originalError?: { code?: unknown } } };
  return Number(x?.data?.originalError?.code ?? x?.code ?? 0);
}
/** What wallets refuse with, in our codes. */
function walletError(e: unknown): CoreError {
  if (e instanceof CoreError) return e;
  const code = codeOf(e);
  if (code === 4001) return new CoreError('E_REFUSED', 'refused in the wallet', { cause: e });
  if (code === 4900 || code === 4901) return new CoreError('E_AWAY', 'the wallet is not connected to the network', { cause: e });
  if (code === 4100 || code === -32002) return new CoreError('E_WALLET', 'the wallet is locked or waits for an answer in its own window', { cause: e });
  return new CoreError('E_WALLET', `the wallet says: ${e instanceof Error ? e.message.slice(0, 200) : 'no'}`, { cause: e });
}
async function ask<T>(w: Wallet, method: string, params?: unknown): Promise<T> {
  try {
    return (await w.provider.request(params === undefined ? { method } : { method, params })) as T;
  } catch (e) {
    throw walletError(e);
  }
}
async function ensureChain(w: Wallet, node: NodeInfo, rpcUrl: string): Promise<void> {
  const chainId: Hex = `0x${node.chainId.toString(16)}`;
  if (BigInt(await ask<string>(w, 'eth_chainId')) === node.chainId) return;
  try {
    await w.provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId }] });
  } catch (e) {
    if (codeOf(e) !== 4902) throw walletError(e);
    const chain = { chainId, chainName: `Health records (${node.chainId})`, rpcUrls: [rpcUrl], nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 } };
    await ask(w, 'wallet_addEthereumChain', [chain]);
    await ask(w, 'wallet_switchEthereumChain', [{ chainId }]);
  }
  if (BigInt(await ask<string>(w, 'eth_chainId')) !== node.chainId) throw new CoreError('E_WALLET', 'the wallet stayed on another network');
}
/** For eth_signTypedData_v4: numbers as decimal strings, the domain's type named. */
export function typedDataJson(t: TypedData): string {
  const domainType = [
    { name: 'name', type: 'string' }, { name: 'version', type: 'string' }, { name: 'chainId', type: 'uint256' },
    { name: 'verifyingContract', type: 'address' },
  ];
  const plain = (_k: string, v: unknown): unknown => (typeof v === 'bigint' ? v.toString() : v instanceof Uint8Array ? toHex(v) : v);
  return JSON.stringify({ types: { EIP712Domain: domainType, ...t.types }, primaryType: t.primaryType, domain: t.domain, message: t.message }, plain);
}
async function accountNow(w: Wallet): Promise<Address | null> {
  const [first] = await ask<string[]>(w, 'eth_accounts');
  return first === undefined ? null : hexOf(first, 20);
}
function normalized(signature: string): Hex {
  const b = hexOf(signature, 65);
  const v = parseInt(b.slice(-2), 16);
  return v < 27 ? (`${b.slice(0, -2)}${(v + 27).toString(16)}` as Hex) : b;
}

export async function connectWallet(w: Wallet, node: NodeInfo, rpcUrl: string): Promise<WalletSigner> {
  const accounts = await ask<string[]>(w, 'eth_requestAccounts');
  if (accounts.length === 0) throw new CoreError('E_WALLET', 'the wallet shows no account');
  const address = hexOf(accounts[0], 20);
  await ensureChain(w, node, rpcUrl);
  const still = async (): Promise<void> => {
    if ((await accountNow(w)) !== address) throw new CoreError('E_WALLET', 'the wallet is locked or shows another account');
  };
  return {
    kind: 'wallet', wallet: w, address,
    async signTypedData(t) {
      await still();
      await ensureChain(w, node, rpcUrl);
      return normalized(await ask<string>(w, 'eth_signTypedData_v4', [address, typedDataJson(t)]));
    },
    async sendTransaction(to, data) {
      await still();
      await ensureChain(w, node, rpcUrl);
      return hexOf(await ask<string>(w, 'eth_sendTransaction', [{ from: address, to, data }]), 32);
    },
    async signMessage(text) {
      await still();
      return normalized(await ask<string>(w, 'personal_sign', [toHex(utf8(text)), address]));
    },
    onChange: (listener) => watch(w, node, address, listener),
  };
}
function watch(w: Wallet, node: NodeInfo, address: Address, listener: (what: 'account' | 'chain' | 'gone') => void): () => void {
  const accounts = (list: unknown): void => {
    if (String((list as string[])[0] ?? '').toLowerCase() !== address) listener('account');
  };
  const chain = (id: unknown): void => {
    if (BigInt(String(id)) !== node.chainId) listener('chain');
  };
  const gone = (): void => listener('gone');
  const events = [['accountsChanged', accounts], ['chainChanged', chain], ['disconnect', gone]] as const;
  for (const [name, f] of events) w.provider.on?.(name, f);
  return () => {
    for (const [name, f] of events) w.provider.removeListener?.(name, f);
  };
}

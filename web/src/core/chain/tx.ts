// SPDX-License-Identifier: Apache-2.0
// Transactions of registrars, who pay for their own: EIP-1559, signed here or in the wallet, then waited for.
import { keccak } from '../codec/abi.js';
import { concat, fromHex, toHex } from '../codec/bytes.js';
import { rlpEncode, rlpInt, type RlpItem } from '../codec/rlp.js';
import { KeySigner } from '../crypto/secp.js';
import type { NodeClient } from '../net/node.js';
import { type Address, CoreError, type Hash, type Hex, type Sent, type Signer, type WalletSigner } from '../types.js';

const WAIT_MS = 60_000;
/** Wei that one transaction may cost at most: fees are what the node says. One ether, as `ehr --max-cost`. */
export const COST_MAX = 10n ** 18n;

interface Fees {
  nonce: bigint;
  gas: bigint;
  tip: bigint;
  max: bigint;
}
async function fees(node: NodeClient, from: Address, to: Address, data: Hex): Promise<Fees> {
  const [nonce, gas, block, tip] = await node.rpc.all<Hex | { baseFeePerGas?: Hex }>([
    { method: 'eth_getTransactionCount', params: [from, 'pending'] },
    { method: 'eth_estimateGas', params: [{ from, to, data }] },
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
    { method: 'eth_maxPriorityFeePerGas', params: [] },
  ]);
  const base = BigInt((block as { baseFeePerGas?: Hex }).baseFeePerGas ?? '0x0');
  const t = base === 0n ? 0n : BigInt(tip as Hex);
  const f = { nonce: BigInt(nonce as Hex), gas: (BigInt(gas as Hex) * 5n) / 4n, tip: t, max: base * 2n + t };
  if (f.gas * f.max > COST_MAX) throw new CoreError('E_COST', `not sent: ${f.gas} gas at up to ${f.max} wei each is more than one ether`);
  return f;
}
/** A signed transaction of type 2. */
export function txSign(key: KeySigner, chainId: bigint, to: Address, data: Uint8Array, f: Fees): Uint8Array {
  const fields: RlpItem[] = [rlpInt(chainId), rlpInt(f.nonce), rlpInt(f.tip), rlpInt(f.max), rlpInt(f.gas), fromHex(to), rlpInt(0), data, []];
  const type = Uint8Array.of(2);
  const sig = fromHex(key.signHash(keccak(concat(type, rlpEncode(fields)))));
  const number = (b: Uint8Array): Uint8Array => rlpInt(BigInt(toHex(b)));
  return concat(type, rlpEncode([...fields, rlpInt(sig[64]! - 27), number(sig.subarray(0, 32)), number(sig.subarray(32, 64))]));
}
async function submit(node: NodeClient, signer: Signer, to: Address, data: Uint8Array): Promise<Hash> {
  if (signer instanceof KeySigner) {
    const f = await fees(node, signer.address, to, toHex(data));
    return node.rpc.call<Hash>('eth_sendRawTransaction', [toHex(txSign(signer, node.info.chainId, to, data, f))]);
  }
  // The estimate tells why the contract refuses; wallets only say that it does.
  await node.rpc.call('eth_estimateGas', [{ from: signer.address, to, data: toHex(data) }]);
  return (signer as WalletSigner).sendTransaction(to, toHex(data));
}
/** E_REVERTED | E_REFUSED | E_COST | E_UNAVAILABLE (no ether) */
export async function sendTransaction(node: NodeClient, signer: Signer, to: Address, data: Uint8Array): Promise<Sent> {
  const tx = await submit(node, signer, to, data);
  for (const begin = Date.now(); Date.now() - begin < WAIT_MS; ) {
    const r = await node.rpc.call<{ status: Hex; blockNumber: Hex; gasUsed: Hex } | null>('eth_getTransactionReceipt', [tx]);
    if (r !== null) {
      if (BigInt(r.status) !== 1n) throw new CoreError('E_REVERTED', 'the call was mined, but the contract refused it');
      node.rpc.saw(Number(r.blockNumber));
      return { tx, block: Number(r.blockNumber), gasUsed: Number(r.gasUsed) };
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new CoreError('E_UNAVAILABLE', 'the transaction was sent and is not mined yet');
}

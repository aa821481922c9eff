// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { KeySigner } from '../crypto/secp.js';
import type { NodeClient } from '../net/node.js';
import type { Address } from '../types.js';
import { COST_MAX, sendTransaction } from './tx.js';

const to: Address = `0x${'11'.repeat(20)}`;
const key = new KeySigner(Uint8Array.from({ length: 32 }, () => 7));

/** A node that asks for these fees, and what it was sent. */
function node(gas: bigint, base: bigint, tip: bigint): { node: NodeClient; sent: string[] } {
  const sent: string[] = [];
  const hex = (n: bigint): string => `0x${n.toString(16)}`;
  const rpc = {
    all: () => Promise.resolve(['0x0', hex(gas), { baseFeePerGas: hex(base) }, hex(tip)]),
    call: (method: string, params: string[]) => {
      if (method === 'eth_sendRawTransaction') sent.push(params[0]!);
      return Promise.resolve(method === 'eth_sendRawTransaction' ? `0x${'aa'.repeat(32)}` : { status: '0x1', blockNumber: '0x5', gasUsed: hex(gas) });
    },
    saw: () => undefined,
  };
  return { node: { rpc, info: { chainId: 1n } } as unknown as NodeClient, sent };
}

describe("a registrar's transaction", () => {
  const send = (n: NodeClient) => sendTransaction(n, key, to, Uint8Array.of(1, 2, 3, 4));
  it('is sent up to a cost of one ether', async () => {
    const n = node(80_000n, 4_000_000_000_000n, 2_000_000_000_000n); // 100,000 gas at up to 10,000 gwei
    expect(100_000n * 10_000_000_000_000n).toBe(COST_MAX);
    await expect(send(n.node)).resolves.toMatchObject({ block: 5 });
    expect(n.sent).toHaveLength(1);
  });
  it.each([
    [80_000n, 4_000_000_000_000n, 2_000_000_000_001n],
    [80_000n, 10n ** 30n, 0n],
    [10n ** 15n, 1_000_000_000n, 0n],
  ])('is not signed where it may cost more: %d gas, %d, %d', async (gas, base, tip) => {
    const n = node(gas, base, tip);
    await expect(send(n.node)).rejects.toMatchObject({ code: 'E_COST' });
    expect(n.sent).toHaveLength(0);
  });
});

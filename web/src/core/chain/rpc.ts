// SPDX-License-Identifier: Apache-2.0
// Ethereum JSON-RPC by the node's /rpc, in batches.
import { sealCheck } from '../authority.js';
import { fromHex } from '../codec/bytes.js';
import { type Address, CoreError, type Hash, type Hex } from '../types.js';
import { contractErrorText } from './errors.js';
import { checkProof, type EthProof, headerHash, type ProvedAccount, type RpcBlock } from './trie.js';
import type { Log } from './registry.js';

export interface RpcCall {
  method: string;
  params: unknown[];
}
interface RpcReply {
  id: number;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}
export const BATCH = 64;
const HEAD_LOOKS = 9; // at a head that is older than one of before: two seconds
const HEAD_PAUSE_MS = 250;
export type Post = (body: string) => Promise<unknown>;

export interface ProvedBlock {
  number: number;
  hash: Hash;
  timestamp: number;
  stateRoot: Hash;
  /** Its hash is signed by the pinned authority. */
  vouched: boolean;
}

function failure(e: NonNullable<RpcReply['error']>): CoreError {
  const data = typeof e.data === 'string' && /^0x[0-9a-f]*$/i.test(e.data) ? (e.data as Hex) : null;
  if (e.code === 3 || data !== null) {
    const text = data === null ? '' : contractErrorText(fromHex(data));
    return new CoreError('E_REVERTED', `the contract refuses: ${text || e.message}`, { contract: text });
  }
  return new CoreError('E_UNAVAILABLE', `ledger: ${e.message}`);
}

export class Rpc {
  private id = 1;
  /** Whose signature every block must have; null: nobody's. */
  authority: { chainId: bigint; address: Address } | null = null;
  private seen = 0;
  constructor(private readonly post: Post, private readonly pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms))) {}

  /** The block was believed, or what was sent is in it: an older one is the head no more. */
  saw(number: number): void {
    this.seen = Math.max(this.seen, number);
  }

  /** Each call's result or its failure, in order. */
  async batch(calls: RpcCall[]): Promise<(unknown | CoreError)[]> {
    const out: (unknown | CoreError)[] = [];
    for (let i = 0; i < calls.length; i += BATCH) out.push(...(await this.some(calls.slice(i, i + BATCH))));
    return out;
  }
  private async some(calls: RpcCall[]): Promise<(unknown | CoreError)[]> {
    const first = this.id;
    const body = calls.map((c) => ({ jsonrpc: '2.0', id: this.id++, method: c.method, params: c.params }));
    const answer = await this.post(JSON.stringify(body.length === 1 ? body[0] : body));
    const list = (Array.isArray(answer) ? answer : [answer]) as RpcReply[];
    return calls.map((c, i) => {
      const r = list.find((x) => x?.id === first + i);
      if (r === undefined) return new CoreError('E_UNAVAILABLE', `ledger: no answer to ${c.method}`);
      return r.error !== undefined ? failure(r.error) : r.result;
    });
  }
  async call<T>(method: string, params: unknown[]): Promise<T> {
    const [r] = await this.batch([{ method, params }]);
    if (r instanceof CoreError) throw r;
    return r as T;
  }
  async all<T>(calls: RpcCall[]): Promise<T[]> {
    const list = await this.batch(calls);
    for (const r of list) if (r instanceof CoreError) throw r;
    return list as T[];
  }
  ethCall(to: Address, data: Hex, from?: Address): RpcCall {
    return { method: 'eth_call', params: [{ to, data, ...(from ? { from } : {}) }, 'latest'] };
  }

  /** A block by number whose hash was computed anew from its fields. E_AUTHORITY: not signed by the pinned authority. */
  async block(tag: Hex | 'latest'): Promise<ProvedBlock & { headerOk: boolean }> {
    const b = await this.call<RpcBlock | null>('eth_getBlockByNumber', [tag, false]);
    // Not E_NOT_FOUND: only a proved empty slot says that something is not there.
    if (b === null) throw new CoreError('E_UNAVAILABLE', 'ledger: no such block');
    const headerOk = headerHash(b) === b.hash.toLowerCase();
    const number = Number(b.number);
    if (headerOk && this.authority !== null) sealCheck(this.authority.chainId, this.authority.address, { ...b, number });
    return { number, hash: b.hash, timestamp: Number(b.timestamp), stateRoot: b.stateRoot, headerOk, vouched: this.authority !== null };
  }
  /** The head, not older than what was seen: one of several nodes may be behind for a moment. E_MISMATCH | E_HEAD_OLDER */
  private async head(): Promise<ProvedBlock> {
    const { seen } = this;
    for (let looks = 1; ; looks++) {
      const block = await this.block('latest');
      if (!block.headerOk) throw new CoreError('E_MISMATCH', 'block header: its hash is not the one that the ledger tells');
      if (block.number >= seen) return block;
      if (looks === HEAD_LOOKS) {
        const why = 'the node is behind, was set back to a backup, or hides what came since';
        throw new CoreError('E_HEAD_OLDER', `the node's head is block ${block.number}, after block ${seen} was seen: ${why}`);
      }
      await this.pause(HEAD_PAUSE_MS);
    }
  }
  /** Storage words proved against the head block, whose header is checked too. E_MISMATCH: the ledger lies. E_HEAD_OLDER: its head went back. */
  async prove(address: Address, keys: Hash[]): Promise<{ block: ProvedBlock; account: ProvedAccount }> {
    for (let tries = 0; ; tries++) {
      const block = await this.head();
      const tag = `0x${block.number.toString(16)}`;
      const p = await this.call<EthProof>('eth_getProof', [address, keys, tag]);
      try {
        const account = checkProof(p, block.stateRoot, address, keys);
        this.saw(block.number);
        return { block, account };
      } catch (e) {
        if (tries === 2) throw e; // an instant-sealing node may have answered for a newer state
      }
    }
  }
  logs(filter: { address: Address; topics: (Hash | Hash[] | null)[]; fromBlock: Hex; toBlock: Hex | 'latest' }): RpcCall {
    return { method: 'eth_getLogs', params: [filter] };
  }
}
export type { Log };

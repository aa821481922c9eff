// SPDX-License-Identifier: Apache-2.0
// One node: who it is, whether it can be reached, and what its chain says.
import { AbiReader, keccak } from '../codec/abi.js';
import { fromHex, toHex, utf8 } from '../codec/bytes.js';
import type { Net } from '../codec/domain.js';
import { Members } from '../codec/text.js';
import {
  accountSlot, cardSlot, type FolderRow, type GrantRow, folderSlots, grantSlot, readAccountWord, readCardWord, readFolderWords, readGrantWord,
  REGISTRAR_ROLE, SLOT_ADMIN, SLOT_IMPLEMENTATION, view,
} from '../chain/registry.js';
import { Rpc } from '../chain/rpc.js';
import type { ContractFacts, Node, NodeHealth } from '../api.js';
import { type AccountFacts, type Address, CoreError, type Hash, type Head, type Hex, type NodeInfo, type NodeState } from '../types.js';
import { type Fetch, Http } from './http.js';

const PROVED_AT_ONCE = 256; // slots of one proof
function wrong(what: string): never {
  throw new CoreError('E_MISMATCH', `slot of a ${what}: not one of this contract`);
}
const DAY_S = 86400;
function clockText(unix: number): string {
  return Number.isSafeInteger(unix) && unix < 1e11 ? new Date(unix * 1000).toISOString() : String(unix);
}
/**
 * The later of two times that the node tells. E_CLOCK: a day or more from this device's clock. Nothing proves them, and it would be for
 * the node to say how long a signature is good, or whether a grant is over.
 */
export function timeOf(...told: number[]): number {
  const here = Math.floor(Date.now() / 1000);
  for (const t of told)
    if (!(t - here <= DAY_S)) throw new CoreError('E_CLOCK', `the node says that it is ${clockText(t)}, this device's clock ${clockText(here)}`);
  return Math.max(...told);
}
function headOf(m: Members): Head {
  return { number: m.num('number'), hash: m.hash('hash'), timestamp: m.num('timestamp') };
}
function infoOf(m: Members): NodeInfo {
  return {
    name: m.str('name'), version: m.str('version'), chainId: BigInt(m.str('chainId')), proxy: m.address('proxy'), forwarder: m.address('forwarder'),
    origin: m.str('origin'), nodeAddress: m.address('nodeAddress'),
    authority: m.has('authority') ? m.address('authority') : null, head: headOf(Members.of(m.v['head'], 'node: head')), time: m.num('time'),
    relationship: true,
  };
}

export class NodeClient implements Node {
  readonly http: Http;
  readonly rpc: Rpc;
  info!: NodeInfo;
  state: NodeState = 'online';
  private readonly listeners = new Set<(s: NodeState) => void>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    readonly url: string,
    fetchOf?: Fetch,
  ) {
    this.http = new Http(url, () => this.info.origin, () => this.net, fetchOf, (ok) => this.reached(ok));
    this.rpc = new Rpc(async (body) => {
      const b = await this.http.bytes({ method: 'POST', target: '/rpc', body: utf8(body), type: 'application/json' });
      return JSON.parse(new TextDecoder().decode(b)) as unknown;
    });
  }
  get net(): Net {
    return { chainId: this.info.chainId, proxy: this.info.proxy };
  }
  private set(s: NodeState): void {
    if (s === this.state) return;
    this.state = s;
    for (const f of this.listeners) f(s);
  }
  private reached(ok: boolean): void {
    if (ok) {
      if (this.state === 'away') this.set('online');
      return;
    }
    this.set('away');
    this.watch();
  }
  /** While it is away, ask every few seconds. */
  private watch(): void {
    if (this.timer !== null || this.listeners.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.refresh().catch(() => this.watch());
    }, 3000);
  }
  onState(listener: (s: NodeState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  async refresh(): Promise<NodeInfo> {
    const m = await this.http.members({ method: 'GET', target: '/api/v1/node', timeoutMs: 10_000 }, 'node');
    const info = infoOf(m);
    timeOf(info.time);
    this.info = info;
    this.http.skew = this.info.time - Math.floor(Date.now() / 1000);
    if (Math.abs(this.http.skew) < 2) this.http.skew = 0;
    return this.info;
  }

  // ---- the chain ----
  async ask(to: Address, data: Uint8Array): Promise<Uint8Array> {
    const c = this.rpc.ethCall(to, toHex(data));
    return fromHex(await this.rpc.call<Hex>(c.method, c.params));
  }
  /** The words under these keys, however many, proved against the head block. E_MISMATCH: the ledger lies. */
  private async words(keys: Hash[]): Promise<Uint8Array[]> {
    const out: Uint8Array[] = [];
    for (let at = 0; at < keys.length; at += PROVED_AT_ONCE)
      out.push(...(await this.rpc.prove(this.info.proxy, keys.slice(at, at + PROVED_AT_ONCE))).account.words);
    return out;
  }
  /** Null: the account has no card, which is proved, as a hash is. */
  async cardHash(account: Address): Promise<Hash | null> {
    return (await this.cardHashes([account]))[0]!;
  }
  async cardHashes(accounts: Address[]): Promise<(Hash | null)[]> {
    return (await this.words(accounts.map(cardSlot))).map(readCardWord);
  }
  /** Proved against the head block, as are grants. E_NOT_FOUND | E_MISMATCH: the ledger lies. */
  async folder(folderId: Hash): Promise<FolderRow> {
    const words = await this.words(folderSlots(folderId));
    const f = readFolderWords(words[0]!, words[1]!) ?? wrong('folder');
    if (f.status !== 1) throw new CoreError('E_NOT_FOUND', 'the chain has no such folder');
    return f;
  }
  async grant(folderId: Hash, holder: Address): Promise<GrantRow> {
    return (await this.grants(folderId, [holder]))[0]!;
  }
  /** Grants of the whole folder. */
  async grants(folderId: Hash, holders: Address[]): Promise<GrantRow[]> {
    const words = await this.words(holders.map((h) => grantSlot(folderId, h)));
    return words.map((word) => readGrantWord(word) ?? wrong('grant'));
  }
  async account(address: Address): Promise<AccountFacts> {
    return (await this.accounts([address]))[0]!;
  }
  /** Proved, but for isRegistrar, by which only the page's own buttons go. */
  async accounts(list: Address[]): Promise<AccountFacts[]> {
    const words = await this.words(list.flatMap((a) => [accountSlot(a), cardSlot(a)]));
    const roles = await this.rpc.all<Hex>(list.map((a) => this.rpc.ethCall(this.info.proxy, toHex(view('hasRole', [REGISTRAR_ROLE, a])))));
    const now = Math.max(this.http.now(), this.info.head.timestamp);
    return list.map((address, i) => {
      const row = readAccountWord(words[2 * i]!) ?? wrong('account');
      const over = row.status === 'active' && row.validUntil !== 0 && row.validUntil <= now;
      return {
        address, role: row.role, status: over ? 'expired' : row.status, validUntil: row.validUntil, keyCardHash: readCardWord(words[2 * i + 1]!),
        isRegistrar: new AbiReader(fromHex(roles[i]!), 'hasRole').num(0) === 1,
      };
    });
  }
  async contract(): Promise<ContractFacts> {
    const { proxy, forwarder } = this.info;
    const slot = (key: Hash) => ({ method: 'eth_getStorageAt', params: [proxy, key, 'latest'] });
    const [impl, admin] = (await this.rpc.all<Hex>([slot(SLOT_IMPLEMENTATION), slot(SLOT_ADMIN)])).map((w) => `0x${w.slice(-40)}` as Address);
    const [code, version, owner] = await this.rpc.all<Hex>([
      { method: 'eth_getCode', params: [impl, 'latest'] }, this.rpc.ethCall(proxy, toHex(view('version'))), this.rpc.ethCall(admin!, toHex(view('owner'))),
    ]);
    const bytes = fromHex(code!);
    return {
      proxy, forwarder, implementation: impl!, proxyAdmin: admin!, proxyAdminOwner: new AbiReader(fromHex(owner!), 'owner').address(0),
      version: new TextDecoder().decode(new AbiReader(fromHex(version!), 'version').dynamic(0)), codeHash: toHex(keccak(bytes)), codeBytes: bytes.length,
    };
  }
  async health(): Promise<NodeHealth> {
    const ready = await this.http.send({ method: 'GET', target: '/readyz', also: [503] });
    const m = Members.parse(new Uint8Array(await ready.arrayBuffer()), 'readyz', 65536);
    const text = new TextDecoder().decode(await this.http.bytes({ method: 'GET', target: '/metrics' }));
    const metrics: Record<string, number> = {};
    for (const [, name, v] of text.matchAll(/^([a-z_]+(?:\{[^}]*\})?) ([-\d.e+]+)$/gm)) metrics[name!] = Number(v);
    const info = await this.refresh();
    const reasons = ['ledger', 'index'].filter((k) => m.has(k) && m.v[k] !== 'ok').map((k) => `${k}: ${String(m.v[k])}`);
    const balance = /^ehrd_relayer_balance_wei (\d+)$/m.exec(text)?.[1]; // as text: more digits than a number holds
    return { ready: ready.status === 200, reasons, head: info.head, relayerBalance: balance ?? null, metrics };
  }
}

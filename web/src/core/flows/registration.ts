// SPDX-License-Identifier: Apache-2.0
// Asking to be registered, and the registrars' side: accounts and the contract.
import { AbiReader } from '../codec/abi.js';
import { fromHex, utf8 } from '../codec/bytes.js';
import { Members } from '../codec/text.js';
import { ACCOUNT_TOPIC, call, type Log, ROLES, upgradeAndCall, view } from '../chain/registry.js';
import type { AccountEntry, RegistrationRequest } from '../api.js';
import { type Address, CoreError, type FlowOptions, type Hex, type Role, type Sent } from '../types.js';
import type { Context } from './context.js';
import { toHex } from '../codec/bytes.js';

function requestOf(m: Members): RegistrationRequest {
  return {
    account: m.address('account'), name: m.plain('name', 200), role: m.str('role') as Role, contact: m.has('contact') ? m.plain('contact', 500) : '',
    received: m.num('received'),
  };
}
/** By the account's own key: it has no card yet. */
export async function askRegistration(c: Context, r: { name: string; role: Role; contact?: string }): Promise<void> {
  const body = utf8(JSON.stringify({ name: r.name, role: r.role, contact: r.contact ?? '' }));
  await c.node.http.none({ method: 'POST', target: '/api/v1/registrations', body, type: 'application/json', signer: c.signer });
}
export async function ownRegistration(c: Context): Promise<RegistrationRequest | null> {
  const r = await c.node.http.send({ method: 'GET', target: `/api/v1/registrations/${c.account}`, signer: c.signer, also: [404] });
  if (r.status === 404) return null;
  return requestOf(Members.parse(new Uint8Array(await r.arrayBuffer()), 'registration', 8192));
}
export async function registrations(c: Context): Promise<RegistrationRequest[]> {
  const m = await c.node.http.members({ method: 'GET', target: '/api/v1/registrations', signer: await c.accountSigner() }, 'registrations');
  return m.objects('requests').map(requestOf);
}
export async function endRegistration(c: Context, account: Address): Promise<void> {
  const signer = account === c.account ? c.signer : await c.accountSigner();
  await c.node.http.send({ method: 'DELETE', target: `/api/v1/registrations/${account}`, signer, also: [404] });
}

// ---- accounts ------------------------------------------------------------------------------------

export async function register(c: Context, account: Address, role: Role, validUntil: number, o: FlowOptions): Promise<Sent> {
  const sent = await c.transact(call('registerAccount', [account, ROLES.indexOf(role), validUntil]), o);
  await endRegistration(c, account).catch(() => undefined); // it ends by itself after 30 days
  return sent;
}
export function suspend(c: Context, account: Address, o: FlowOptions): Promise<Sent> {
  return c.transact(call('suspendAccount', [account]), o);
}
export function reinstate(c: Context, account: Address, o: FlowOptions): Promise<Sent> {
  return c.transact(call('reinstateAccount', [account]), o);
}
/** From the chain's events; names from the directory, and from the cards of others where they may be read. */
export async function accounts(c: Context): Promise<AccountEntry[]> {
  const filter = c.node.rpc.logs({ address: c.net.proxy, topics: [ACCOUNT_TOPIC], fromBlock: '0x0', toBlock: 'latest' });
  const logs = await c.node.rpc.call<Log[]>(filter.method, filter.params);
  const first = new Map<Address, number>();
  for (const l of logs) {
    const account = `0x${l.topics[1]!.slice(-40)}` as Address;
    if (!first.has(account)) first.set(account, Number(l.blockNumber));
  }
  const out: AccountEntry[] = [];
  for (const facts of await c.node.accounts([...first.keys()])) {
    const card = facts.keyCardHash === null ? null : await c.cardOf(facts.address).catch(() => null);
    out.push({ ...facts, name: card?.name ?? '', registeredBlock: first.get(facts.address)! });
  }
  return out;
}

// ---- upgrade -------------------------------------------------------------------------------------

export async function upgradeProposal(c: Context, implementation: Address, data: Hex = '0x'): Promise<{ to: Address; from: Address; data: Hex; forwarderUnchanged: boolean }> {
  const facts = await c.node.contract();
  const asked = await c.node.ask(implementation, view('isTrustedForwarder', [c.node.info.forwarder])).catch((e: unknown) => {
    throw new CoreError('E_SYNTAX', 'there is no registry at this address', { cause: e });
  });
  if (asked.length !== 32) throw new CoreError('E_SYNTAX', 'there is no registry at this address');
  const forwarderUnchanged = new AbiReader(asked, 'isTrustedForwarder').num(0) === 1;
  return { to: facts.proxyAdmin, from: facts.proxyAdminOwner, data: toHex(upgradeAndCall(facts.proxy, implementation, fromHex(data))), forwarderUnchanged };
}

// SPDX-License-Identifier: Apache-2.0
// The holders that an account has in a folder: one, unless something came in between. A change of its grant leaves one.
import type { GrantRow } from '../chain/registry.js';
import type { StateFolder, StateGrant } from '../formats/state.js';
import { type Address, CoreError, VIEW } from '../types.js';
import type { Context } from './context.js';

export const ACTIVE = 1;
export const REVOKED = 2;

/** A grant as the owner state and as the chain has it. */
export interface Held {
  g: StateGrant;
  row: GrantRow;
}
export function mayView(g: { permissions: number }): boolean {
  return (g.permissions & VIEW) !== 0;
}
async function rowsOf(c: Context, f: StateFolder, list: StateGrant[]): Promise<Held[]> {
  if (list.length === 0) return [];
  const rows = await c.node.grants(f.folderId, list.map((g) => g.holder));
  return list.map((g, i) => ({ g, row: rows[i]! }));
}
/** All that the state has of the account, the ended ones too: the chain says what is true. */
export function heldBy(c: Context, f: StateFolder, account: Address): Promise<Held[]> {
  return rowsOf(c, f, f.grants.filter((g) => g.account === account));
}
/** A holder that was made for the account, whose announcement was lost with the state: no note can tell the account that it is theirs. */
function isSilent(g: StateGrant): boolean {
  return g.ephemeral === undefined && g.holder !== g.account;
}
/** The one whose holder is kept: on the chain, or else begun. After a revoke there is a new one. */
export function changed(held: Held[]): StateGrant | undefined {
  const can = held.filter((h) => h.g.ended === 0 && h.row.status !== REVOKED && !isSilent(h.g));
  return (can.find((h) => h.row.status === ACTIVE) ?? can[0])?.g;
}
/** What ends with the change: what is active on the chain, and what the state takes for going on. */
export function othersOf(held: Held[], g: StateGrant): Held[] {
  return held.filter((h) => h.g.holder !== g.holder && (h.g.ended === 0 || h.row.status === ACTIVE));
}
/** After the change: noted in the state once the chain has ended them. E_CONFLICT: one came to the chain meanwhile. */
export async function heldEnd(c: Context, f: StateFolder, others: Held[]): Promise<void> {
  if (others.length === 0) return;
  const now = await rowsOf(c, f, others.map((h) => h.g));
  if (now.some((h) => h.row.status === ACTIVE)) throw new CoreError('E_CONFLICT', 'grant: another one of this account came to the chain meanwhile: change it once more');
  await c.changeState((s) => {
    for (const x of s.folders.find((y) => y.folderId === f.folderId)?.grants ?? [])
      if (x.ended === 0 && others.some((h) => h.g.holder === x.holder)) x.ended = c.now();
  });
}

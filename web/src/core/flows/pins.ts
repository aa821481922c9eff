// SPDX-License-Identifier: Apache-2.0
// Key cards are pinned at first use: the card by which somebody was shared with before is in the owner state, sealed, so the pin
// goes with the person from device to device. Another card may be a new key of the same person, or a thief's.
import { type Address, CoreError, type Hash } from '../types.js';
import type { OwnerState } from '../formats/state.js';

/** The card of the newest grant to this account in any folder, ended ones too. Null: never shared with. */
export function cardPinned(s: Pick<OwnerState, 'folders'>, account: Address): Hash | null {
  let newest: { issued: number; cardHash: Hash } | null = null;
  for (const f of s.folders)
    for (const g of f.grants) if (g.account === account && (newest === null || g.issued >= newest.issued)) newest = g;
  return newest?.cardHash ?? null;
}
/**
 * card: what the chain says now. shown: what the person looked at. compared: a changed card that the person compared with its
 * owner by another way, and said so. E_CARD_CHANGED: not the one that is known.
 */
export function cardHolds(s: Pick<OwnerState, 'folders'>, account: Address, card: Hash, o: { shown?: Hash | undefined; compared?: Hash | undefined }): void {
  const changed = (since: string): CoreError => new CoreError('E_CARD_CHANGED', `the key card has changed since it was ${since}: it is ${card} now`);
  if (o.shown !== undefined && o.shown !== card) throw changed('looked at');
  const pinned = cardPinned(s, account);
  if (pinned !== null && pinned !== card && o.compared !== card) throw changed('first seen');
}

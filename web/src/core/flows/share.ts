// SPDX-License-Identifier: Apache-2.0
// Granting, revoking, who has access.
import { call, type GrantRow, together, WHOLE_FOLDER } from '../chain/registry.js';
import { ageSeal } from '../age/file.js';
import { utf8 } from '../codec/bytes.js';
import { grantNoteObject, grantNoteTyped } from '../formats/signed.js';
import type { StateFolder, StateGrant } from '../formats/state.js';
import { stealthMake } from '../formats/stealth.js';
import {
  type Address, type CheckedCard, CoreError, type FlowOptions, type GrantOrder, type GrantView, type Hash, type RevokeReport, type Sent,
} from '../types.js';
import type { Context } from './context.js';
import { folderPath, nextEpoch, ownFolder, rewrap, wrapNow } from './folder.js';
import { readLog } from './log.js';
import { ACTIVE, changed, type Held, heldBy, heldEnd, mayView, othersOf, REVOKED } from './holders.js';
import { cardHolds } from './pins.js';

const DAYS_90 = 90 * 86400;
/** The person, or their wallet, said no before the call was on its way. */
const DECLINED = ['E_CANCELLED', 'E_REFUSED', 'E_WALLET'];

async function entryOf(c: Context, f: StateFolder, held: Held[], order: GrantOrder, card: CheckedCard): Promise<StateGrant> {
  const now = c.now();
  const notBefore = order.notBefore ?? now;
  const common = {
    account: order.account, name: order.name ?? card.name, cardHash: card.hash, recipient: card.ageRecipient, permissions: order.permissions, notBefore,
    notAfter: order.notAfter ?? notBefore + DAYS_90, ended: 0,
    issued: Math.max(now, ...held.map((h) => h.g.issued + 1)), // its note is the newest one, also within a second
  };
  if (f.index === undefined) return { holder: order.account, ...common };
  const old = changed(held);
  if (old === undefined) return { ...common, ...stealthMake(card.spend, card.view) };
  return { ...common, holder: old.holder, ...(old.ephemeral === undefined ? {} : { ephemeral: old.ephemeral, viewTag: old.viewTag! }) };
}
function entryPut(f: StateFolder, g: StateGrant): void {
  const i = f.grants.findIndex((x) => x.holder === g.holder);
  if (i < 0) f.grants.push(g);
  else f.grants[i] = g;
}
/**
 * The contract's calls; one that replaces comes with a revoke, so that no withheld grant of before can take its place. Whatever else the
 * chain has of the account ends with it, and the key with whatever may have been read by it.
 */
async function callsOf(c: Context, f: StateFolder, g: StateGrant, row: GrantRow, others: Held[]): Promise<{ calls: Uint8Array<ArrayBuffer>[]; rotates: boolean }> {
  const active = row.status === ACTIVE;
  const end = others.filter((h) => h.row.status === ACTIVE);
  const rotates = (active && mayView(row) && !mayView(g)) || end.some((h) => mayView(h.row));
  const calls = end.map((h) => call('revoke', [f.folderId, WHOLE_FOLDER, h.g.holder]));
  if (active) calls.push(call('revoke', [f.folderId, WHOLE_FOLDER, g.holder]));
  if (rotates) {
    const facts = await c.node.folder(f.folderId);
    const next = await nextEpoch(c, facts, f.folderId);
    calls.push(call('rotateFolder', [f.folderId, facts.epoch, next.keyHash]));
  }
  const generation = row.generation + (active ? 1 : 0);
  calls.push(call('grant', [f.folderId, WHOLE_FOLDER, g.holder, g.permissions, g.notBefore, g.notAfter, generation]));
  return { calls, rotates };
}
async function confirmGrant(c: Context, folderId: Hash, g: StateGrant): Promise<GrantRow> {
  const row = await c.node.grant(folderId, g.holder);
  const same = row.status === ACTIVE && row.permissions === g.permissions && row.notBefore === g.notBefore && row.notAfter === g.notAfter;
  if (!same) throw new CoreError('E_MISMATCH', 'grant: the chain does not hold it');
  return row;
}
async function noteSend(c: Context, f: StateFolder, g: StateGrant): Promise<void> {
  const mine = await c.cardOf(c.account);
  const n = {
    folderId: f.folderId, owner: f.owner, holder: g.holder, account: g.account, ownerAccount: c.account, ownerCardHash: mine.hash,
    ownerName: mine.name, folderName: f.name, permissions: g.permissions, notBefore: g.notBefore, notAfter: g.notAfter, issued: g.issued,
    ...(g.ephemeral === undefined ? {} : { ephemeral: g.ephemeral, viewTag: g.viewTag! }),
  };
  const t = grantNoteTyped(c.net, n);
  const ownerSignature = await c.actorOfFolder(f).signTypedData(t);
  const plain = utf8(JSON.stringify(grantNoteObject({ ...n, ownerSignature, certSignature: c.certKey().signNow(t) })));
  const body = await ageSeal(plain, g.recipient);
  await c.node.http.none({ method: 'POST', target: `/api/v1/inbox/${g.account}`, body, signer: await c.accountSigner() });
}
function viewOf(g: Pick<StateGrant, 'account' | 'name'> | undefined, holder: Address, row: GrantRow, at: { block: number; time: number }, now: number): GrantView {
  const status = row.status === REVOKED ? 'revoked' : now < row.notBefore ? 'not-yet' : now >= row.notAfter ? 'expired' : 'active';
  return {
    holder, account: g?.account ?? null, name: g?.name ?? '', permissions: row.permissions, notBefore: row.notBefore, notAfter: row.notAfter, status,
    generation: row.generation, ...at,
  };
}
/** What the order was made from. holders: of the account's grants then. */
interface Known {
  shown?: Hash | undefined;
  compared?: Hash | undefined;
  holders: Address[];
}
/** Kept before the chain is told. The entry that it takes the place of, if any. */
async function entryKeep(c: Context, folderId: Hash, g: StateGrant, known: Known): Promise<StateGrant | undefined> {
  let before: StateGrant | undefined;
  await c.changeState((s) => {
    cardHolds(s, g.account, g.cardHash, known); // on the newest state: another device may have pinned it
    const folder = s.folders.find((x) => x.folderId === folderId);
    if (folder === undefined) throw new CoreError('E_NOT_FOUND', 'not one of your folders');
    const isNew = folder.grants.some((x) => x.account === g.account && x.ended === 0 && !known.holders.includes(x.holder));
    if (isNew) throw new CoreError('E_CONFLICT', 'grant: another device has shared with this account meanwhile');
    before = folder.grants.find((x) => x.holder === g.holder);
    if (before?.ephemeral !== undefined && before.ended !== 0) throw new CoreError('E_CONFLICT', 'grant: another device has ended it meanwhile');
    entryPut(folder, g);
  });
  return before;
}
/** The entry of before, so that a card that was declined pins nothing. False: something newer is there. */
async function entryTakeBack(c: Context, folderId: Hash, g: StateGrant, before: StateGrant | undefined): Promise<boolean> {
  let isTaken = false;
  await c.changeState((s) => {
    const grants = s.folders.find((x) => x.folderId === folderId)?.grants ?? [];
    const i = grants.findIndex((x) => x.holder === g.holder && x.issued === g.issued && x.cardHash === g.cardHash);
    isTaken = i >= 0;
    if (isTaken) grants.splice(i, 1, ...(before === undefined ? [] : [before]));
  });
  return isTaken;
}
/** Whoever could read goes on by the card of before; nobody else keeps a wrap. */
async function wrapTakeBack(c: Context, folderId: Hash, g: StateGrant, before: StateGrant | undefined): Promise<void> {
  const f = await ownFolder(c, folderId);
  const row = await c.node.grant(folderId, g.holder);
  const isReader = row.status === ACTIVE && mayView(row);
  if (isReader && before?.recipient === g.recipient) return;
  if (!isReader || before === undefined) return wrapDelete(c, f, g.holder);
  await wrapNow(c, folderId, before).catch(() => wrapDelete(c, f, g.holder));
}
/** The wrap, then the call. When a wallet says no, all is as before. epoch: of the wrap; 0: there is none. */
async function grantSend(c: Context, folderId: Hash, g: StateGrant, before: StateGrant | undefined, one: Uint8Array, o: FlowOptions): Promise<{ sent: Sent; epoch: number }> {
  let epoch = 0;
  try {
    if (mayView(g)) epoch = await wrapNow(c, folderId, g);
    return { sent: await c.sendAsked(c.actorOfFolder(await ownFolder(c, folderId)), [one], o), epoch };
  } catch (e) {
    if (!(e instanceof CoreError) || !DECLINED.includes(e.code)) throw e; // it may have come to the chain
    const undo = async (): Promise<void> => {
      if ((await entryTakeBack(c, folderId, g, before)) && epoch > 0) await wrapTakeBack(c, folderId, g, before);
    };
    await undo().catch(() => undefined); // that they said no is what counts
    throw e;
  }
}
/**
 * Safe to repeat. E_CARD_CHANGED: the card is not the one that was seen, now or when it was shared with before. The person is asked
 * before anything is written: the entry pins the card, and the wrap has the keys.
 */
export async function grant(c: Context, folderId: Hash, order: GrantOrder, o: FlowOptions): Promise<GrantView> {
  const card = await c.cardOf(order.account);
  const f = await ownFolder(c, folderId);
  const held = await heldBy(c, f, order.account);
  const g = await entryOf(c, f, held, order, card);
  const others = othersOf(held, g);
  const known = { shown: order.pinnedCard, compared: order.comparedCard, holders: [...held.map((h) => h.g.holder), g.holder] };
  cardHolds(await c.state(), order.account, card.hash, known);
  const actor = c.actorOfFolder(f);
  await c.certify(actor);
  const { calls, rotates } = await callsOf(c, f, g, await c.node.grant(folderId, g.holder), others);
  const one = together(calls);
  await c.ask(actor, [one], o);
  const before = await entryKeep(c, folderId, g, known);
  const { sent, epoch } = await grantSend(c, folderId, g, before, one, o);
  const row = await confirmGrant(c, folderId, g);
  await heldEnd(c, f, others);
  await keysFollow(c, folderId, g, others, rotates ? 0 : epoch);
  await noteSend(c, await ownFolder(c, folderId), g);
  return viewOf(g, g.holder, row, { block: sent.block, time: c.now() }, c.now());
}
/** Who may view no more has no wrap; who may has the present key: another device may have made one since. epoch: what g's wrap is of; 0: all are made anew. */
async function keysFollow(c: Context, folderId: Hash, g: StateGrant, others: Held[], epoch: number): Promise<void> {
  const f = await ownFolder(c, folderId);
  for (const h of others) await wrapDelete(c, f, h.g.holder);
  if (!mayView(g)) await wrapDelete(c, f, g.holder);
  if (epoch === 0) await rewrap(c, folderId);
  else if ((await c.node.folder(folderId)).epoch !== epoch) await wrapNow(c, folderId, g);
}
async function wrapDelete(c: Context, f: StateFolder, holder: Address): Promise<void> {
  const target = folderPath(f.folderId, `/wraps/${holder}`);
  await c.node.http.send({ method: 'DELETE', target, signer: c.actorOfFolder(f), also: [404] });
}

async function revokeOnChain(c: Context, f: StateFolder, holder: Address, o: FlowOptions): Promise<Sent | null> {
  const row = await c.node.grant(f.folderId, holder);
  if (row.status === REVOKED) return null; // an earlier try came this far
  if (row.status !== ACTIVE) throw new CoreError('E_NOT_FOUND', 'nothing was ever shared with this holder');
  const facts = await c.node.folder(f.folderId);
  const next = await nextEpoch(c, facts, f.folderId);
  const calls = [call('revoke', [f.folderId, WHOLE_FOLDER, holder]), call('rotateFolder', [f.folderId, facts.epoch, next.keyHash])];
  const sent = await c.send(c.actorOfFolder(f), [together(calls)], o);
  if ((await c.node.grant(f.folderId, holder)).status !== REVOKED) throw new CoreError('E_MISMATCH', 'revoke: the chain does not hold it');
  return sent;
}
/** Revoke and rotate in one call, erase the wrap, the new key for those who stay. Safe to repeat. */
export async function revoke(c: Context, folderId: Hash, holder: Address, o: FlowOptions): Promise<RevokeReport> {
  const f = await ownFolder(c, folderId);
  await c.certify(c.actorOfFolder(f));
  const sent = await revokeOnChain(c, f, holder, o);
  await wrapDelete(c, f, holder);
  await c.changeState((s) => {
    const g = s.folders.find((x) => x.folderId === folderId)?.grants.find((x) => x.holder === holder);
    if (g !== undefined && g.ended === 0) g.ended = c.now();
  });
  const kept = await rewrap(c, folderId);
  const { epoch } = await c.node.folder(folderId);
  const log = await readLog(c, folderId).catch(() => null);
  const opened = (log?.entries ?? [])
    .filter((e) => e.who === holder && e.outcome === 'released' && ['envelope', 'body'].includes(e.action))
    .map((e) => ({ recordId: e.record, title: '', time: e.time }));
  return { sent, newEpoch: epoch, kept, opened, logChecked: log !== null && log.checks.every((x) => x.state !== 'failed') };
}

/** The node names the holders, the chain proves what each may do; the owner state names whom the node must not leave out. What was
 * begun and never came to the chain is in the state, too. E_MISMATCH: the list is not true. */
export async function grants(c: Context, folderId: Hash): Promise<GrantView[]> {
  const f = await ownFolder(c, folderId);
  const actor = c.actorOfFolder(f);
  await c.certify(actor);
  const m = await c.node.http.members({ method: 'GET', target: folderPath(folderId, '/grants'), signer: actor }, 'grants');
  const told = m.objects('grants').filter((g) => g.hash('scope') === WHOLE_FOLDER);
  const holders = told.map((g) => g.address('holder'));
  const besides = f.grants.filter((g) => !holders.includes(g.holder));
  const rows = await c.node.grants(folderId, [...holders, ...besides.map((g) => g.holder)]);
  for (const [i, g] of besides.entries()) {
    const row = rows[holders.length + i]!;
    if (row.status === ACTIVE && row.notAfter > c.now()) throw new CoreError('E_MISMATCH', `the node leaves out the grant of ${g.name}`);
  }
  const out: GrantView[] = [];
  for (const [i, g] of told.entries()) {
    const row = rows[i]!;
    if (row.status !== ACTIVE && row.status !== REVOKED) throw new CoreError('E_MISMATCH', 'the node names a grant that the chain does not have');
    const own = f.grants.find((x) => x.holder === holders[i]);
    const known = row.status === ACTIVE && own?.ended !== 0 ? undefined : own; // one that was ended and is there again is not ours
    const named = known && { account: known.account, name: await c.nameOf(known) };
    out.push(viewOf(named, holders[i]!, row, { block: g.num('block'), time: g.num('time') }, c.now()));
  }
  return out;
}

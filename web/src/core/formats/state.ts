// SPDX-License-Identifier: Apache-2.0
// Owner state: names, keys and grants of one's folders, and what others share (docs/formats.md, section 8).
import { AgeIdentity, recipientRead } from '../age/keys.js';
import type { JsonValue } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { type Address, CoreError, type Hash, type Hex } from '../types.js';
import { type GrantNote, grantNoteObject, grantNoteRead } from './signed.js';

export const STATE_MAX = 4 << 20;

export interface StateEpoch {
  epoch: number;
  identity: AgeIdentity;
  keyHash: Hash;
}
export interface StateGrant {
  holder: Address;
  account: Address;
  name: string;
  cardHash: Hash;
  recipient: string;
  permissions: number;
  notBefore: number;
  notAfter: number;
  issued: number;
  ephemeral?: Hex;
  viewTag?: number;
  ended: number;
}
export interface StateFolder {
  folderId: Hash;
  name: string;
  salt: Hash;
  owner: Address;
  /** Owner index; absent in wallet mode. */
  index?: number;
  epochs: StateEpoch[];
  grants: StateGrant[];
}
export interface StateRequest {
  id: Hash;
  request: string;
  received: number;
  answer: 'open' | 'accepted' | 'refused';
  answered: number;
}
export interface OwnerState {
  nextOwner: number;
  folders: StateFolder[];
  shared: GrantNote[];
  requests: StateRequest[];
  /** Notes of others that could not be read; the next version is without them. */
  unread: number;
}
export function stateEmpty(): OwnerState {
  return { nextOwner: 0, folders: [], shared: [], requests: [], unread: 0 };
}

function epochObject(e: StateEpoch): object {
  return { epoch: e.epoch, recipient: e.identity.recipient, identity: e.identity.text(), keyHash: e.keyHash };
}
function grantObject(g: StateGrant): object {
  return {
    holder: g.holder, account: g.account, name: g.name, cardHash: g.cardHash, recipient: g.recipient, permissions: g.permissions,
    notBefore: g.notBefore, notAfter: g.notAfter, ...(g.issued ? { issued: g.issued } : {}),
    ...(g.ephemeral === undefined ? {} : { ephemeral: g.ephemeral, viewTag: g.viewTag }), ...(g.ended ? { ended: g.ended } : {}),
  };
}
function folderObject(f: StateFolder): object {
  return {
    folderId: f.folderId, name: f.name, salt: f.salt, owner: f.owner, ...(f.index === undefined ? {} : { index: f.index }),
    epochs: f.epochs.map(epochObject), grants: f.grants.map(grantObject),
  };
}
export function stateWrite(s: OwnerState): string {
  return JSON.stringify({
    ehrd: 'owner-state/v1', ...(s.nextOwner ? { nextOwner: s.nextOwner } : {}), folders: s.folders.map(folderObject),
    shared: s.shared.map(grantNoteObject), ...(s.requests.length ? { requests: s.requests } : {}),
  });
}

async function epochRead(m: Members): Promise<StateEpoch> {
  const identity = await AgeIdentity.read(m.str('identity'));
  if (identity.recipient !== m.str('recipient')) m.fail('recipient', 'is not of the identity');
  return { epoch: m.num('epoch', 0xffffffff), identity, keyHash: m.hash('keyHash') };
}
function grantRead(m: Members): StateGrant {
  recipientRead(m.str('recipient'));
  return {
    holder: m.address('holder'), account: m.address('account'), name: m.plain('name', 200), cardHash: m.hash('cardHash'),
    recipient: m.str('recipient'), permissions: m.num('permissions', 255), notBefore: m.num('notBefore'), notAfter: m.num('notAfter'),
    issued: m.num('issued', undefined, 0), ended: m.num('ended', undefined, 0),
    ...(m.has('ephemeral') ? { ephemeral: m.hex('ephemeral', 33), viewTag: m.num('viewTag', 255) } : {}),
  };
}
async function folderRead(m: Members): Promise<StateFolder> {
  const epochs: StateEpoch[] = [];
  for (const e of m.objects('epochs')) epochs.push(await epochRead(e));
  return {
    folderId: m.hash('folderId'), name: m.plain('name', 200), salt: m.hash('salt'), owner: m.address('owner'),
    ...(m.has('index') ? { index: m.num('index', 0xffffffff) } : {}), epochs, grants: m.objects('grants').map(grantRead),
  };
}
function requestRead(m: Members): StateRequest {
  const answer = m.str('answer');
  if (answer !== 'open' && answer !== 'accepted' && answer !== 'refused') return m.fail('answer');
  return { id: m.hash('id'), request: m.str('request'), received: m.num('received'), answer, answered: m.num('answered', undefined, 0) };
}
/** Somebody else wrote them: one that cannot be read does not keep the others back. */
function sharedRead(list: JsonValue[]): { shared: GrantNote[]; unread: number } {
  const shared: GrantNote[] = [];
  for (const v of list) {
    try {
      shared.push(grantNoteRead(Members.of(v, 'grant note')));
    } catch (e) {
      if (!(e instanceof CoreError)) throw e;
    }
  }
  return { shared, unread: list.length - shared.length };
}
export async function stateRead(plain: Uint8Array): Promise<OwnerState> {
  const m = Members.parse(plain, 'owner state', STATE_MAX).tag('owner-state/v1');
  const folders: StateFolder[] = [];
  for (const f of m.objects('folders')) folders.push(await folderRead(f));
  return {
    nextOwner: m.num('nextOwner', 0xffffffff, 0), folders, ...sharedRead(m.list('shared')),
    requests: m.has('requests') ? m.objects('requests').map(requestRead) : [],
  };
}
/** The answered ones go first when there are more than 200. */
export function requestsTrim(list: StateRequest[]): StateRequest[] {
  const over = list.length - 200;
  if (over <= 0) return list;
  const drop = new Set(
    [...list].sort((a, b) => Number(a.answer === 'open') - Number(b.answer === 'open') || a.received - b.received).slice(0, over),
  );
  return list.filter((r) => !drop.has(r));
}

// SPDX-License-Identifier: Apache-2.0
// The inbox: grant notes that are believed go into the owner state; requests for access are shown.
import { ageOpen, ageSeal } from '../age/file.js';
import { utf8 } from '../codec/bytes.js';
import { Members } from '../codec/text.js';
import { isSignedBy } from '../crypto/secp.js';
import {
  type AccessAsk, askId, askRead, askText, askTyped, type GrantNote, grantNoteRead, grantNoteTyped, newNonce, NOTE_MAX,
} from '../formats/signed.js';
import { requestsTrim } from '../formats/state.js';
import { type AccessRequest, type Address, CoreError, type Hash } from '../types.js';
import type { Context } from './context.js';

const REVOKED = 2;
/** How far the owner's clock may be ahead. */
const EARLY_S = 86400;
const MISMATCH = (why: string): CoreError => new CoreError('E_MISMATCH', `grant note: ${why}`);

/** A grant, its end and a new one may fall into one second: the new one then has another holder, and the chain tells which is live. */
function isNewer(n: GrantNote, known: GrantNote): boolean {
  return n.issued > known.issued || (n.issued === known.issued && n.holder !== known.holder);
}
/** A note that is believed, and whether the chain says that its grant is live. */
interface Believed {
  note: GrantNote;
  live: boolean;
}
/** Of a folder that was not known, a live grant stands before a revoked one, whichever note is read first. */
function liveFirst(list: Believed[]): GrantNote[] {
  const live = new Set(list.filter((b) => b.live).map((b) => b.note.folderId));
  return list.filter((b) => b.live || !live.has(b.note.folderId)).map((b) => b.note);
}
/** Every rule of docs/formats.md, section 5, in its order. */
async function believe(c: Context, n: GrantNote): Promise<Believed> {
  if (n.account !== c.account) throw MISMATCH('for somebody else');
  if (n.ephemeral === undefined ? n.holder !== c.account : c.holderKey(n) === null) throw MISMATCH('the address is not of this identity');
  if (n.issued > c.now() + EARLY_S) throw MISMATCH('of a time that is to come');
  const known = (await c.state()).shared.find((x) => x.folderId === n.folderId);
  const facts = await c.node.folder(n.folderId);
  if (facts.owner !== n.owner || (known !== undefined && known.owner !== n.owner)) throw MISMATCH("not of the folder's owner");
  const card = await c.cardOf(n.ownerAccount);
  if (card.hash !== n.ownerCardHash || card.name !== n.ownerName) throw MISMATCH("of another key card than the owner's");
  const t = grantNoteTyped(c.net, n);
  if (!isSignedBy(t, n.ownerSignature, n.owner) || !isSignedBy(t, n.certSignature, card.certKey)) throw MISMATCH('not signed by the owner');
  const row = await c.node.grant(n.folderId, n.holder);
  if (row.status === 0) throw MISMATCH('the chain has no such grant');
  if (known !== undefined && (!isNewer(n, known) || row.status === REVOKED)) throw MISMATCH('an older one');
  return { note: n, live: row.status !== REVOKED };
}
export interface InboxResult {
  accepted: GrantNote[];
  requests: AccessRequest[];
  thrownAway: number;
  /** Shares of before whose note in the owner state cannot be read. */
  unread: number;
}
/** Who asks is active, its card is the one named, the signature is its own, it is not over. */
export async function askCheck(c: Context, a: AccessAsk): Promise<AccessRequest> {
  const facts = await c.node.account(a.account);
  if (facts.status !== 'active') throw new CoreError('E_FORBIDDEN', 'request: who asks is not registered');
  const card = await c.cardOf(a.account);
  if (card.hash !== a.cardHash) throw new CoreError('E_MISMATCH', 'request: of another key card');
  const t = askTyped(c.net, a);
  if (!isSignedBy(t, a.signature, a.account) && !isSignedBy(t, a.signature, card.certKey)) throw new CoreError('E_SIGNATURE', 'request: not signed by who it names');
  if (a.expires <= c.now()) throw new CoreError('E_EXPIRED', 'request: it is over');
  return {
    id: askId(c.net, a), account: a.account, cardHash: a.cardHash, name: card.name, role: card.role, folder: a.folder, purpose: a.purpose,
    permissions: a.permissions, duration: a.duration, expires: a.expires, received: c.now(), answer: 'open', text: askText(a),
  };
}
async function requestKeep(c: Context, r: AccessRequest): Promise<void> {
  if ((await c.state()).requests.some((x) => x.id === r.id)) return;
  await c.changeState((s) => {
    if (s.requests.some((x) => x.id === r.id)) return;
    s.requests.push({ id: r.id, request: r.text, received: r.received, answer: 'open', answered: 0 });
    s.requests = requestsTrim(s.requests);
  });
}
async function noteOpen(c: Context, id: Hash): Promise<Believed | AccessRequest> {
  const file = await c.node.http.bytes({ method: 'GET', target: `/api/v1/inbox/${id}`, signer: await c.accountSigner() });
  if (file.length > NOTE_MAX) throw new CoreError('E_TOO_LONG', 'note');
  const m = Members.parse(await ageOpen(file, await c.age()), 'note', NOTE_MAX);
  if (m.v['ehrd'] === 'access-request/v1') return askCheck(c, askRead(m.str('request')));
  return believe(c, grantNoteRead(m));
}
const OURS = ['E_AUTHORITY', 'E_AWAY', 'E_CANCELLED', 'E_LOCKED', 'E_STALE', 'E_HEAD_OLDER', 'E_UNAVAILABLE', 'E_INTERNAL', 'E_THROTTLED'];

export async function scan(c: Context): Promise<InboxResult> {
  const signer = await c.accountSigner();
  const m = await c.node.http.members({ method: 'GET', target: '/api/v1/inbox', signer }, 'inbox');
  const ids = m.objects('notes', 1000).map((n) => n.hash('id'));
  const out: InboxResult = { accepted: [], requests: [], thrownAway: 0, unread: (await c.state()).unread };
  const believed: Believed[] = [];
  for (const id of ids) {
    try {
      const x = await noteOpen(c, id);
      if ('note' in x) believed.push(x);
      else out.requests.push(x);
    } catch (e) {
      if (!(e instanceof CoreError) || OURS.includes(e.code)) throw e;
      out.thrownAway++;
    }
  }
  out.accepted = liveFirst(believed);
  out.thrownAway += believed.length - out.accepted.length;
  if (out.accepted.length > 0) await accept(c, out.accepted);
  for (const r of out.requests) await requestKeep(c, r);
  for (const id of ids) await c.node.http.send({ method: 'DELETE', target: `/api/v1/inbox/${id}`, signer, also: [404] });
  return out;
}
/** Kept first, then the holder's address is certified. */
async function accept(c: Context, notes: GrantNote[]): Promise<void> {
  await c.changeState((s) => {
    for (const n of notes) {
      const i = s.shared.findIndex((x) => x.folderId === n.folderId);
      if (i < 0) s.shared.push(n);
      else if (isNewer(n, s.shared[i]!)) s.shared[i] = n;
    }
  });
  for (const n of notes) await c.certify(c.actorOfNote(n));
}

// ---- requests ------------------------------------------------------------------------------------

export interface AskOrder {
  folder?: string;
  purpose: string;
  permissions: number;
  /** Seconds. */
  duration: number;
  /** Unix seconds; default in 14 days. */
  expires?: number;
}
export async function askMake(c: Context, r: AskOrder): Promise<string> {
  const card = await c.cardOf(c.account);
  const a = {
    account: c.account, cardHash: card.hash, folder: r.folder ?? '', purpose: r.purpose, permissions: r.permissions, duration: r.duration,
    expires: r.expires ?? c.now() + 14 * 86400, nonce: newNonce(),
  };
  const text = askText({ ...a, signature: c.certKey().signNow(askTyped(c.net, a)) });
  askRead(text); // refuses what is out of bounds
  return text;
}
export async function askSend(c: Context, patient: Address, r: AskOrder): Promise<void> {
  const card = await c.cardOf(patient);
  const plain = utf8(JSON.stringify({ ehrd: 'access-request/v1', request: await askMake(c, r) }));
  const body = await ageSeal(plain, card.ageRecipient);
  await c.node.http.none({ method: 'POST', target: `/api/v1/inbox/${patient}`, body, signer: await c.accountSigner() });
}
export async function askTake(c: Context, source: string): Promise<AccessRequest> {
  const r = await askCheck(c, askRead(source));
  await requestKeep(c, r);
  return (await asks(c)).find((x) => x.id === r.id) ?? r;
}
/** Those of the owner state; who cannot be checked any more (expired, other card) is left out while open. */
export async function asks(c: Context): Promise<AccessRequest[]> {
  const out: AccessRequest[] = [];
  for (const s of (await c.state()).requests) {
    try {
      const r = await askCheck(c, askRead(s.request));
      out.push({ ...r, received: s.received, answer: s.answer });
    } catch (e) {
      if (!(e instanceof CoreError) || OURS.includes(e.code)) throw e;
    }
  }
  return out.sort((a, b) => b.received - a.received);
}
export async function askAnswer(c: Context, id: Hash, answer: 'accepted' | 'refused'): Promise<void> {
  await c.changeState((s) => {
    const r = s.requests.find((x) => x.id === id);
    if (r === undefined) throw new CoreError('E_NOT_FOUND', 'no such request');
    [r.answer, r.answered] = [answer, c.now()];
  });
}

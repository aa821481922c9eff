// SPDX-License-Identifier: Apache-2.0
// Who looked: the folder's access log, its chain, its end signed by the node, its requests signed by who they name.
import { HashedField } from '../codec/abi.js';
import { concat, fromHex, utf8 } from '../codec/bytes.js';
import { logLeafOf, ZERO_HASH } from '../codec/domain.js';
import { parseJson } from '../codec/json.js';
import { Members } from '../codec/text.js';
import { sha256Now } from '../crypto/kdf.js';
import { isSignedBy } from '../crypto/secp.js';
import { typed } from '../formats/signed.js';
import { type AccessEntry, type AccessLog, type Address, type Hash, type Hex } from '../types.js';
import type { Context } from './context.js';
import { folderPath, ownFolder } from './folder.js';
import { check } from './prove.js';

interface Row {
  seq: number;
  salt: Hash;
  entry: string;
  leaf: Hash;
}
interface Head {
  seq: number;
  leaf: Hash;
  time: number;
  signature: Hex;
}
async function rowsOf(c: Context, folderId: Hash): Promise<{ rows: Row[]; head: Head }> {
  const f = await ownFolder(c, folderId);
  const actor = c.actorOfFolder(f);
  await c.certify(actor);
  const rows: Row[] = [];
  for (;;) {
    const after = rows.at(-1)?.seq ?? 0;
    const m = await c.node.http.members({ method: 'GET', target: folderPath(folderId, `/log?after=${after}`), signer: actor }, 'access log');
    const page = m.objects('entries').map((e) => ({ seq: e.num('seq'), salt: e.hash('salt'), entry: e.str('entry'), leaf: e.hash('leaf') }));
    rows.push(...page);
    const h = Members.of(m.v['head'], 'access log: head');
    const head = { seq: h.num('seq'), leaf: h.hash('leaf'), time: h.num('time'), signature: h.hex('signature', 65) };
    if (page.length === 0 || rows.at(-1)!.seq >= head.seq) return { rows, head };
  }
}
/** Is the chain whole, from the first entry to the head? */
function chained(c: Context, folderId: Hash, rows: Row[], head: Head): boolean {
  let prev = ZERO_HASH;
  for (const [i, r] of rows.entries()) {
    const leaf = logLeafOf(c.net, folderId, r.seq, prev, sha256Now(concat(fromHex(r.salt, 32), utf8(r.entry))));
    if (r.seq !== i + 1 || leaf !== r.leaf) return false;
    prev = leaf;
  }
  return head.seq === rows.length && head.leaf === prev;
}
/** Of owner and holders: names, and who signs for those that are accounts. */
interface Known {
  name: string;
  certKey: Address | null;
}
/** What a node keeps of a target that its sender made longer (docs/formats.md section 9). */
const TARGET_KEPT = 256;
/** The request's signature is that of its signer. Null: the body's hash is not in the entry, so only GETs, which have none, can be judged. */
function signedOf(c: Context, m: Members): boolean | null {
  const [signer, method, text] = [m.address('signer'), m.str('method'), m.str('target')];
  if (method !== 'GET') return null;
  const isCut = m.has('targetHash');
  // The hash proves the request, not the text beside it: that is the node's word, so it is taken in the one form that nodes write.
  if (isCut && utf8(text).length !== TARGET_KEPT) return false;
  const target = isCut ? new HashedField(m.hash('targetHash')) : text;
  const message = { signer, origin: c.node.info.origin, method, target, bodySha256: sha256Now(), nonce: m.hash('nonce'), issuedAt: m.num('issued') };
  return isSignedBy(typed(c.net, 'VaultRequest', message), m.hex('signature', 65), signer);
}
function entryOf(c: Context, r: Row, known: Map<Address, Known>): AccessEntry & { ok: boolean } {
  const m = Members.of(parseJson(r.entry), 'access log entry');
  const signer = m.address('signer');
  const who = m.has('account') ? m.address('account') : signer;
  const outcome = m.str('outcome') as AccessEntry['outcome'];
  const signed = signedOf(c, m);
  const isTheirs = who === signer || known.get(who)?.certKey === signer;
  return {
    seq: r.seq, time: m.num('time'), signer, who, name: known.get(who)?.name ?? '', action: m.str('action'), method: m.str('method'),
    target: m.str('target'), record: m.v['record'] === null ? null : m.hash('record'), outcome, reason: m.str('reason'), signed, ok: (signed !== false && isTheirs) || outcome === 'refused',
  };
}
export async function readLog(c: Context, folderId: Hash): Promise<AccessLog> {
  const { rows, head } = await rowsOf(c, folderId);
  const f = await ownFolder(c, folderId);
  const knownOf = async (p: { account: Address; name: string }): Promise<Known> => {
    const card = await c.cardOf(p.account).catch(() => null);
    return { name: card?.name ?? p.name, certKey: card?.certKey ?? null };
  };
  const known = new Map([[f.owner, await knownOf({ account: c.account, name: '' })]]);
  for (const g of f.grants) known.set(g.holder, await knownOf(g));
  const entries = rows.map((r) => entryOf(c, r, known));
  const t = typed(c.net, 'LogHead', { folderId, seq: head.seq, leaf: head.leaf, time: head.time });
  return {
    entries: entries.map(({ ok: _ok, ...e }) => e).reverse(),
    checks: [
      check('log-chain', chained(c, folderId, rows, head)), check('log-head', isSignedBy(t, head.signature, c.node.info.nodeAddress)),
      check('log-signatures', entries.every((e) => e.ok)),
    ],
  };
}

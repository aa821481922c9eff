// SPDX-License-Identifier: Apache-2.0
// Who wrote a record: the page's core and the command line (C) judge the same records, written by either, by a folder's owner, by a
// physician and by a physician who has changed her program; seen by the owner and by another physician, in both modes.
import { readFileSync } from 'node:fs';
import { ADD, type Address, type CheckedCard, connect, identities, openSession, type RecordItem, type Session, VIEW } from '../../src/core/index.js';
import type { Context } from '../../src/core/flows/context.js';
import { add } from '../../src/core/flows/add.js';
import { all, data, did, ehr, ended, item, ok, passphraseOf, pdfFile, unlock, url } from './both.js';

const PROVED = '(proved)';
const RENAMED = '(NOT the name on the card of who signed it: Dr. Rivera)';
const SAID = '(as the document says; ';
const OTHER = '(NOT the one who signed it)';
/** What a reader finds of a record, in the page and in C. */
async function judged(who: string, reader: Session, r: { folderId: RecordItem['folderId']; title: string }, verdict: string, said: string, signer = ''): Promise<void> {
  const found = (await all(reader, r.folderId)).find((x) => x.meta?.title === r.title);
  ok(`the page of ${who} finds: ${r.title}: ${verdict}`, found?.author?.verdict === verdict && (signer === '' || found.author.signer === signer), JSON.stringify([found?.error, found?.author]));
  const want = { proved: 'passed', renamed: 'passed', other: 'failed' }[verdict] ?? 'not-checked';
  ok(`its proof says so (${r.title}, ${who})`, found?.proof.checks.find((c) => c.id === 'member')?.state === want && found.error === null);
  did(`C of ${who} finds the same: ${r.title}`, ehr(who, 'record', 'show', r.folderId, r.title), said);
  const json = ehr(who, '--json', 'record', 'show', r.folderId, r.title);
  ok(`and says so to programs (${r.title}, ${who})`, json.out.includes(`"authorProved":${verdict === 'proved'}`), json.out.slice(-300));
}
interface Lie {
  title: string;
  account?: Address;
  card: CheckedCard;
  certificate?: (real: string) => string;
}
/** As add(), by a program that writes another author into the description. */
async function forge(s: Session, folderId: RecordItem['folderId'], lie: Lie, pdf: Uint8Array<ArrayBuffer>): Promise<void> {
  const c = (s as unknown as { c: Context }).c;
  const own = await c.cardOf(c.account);
  const forged = Object.create(c, { account: { value: c.account, writable: true } }) as Context & { account: Address };
  forged.cardOf = () => Promise.resolve(lie.card);
  forged.certificateOf = async (actor) => {
    const real = await c.certificateOf(actor, own);
    forged.account = lie.account ?? c.account; // what add() writes from now on
    return lie.certificate?.(real) ?? real;
  };
  await add(forged, folderId, [item(lie.title, pdf)], {});
}
/** The name of somebody's certificate, without their key. */
function altered(json: string, change: object): string {
  return JSON.stringify({ ...(JSON.parse(json) as object), ...change });
}

async function main(): Promise<void> {
  const node = await connect(url);
  const pdf = readFileSync(pdfFile).subarray(0, 500) as Uint8Array<ArrayBuffer>;
  const cora = await unlock(node, 'cora');
  const rivera = await unlock(node, 'rivera');
  const hall = await unlock(node, 'hall');
  const cards = { cora: (await cora.card())!, rivera: (await rivera.card())! };
  const { folderId } = await cora.openFolder('authors');
  for (const s of [rivera, hall]) {
    await cora.grant(folderId, { account: s.account, permissions: VIEW | ADD });
    await s.scanInbox();
  }
  const at = (title: string): { folderId: typeof folderId; title: string } => ({ folderId, title });

  // ---- what is true is proved by the owner, who made the address, and by another physician, by the certificate ----
  await rivera.add(folderId, [item('By the page of a physician', pdf)]);
  did('C of the physician adds', ehr('rivera', 'record', 'add', folderId, pdfFile, '--title', 'By C of a physician'));
  await cora.add(folderId, [item('By the page of the owner', pdf)]);
  did('C of the owner adds', ehr('cora', 'record', 'add', folderId, pdfFile, '--title', 'By C of the owner'));
  for (const title of ['By the page of a physician', 'By C of a physician', 'By the page of the owner', 'By C of the owner'])
    for (const [who, s] of [['cora', cora], ['hall', hall], ['rivera', rivera]] as const) await judged(who, s, at(title), 'proved', PROVED);

  // ---- what is forged is told by both ----
  const lies: [Lie, string, string, string, string][] = [
    [{ title: 'Another name', card: { ...cards.rivera, name: 'Dr. Famous' } }, 'renamed', RENAMED, 'renamed', RENAMED],
    [{ title: 'Another account', account: cora.account, card: cards.cora, certificate: () => '' }, 'other', OTHER, 'said', SAID],
    [{ title: 'Another account, own certificate', account: cora.account, card: cards.cora }, 'other', OTHER, 'other', OTHER],
    [{ title: 'Another account, a false certificate', account: cora.account, card: cards.cora, certificate: (real) => altered(real, { account: cora.account, cardHash: cards.cora.hash }) }, 'other', OTHER, 'other', OTHER],
    [{ title: 'No certificate', card: cards.rivera, certificate: () => '' }, 'proved', PROVED, 'said', SAID],
    [{ title: 'A certificate that is none', card: cards.rivera, certificate: () => '{"account":1}' }, 'proved', PROVED, 'other', OTHER],
  ];
  for (const [lie, byOwner, ownerSays, byOther, otherSays] of lies) {
    await forge(rivera, folderId, lie, pdf);
    await judged('cora', cora, at(lie.title), byOwner, ownerSays, byOwner === 'proved' ? '' : 'Dr. Rivera');
    await judged('hall', hall, at(lie.title), byOther, otherSays);
  }

  // ---- wallet mode: the account itself signs ----
  const file = readFileSync(`${data}/people/cora/identities/cora/passphrase.age`);
  const wallet = await openSession({ node, identity: await identities().unlockPassphrase(file, passphraseOf('cora')), mode: 'wallet' });
  const open = await wallet.openFolder('authors in wallet mode');
  await wallet.grant(open.folderId, { account: hall.account, permissions: VIEW | ADD });
  await hall.scanInbox();
  await wallet.add(open.folderId, [item('By the account itself', pdf)]);
  await hall.add(open.folderId, [item('By the account of a physician', pdf)]);
  const direct = (await all(wallet, open.folderId)).map((r) => [r.proof.facts.author, r.meta?.authorCertificate]);
  ok('no certificate where the account itself signs', JSON.stringify(direct.sort()) === JSON.stringify([[wallet.account, ''], [hall.account, '']].sort()), JSON.stringify(direct));
  for (const title of ['By the account itself', 'By the account of a physician'])
    for (const [who, s] of [['cora', wallet], ['hall', hall]] as const) await judged(who, s, { folderId: open.folderId, title }, 'proved', PROVED);

  // ---- a new name leaves what was written before as it is, and says so ----
  await rivera.publishCard('Dr. Rivera-Lang', 'practitioner');
  const now = RENAMED.replace('Rivera', 'Rivera-Lang');
  await judged('hall', hall, at('By the page of a physician'), 'renamed', now, 'Dr. Rivera-Lang');
  await judged('cora', cora, at('By C of a physician'), 'renamed', now, 'Dr. Rivera-Lang');
}
main()
  .catch((e: unknown) => ok('it ran to its end', false, e instanceof Error ? `${e.stack}` : String(e)))
  .finally(() => ended('web_authors'));

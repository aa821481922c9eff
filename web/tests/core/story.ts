// SPDX-License-Identifier: Apache-2.0
// The whole story of patient, physician and administrator through the page's core, against a real node.
// Arguments: node URL, admin's key file, its passphrase file, a FHIR Bundle, a PDF. Says "ok …" or "FAIL …" a line.
import { readFileSync } from 'node:fs';
import {
  ADD, AMEND, type AddItem, connect, CoreError, identities, type Node, openSession, parseJson, type RecordItem, REMOVE, type Role, type Session, unlockKeyFile,
  VIEW, type Folder, writeJson,
} from '../../src/core/index.js';
import { sealedLength } from '../../src/core/age/stream.js';
import type { NodeClient } from '../../src/core/net/node.js';

const [url, adminKey, adminPass, bundleFile, pdfFile] = process.argv.slice(2) as [string, string, string, string, string];
let passed = 0;
let failed = 0;
function ok(what: string, good: boolean, detail = ''): void {
  if (good) passed++;
  else failed++;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${good ? '' : `: ${detail}`}`);
}
async function refused(what: string, code: string | string[], f: () => Promise<unknown>): Promise<void> {
  const codes = Array.isArray(code) ? code : [code];
  try {
    await f();
    ok(what, false, 'was not refused');
  } catch (e) {
    const got = e instanceof CoreError ? e.code : String(e);
    ok(what, codes.includes(got), `${got} ${e instanceof Error ? e.message : ''}`);
  }
}
async function all(s: Session, f: Folder, removedToo = false): Promise<RecordItem[]> {
  const out: RecordItem[] = [];
  for await (const page of s.list(f.folderId, { removedToo })) out.push(...page);
  return out;
}
function item(title: string, type: string, data: Blob): AddItem {
  return { title, contentType: type, fileName: title, category: 'other', creation: '', size: data.size, data };
}
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function person(node: Node, admin: Session, name: string, role: Role): Promise<Session> {
  const id = await identities().create(node.info, 'page');
  const s = await openSession({ node, identity: id });
  await admin.admin.register(s.account, role, 0);
  await s.publishCard(name, role);
  return s;
}
async function main(): Promise<void> {
  const node = await connect(url);
  const mode = node.info.relationship ? 'relationship' : 'wallet';
  console.log(`mode: ${mode}`);
  const signer = await unlockKeyFile(readFileSync(adminKey, 'utf8'), readFileSync(adminPass, 'utf8').trimEnd());
  const admin = await openSession({ node, identity: await identities().create(node.info, 'wallet'), signer, mode: 'wallet' });
  ok('the administrator is a registrar', (await admin.facts()).isRegistrar);
  const facts = await node.contract();
  ok('the contract tells its version and admin', facts.version === '1.1.0' && facts.codeBytes > 1000, JSON.stringify(facts));

  // ---- registration ----
  const newId = await identities().create(node.info, 'page');
  const newcomer = await openSession({ node, identity: newId });
  await newcomer.askRegistration({ name: 'Ada Young', role: 'patient', contact: 'ward 3' });
  ok('a request to be registered waits for the registrar', (await newcomer.ownRegistration())?.name === 'Ada Young');
  ok('the registrar sees it', (await admin.admin.registrations()).some((r) => r.account === newcomer.account && r.contact === 'ward 3'));
  await admin.admin.register(newcomer.account, 'patient', 0);
  ok('registering ends the request', (await admin.admin.registrations()).length === 0);
  const patient = newcomer;
  await patient.publishCard('Ada Young', 'patient');
  ok('the card is the one on the chain', (await patient.card())?.name === 'Ada Young');
  const doctor = await person(node, admin, 'Dr. Elena Rivera', 'practitioner');
  const other = await person(node, admin, 'Dr. Wei Chen', 'practitioner');
  ok('the directory names the physicians', (await patient.directory()).some((c) => c.name === 'Dr. Elena Rivera' && c.account === doctor.account));

  // ---- folder, records ----
  const folder = await patient.openFolder('General');
  ok('a folder is opened', folder.mine && folder.epoch === 1 && folder.permissions === 15);
  const plan = await patient.plan([new File([readFileSync(bundleFile)], 'chart.json'), new File([readFileSync(pdfFile)], 'letter.pdf')]);
  ok('the bundle is split, the letter is a PDF', plan.items.length > 3 && plan.unreadable.length === 0 && plan.items.at(-1)!.contentType === 'application/pdf');
  const stages = new Set<string>();
  const added = await patient.add(folder.folderId, plan.items, { onProgress: (p) => void stages.add(p.stage) });
  ok('all records are added', added.length === plan.items.length && ['encrypting', 'uploading', 'stored', 'confirming', 'confirmed'].every((x) => stages.has(x)), [...stages].join());
  const records = await all(patient, folder);
  ok('all are listed, checked', records.length === added.length && records.every((r) => r.error === null), JSON.stringify(records.find((r) => r.error)?.error));
  const letter = records.find((r) => r.meta?.title === 'letter.pdf')!;
  const body = await patient.read(letter);
  ok('the letter is read back, bit for bit', sameBytes(body.bytes!, readFileSync(pdfFile)));
  ok('every check passed', body.proof.checks.every((c) => c.state === 'passed' || c.id === 'source'), JSON.stringify(body.proof.checks.filter((c) => c.state !== 'passed')));
  const before: string[] = [];
  for (const r of records.filter((x) => x.meta!.contentType === 'application/fhir+json')) {
    const v = parseJson((await patient.read(r)).bytes!) as { entry: { resource: never }[] };
    before.push(...v.entry.map((e) => writeJson(e.resource)));
  }
  const source = parseJson(readFileSync(bundleFile)) as { entry: { resource: never }[] };
  const want = source.entry.map((e) => writeJson(e.resource)).sort();
  ok('the whole chart came back, decimals as they were written', JSON.stringify(before.sort()) === JSON.stringify(want));

  // ---- request, grant ----
  const link = await doctor.requestLink({ folder: 'General', purpose: 'Follow-up', permissions: VIEW | ADD | AMEND, duration: 30 * 86400 });
  ok('a request is a link whose text reaches no server', link.startsWith(`${node.info.origin}/#/request/`));
  const request = await patient.takeRequest(link);
  ok('the patient sees who asks what for', request.name === 'Dr. Elena Rivera' && request.purpose === 'Follow-up');
  await refused('a changed request is refused', ['E_SIGNATURE', 'E_MISMATCH', 'E_SYNTAX', 'E_RANGE'], () => patient.takeRequest(link.slice(0, -4) + 'AAAA'));
  const [longest, wanted] = [patient.now() + 30 * 86400, VIEW | ADD | AMEND];
  await refused('more than was asked for is refused', 'E_RANGE', () => patient.acceptRequest(request, folder.folderId, { permissions: wanted | REMOVE }));
  await refused('longer, too', 'E_RANGE', () => patient.acceptRequest(request, folder.folderId, { notAfter: longest + 60 }));
  const wider = { ...request, permissions: 15, duration: 10 * request.duration };
  await refused('also when the page says that it was asked for', 'E_RANGE', () => patient.acceptRequest(wider, folder.folderId, { permissions: 15 }));
  ok('no card is known of who was never shared with', (await patient.cardPinned(doctor.account)) === null);
  const granted = await patient.acceptRequest(request, folder.folderId);
  ok('the grant is live', granted.status === 'active' && granted.name === 'Dr. Elena Rivera');
  ok('it is what was asked for, to the second', granted.permissions === wanted && granted.notAfter - granted.notBefore <= 30 * 86400 && granted.notAfter >= longest);
  ok('the request is answered', (await patient.requests())[0]!.answer === 'accepted');
  ok(mode === 'wallet' ? 'in wallet mode the holder is the account' : 'the holder is an address made for this relationship', (granted.holder === doctor.account) === (mode === 'wallet'));
  const inbox = await doctor.scanInbox();
  ok('the physician finds the shared folder', inbox.accepted.length === 1 && inbox.accepted[0]!.name === 'General' && inbox.accepted[0]!.ownerName === 'Ada Young', JSON.stringify(inbox));
  const shared = (await doctor.folders()).find((f) => f.folderId === folder.folderId)!;
  ok('with the rights that were given', shared.permissions === (VIEW | ADD | AMEND) && !shared.mine && shared.state === 'live');
  ok('the physician reads all', (await all(doctor, shared)).filter((r) => r.error === null).length === records.length);
  await refused('another physician is refused', ['E_FORBIDDEN', 'E_NOT_FOUND'], () => all(other, shared));

  // ---- write ----
  const note = await doctor.add(folder.folderId, [item('Visit note', 'text/plain', new Blob(['Feels well.']))]);
  const seen = (await all(patient, folder)).find((r) => r.recordId === note[0]!.recordId)!;
  ok('the patient sees the note, its author is the physician', seen.meta?.authorName === 'Dr. Elena Rivera' && seen.meta.authorAccount === doctor.account);
  await doctor.amend(seen, item('Visit note', 'text/plain', new Blob(['Feels very well.'])));
  const amended = await patient.record(folder.folderId, seen.recordId);
  ok('amended: version 2', amended.version === 2 && new TextDecoder().decode((await patient.read(amended)).bytes!) === 'Feels very well.');
  ok('and its description says amended', seen.meta!.docStatus === 'final' && amended.meta!.docStatus === 'amended');
  const first = await patient.record(folder.folderId, seen.recordId, 1);
  ok('version 1 is still there for comparison', new TextDecoder().decode((await patient.read(first)).bytes!) === 'Feels well.');
  await doctor.setStatus(amended, 'entered-in-error');
  ok('marked as entered in error', (await patient.record(folder.folderId, seen.recordId)).status === 'entered-in-error');
  await refused('the physician may not remove', 'E_REVERTED', () => doctor.setStatus(letter, 'removed'));
  await refused('a stale version is refused', 'E_REVERTED', () => doctor.amend(seen, item('x', 'text/plain', new Blob(['y']))));
  await patient.setStatus(amended, 'removed');
  ok('removed records are left out of the list', (await all(patient, folder)).every((r) => r.recordId !== seen.recordId));
  ok('the owner may still see them', (await all(patient, folder, true)).some((r) => r.recordId === seen.recordId && r.status === 'removed'));

  // ---- who has access, who looked ----
  const http = (node as NodeClient).http;
  const send = http.send.bind(http);
  http.send = (a) => send(a.target.includes('/records?') ? { ...a, target: `${a.target}&x=${'a'.repeat(300)}` } : a);
  await all(doctor, shared);
  http.send = send;
  const grants = await patient.grants(folder.folderId);
  ok('who has access now', grants.length === 1 && grants[0]!.account === doctor.account && grants[0]!.status === 'active');
  const log = await patient.accessLog(folder.folderId);
  ok('the access log holds, signed and chained', log.checks.every((c) => c.state === 'passed'), JSON.stringify(log.checks));
  ok('it names the physician', log.entries.some((e) => e.name === 'Dr. Elena Rivera' && e.outcome === 'released'));
  ok('a long request is in it in part, its signature is proved', log.entries.some((e) => e.target.length === 256 && e.who === granted.holder && e.signed === true));
  ok('it tells of the refusal', log.entries.some((e) => e.outcome === 'refused'));

  // ---- large file ----
  const large = new Blob([Buffer.alloc(20_000_003, 7)]);
  const steps: number[] = [];
  const [big] = await patient.add(folder.folderId, [item('scan.dcm', 'application/dicom', large)], { onProgress: (p) => p.stage === 'uploading' && steps.push(p.done ?? 0) });
  ok('a large file goes up in pieces', big!.bodySize === sealedLength(large.size) && steps.length > 3, `${big!.bodySize} ${steps.length}`);
  const back = await patient.read(await patient.record(folder.folderId, big!.recordId));
  ok('and comes back', back.blob.size === large.size && sameBytes(new Uint8Array(await back.blob.arrayBuffer()), new Uint8Array(await large.arrayBuffer())));

  // ---- stop sharing ----
  const report = await patient.revoke(folder.folderId, granted.holder);
  ok('stopped sharing: new key, honest report', report.newEpoch === 2 && report.kept === 0 && report.opened.length > 0 && report.logChecked);
  await refused('the physician is refused from now on', ['E_FORBIDDEN', 'E_NOT_FOUND'], () => all(doctor, shared));
  await refused('and may not write', ['E_FORBIDDEN', 'E_NOT_FOUND', 'E_REVERTED'], () => doctor.add(folder.folderId, [item('late', 'text/plain', new Blob(['z']))]));
  ok('the patient reads old and new', (await all(patient, folder)).every((r) => r.error === null));
  const oldCard = (await doctor.card())!.hash;
  const newCard = (await doctor.publishCard('Dr. Elena Rivera', 'practitioner')).hash;
  ok('the card that is known is the one of before', (await patient.cardPinned(doctor.account)) === oldCard);
  await refused('a changed card is refused', 'E_CARD_CHANGED', () => patient.grant(folder.folderId, { account: doctor.account, pinnedCard: newCard, permissions: VIEW }));
  await refused('comparing another one does not help', 'E_CARD_CHANGED', () => patient.grant(folder.folderId, { account: doctor.account, permissions: VIEW, comparedCard: oldCard }));
  const again = await patient.grant(folder.folderId, { account: doctor.account, permissions: VIEW, comparedCard: newCard });
  ok('compared, it is the known one from then on', (await patient.cardPinned(doctor.account)) === newCard);
  ok(mode === 'wallet' ? 'shared again' : 'shared again, by a new address', mode === 'wallet' || again.holder !== granted.holder);
  await doctor.scanInbox();
  ok('the physician reads again, both epochs', (await all(doctor, shared)).every((r) => r.error === null));

  // ---- export, unlocking, administration ----
  const bad = await patient.add(folder.folderId, [item('A mistake', 'text/plain', new Blob(['the wrong patient']))]);
  await patient.setStatus((await all(patient, folder)).find((r) => r.recordId === bad[0]!.recordId)!, 'entered-in-error');
  const taken = await patient.exportBundle([folder.folderId]);
  const bundle = parseJson(new Uint8Array(await taken.blob.arrayBuffer())) as { entry: unknown[] };
  ok('everything is exported as one Bundle', bundle.entry.length >= source.entry.length + 1 && taken.failed.length === 0, JSON.stringify(taken));
  const text = await taken.blob.text();
  ok('without what was entered in error, which is told', taken.inError === 1 && !text.includes('A mistake'), JSON.stringify(taken));
  ok("and without what tells the author's addresses apart", !text.includes('author-certificate') && text.includes('urn:ehrd:author'));
  const sealed = await patient.exportAge([folder.folderId], 'a long passphrase');
  ok('the locked files are of the same records', sealed.records === taken.records && sealed.inError === 1, JSON.stringify(sealed));
  const way = await identities().addPassphrase(newId, 'passphrase', 'a long passphrase');
  const again2 = await openSession({ node, identity: await identities().unlockPassphrase(way.file!, 'a long passphrase') });
  ok('the identity opens by passphrase, and finds its folder', (await again2.folders()).some((f) => f.name === 'General'));
  const code = identities().recoveryCode(newId);
  ok('and by recovery code', identities().isSame(newId, await identities().unlockRecovery(code.text, node.info)));
  const listed = (await admin.admin.accounts()).map((a) => a.name);
  ok('accounts are listed by name, patients too', ['Ada Young', 'Dr. Elena Rivera', 'Dr. Wei Chen'].every((n) => listed.includes(n)), listed.join());
  await admin.admin.suspend(doctor.account);
  await refused('a suspended physician is refused', 'E_FORBIDDEN', () => all(doctor, shared));
  await admin.admin.reinstate(doctor.account);
  ok('a reinstated one reads again', (await all(doctor, shared)).length > 0);
  const proposal = await admin.admin.upgradeProposal(facts.implementation);
  ok('an upgrade proposal is a call of the ProxyAdmin', proposal.to === facts.proxyAdmin && proposal.forwarderUnchanged);
  patient.lock();
  await refused('after locking nothing is given out', 'E_LOCKED', () => patient.folders());
}
main()
  .catch((e: unknown) => ok('the story ran to its end', false, e instanceof Error ? `${e.stack}\n${JSON.stringify((e as CoreError).detail ?? {})}` : String(e)))
  .finally(() => {
    console.log(`web_core: ${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  });

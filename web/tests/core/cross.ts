// SPDX-License-Identifier: Apache-2.0
// The page's core and the command line (C) on the same folders: what one seals, signs and stores, the other opens, checks and
// believes; Debian's age opens both. Arguments: node URL, data folder with the people cora (patient) and rivera (physician), a PDF.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ADD, AMEND, connect, CoreError, identities, openSession, VIEW } from '../../src/core/index.js';
import { all, data, did, ehr, ended, item, ok, passphraseOf, pdfFile, same, unlock, url } from './both.js';

async function main(): Promise<void> {
  const node = await connect(url);
  const pdf = readFileSync(pdfFile) as Uint8Array<ArrayBuffer>;

  // ---- C seals, the page opens ----
  did('C opens a folder', ehr('cora', 'folder', 'new', 'general'));
  did('C adds a letter', ehr('cora', 'record', 'add', 'general', pdfFile, '--title', 'By C', '--date', '2026-05-03'));
  const cora = await unlock(node, 'cora');
  const folder = (await cora.folders()).find((f) => f.name === 'general')!;
  ok('the page opens the identity file and reads the owner state of C', folder !== undefined && folder.mine);
  const byC = (await all(cora, folder.folderId)).find((r) => r.meta?.title === 'By C')!;
  ok('the page checks and reads what C sealed', byC.error === null && byC.meta!.creation === '2026-05-03' && same((await cora.read(byC)).bytes, pdf));
  const printed = readFileSync(`${data}/people/cora/recovery-code.txt`, 'utf8').match(/EHR-RECOVERY-1[0-9A-Z\s]+?(?=\n\n)/)![0];
  const recovered = await identities().unlockRecovery(printed, node.info);
  ok('the page opens the recovery code of C, and makes the same one', identities().recoveryCode(recovered).text === printed.replace(/\s/g, ''));

  // ---- the page seals, C opens ----
  await cora.add(folder.folderId, [item('By the page', pdf)]);
  did('C proves and lists what the page sealed', ehr('cora', 'record', 'list', 'general'), 'By the page');
  did('C reads it', ehr('cora', 'record', 'get', 'general', 'By the page', '-o', `${data}/page.pdf`));
  ok('bit for bit', same(readFileSync(`${data}/page.pdf`), pdf));
  await cora.amend(byC, item('By C, amended by the page', pdf.subarray(0, 100) as Uint8Array<ArrayBuffer>));
  did('C reads the amended version', ehr('cora', 'record', 'get', 'general', 'By C, amended by the page', '-o', `${data}/amended.pdf`));
  ok('and it is version 2', readFileSync(`${data}/amended.pdf`).length === 100 && ehr('cora', 'record', 'history', 'general', 'By C, amended by the page').code === 0);

  // ---- Debian's age opens both ----
  const items = await all(cora, folder.folderId);
  writeFileSync(`${data}/folder.key`, await cora.folderKey(folder.folderId), { mode: 0o600 });
  const sealed = items.find((r) => r.meta?.title === 'By the page')!;
  writeFileSync(`${data}/page.age`, new Uint8Array(await (await cora.readSealed(sealed)).arrayBuffer()));
  ok("Debian's age opens the page's export", same(execFileSync('age', ['-d', '-i', `${data}/folder.key`, `${data}/page.age`]), pdf));
  did('C exports the same record sealed', ehr('cora', 'record', 'get', 'general', 'By the page', '--age', '-o', `${data}/c.age`));
  ok('the two exports are the same file', same(readFileSync(`${data}/c.age`), readFileSync(`${data}/page.age`)));

  // ---- sizes at the edges of chunks and pieces; the large one goes to the node while it is sealed ----
  const sizes = [1, 65535, 65536, 65537, 9 * 2 ** 20 + 17];
  const bodies = new Map(sizes.map((n) => [n, randomBytes(n) as Uint8Array<ArrayBuffer>]));
  await cora.add(folder.folderId, sizes.map((n) => item(`Of ${n} bytes`, bodies.get(n)!)));
  for (const n of sizes) {
    const got = ehr('cora', 'record', 'get', 'general', `Of ${n} bytes`, '-o', `${data}/size.bin`);
    ok(`C opens ${n} bytes that the page sealed`, got.code === 0 && same(readFileSync(`${data}/size.bin`), bodies.get(n)!), got.out);
  }
  writeFileSync(`${data}/large.bin`, bodies.get(sizes[4]!)!);
  did('C seals the large one', ehr('cora', 'record', 'add', 'general', `${data}/large.bin`, '--title', 'Large by C'));
  const large = (await all(cora, folder.folderId)).filter((r) => r.meta?.title === 'Large by C' || r.meta?.title === `Of ${sizes[4]} bytes`);
  for (const r of large) {
    ok(`the page opens it (${r.meta!.title})`, same((await cora.read(r)).bytes, bodies.get(sizes[4]!)!));
    writeFileSync(`${data}/large.age`, new Uint8Array(await (await cora.readSealed(r)).arrayBuffer()));
    const opened = execFileSync('age', ['-d', '-i', `${data}/folder.key`, `${data}/large.age`], { maxBuffer: 2 ** 25 });
    ok(`Debian's age opens it (${r.meta!.title})`, same(opened, bodies.get(sizes[4]!)!));
  }
  ok('both large ones were there', large.length === 2);

  // ---- the page grants, C reads; C grants, the page reads ----
  const rivera = await unlock(node, 'rivera');
  await cora.grant(folder.folderId, { account: rivera.account, permissions: VIEW | ADD | AMEND });
  did('C accepts the grant note of the page', ehr('rivera', 'inbox'));
  const listed = ehr('rivera', 'folder', 'list').out;
  ok('C names the folder', listed.includes('general'), listed);
  did('C reads in the shared folder', ehr('rivera', 'record', 'list', folder.folderId), 'By the page');
  did('C writes into the shared folder', ehr('rivera', 'record', 'add', folder.folderId, pdfFile, '--title', 'By Dr. Rivera in C'));
  const note = (await all(cora, folder.folderId)).find((r) => r.meta?.title === 'By Dr. Rivera in C');
  ok('the page believes its author', note?.error === null && note.meta?.authorName === 'Dr. Rivera');
  ok('the page reads in the name of the same physician', (await all(rivera, folder.folderId)).every((r) => r.error === null));
  did('C opens a second folder', ehr('cora', 'folder', 'new', 'mental health'));
  did('C adds to it', ehr('cora', 'record', 'add', 'mental health', pdfFile, '--title', 'Private'));
  did('C names the physician', ehr('cora', 'people', 'add', 'rivera', rivera.account));
  did('C grants it', ehr('cora', 'grant', 'rivera', 'mental health', '--view'));
  const inbox = await rivera.scanInbox();
  ok('the page accepts the grant note of C', inbox.accepted.some((f) => f.name === 'mental health' && f.ownerName === 'Cora Quist'), JSON.stringify(inbox));
  const second = inbox.accepted[0]!;
  const secret = (await all(rivera, second.folderId))[0]!;
  ok('the page reads what C granted', secret.meta?.title === 'Private' && same((await rivera.read(secret)).bytes, pdf));

  // ---- a grant, its end and a new grant within one second, and both notes unread: the live one is used, whatever the order ----
  const clock = Date.now;
  for (let i = 0; i < 8; i++) {
    const second = clock();
    Date.now = () => second;
    const twice = await cora.openFolder(`twice ${i}`);
    const first = await cora.grant(twice.folderId, { account: rivera.account, permissions: VIEW });
    await cora.revoke(twice.folderId, first.holder);
    await cora.grant(twice.folderId, { account: rivera.account, permissions: VIEW });
    Date.now = clock;
    await cora.add(twice.folderId, [item('After the second grant', pdf)]);
    if (i % 2 === 0) {
      did(`C takes both notes (${i})`, ehr('rivera', 'inbox'));
      did(`C uses the live grant (${i})`, ehr('rivera', 'record', 'list', twice.folderId), 'After the second grant');
    } else {
      await rivera.scanInbox();
      const got = await all(rivera, twice.folderId).then((l) => l[0]?.meta?.title, (e: unknown) => String(e));
      ok(`the page uses the live grant (${i})`, got === 'After the second grant', got);
    }
  }

  // ---- requests ----
  const link = /https?:\S+#\/request\/\S+/.exec(ehr('rivera', 'request', 'new', '--for', 'Follow-up by C', '--view', '--days', '7').out)?.[0] ?? '';
  const taken = await cora.takeRequest(link);
  ok('the page takes a request made by C', taken.purpose === 'Follow-up by C' && taken.permissions === VIEW && taken.duration === 7 * 86400);
  did('C takes a request made by the page', ehr('cora', 'request', 'show', await rivera.requestLink({ purpose: 'Follow-up by the page', permissions: VIEW, duration: 86400 })), 'Follow-up by the page');
  await rivera.requestAccess(cora.account, { purpose: 'Left in the inbox', permissions: VIEW | ADD, duration: 86400 });
  did('C finds the request that the page left in the inbox', ehr('cora', 'inbox'));
  cora.lock();
  const again = await unlock(node, 'cora');
  ok('both keep it in the owner state', (await again.requests()).some((r) => r.purpose === 'Left in the inbox'), JSON.stringify(await again.requests()));
  const wide = (await again.requests()).find((r) => r.purpose === 'Left in the inbox')!;
  const refusal = await again.acceptRequest(wide, second.folderId, { permissions: VIEW | AMEND }).catch((e: unknown) => (e instanceof CoreError ? e.code : ''));
  ok('nothing wider than was asked for is granted', refusal === 'E_RANGE');

  // ---- revoke, log ----
  did('C revokes what the page granted', ehr('cora', 'revoke', 'rivera', 'general'));
  const after = await all(rivera, folder.folderId).then(() => 'read', (e: unknown) => (e instanceof CoreError ? e.code : String(e)));
  ok('the page is refused', ['E_FORBIDDEN', 'E_NOT_FOUND'].includes(after), after);
  await again.rotateFolder(folder.folderId);
  await again.add(folder.folderId, [item('In epoch 3', pdf)]);
  did('C reads what the page sealed after it rotated', ehr('cora', 'record', 'get', 'general', 'In epoch 3', '-o', `${data}/late.pdf`));
  did('C checks the log of what the page did', ehr('cora', 'audit', 'general'));
  const log = await again.accessLog(folder.folderId);
  ok('the page checks the log of what C did', log.checks.every((c) => c.state === 'passed') && log.entries.some((e) => e.name === 'Dr. Rivera'), JSON.stringify(log.checks));
}
/** Answers of the node with something else in them. */
function lying(change: (target: string, text: string) => string): typeof fetch {
  return async (to, init) => {
    const r = await fetch(to, init);
    const text = /json/.test(r.headers.get('content-type') ?? '') ? await r.text() : null;
    return text === null ? r : new Response(change(String(to), text), { status: r.status, headers: r.headers });
  };
}
/** The chain's authority, pinned: no block of anybody else's, and no other authority. */
async function authority(): Promise<void> {
  const kept = new Map<string, string>();
  const pins = { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) };
  const keptOf = (prefix: string): string[] => [...kept.keys()].filter((k) => k.startsWith(prefix));
  const file = readFileSync(`${data}/people/cora/identities/cora/passphrase.age`);
  const identity = () => identities().unlockPassphrase(file, passphraseOf('cora'));
  const why = (e: unknown): string => (e instanceof CoreError ? e.code : String(e));
  const node = await connect(url);
  if (node.info.authority === null) return; // anvil signs nothing
  const cora = await openSession({ node, identity: await identity(), pins });
  const folder = (await cora.folders()).find((f) => f.name === 'general')!;
  const item = (await all(cora, folder.folderId))[0]!;
  const [pin] = keptOf('ehrd.state.');
  const seen = kept.get(pin!)!;
  const [version, mac] = seen.split(' ') as [string, string];
  kept.set(pin!, `${Number(version) + 1} ${mac}`);
  const again = await openSession({ node, identity: await identity(), pins });
  ok('an owner state older than this device saw is refused', Number(version) > 0 && (await again.folders().then(() => 'taken', why)) === 'E_STATE_OLDER', seen);
  kept.set(pin!, `${version} 0x${'77'.repeat(32)}`);
  const third = await openSession({ node, identity: await identity(), pins });
  ok('nor is another one of that version', (await third.folders().then(() => 'taken', why)) === 'E_STATE_OLDER', seen);
  kept.set(pin!, seen);
  ok('the authority is pinned, and the proof says that it signed the block', keptOf('ehrd.authority.').length === 1 && item.proof.checks.some((c) => c.id === 'source' && c.state === 'passed'), JSON.stringify(item.proof.checks));
  const other = '0x' + '77'.repeat(20);
  for (const [what, by] of [['another authority', `"authority":"${other}"`], ['none any more', '"was":"x"']] as const) {
    const n = await connect(url, lying((to, text) => (/\/node$/.test(to) ? text.replace(/"authority":"0x[0-9a-f]{40}"/, by) : text)));
    ok(`a node that names ${what} is refused`, (await openSession({ node: n, identity: await identity(), pins }).then(() => 'opened', why)) === 'E_AUTHORITY');
  }
  let planted = 0;
  const flip = (text: string): string => text.replace(/("authoritySignature":"0x)(..)/g, (_, a: string, b: string) => (planted++, `${a}${b === '00' ? '11' : '00'}`));
  const cut = (text: string): string => text.replace(/"authoritySignature":"0x[0-9a-f]*",?/g, () => (planted++, ''));
  for (const [what, f] of [['a planted signature', flip], ['no signature', cut]] as const) {
    const s = await openSession({ node: await connect(url, lying((to, text) => (/\/rpc$/.test(to) ? f(text) : text))), identity: await identity(), pins });
    planted = 0;
    const got = await all(s, folder.folderId).then(() => 'listed', why);
    ok(`a block with ${what} proves nothing`, got === 'E_AUTHORITY' && planted > 0, `${got} ${planted}`);
  }
}
/** The owner state of cora kept, or put in the place of the newer one. */
const state = (what: 'get' | 'put') => execFileSync(process.env['STATE_TOOL']!, [what, `${data}/people/cora`, 'cora', `${data}/people/cora/passphrase`, `${data}/state`]);
const accountOf = (who: string) => ehr(who, '--json', 'account', 'show').out.match(/0x[0-9a-f]{40}/i)![0].toLowerCase() as `0x${string}`;
/** Who may see a folder: nobody is left out, nobody made up, and what somebody else granted is told. */
async function listed(): Promise<void> {
  const rivera = accountOf('rivera');
  const node = await connect(url);
  const cora = await unlock(node, 'cora');
  const { folderId } = await cora.openFolder('listed');
  state('get');
  const { holder } = await cora.grant(folderId, { account: rivera, permissions: VIEW });
  ok('a grant is listed by its account', (await cora.grants(folderId)).some((g) => g.holder === holder && g.account === rivera && g.status === 'active'));
  const lies = [['leaves a grant out', (text: string) => text.replace(/"grants":\[.*\]/, '"grants":[]')], ['makes one up', (text: string) => text.replaceAll(holder.slice(2, 20), '0123456789abcdef01')]] as const;
  for (const [what, change] of lies) {
    let told = 0;
    const s = await unlock(await connect(url, lying((to, text) => (/\/grants$/.test(to) ? (told++, change(text)) : text))), 'cora');
    const got = await s.grants(folderId).then(() => 'listed', (e: unknown) => (e instanceof CoreError ? e.code : String(e)));
    ok(`a node that ${what} is found out`, got === 'E_MISMATCH' && told > 0, `${got} ${told}`);
  }
  let bent = 0;
  const bend = (text: string): string => text.replace(/("storageProof":\[.*?"proof":\["0x)(..)/, (_, a: string, b: string) => (bent++, `${a}${b === 'f8' ? 'f9' : 'f8'}`));
  const other = await unlock(await connect(url, lying((to, text) => (/\/rpc$/.test(to) ? bend(text) : text))), 'cora');
  const said = await other.grants(folderId).then(() => 'listed', (e: unknown) => (e instanceof CoreError ? e.code : String(e)));
  ok('a grant whose proof is bent is not believed', said === 'E_MISMATCH' && bent > 0, `${said} ${bent}`);
  state('put'); // the state of before: now it does not know of the grant
  const again = await unlock(node, 'cora');
  ok('a grant that the state does not have is listed, of nobody', (await again.grants(folderId)).some((g) => g.holder === holder && g.account === null && g.status === 'active'));
  await again.revoke(folderId, holder);
  ok('and can be ended', (await again.grants(folderId)).every((g) => g.status === 'revoked'));
}
/** A grant that recovery found on the chain came back without its announcement: a change ends it, and the account has one grant. */
async function narrowed(): Promise<void> {
  const rivera = accountOf('rivera');
  state('get'); // which knows neither of the folder nor of the grant
  const { folderId } = await (await unlock(await connect(url), 'cora')).openFolder('found again');
  did('C adds to it', ehr('cora', 'record', 'add', folderId, pdfFile, '--title', 'Before'));
  await (await unlock(await connect(url), 'cora')).grant(folderId, { account: rivera, permissions: VIEW });
  did('C accepts the grant', ehr('rivera', 'inbox'));
  did('and reads', ehr('rivera', 'record', 'list', folderId), 'Before');
  state('put');
  did('C recovers what the state has lost', ehr('cora', 'recover', 'cora'));
  const cora = await unlock(await connect(url), 'cora');
  const active = async () => (await cora.grants(folderId)).filter((g) => g.status === 'active');
  const [found] = await active();
  ok('the page knows whose grant that is', found?.account === rivera && found.permissions === VIEW, JSON.stringify(found));
  await cora.grant(folderId, { account: rivera, permissions: ADD });
  const left = await active();
  ok('a change of it leaves one grant', left.length === 1 && left[0]!.account === rivera && left[0]!.permissions === ADD && left[0]!.holder !== found?.holder, JSON.stringify(left));
  did('which C accepts', ehr('rivera', 'inbox'));
  const read = ehr('rivera', 'record', 'list', folderId);
  ok('and which reads nothing any more', read.code === 3 && !read.out.includes('Before'), read.out);
  did('but adds', ehr('rivera', 'record', 'add', folderId, pdfFile, '--title', 'After'));
  ok('the page reads both', (await all(cora, folderId)).map((r) => r.meta?.title).sort().join() === 'After,Before');
}
/** One account on two devices: both use the folder's address, and the relay takes one request of it at a time. */
async function twoDevices(): Promise<void> {
  const devices = [await unlock(await connect(url), 'cora'), await unlock(await connect(url), 'cora')];
  const { folderId } = (await devices[0]!.folders()).find((f) => f.name === 'general')!;
  const bytes = randomBytes(100) as Uint8Array<ArrayBuffer>;
  const sent: string[] = [];
  const writes = devices.map(async (d, k) => {
    for (let i = 0; i < 6; i++) {
      const title = `Device ${k}, ${i}`;
      await d.add(folderId, [item(title, bytes)]).then(() => sent.push(title));
    }
  });
  const ends = await Promise.allSettled(writes);
  const failures = ends.flatMap((e) => (e.status === 'rejected' ? [String(e.reason)] : []));
  ok('two devices write at once, and both are through', failures.length === 0, failures.join(' · '));
  const there = new Set((await all(devices[0]!, folderId)).map((r) => r.meta?.title));
  ok('all that they wrote is there', sent.length === 12 && sent.every((t) => there.has(t)), `${sent.length} of 12`);
}
main()
  .then(listed)
  .then(narrowed)
  .then(twoDevices)
  .then(authority)
  .catch((e: unknown) => ok('it ran to its end', false, e instanceof Error ? `${e.stack}` : String(e)))
  .finally(() => ended('web_cross'));

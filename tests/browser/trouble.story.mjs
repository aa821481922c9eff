// SPDX-License-Identifier: Apache-2.0
// What goes wrong in a life with the page: a cut connection, a grant that ends, two tabs, a device left alone, another
// authority, a file that is larger than one wants in memory; and passkeys.
// Arguments: node URL, data folder.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { axe, check, launchShared, record, signInByCode, step, summary, tell } from './browser.mjs';
import { cast } from './cast.mjs';
import { askToBeRegistered, button, confirm, heading, PASSPHRASE, place, signUp, tryPassphrase, until } from './steps.mjs';

const [url, data] = process.argv.slice(2);
const { core, person } = await cast(url, data);
const cora = await person('Cora Quist', 'patient');
const doctor = await person('Dr. Miles Abbey', 'practitioner');
const stranger = await person('Dr. Ilse Brandt', 'practitioner');
const folder = await cora.session.openFolder('General');
const text = new Blob(['Walks again.']);
await cora.session.add(folder.folderId, [{ title: 'Visit note', contentType: 'text/plain', fileName: 'note.txt', category: 'notes', creation: '', size: text.size, data: text }]);

const browser = await launchShared();
const home = await browser.device();
const clinic = await browser.device();
const seen = record(home, clinic);
const page = await home.newPage();
const clinicPage = await clinic.newPage();
const patientIn = (where) => signInByCode(where, url, cora.code).then(() => until(where, where.getByRole('link', { name: /Visit note/ }).first()));

/** An element of a DICOM file, explicit VR, little endian (PS3.5, 7.1.2). */
function element(group, number, vr, value) {
  const long = vr === 'OB' || vr === 'OW';
  const body = typeof value === 'string' ? Buffer.from(value.length % 2 ? `${value}${vr === 'UI' ? '\0' : ' '}` : value) : value;
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4);
  if (long) head.writeUInt32LE(body.length, 8);
  else head.writeUInt16LE(body.length, 6);
  return Buffer.concat([head, body]);
}
const u16 = (n) => Buffer.from(Uint16Array.of(n).buffer);
/** A study of one file: frames of 512 x 512 pixels of noise, about so many bytes. */
function dicom(bytes) {
  const frames = Math.floor(bytes / (512 * 512 * 2));
  const meta = element(2, 0x10, 'UI', '1.2.840.10008.1.2.1');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from('DICM'), element(2, 0, 'UL', size), meta, element(8, 0x20, 'DA', '20260301'), element(8, 0x60, 'CS', 'CT'),
    element(0x28, 2, 'US', u16(1)), element(0x28, 4, 'CS', 'MONOCHROME2'), element(0x28, 8, 'IS', String(frames)), element(0x28, 0x10, 'US', u16(512)),
    element(0x28, 0x11, 'US', u16(512)), element(0x28, 0x100, 'US', u16(16)), element(0x28, 0x101, 'US', u16(12)), element(0x28, 0x102, 'US', u16(11)),
    element(0x28, 0x103, 'US', u16(0)), element(0x7fe0, 0x10, 'OW', randomBytes(frames * 512 * 512 * 2)),
  ]);
}

async function cutConnection() {
  const big = join(data, 'big.dcm');
  const file = dicom(Number(process.env.BROWSER_CUT_MB ?? 22) * 1e6);
  const bytes = file.length;
  writeFileSync(big, file);
  const cutAt = Math.max(3, Math.round(bytes / 2 / (4 << 20)));
  let pieces = 0;
  let sent = 0;
  let begun = 0;
  page.on('request', (r) => {
    if (r.method() === 'POST' && /\/uploads$/.test(r.url())) begun++;
    if (r.method() === 'PATCH') sent += r.postDataBuffer()?.length ?? Number(r.headers()['content-length'] ?? 0);
  });
  await page.route('**/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH' && ++pieces === cutAt) {
      await home.setOffline(true);
      setTimeout(() => void home.setOffline(false), 5000);
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  await step('the patient signs in by recovery code', () => patientIn(page));
  await step('a connection cut in mid-upload: the page says so, goes on by itself and ends', async () => {
    await place(page, 'Documents');
    await page.locator('input[type=file][multiple]').setInputFiles(big);
    await until(page, button(page, 'Lock and add'));
    await button(page, 'Lock and add').click();
    await page.getByText('The node cannot be reached. What you see stays').waitFor();
    await page.getByText('1 of 1 confirmed').waitFor({ timeout: 120000 });
    check('the upload was resumed, not begun anew', pieces > cutAt && begun === 1 && sent < bytes * 1.6, `${pieces} pieces, ${begun} begun, ${sent} bytes`);
    await page.getByText('The node cannot be reached.').waitFor({ state: 'hidden' });
  });
  await page.unroute('**/uploads/*');
}

async function grantEnds() {
  await step('a grant that ends while its record is open closes it', async () => {
    await signInByCode(clinicPage, url, doctor.code);
    await until(clinicPage, clinicPage.getByText('Nobody shares with you at the moment.'));
    const notAfter = Math.floor(Date.now() / 1000) + Number(process.env.BROWSER_GRANT_S ?? 45);
    await cora.session.grant(folder.folderId, { account: doctor.session.account, permissions: core.VIEW, notAfter });
    await place(clinicPage, 'Requests');
    await place(clinicPage, 'Patients');
    await until(clinicPage, clinicPage.getByRole('link', { name: /Cora Quist/ }));
    await clinicPage.getByRole('link', { name: /Cora Quist/ }).click();
    await clinicPage.getByRole('link', { name: /Visit note/ }).first().click();
    await until(clinicPage, clinicPage.getByText('Walks again.'));
    await clinicPage.getByText('This chart is no longer shared with you.').waitFor({ timeout: 90000 });
    check('nothing of it stays on the page', !(await clinicPage.getByText('Walks again.').isVisible()));
    await axe(clinicPage, 'a grant that ended');
    await clinicPage.getByRole('link', { name: 'All patients' }).click();
    await until(clinicPage, clinicPage.getByText('Nobody shares with you at the moment.'));
  });
}

/** What a program says that writes another author into its documents. */
async function forgedAuthor() {
  const { holder } = await cora.session.grant(folder.folderId, { account: doctor.session.account, permissions: core.VIEW | core.ADD });
  await doctor.session.scanInbox();
  const real = doctor.session.c;
  const forge = async (title, account, card) => {
    const c = Object.create(real, { account: { value: real.account, writable: true } });
    c.cardOf = () => Promise.resolve(card);
    c.certificateOf = () => ((c.account = account), Promise.resolve(''));
    doctor.session.c = c;
    await doctor.session.add(folder.folderId, [{ title, contentType: 'text/plain', fileName: 'x.txt', category: 'notes', creation: '', size: text.size, data: text }]);
    doctor.session.c = real;
  };
  await forge('Another name', doctor.session.account, { ...(await doctor.session.card()), name: 'Dr. Famous' });
  await forge('Another person', cora.session.account, await cora.session.card());
  await cora.session.revoke(folder.folderId, holder);
  await step('a document that names another author than who signed it says so, in the list, on its page and in its proof', async () => {
    await patientIn(page);
    await place(page, 'Documents');
    await until(page, page.getByText('Dr. Miles Abbey (“Dr. Famous” in the document)'));
    await page.getByRole('link', { name: /Another person.*“Cora Quist”, but signed by Dr\. Miles Abbey/ }).click();
    await until(page, page.getByText('The document names “Cora Quist” as its author, but somebody else signed it.'));
    await page.locator('ehr-proof').getByText('does not hold').waitFor();
    await axe(page, 'a forged author');
    await place(page, 'Documents');
    await page.getByRole('link', { name: /Another name/ }).click();
    await until(page, page.getByText('On the card of the person who signed it stands “Dr. Miles Abbey”'));
    await page.locator('ehr-proof').getByText('checks passed').waitFor();
  });
  await step('and what the page adds is proved', async () => {
    await place(page, 'Documents');
    await page.getByRole('link', { name: /Visit note/ }).first().click();
    await until(page, page.getByText('Walks again.'));
    check('a name alone, without a caveat', !/in the document|as the document says|but signed by/.test(await page.locator('main').innerText()));
  });
}

async function sharedByOther() {
  const device = await browser.device();
  const own = await device.newPage();
  let before = null; // the owner state as it was: what the page goes on with
  await step('a share that the owner state does not have is told, and can be ended', async () => {
    await own.route('**/api/v1/state', async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      before ??= await route.fetch().then(async (r) => ({ status: r.status(), headers: r.headers(), body: await r.body() }));
      return route.fulfill(before);
    });
    await patientIn(own);
    await cora.session.grant(folder.folderId, { account: stranger.session.account, permissions: core.VIEW });
    await place(own, 'Sharing');
    await until(own, own.getByText('You did not share this from here'));
    await axe(own, 'a share by somebody else');
    await own.unroute('**/api/v1/state');
    await button(own, 'Stop sharing').first().click();
    await confirm(own, 'Stop sharing');
    await until(own, own.getByText('Nobody but you.'));
  });
  await device.close();
}

async function twoTabs() {
  const second = await home.newPage();
  const newFolder = async (where, name) => {
    await place(where, 'Settings');
    await until(where, where.getByLabel('New folder'));
    await where.getByLabel('New folder').fill(name);
    await button(where, 'Open the folder').click();
    await until(where, where.locator('.line-title', { hasText: name }));
  };
  await step('two tabs change the same record: nothing of either is lost', async () => {
    await patientIn(second);
    await newFolder(second, 'Dental');
    await newFolder(page, 'Eyes');
    await page.locator('.line-title', { hasText: 'Dental' }).waitFor();
    const names = (await (await core.openSession({ node: cora.session.node, identity: await core.identities().unlockRecovery(cora.code, cora.session.node.info) })).folders()).map((f) => f.name);
    check('both folders are there', ['Dental', 'Eyes', 'General'].every((n) => names.includes(n)), names.join());
  });
  await step('locking one tab locks the other', async () => {
    await button(second, 'Lock').click();
    await until(page, heading(page, 'Sign in'));
    await until(second, heading(second, 'Sign in'));
  });
  await second.close();
}

async function leftAlone() {
  await step('left alone, the page locks itself and keeps the place', async () => {
    await page.evaluate(() => localStorage.setItem('ehrd.lockAfterMs', '8000'));
    await page.reload();
    await patientIn(page);
    await place(page, 'Timeline');
    await until(page, heading(page, 'Timeline'));
    await until(page, heading(page, 'Sign in'));
    await page.getByText('Your place is kept; sign in to go on.').waitFor();
    check('nothing of the record is on the page', !(await page.locator('body').innerText()).includes('Visit note'));
    await page.evaluate(() => localStorage.removeItem('ehrd.lockAfterMs'));
    await page.getByLabel('Recovery code').fill(cora.code);
    await button(page, 'Unlock').click();
    await until(page, heading(page, 'Timeline'));
    check('back at the place', new URL(page.url()).pathname === '/timeline', page.url());
  });
}

/** Memory of one's own (not of files) of this browser's pages and their Workers, in MB. */
function memoryOfPages() {
  const parent = new Map();
  const own = new Map();
  for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      parent.set(pid, /PPid:\s+(\d+)/.exec(status)[1]);
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) own.set(pid, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
    } catch { /* it has ended */ }
  }
  const mine = (pid) => pid === String(process.pid) || (parent.has(pid) && mine(parent.get(pid)));
  return Math.round([...own].filter(([pid]) => mine(pid)).reduce((sum, [, n]) => sum + n, 0));
}
async function largeFile() {
  const device = await browser.device();
  const own = await device.newPage();
  const megabytes = 300;
  const big = join(data, 'large.pdf');
  writeFileSync(big, '%PDF-1.4\n');
  const part = randomBytes(1_000_000);
  for (let i = 0; i < megabytes; i++) appendFileSync(big, part);
  let pieces = 0;
  const held = Promise.withResolvers();
  await step('a large file is never whole in memory, and adding it can be stopped', async () => {
    await patientIn(own);
    await place(own, 'Documents');
    await own.locator('input[type=file][multiple]').setInputFiles(big);
    await until(own, button(own, 'Lock and add'));
    const before = memoryOfPages();
    await own.route('**/uploads/*', async (route) => {
      if (route.request().method() === 'PATCH' && ++pieces >= 3) await held.promise; // the network stands still, the file does not
      return route.continue().catch(() => undefined);
    });
    await button(own, 'Lock and add').click();
    let most = before;
    for (let i = 0; i < 100 && (pieces < 3 || i < 40); i++) {
      most = Math.max(most, memoryOfPages());
      await own.waitForTimeout(100);
    }
    check(`of ${megabytes} MB less than half was ever in memory`, pieces === 3 && most - before < megabytes / 2, `${most - before} MB, ${pieces} pieces`);
    await button(own, 'Cancel what is not stored yet').click();
    held.resolve();
    await until(own, button(own, 'Clear'));
  });
  await device.close();
  rmSync(big);
}
async function otherAuthority() {
  const device = await browser.device();
  const own = await device.newPage();
  await step('a ledger signed by somebody else than this device knows is refused, until the person says so', async () => {
    await own.goto(`${url}/sign-in`);
    await own.evaluate(async () => {
      const node = await (await fetch('/api/v1/node')).json();
      localStorage.setItem(`ehrd.authority.${node.chainId}.${node.proxy}`, `0x${'77'.repeat(20)}`);
    });
    await signInByCode(own, url, cora.code);
    await until(own, own.getByText('The ledger is signed by somebody else than before.'));
    await axe(own, 'another authority');
    await button(own, 'I asked: trust the new one').click();
    await patientIn(own);
  });
  await device.close();
}

async function passkeys() {
  // A passkey belongs to a name, not to a number.
  const named = url.replace('127.0.0.1', 'localhost');
  const device = await browser.device();
  const own = await device.newPage();
  const cdp = await device.newCDPSession(own);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await step('a passkey of the device is a way to unlock (WebAuthn PRF)', async () => {
    await signUp(own, named, { name: 'Nora Vale', ways: (p) => p.getByLabel('Also unlock with this device').check() });
    await tryPassphrase(own);
    await askToBeRegistered(own);
    await button(own, 'Lock').click();
    await until(own, button(own, "Use this device's passkey"));
    await button(own, "Use this device's passkey").click();
    await until(own, heading(own, 'Waiting to be registered'));
  });
  await step('unlocking by passphrase is work of a Worker: the page tells how far it is, and it can be stopped', async () => {
    await button(own, 'Lock').click();
    await own.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    const [worker] = await Promise.all([own.waitForEvent('worker'), button(own, 'Unlock').click()]);
    await own.waitForFunction(() => document.querySelector('progress')?.value > 0.05);
    const ended = new Promise((done) => worker.once('close', done));
    await button(own, 'Cancel').click();
    await until(own, own.getByText('Stopped, as you asked.'));
    await ended;
    await button(own, 'Unlock').click();
    await until(own, heading(own, 'Waiting to be registered'));
  });
  await device.close();
}

await tell(async () => {
  await cutConnection();
  await grantEnds();
  await forgedAuthor();
  await sharedByOther();
  await twoTabs();
  await leftAlone();
  await passkeys();
  await otherAuthority();
  await largeFile();
}, { patient: page, physician: clinicPage });
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('trouble');
process.exit();

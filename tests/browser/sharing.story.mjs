// SPDX-License-Identifier: Apache-2.0
// Whom one shares with, and how much: a key card that has changed, names that repeat, requests that are answered with no more than
// was asked for, and a page that is left alone with an open question. Arguments: node URL, data folder.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { axe, check, launchShared, record, signInByCode, step, summary, tell, top } from './browser.mjs';
import { cast } from './cast.mjs';
import { button, confirm, heading, leave, locksLate, locksSoon, place, until } from './steps.mjs';

const { generatePrivateKey, privateKeyToAccount } = createRequire(join(top, 'web/package.json'))('viem/accounts');
const [url, data] = process.argv.slice(2);
const { core, node, admin, person } = await cast(url, data);
const HOUR = 3600;
const mina = await person('Mina Falk', 'patient');
const doctor = await person('Dr. Vera Lind', 'practitioner');
const folder = await mina.session.openFolder('General');

/** An account of a key of its own; each session of it has another identity, as a thief of that key has. */
const key = privateKeyToAccount(generatePrivateKey());
const signer = { address: key.address.toLowerCase(), kind: 'page', signTypedData: (t) => key.signTypedData(t) };
async function cardBy(name) {
  const session = await core.openSession({ node, identity: await core.identities().create(node.info, 'wallet'), signer });
  return { session, card: await session.publishCard(name, 'practitioner') };
}
await admin.admin.register(signer.address, 'practitioner', 0);
const first = await cardBy('Dr. Hugo Stern');
const { holder } = await mina.session.grant(folder.folderId, { account: signer.address, permissions: core.VIEW });
await mina.session.revoke(folder.folderId, holder);

const browser = await launchShared();
const home = await browser.device();
const clinic = await browser.device();
const seen = record(home, clinic);
const page = await home.newPage();
const clinicPage = await clinic.newPage();
const hex = (account) => `${account.slice(0, 10)}…${account.slice(-6)}`;
const granted = async (account) => (await mina.session.grants(folder.folderId)).find((g) => g.account === account && g.status === 'active');
/** What the owner state says now, read by a session of its own: the page has changed it. */
async function fresh() {
  const identity = await core.identities().unlockRecovery(mina.code, node.info);
  return core.openSession({ node, identity });
}
async function toSharing() {
  await place(page, 'Documents');
  await place(page, 'Sharing');
  await until(page, heading(page, 'Who can see this now'));
}
async function paste(link) {
  await button(page, 'Share').click();
  await page.getByLabel('Link or code of the person').fill(link);
  await until(page, page.locator('.sentence'));
}

async function declined() {
  await button(page, 'Continue').click();
  await confirm(page, 'Not now');
  await page.getByText('Nothing was changed.').waitFor();
}

async function changedCard() {
  const thief = await cardBy('Dr. Hugo Stern');
  const form = page.locator('ehr-share-order');
  await step('a card that has changed is told, with both hashes, and nothing can be shared', async () => {
    await signInByCode(page, url, mina.code);
    await until(page, heading(page, 'Problems'));
    await toSharing();
    await button(page, 'Share').click();
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Hugo Stern' });
    await until(page, heading(page, 'This is not the key card you know'));
    const said = await form.innerText();
    check('the new hash and the one of before', said.includes(thief.card.hash) && said.includes(first.card.hash), said);
    check('what may be shared can be read', (await page.locator('.sentence').innerText()).startsWith('Dr. Hugo Stern may read'));
    check('but not be signed', await button(page, 'Continue').isDisabled());
    await axe(page, 'a changed card');
  });
  await step('the core refuses it, too', async () => {
    const told = await mina.session.grant(folder.folderId, { account: signer.address, pinnedCard: thief.card.hash, permissions: core.VIEW }).then(() => 'shared', (e) => e.code);
    check('E_CARD_CHANGED', told === 'E_CARD_CHANGED', told);
    check('nothing is on the chain', (await granted(signer.address)) === undefined);
  });
  await step('declined in the end, no card is known that was not known before', async () => {
    await page.getByLabel('I compared it with Dr. Hugo Stern').check();
    await declined();
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Vera Lind' });
    await until(page, page.locator('.sentence'));
    await declined();
    const session = await fresh();
    check('the card of before is the known one', (await session.cardPinned(signer.address)) === first.card.hash);
    check('nobody new is known', (await session.cardPinned(doctor.session.account)) === null);
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Hugo Stern' });
    await until(page, heading(page, 'This is not the key card you know'));
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Vera Lind' });
    await page.getByText('Is it the right person?').click();
    await page.getByText('You have not shared with this account before.').waitFor();
  });
  await step('compared, and said so: shared, and known from then on', async () => {
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Hugo Stern' });
    await page.getByLabel('I compared it with Dr. Hugo Stern').check();
    await button(page, 'Continue').click();
    const said = await confirm(page, 'Share');
    check('the question says that the card is another one', said.includes('you said that you compared it'), said);
    await until(page, page.locator('.line-title', { hasText: 'Dr. Hugo Stern' }));
    await button(page, 'Share').click();
    await page.getByLabel('With whom?').selectOption({ label: 'Dr. Hugo Stern' });
    await until(page, page.locator('.sentence'));
    await page.getByText('Is it the right person?').click();
    await page.getByText('by this same card').waitFor();
    await button(page, 'Not now').click();
  });
  await step('the other side finds the hash to be compared in the settings', async () => {
    await signInByCode(clinicPage, url, doctor.code);
    await until(clinicPage, clinicPage.getByText('Nobody shares with you at the moment.'));
    await place(clinicPage, 'Settings');
    await clinicPage.locator('summary').getByText('Advanced', { exact: true }).click();
    await clinicPage.getByText((await doctor.session.card()).hash).waitFor();
  });
}

async function sameName() {
  const impostor = await person('Dr Vеra Lind', 'practitioner'); // with a Cyrillic letter
  await step('where a name repeats, role and account tell who it is, in the sentence, too', async () => {
    await page.reload();
    await signInByCode(page, url, mina.code);
    await until(page, heading(page, 'Problems'));
    await toSharing();
    await button(page, 'Share').click();
    const label = `Dr. Vera Lind (physician, ${hex(doctor.session.account)})`;
    await page.getByLabel('With whom?').selectOption({ label });
    await until(page, page.locator('.sentence'));
    const sentence = await page.locator('.sentence').innerText();
    check('the sentence names the account', sentence.startsWith(`${label} may read and add to “General” until `), sentence);
    const options = await page.getByLabel('With whom?').locator('option').allInnerTexts();
    check('so does the impostor’s line', options.includes(`${impostor.name} (physician, ${hex(impostor.session.account)})`), options.join('\n'));
    check('other names stand alone', options.includes('Dr. Hugo Stern'), options.join('\n'));
    await page.getByText('More than one person here has this name').waitFor();
    await axe(page, 'a name that repeats');
    await button(page, 'Not now').click();
  });
}

async function answered() {
  await step('a request of one hour gives one hour, and not a right more', async () => {
    await paste(await doctor.session.requestLink({ purpose: 'A look at the wound', permissions: core.VIEW | core.ADD, duration: HOUR }));
    await page.getByText('would like to read and add to your record for 1 hour.').first().waitFor();
    await page.getByText('A look at the wound').first().waitFor();
    const rights = await page.locator('ehr-rights label').allInnerTexts();
    check('no other right is offered', rights.map((t) => t.trim()).join() === 'read,add', rights.join());
    const spans = await page.getByLabel('For how long?').locator('option').allInnerTexts();
    check('no longer time is offered', spans.join() === '1 hour, as asked', spans.join());
    check('nor another date', (await page.locator('ehr-share-order input[type=date]').count()) === 0);
    await axe(page, 'answering a request');
    const sentence = await page.locator('.sentence').innerText();
    check('the sentence tells the end to the minute', /until \d+ \w+ \d{4}, \d\d:\d\d\.$/.test(sentence), sentence);
    await button(page, 'Continue').click();
    const said = await confirm(page, 'Share');
    check('the question says the same', said.includes(sentence), said);
    await until(page, page.locator('.line-title', { hasText: 'Dr. Vera Lind' }));
    const session = await fresh();
    const g = (await session.grants(folder.folderId)).find((x) => x.account === doctor.session.account && x.status === 'active');
    check('the chain holds it, no longer than an hour', g.permissions === (core.VIEW | core.ADD) && g.notAfter - g.notBefore <= HOUR && g.notAfter - g.notBefore > HOUR - 400, JSON.stringify(g));
    check('the request is answered', (await session.requests()).find((q) => q.account === doctor.session.account)?.answer === 'accepted');
    const more = await session.acceptRequest((await session.requests())[0], folder.folderId, { permissions: core.VIEW | core.REMOVE }).then(() => 'shared', (e) => e.code);
    check('nor does the core give more', more === 'E_RANGE', more);
  });
  await step('a request in the inbox can be answered with less', async () => {
    await doctor.session.requestAccess(mina.session.account, { purpose: 'Follow-up', permissions: core.VIEW | core.ADD | core.AMEND, duration: 30 * 86400 });
    await toSharing();
    await until(page, button(page, 'Look and decide'));
    await button(page, 'Look and decide').click();
    await until(page, page.locator('.sentence'));
    await page.locator('ehr-rights').getByLabel('correct').uncheck();
    await page.getByLabel('For how long?').selectOption({ label: '1 day' });
    await button(page, 'Continue').click();
    const said = await confirm(page, 'Share');
    check('the question tells what it replaces', /This takes the place of what holds now: Dr\. Vera Lind \(.*\) may read and add to “General” until/.test(said), said);
    await button(page, 'Look and decide').waitFor({ state: 'hidden' });
    await until(page, button(page, 'Share'));
    const g = (await (await fresh()).grants(folder.folderId)).find((x) => x.account === doctor.session.account && x.status === 'active');
    check('less is what the chain holds', g.permissions === (core.VIEW | core.ADD) && g.notAfter - g.notBefore <= 86400 && g.notAfter - g.notBefore > 86000, JSON.stringify(g));
  });
}

async function refusedInWords() {
  await step('who was refused stands in Activity with the reason in the reader’s language', async () => {
    const shared = (await doctor.session.scanInbox(), await doctor.session.folders()).find((f) => f.folderId === folder.folderId);
    const { holder } = (await (await fresh()).grants(folder.folderId)).find((g) => g.account === doctor.session.account && g.status === 'active');
    await (await fresh()).revoke(folder.folderId, holder);
    const told = await doctor.session.list(shared.folderId).next().then(() => 'listed', (e) => e.code);
    check('the node refuses', told === 'E_FORBIDDEN', told);
    await locksLate(page);
    await page.reload();
    await signInByCode(page, url, mina.code);
    await until(page, heading(page, 'Problems'));
    await place(page, 'Activity');
    await until(page, page.getByText('tried to open something of this folder: you had stopped sharing'));
    await page.evaluate(() => localStorage.setItem('ehrd.language', 'de'));
    await page.reload();
    await page.getByLabel('Wiederherstellungscode').fill(mina.code);
    await button(page, 'Entsperren').click();
    await until(page, heading(page, 'Zugriffe'));
    await page.getByText('Sie hatten die Freigabe beendet').waitFor();
    await page.evaluate(() => localStorage.removeItem('ehrd.language'));
  });
}

async function leftWithQuestion() {
  await step('left alone with an open question the page locks itself, and answers no', async () => {
    await locksSoon(page);
    await signInByCode(page, url, mina.code);
    await until(page, heading(page, 'Problems'));
    await toSharing();
    await until(page, button(page, 'Stop sharing').first());
    await button(page, 'Stop sharing').first().click();
    await page.getByRole('dialog').waitFor();
    await leave(page);
    await page.getByText('Your place is kept; sign in to go on.').waitFor();
    check('the question is gone', !(await page.getByRole('dialog').isVisible()));
    check('nothing of it is on the page', !/Lind|Stern/.test(await page.locator('body').innerText()));
    const live = (await (await fresh()).grants(folder.folderId)).filter((g) => g.status === 'active');
    check('nothing was stopped', live.length === 2, JSON.stringify(live));
  });
}

await tell(async () => {
  await changedCard();
  await sameName();
  await answered();
  await leftWithQuestion();
  await refusedInWords();
}, { patient: page, physician: clinicPage });
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('sharing');
process.exit();

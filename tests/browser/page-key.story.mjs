// SPDX-License-Identifier: Apache-2.0
// The whole story of patient, physician and administrator with keys made in the page. Arguments: node URL, data folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, check, launchShared, leaks, record, step, summary, tell, top } from './browser.mjs';
import {
  PASSPHRASE, addFiles, askToBeRegistered, button, confirm, heading, link, place, signInAsAdministrator, signUp, tryPassphrase, until, unlockHere, writeNote,
} from './steps.mjs';

const [url, data] = process.argv.slice(2);
const shots = process.env.BROWSER_SHOTS;
const browser = await launchShared();
const patients = await browser.device();
const physicians = await browser.device();
const admins = await browser.device();
const seen = record(patients, physicians, admins);
const look = (page) => async (name) => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  await axe(page, name);
};
const patient = await patients.newPage();
const physician = await physicians.newPage();
const admin = await admins.newPage();
const see = { patient: look(patient), physician: look(physician), admin: look(admin) };
const PATIENT = 'Ada Quillfeather';
const PHYSICIAN = 'Dr. Iris Montague';
const NOTE = ['Visit of the knee', 'Swelling went down; walks without a stick.'];
let code = '';

async function registerWho(name) {
  const card = admin.getByRole('region', { name });
  await until(admin, card);
  await see.admin(`admin-request-${name.slice(0, 3)}`);
  await card.getByRole('button', { name: 'Register', exact: true }).click();
  const said = await confirm(admin, 'Register');
  check(`the administrator sees the decoded call before signing (${name})`, said.includes('registerAccount') && said.includes(name), said);
  await card.waitFor({ state: 'detached' });
}

async function story() {
  // ---- getting in ----
  await step('the patient signs up: name, key, two ways', async () => {
    code = await signUp(patient, url, { name: PATIENT, look: see.patient });
  });
  await step('a wrong passphrase is not taken for a working way', async () => {
    await tryPassphrase(patient, 'walnut ferry copper lanterns');
    await patient.getByText('This does not unlock your record.').waitFor();
  });
  await step('the right one is; the patient asks to be registered and waits', async () => {
    await tryPassphrase(patient);
    await until(patient, heading(patient, 'Done'));
    await see.patient('sign-up-done');
    await askToBeRegistered(patient);
    await see.patient('waiting');
  });
  await step('the physician signs up', async () => {
    await signUp(physician, url, { name: PHYSICIAN, role: 'a physician or nurse' });
    await tryPassphrase(physician);
    await askToBeRegistered(physician);
  });
  await step('the administrator signs in with an account file', async () => signInAsAdministrator(admin, url, data));
  await step('the administrator registers both', async () => {
    await registerWho(PATIENT);
    await registerWho(PHYSICIAN);
  });
  await step("the patient's page goes on by itself", async () => {
    await until(patient, heading(patient, 'Your record is empty'));
    await see.patient('empty');
  });
  await step("the physician's too", async () => {
    await until(physician, heading(physician, 'Patients'));
    await physician.getByText('Nobody shares with you at the moment.').waitFor();
    await see.physician('patients-empty');
  });

  // ---- record ----
  await step('the patient starts the record and adds a FHIR bundle and a PDF', async () => {
    await button(patient, 'Start my record').click();
    await until(patient, heading(patient, 'Problems'));
    await place(patient, 'Documents');
    await addFiles(patient, [join(top, 'demo/amara-okafor.json'), join(top, 'demo/discharge-letter.pdf')]);
    await see.patient('documents');
  });
  await step('the summary reads the bundle', async () => {
    await place(patient, 'Summary');
    await until(patient, patient.getByText('Amara Ngozi Okafor').first());
    await see.patient('summary');
  });
  await step('the timeline lists the entries', async () => {
    await place(patient, 'Timeline');
    await until(patient, heading(patient, 'Timeline'));
    await see.patient('timeline');
  });
  await step('the PDF opens in place, its proof holds', async () => {
    await place(patient, 'Documents');
    await patient.getByRole('link', { name: /discharge/i }).first().click();
    await until(patient, patient.locator('ehr-pdf canvas[aria-label]:not([aria-label=""])'));
    await patient.getByText(/checks passed/).waitFor();
    await see.patient('record-pdf');
  });

  // ---- sharing ----
  let ask = '';
  await step('the physician asks by link', async () => {
    await link(physician, 'Ask for access').click();
    await physician.getByLabel('What for?').fill('Follow-up of the knee');
    await physician.getByLabel('For how long?').selectOption({ label: '30 days' });
    await button(physician, 'Make the code').click();
    await until(physician, heading(physician, 'Show this to the patient'));
    ask = await physician.locator('.link').innerText();
    await see.physician('requests');
  });
  await step('the patient opens the link, reads the sentence, shares', async () => {
    await place(patient, 'Sharing');
    await until(patient, heading(patient, 'Who can see this now'));
    await see.patient('sharing-nobody');
    await button(patient, 'Share').click();
    await patient.getByLabel('Link or code of the person').fill(ask);
    await until(patient, patient.locator('.sentence'));
    const sentence = await patient.locator('form .sentence').innerText();
    check('the sentence is whole', sentence.startsWith(`${PHYSICIAN} may read and add to “General” until `), sentence);
    await see.patient('sharing-order');
    await patient.getByRole('button', { name: 'Continue' }).click();
    const said = await confirm(patient, 'Share');
    check('the dialog says the same and decodes the call', said.includes(sentence) && said.includes('grant'), said);
    await until(patient, button(patient, 'Stop sharing'));
    await see.patient('sharing');
  });
  await step('the physician finds the patient and reads', async () => {
    await place(physician, 'Patients');
    await until(physician, physician.getByRole('link', { name: new RegExp(PATIENT) }));
    await see.physician('patients');
    await physician.getByRole('link', { name: new RegExp(PATIENT) }).click();
    await until(physician, physician.getByText('Amara Ngozi Okafor').first());
    await see.physician('chart-summary');
  });
  await step('the physician adds a note', async () => {
    await link(physician, 'Documents').click();
    await writeNote(physician, ...NOTE);
    await until(physician, physician.getByText('1 of 1 confirmed'));
  });
  await step('the patient reads the note and sees who wrote it', async () => {
    await place(patient, 'Documents');
    await patient.reload();
    await until(patient, heading(patient, 'Sign in'));
    await unlockHere(patient);
    await until(patient, heading(patient, 'Documents'));
    await patient.getByLabel('also entries of the chart').check();
    await until(patient, patient.getByRole('link', { name: new RegExp(NOTE[0]) }));
    await patient.getByRole('link', { name: new RegExp(NOTE[0]) }).click();
    await until(patient, patient.getByText(NOTE[1]));
    await patient.getByText(PHYSICIAN).first().waitFor();
    await see.patient('record-note');
  });
  await step('the patient sees who looked', async () => {
    await place(patient, 'Activity');
    await until(patient, patient.locator('.line-title', { hasText: PHYSICIAN }));
    await patient.getByText(/checks passed/).waitFor();
    await see.patient('activity');
  });
  await step('the patient stops sharing and is told the three facts', async () => {
    await place(patient, 'Sharing');
    await until(patient, button(patient, 'Stop sharing'));
    await button(patient, 'Stop sharing').click();
    const said = await confirm(patient, 'Stop sharing');
    check('the dialog names the call', said.includes('revoke'), said);
    await until(patient, heading(patient, `Stopped sharing with ${PHYSICIAN}`));
    for (const fact of ['From now on', 'New versions', 'Already opened']) await patient.getByText(fact, { exact: true }).waitFor();
    await see.patient('stopped');
  });
  await step('the physician is refused', async () => {
    await link(physician, 'Timeline').click();
    await link(physician, 'All patients').click();
    await until(physician, physician.getByText('Nobody shares with you at the moment.'));
    await see.physician('patients-stopped');
  });

  // ---- coming back ----
  await step('the settings', async () => {
    await place(patient, 'Settings');
    await until(patient, heading(patient, 'Ways to unlock'));
    await see.patient('settings');
  });
  await step('an empty device signs in by recovery code alone', async () => {
    const device = await browser.device();
    const page = await device.newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel('Recovery code').fill(code);
    await button(page, 'Unlock').click();
    await until(page, page.getByText('Amara Ngozi Okafor').first());
    await device.close();
  });
  await step('the administrator suspends the physician, who gets nothing then, and reinstates', async () => {
    await place(admin, 'Organisations');
    await place(admin, 'People');
    const line = admin.locator('li.line', { hasText: PHYSICIAN });
    await until(admin, line);
    await line.getByRole('button', { name: 'Suspend', exact: true }).click();
    const said = await confirm(admin, 'Suspend');
    check('the decoded call is shown', said.includes('suspendAccount') && said.includes(PHYSICIAN), said);
    await line.getByRole('button', { name: 'Reinstate', exact: true }).waitFor();
    await physician.reload();
    await unlockHere(physician);
    await until(physician, heading(physician, 'Your registration is paused'));
    await see.physician('suspended');
    await line.getByRole('button', { name: 'Reinstate', exact: true }).click();
    await confirm(admin, 'Reinstate');
    await until(physician, heading(physician, 'Patients'));
  });
  await step('the administrator registers an organisation by its account', async () => {
    await place(admin, 'Organisations');
    await admin.getByRole('button', { name: 'Register', exact: true }).click();
    await admin.getByLabel('Account').fill('0x00000000000000000000000000000000000c11c1');
    await admin.getByLabel('As', { exact: true }).selectOption({ label: 'organisation' });
    await button(admin, 'Continue').click();
    await confirm(admin, 'Register');
    await admin.locator('li.line', { hasText: 'organisation' }).waitFor();
  });
  await step('the administrator writes an upgrade proposal: the call, decoded', async () => {
    await place(admin, 'Contract');
    await until(admin, heading(admin, 'In force: version'));
    const code = await admin.locator('dt', { hasText: 'Code at' }).locator('xpath=following-sibling::dd[1]').innerText();
    await admin.getByLabel('Address of the new code').fill(code);
    await button(admin, 'Write the call').click();
    await until(admin, admin.getByText('The new code trusts the same forwarder.'));
    const facts = await admin.locator('form dl.facts').innerText();
    check('it names ProxyAdmin.upgradeAndCall and its arguments', facts.includes('upgradeAndCall') && facts.includes(code), facts);
    await see.admin('admin-proposal');
    await admin.getByLabel('Address of the new code').fill('0x00000000000000000000000000000000000c11c1');
    await button(admin, 'Write the call').click();
    await admin.getByText('This cannot be read.').waitFor();
  });
  await step('pages of the administrator', async () => {
    for (const name of ['People', 'Organisations', 'Contract', 'Node', 'Settings']) {
      await place(admin, name);
      await until(admin, heading(admin, name === 'Contract' ? 'In force: version' : name));
      if (name === 'Node') await until(admin, admin.locator('section[aria-labelledby=relay]').getByText(/\d ETH$/));
      await admin.waitForTimeout(300);
      await see.admin(`admin-${name.toLowerCase()}`);
    }
    check('an account file has no recovery code and no ways to unlock', (await admin.getByRole('heading', { name: /Recovery code|Ways to unlock/ }).count()) === 0);
  });
}

await tell(story, { patient, physician, admin });
const secrets = { passphrase: PASSPHRASE, 'recovery code': code, note: NOTE[1], 'title of the note': NOTE[0], 'name in the chart': 'Okafor', purpose: 'Follow-up of the knee' };
if (!code) delete secrets['recovery code'];
const found = leaks(seen, secrets);
check(`no clear byte left the pages (${seen.requests.length} requests)`, code.length === 81 && found.length === 0, found.join('\n'));
const planted = { requests: [...seen.requests, { method: 'POST', url, headers: '', body: Buffer.from(Buffer.from(NOTE[1]).toString('base64')) }] };
check('a planted leak is found', leaks(planted, secrets).length === 1);
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('page-key');

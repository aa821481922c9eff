// SPDX-License-Identifier: Apache-2.0
// The life of a record: drawn in place, amended, marked, removed, brought back, erased; by the patient and by the physician who
// may; and a device that forgets its person. Arguments: node URL, data folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, check, launchShared, record, signInByCode, step, summary, tell, top } from './browser.mjs';
import { cast } from './cast.mjs';
import { PASSPHRASE, addFiles, button, confirm, heading, link, place, until, unlockHere } from './steps.mjs';
import { GREEN, pngOf } from './png.mjs';

const [url, data] = process.argv.slice(2);
const { core, person } = await cast(url, data);
const lena = await person('Lena Marsh', 'patient');
const doctor = await person('Dr. Otto Finch', 'practitioner');
const folder = await lena.session.openFolder('General');
const result = (value) =>
  `{"resourceType":"Observation","id":"k1","status":"final","effectiveDateTime":"2026-03-02","code":{"text":"Potassium"},"valueQuantity":{"value":${value},"unit":"mmol/L"}}`;
const fhir = (title, text, category) => ({ title, contentType: 'application/fhir+json', fileName: '', category, creation: '2026-03-02T08:00:00Z', size: text.length, data: new Blob([text]) });
await lena.session.add(folder.folderId, [fhir('Potassium', result('4.10'), 'results'), fhir('Sodium', result('139').replace('Potassium', 'Sodium'), 'results')]);
const rights = core.VIEW | core.ADD | core.AMEND | core.REMOVE;
await lena.session.grant(folder.folderId, { account: doctor.session.account, permissions: rights, notAfter: Math.floor(Date.now() / 1000) + 86400 });

const browser = await launchShared();
const home = await browser.device();
const clinic = await browser.device();
const seen = record(home, clinic);
const page = await home.newPage();
const clinicPage = await clinic.newPage();

/** Opens the record of this title from the list of documents. */
async function openRecord(where, title) {
  if (where === page) await place(where, 'Documents');
  else await link(where, 'Documents').click();
  await until(where, heading(where, 'Documents'));
  await where.getByLabel('also entries of the chart').check();
  await where.getByRole('link', { name: new RegExp(title) }).first().click();
  await where.getByRole('heading', { level: 1, name: title }).waitFor();
}
const more = (where) => where.locator('summary').getByText('More', { exact: true }).click();
/** The line of a title in the list of documents. */
async function lineOf(where, title) {
  if (where === page) await place(where, 'Documents');
  else await link(where, 'Documents').click();
  await where.getByLabel('also entries of the chart').check();
  return where.getByRole('link', { name: new RegExp(title) });
}
/** Does it, answers the question, and looks that the question named the call. */
async function doConfirmed(where, name, yes, call) {
  await button(where, name).click();
  const said = await confirm(where, yes);
  check(`“${name}” shows the decoded call first`, said.includes(call), said);
}
async function amend(where, title, value) {
  await openRecord(where, title);
  await more(where);
  await where.getByLabel('Replace by a new version').setInputFiles({ name: 'k.json', mimeType: 'application/json', buffer: Buffer.from(result(value)) });
}
/** How many different colours a canvas or picture holds, and its middle pixel. */
const pixels = (where, selector) => where.locator(selector).evaluate((e) => {
  const c = document.createElement('canvas');
  c.width = e.naturalWidth || e.width;
  c.height = e.naturalHeight || e.height;
  const g = c.getContext('2d');
  g.drawImage(e, 0, 0);
  const d = g.getImageData(0, 0, c.width, c.height).data;
  const colours = new Set();
  let sum = 0;
  for (let i = 0; i < d.length; i += 4) {
    colours.add((d[i] << 16) | (d[i + 1] << 8) | d[i + 2]);
    sum += d[i];
  }
  const m = 4 * ((c.height >> 1) * c.width + (c.width >> 1));
  return { width: c.width, height: c.height, colours: colours.size, sum, middle: [...d.slice(m, m + 3)] };
});

async function drawnInPlace() {
  await step('the patient adds a PDF, a picture and a DICOM image', async () => {
    await signInByCode(page, url, lena.code);
    await until(page, heading(page, 'Problems'));
    await place(page, 'Documents');
    writeFileSync(join(data, 'wound.png'), pngOf(48, 32, GREEN));
    await addFiles(page, [join(top, 'demo/discharge-letter.pdf'), join(data, 'wound.png'), join(top, 'demo/chest-ct.dcm')], 3);
  });
  await step('the PDF is drawn, page and text', async () => {
    await openRecord(page, 'discharge-letter');
    await until(page, page.locator('ehr-pdf canvas[aria-label]:not([aria-label=""])'));
    const drawn = await pixels(page, 'ehr-pdf canvas');
    check('there is ink on white paper', drawn.width > 500 && drawn.colours > 10, JSON.stringify(drawn));
    await page.getByText('Text of this page').click();
    const words = await page.locator('ehr-pdf p.text').innerText();
    check('its text can be read out', /discharge/i.test(words), words);
  });
  await step('the picture is drawn in its colours', async () => {
    await openRecord(page, 'wound');
    await until(page, page.locator('ehr-viewer img.picture'));
    await page.waitForFunction(() => document.querySelector('img.picture')?.complete);
    const drawn = await pixels(page, 'img.picture');
    check('48 by 32, all green', drawn.width === 48 && drawn.height === 32 && drawn.colours === 1 && String(drawn.middle) === String(GREEN), JSON.stringify(drawn));
    await axe(page, 'a picture');
    check('with its title for those who cannot see it', (await page.locator('img.picture').getAttribute('alt')) === 'wound.png');
  });
  await step('the DICOM image is drawn, and its window changes it', async () => {
    await openRecord(page, 'chest-ct');
    await until(page, page.locator('ehr-dicom canvas'));
    await page.getByLabel(/Brightness/).waitFor();
    const drawn = await pixels(page, 'ehr-dicom canvas');
    check('there are many greys', drawn.width >= 64 && drawn.colours > 20, JSON.stringify(drawn));
    const level = page.getByLabel(/Brightness/);
    await level.focus();
    await level.press('Home');
    let bright = drawn;
    for (let i = 0; i < 50 && bright.sum === drawn.sum; i++) bright = await pixels(page, 'ehr-dicom canvas');
    check('a lower level makes it brighter', bright.sum > drawn.sum, `${drawn.sum} ${bright.sum}`);
    await page.locator('dt', { hasText: 'Kind of image' }).waitFor();
    await axe(page, 'a DICOM image');
  });
}

async function byThePatient() {
  await step('the patient amends a result: two versions, and their difference', async () => {
    await amend(page, 'Potassium', '4.20');
    await page.getByText('Versions (2)').click();
    await page.getByText('4.20 mmol/L').first().waitFor();
    await page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Open' }).click();
    await page.locator('.diff .del').getByText('4.10').waitFor();
    await page.locator('.diff .add').getByText('4.20').waitFor();
    await axe(page, 'versions and their difference');
  });
  await step('marked as entered in error it stays readable, and counts again when the mark is taken away', async () => {
    await openRecord(page, 'Sodium');
    await more(page);
    await doConfirmed(page, 'Mark as entered in error', 'Mark it', 'setRecordStatus');
    await page.getByText('Marked as entered in error.').waitFor();
    await page.getByText('139 mmol/L').first().waitFor();
    await axe(page, 'entered in error');
    await (await lineOf(page, 'Sodium')).getByText('entered in error').waitFor();
    await place(page, 'Summary');
    check('the summary does not count it', (await page.locator('button[aria-expanded]').filter({ hasText: 'Sodium' }).count()) === 0);
    await place(page, 'Settings');
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'FHIR bundle').click()]);
    await page.getByText('Left out, since they are marked as entered in error: 1').waitFor();
    const bundle = readFileSync(await file.path(), 'utf8');
    check('what is taken out holds the rest of it', bundle.includes('Potassium') && !bundle.includes('Sodium'), bundle.slice(0, 300));
    await axe(page, 'settings after taking everything out');
    await openRecord(page, 'Sodium');
    await more(page);
    await doConfirmed(page, 'Take the mark away', 'Take the mark away', 'setRecordStatus');
    await button(page, 'Mark as entered in error').waitFor();
    await place(page, 'Summary');
    await page.locator('button[aria-expanded]').filter({ hasText: 'Sodium' }).waitFor();
  });
  await step('removed: nothing of it is shown, and it can be brought back', async () => {
    await openRecord(page, 'Sodium');
    await more(page);
    await doConfirmed(page, 'Remove', 'Remove', 'setRecordStatus');
    await page.getByText('Removed: nobody you share with can open it any more.').waitFor();
    check('its content is not on the page', !(await page.getByText('139 mmol/L').isVisible()));
    await axe(page, 'removed');
    await doConfirmed(page, 'Bring it back', 'Bring it back', 'setRecordStatus');
    await page.getByText('139 mmol/L').first().waitFor();
  });
}

async function byThePhysician() {
  await step('the physician with the right to it amends: the patient sees who wrote the new version', async () => {
    await signInByCode(clinicPage, url, doctor.code);
    await until(clinicPage, clinicPage.getByRole('link', { name: /Lena Marsh/ }));
    await clinicPage.getByRole('link', { name: /Lena Marsh/ }).click();
    await until(clinicPage, heading(clinicPage, 'Problems'));
    await amend(clinicPage, 'Potassium', '4.25');
    await clinicPage.getByText('Versions (3)').waitFor();
    await page.reload();
    await signInByCode(page, url, lena.code);
    await until(page, heading(page, 'Problems'));
    await openRecord(page, 'Potassium');
    await page.getByText('4.25 mmol/L').first().waitFor();
    await page.locator('.page-head').getByText('Dr. Otto Finch').waitFor();
    await page.getByText('Versions (3)').click();
    await page.getByRole('row', { name: /^2 / }).getByRole('button', { name: 'Open' }).click();
    await page.locator('.diff .del').getByText('4.20').waitFor();
    await page.locator('.page-head').getByText('Lena Marsh').waitFor();
  });
  await step('marks as entered in error, and takes the mark away', async () => {
    await openRecord(clinicPage, 'Sodium');
    await more(clinicPage);
    await doConfirmed(clinicPage, 'Mark as entered in error', 'Mark it', 'setRecordStatus');
    await clinicPage.getByText('Marked as entered in error.').waitFor();
    await doConfirmed(clinicPage, 'Take the mark away', 'Take the mark away', 'setRecordStatus');
    await button(clinicPage, 'Mark as entered in error').waitFor();
  });
  await step('removes: it leaves the physician’s chart, erasing is not offered, and the patient has it as removed', async () => {
    check('the physician is not offered to erase', (await clinicPage.getByRole('button', { name: 'Erase for good' }).count()) === 0);
    await button(clinicPage, 'Remove').click();
    const said = await confirm(clinicPage, 'Remove');
    check('and is told who can bring it back', said.includes('the patient can bring it back'), said);
    await until(clinicPage, heading(clinicPage, 'Documents'));
    await clinicPage.getByLabel('also entries of the chart').check();
    await clinicPage.getByRole('link', { name: /Potassium/ }).waitFor();
    check('it is gone from the chart', (await clinicPage.getByRole('link', { name: /Sodium/ }).count()) === 0);
    await page.reload();
    await signInByCode(page, url, lena.code);
    await until(page, heading(page, 'Problems'));
    await (await lineOf(page, 'Sodium')).getByText('removed').waitFor();
  });
}

async function forgotten() {
  await step('the patient erases it for good: no version is left at the node', async () => {
    await openRecord(page, 'Sodium');
    await more(page);
    await button(page, 'Erase for good').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This cannot be undone.').waitFor();
    await axe(page, 'asked before erasing');
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await until(page, heading(page, 'Documents'));
    await page.getByLabel('also entries of the chart').check();
    await page.getByRole('link', { name: /Potassium/ }).waitFor();
    check('it is in no list', (await page.getByRole('link', { name: /Sodium/ }).count()) === 0);
    const titles = [];
    for await (const items of lena.session.list(folder.folderId, { removedToo: true })) titles.push(...items.map((i) => i.meta?.title));
    check('nor does the node name it to its owner', titles.includes('Potassium') && !titles.includes('Sodium'), titles.join());
  });
  await step('forgotten by the device: no sealed key, no kept chart; the code lets in again', async () => {
    await place(page, 'Settings');
    await page.getByLabel('Add a passphrase for this device').fill(PASSPHRASE);
    await button(page, 'Add').click();
    await page.locator('.line-title', { hasText: 'Passphrase' }).waitFor();
    await button(page, 'Lock now').click();
    await until(page, heading(page, 'Sign in'));
    await unlockHere(page);
    await until(page, heading(page, 'Settings'));
    await place(page, 'Summary');
    await until(page, heading(page, 'Problems'));
    await page.getByText('each opened and checked on this device').waitFor();
    await place(page, 'Settings');
    const kept = () => page.evaluate(async () => {
      const all = [];
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((resolve) => { const r = indexedDB.open(name); r.onsuccess = () => resolve(r.result); });
        for (const store of db.objectStoreNames) all.push(...(await new Promise((resolve) => { const r = db.transaction(store).objectStore(store).getAllKeys(); r.onsuccess = () => resolve(r.result.map((k) => `${name}.${store}.${k}`)); })));
        db.close();
      }
      return all;
    });
    const before = await kept();
    check('the device had a sealed key', before.some((k) => k.includes(lena.session.account)), before.join('\n'));
    const names = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    const named = await names();
    check('and the names of account and folder', named.includes(lena.session.account) && named.includes(folder.folderId), named);
    await home.setOffline(true); // forgetting needs nobody
    await button(page, 'Forget me on this device').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Nothing of your record is lost.').waitFor();
    await dialog.getByRole('button', { name: 'Forget me' }).click();
    await page.getByText('This device does not remember you any more.').waitFor();
    await home.setOffline(false);
    const after = await kept();
    check('and has nothing of the person now', after.length === 0, after.join('\n'));
    const left = await names();
    check('nor a name of account or folder', !left.includes(lena.session.account) && !left.includes(folder.folderId), left);
    check('nobody is offered there', (await page.getByRole('radio').count()) === 0);
    await page.getByLabel('Recovery code').fill(lena.code);
    await button(page, 'Unlock').click();
    await until(page, heading(page, 'Problems'));
  });
}

await tell(async () => {
  await drawnInPlace();
  await byThePatient();
  await byThePhysician();
  await forgotten();
}, { patient: page, physician: clinicPage });
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('record');
process.exit();

// SPDX-License-Identifier: Apache-2.0
// A patient's walk by the keyboard alone: no pointer, no focus set by the test. Every stop shows where the focus is, and it is
// never lost. Arguments: node URL, data folder.
import { axe, check, launchShared, record, step, summary, tell } from './browser.mjs';
import { cast } from './cast.mjs';
import { heading, until } from './steps.mjs';

const [url, data] = process.argv.slice(2);
const { person } = await cast(url, data);
const nora = await person('Nora Keys', 'patient');
const doctor = await person('Dr. Adam Hall', 'practitioner');
const folder = await nora.session.openFolder('General');
const text = '{"resourceType":"Observation","id":"k1","status":"final","effectiveDateTime":"2026-03-02","code":{"text":"Potassium"},"valueQuantity":{"value":4.10,"unit":"mmol/L"}}';
await nora.session.add(folder.folderId, [{ title: 'Potassium', contentType: 'application/fhir+json', fileName: '', category: 'results', creation: '2026-03-02T08:00:00Z', size: text.length, data: new Blob([text]) }]);

const browser = await launchShared();
const device = await browser.device();
const seen = record(device);
const page = await device.newPage();
const STOPS_MAX = 70;
let stops = 0;
const blind = []; // stops that did not show themselves

/** What has the focus: its role in words, its name, and whether one sees it. */
const focused = () => page.evaluate(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return { name: '', tag: 'body', seen: false };
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const name = e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby') ?? '')?.innerText || e.labels?.[0]?.innerText || e.innerText || e.placeholder || '';
  return { name: name.trim().replace(/\s+/g, ' '), tag: e.tagName.toLowerCase(), id: e.id, seen: inside && ringed, why: inside ? `outline ${style.outlineStyle} ${style.outlineWidth}` : `outside ${Math.round(box.top)}…${Math.round(box.bottom)} of ${innerHeight}`, inDialog: !!e.closest('dialog') };
});
async function press(key) {
  await page.keyboard.press(key);
}
/** By Tab to the stop of this name; back: by Shift+Tab. */
async function tabTo(name, back = false) {
  const passed = [];
  for (let i = 0; i < STOPS_MAX; i++) {
    await press(back ? 'Shift+Tab' : 'Tab');
    const at = await focused();
    passed.push(at.name || at.tag);
    if (at.tag === 'body') continue; // once around
    stops++;
    if (!at.seen) blind.push(`${at.tag} “${at.name}” at ${new URL(page.url()).pathname}: ${at.why}`);
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return at;
  }
  throw new Error(`${name} is not reached by Tab: ${passed.join(' > ')}`);
}
async function isKept(after) {
  await page.waitForTimeout(200);
  const at = await focused();
  check(`the focus is not lost: ${after}`, at.tag !== 'body' && !at.inDialog, JSON.stringify(at));
}
/** In the dialog: the focus stays inside, and the answer is given by Enter. */
async function answer(yes) {
  await page.getByRole('dialog').waitFor();
  check('the dialog takes the focus', (await focused()).inDialog, JSON.stringify(await focused()));
  const outside = [];
  for (let i = 0; i < 6; i++) {
    await press('Tab');
    const at = await focused();
    if (at.tag !== 'body' && !at.inDialog) outside.push(at.name);
  }
  check('Tab does not leave it', outside.length === 0, outside.join());
  await tabTo(yes);
  await press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

await tell(async () => {
  await step('the first stop skips to the page', async () => {
    await page.goto(`${url}/sign-in`);
    await until(page, page.getByLabel('Recovery code'));
    await tabTo('Skip to the page');
    await press('Enter');
    check('the page has the focus', (await focused()).id === 'main', JSON.stringify(await focused()));
  });
  await step('signing in', async () => {
    await tabTo('Recovery code');
    await page.keyboard.type(nora.code);
    await tabTo('Unlock');
    await press('Enter');
    await until(page, heading(page, 'Problems'));
    await isKept('after signing in');
  });
  await step('the skip link passes the places', async () => {
    await tabTo('Skip to the page');
    await press('Enter');
    await tabTo('Print');
  });
  await step('a result of the summary opens and closes', async () => {
    await tabTo(/^Potassium/);
    await press('Enter');
    await page.locator('ehr-plot table').waitFor();
    await isKept('after opening the plot');
    await press('Enter');
    await page.locator('ehr-plot table').waitFor({ state: 'hidden' });
  });
  await step('a record of the timeline opens, and its parts', async () => {
    await tabTo('Timeline', true);
    await press('Enter');
    await until(page, heading(page, 'Timeline'));
    await tabTo(/^Potassium/);
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Potassium' }).waitFor();
    await isKept('after opening the record');
    await tabTo(/^Proof/);
    await press('Enter');
    await page.getByText("The contract's own storage names this record and version").waitFor();
    await tabTo('More');
    await press('Enter');
    await tabTo('Mark as entered in error');
    await press('Enter');
    await answer('Not now');
    await isKept('after “Not now”');
    check('nothing was marked', !(await page.getByText('Marked as entered in error.').isVisible()));
  });
  await step('Escape closes the question', async () => {
    await tabTo('Mark as entered in error', (await focused()).name === 'Remove');
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await isKept('after Escape');
    await page.locator('details[open]').getByText('Mark as entered in error').waitFor();
  });
  await step('sharing', async () => {
    await tabTo('Sharing', true);
    await press('Enter');
    await heading(page, 'Who can see this now').waitFor(); // the page before said that something was stopped
    await page.getByText('Nobody but you.').waitFor();
    await tabTo('Share');
    await press('Enter');
    await isKept('after opening the form');
    await tabTo('With whom?');
    await page.keyboard.type(doctor.name.slice(0, 6));
    await tabTo('Continue');
    await press('Enter');
    await answer('Share');
    await page.locator('.line-title', { hasText: doctor.name }).waitFor();
    await isKept('after sharing');
    await axe(page, 'shared by keyboard');
  });
  await step('stopping', async () => {
    await tabTo('Stop sharing');
    await press('Enter');
    await answer('Stop sharing');
    await until(page, heading(page, `Stopped sharing with ${doctor.name}`));
    await isKept('after stopping');
  });
  await step('the settings: a way more, the lock', async () => {
    await tabTo('Settings', true);
    await press('Enter');
    await until(page, heading(page, 'Ways to unlock'));
    await tabTo('Show the recovery code');
    await press('Enter');
    await page.getByRole('img', { name: 'Recovery code as QR code' }).or(page.locator('ehr-qr')).first().waitFor();
    await isKept('after the code came up');
    await tabTo('Hide');
    await press('Enter');
    await isKept('after it was hidden');
    await tabTo('Lock now');
    await press('Enter');
    await until(page, heading(page, 'Sign in'));
    await isKept('after locking');
  });
}, { page });
check(`each of ${stops} stops showed where it is`, stops > 60 && blind.length === 0, [...new Set(blind)].join('\n'));
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('keyboard');
process.exit();

// SPDX-License-Identifier: Apache-2.0
// What people do on the page, by what they see: buttons by their names, fields by their labels.
import { readFileSync } from 'node:fs';

export const PASSPHRASE = 'walnut ferry copper lantern';
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const link = (page, name) => page.getByRole('link', { name, exact: true });
export const heading = (page, name) => page.getByRole('heading', { name });
/** A place of the rail or of the bar below. */
export const place = (page, name) => page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name, exact: true }).click();

/** Until the page says it, or its fault note says why not. */
export async function until(page, locator, timeout = 60000) {
  const fault = page.locator('ehr-fault .note.bad').first();
  const first = await Promise.race([
    locator.first().waitFor({ timeout }).then(() => 'there'),
    fault.waitFor({ timeout }).then(() => 'fault'),
  ]);
  if (first === 'there' || (await locator.first().isVisible())) return;
  // A page that is locked may say so for a moment, before it is gone.
  const said = await fault.innerText({ timeout: 1000 }).catch(() => null);
  if (said === null) await locator.first().waitFor({ timeout });
  else throw new Error(`the page says: ${said} (${await fault.locator('code').textContent({ timeout: 1000 }).catch(() => '')})`);
}

/** Signing up with the page's own key; what is on the screen at the end of each step is given to look(). */
export async function signUp(page, url, { name, role = 'a patient', passphrase = PASSPHRASE, account = async () => {}, ways = async () => {}, look = async () => {} }) {
  await page.goto(url);
  await look('welcome');
  await link(page, 'I am new here').click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('You are', { exact: true }).selectOption({ label: role });
  await account(page);
  await look('sign-up-1');
  await button(page, 'Continue').click();
  await until(page, heading(page, 'Your key is made'));
  await look('sign-up-2');
  await button(page, 'Continue').click();
  await page.getByLabel('1. Passphrase').fill(passphrase);
  await page.getByLabel('I have printed it or written it down').check();
  const code = (await page.locator('.recovery').innerText()).replace(/\s/g, '');
  await ways(page);
  await look('sign-up-3');
  await button(page, 'Continue').click();
  await until(page, heading(page, 'Try it once'));
  await look('sign-up-try');
  return code;
}
export async function tryPassphrase(page, passphrase = PASSPHRASE) {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await button(page, 'Try').click();
}
export async function askToBeRegistered(page) {
  await until(page, heading(page, 'Done'));
  await button(page, 'Ask to be registered').click();
  await until(page, heading(page, 'Waiting to be registered'));
}
export async function unlockHere(page, passphrase = PASSPHRASE) {
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await button(page, 'Unlock').click();
}
/** An administrator with the account file that the command line wrote. */
export async function signInAsAdministrator(page, url, data) {
  await page.goto(`${url}/sign-in`);
  const words = (name) => page.getByRole('button', { name, exact: true });
  await words(/^(Key file|Schlüsseldatei)$/).click(); // tools/screenshots signs in in either language
  await page.getByLabel(/^(Key file|Schlüsseldatei)$/).setInputFiles(`${data}/people/admin/keys/admin.json`);
  await page.getByLabel('Passphrase', { exact: true }).fill(readFileSync(`${data}/people/admin/passphrase`, 'utf8').trimEnd());
  await words(/^(Unlock|Entsperren)$/).click();
  await until(page, heading(page, /^(People|Personen)$/));
}
/** Answers the dialog that asks before anything is signed; returns what it says. */
export async function confirm(page, yes) {
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  if (!(await dialog.locator('details').evaluate((d) => d.open))) await dialog.locator('summary').click();
  const said = await dialog.innerText();
  await dialog.getByRole('button', { name: yes, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  return said;
}
export async function addFiles(page, files, count, before = async () => {}) {
  await page.locator('input[type=file][multiple]').setInputFiles(files);
  await until(page, button(page, 'Lock and add'));
  await button(page, 'Lock and add').click();
  await before();
  await until(page, page.getByRole('heading', { name: new RegExp(`^(\\d+) of \\1 confirmed$`) }), 120000);
  if (count) await page.getByText(`${count} of ${count} confirmed`).waitFor();
}
export async function writeNote(page, title, text) {
  await button(page, 'Write a note instead').click();
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill(text);
  await button(page, 'Add the note').click();
}
/** The page locks itself after 8 seconds without a hand on it; until leave() there is one, however slow the machine. To be called at sign-in. */
export async function locksSoon(page) {
  await page.evaluate(() => localStorage.setItem('ehrd.lockAfterMs', '8000'));
  await page.reload();
  await page.evaluate(() => { window.hand = setInterval(() => dispatchEvent(new Event('wheel')), 500); });
}
export const leave = (page) => page.evaluate(() => clearInterval(window.hand));
export const locksLate = (page) => page.evaluate(() => localStorage.removeItem('ehrd.lockAfterMs'));

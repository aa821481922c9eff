// SPDX-License-Identifier: Apache-2.0
// node tools/screenshots.mjs URL DATA LANGUAGE OUT [ONLY]: pictures of every page of a running demo; see tools/screenshots.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, record, recoveryCode } from '../tests/browser/browser.mjs';
import { signInAsAdministrator } from '../tests/browser/steps.mjs';

const [url, data, language, out, only = ''] = process.argv.slice(2);
const WIDTHS = [[390, 844], [820, 1180], [1440, 900]];
const THEMES = ['light', 'dark'];
const people = readdirSync(join(data, 'people')).filter((p) => existsSync(join(data, 'people', p, 'recovery-code.txt')));
// Who was given something: the other physician of the demo was refused.
const physician = people.find((p) => p === 'dr-rivera') ?? people.find((p) => p.startsWith('dr-'));
const [patient] = people.filter((p) => !p.startsWith('dr-')).sort((a, b) => Number(b === 'roselia-thompson') - Number(a === 'roselia-thompson'));
let taken = 0;

/** One picture a width and theme of the page as it stands. */
async function shoot(page, name, whole = true) {
  if (!name.includes(only)) return;
  for (const [width, height] of WIDTHS) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: whole });
      taken++;
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
async function unlock(page, name) {
  await page.goto(`${url}/sign-in`);
  await page.locator('#code, #demo, #pass').first().waitFor();
  while (!(await page.locator('#code').isVisible())) await page.locator('section[aria-labelledby=other] button').filter({ hasText: /code/i }).click({ timeout: 2000 }).catch(() => undefined);
  await page.locator('#code').fill(recoveryCode(data, name));
  await page.locator('form button[type=submit]').click();
  await page.waitForURL((u) => !/sign-in/.test(u.pathname));
}
const go = async (page, path) => {
  await page.locator(`.rail a[href="${path}"]`).click();
  await page.waitForURL((u) => u.pathname === path);
  await page.waitForTimeout(600);
};
const chartRead = (page) => page.waitForFunction(() => document.querySelector('ehr-root') && !document.querySelector('.reading .bar, .skeleton'), null, { timeout: 120000 });

async function door(page) {
  await page.goto(`${url}/`);
  await page.locator('main h1').waitFor();
  await shoot(page, 'welcome');
  await page.goto(`${url}/sign-in`);
  await page.locator('#code, #demo, #pass').first().waitFor();
  await shoot(page, 'sign-in');
  await page.goto(`${url}/sign-up`);
  await page.locator('main h1').waitFor();
  await shoot(page, 'sign-up');
}
async function patientPages(page) {
  await unlock(page, patient);
  await chartRead(page);
  await shoot(page, 'patient-summary');
  await page.locator('button[aria-expanded]').first().click();
  await page.waitForTimeout(300);
  await shoot(page, 'patient-summary-plot');
  await go(page, '/timeline');
  await shoot(page, 'patient-timeline', false);
  await page.locator('#find').fill('blood');
  await page.waitForTimeout(400);
  await shoot(page, 'patient-search', false);
  await go(page, '/documents');
  await shoot(page, 'patient-documents');
  for (const [title, name, ready] of [['Chest CT', 'record-dicom', 'ehr-dicom canvas'], ['Discharge letter', 'record-pdf', 'ehr-pdf canvas:not(.wait)']]) {
    await go(page, '/documents');
    const link = page.getByRole('link', { name: new RegExp(title) });
    if (!(await link.count())) continue;
    await link.first().click();
    await page.locator(ready).waitFor({ timeout: 60000 });
    await page.waitForTimeout(500);
    await shoot(page, name);
  }
  await go(page, '/timeline');
  await page.locator('.item:not(.head) a').nth(4).click();
  await page.locator('ehr-resource').first().waitFor();
  for (const s of await page.locator('ehr-proof > details > summary').all()) await s.click();
  await shoot(page, 'record-fhir');
  for (const place of ['sharing', 'activity', 'settings']) {
    await go(page, `/${place}`);
    await page.waitForTimeout(1500);
    await shoot(page, `patient-${place}`);
  }
  await go(page, '/sharing');
  await page.locator('.page-head .button.primary').click();
  await page.locator('#with').selectOption({ index: 1 });
  await page.waitForTimeout(300);
  await shoot(page, 'patient-share');
  await go(page, '/summary');
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  if ('print'.includes(only) || only === '') await page.screenshot({ path: join(out, 'patient-summary-print.png'), fullPage: true });
  await page.emulateMedia({ media: 'screen' });
}
async function physicianPages(page) {
  await unlock(page, physician);
  await page.waitForTimeout(2500);
  await shoot(page, 'physician-patients');
  await go(page, '/requests');
  await shoot(page, 'physician-requests');
  await go(page, '/settings');
  await shoot(page, 'physician-settings');
  await go(page, '/patients');
  await page.locator('main a[href*="/chart/"]').first().waitFor({ timeout: 10000 }).catch(() => undefined);
  const chart = page.locator('main a[href*="/chart/"]').first();
  if (await chart.count()) {
    await chart.click();
    await chartRead(page);
    await shoot(page, 'physician-chart');
    for (const part of ['timeline', 'documents']) {
      await page.locator(`.tabs a[href$="/${part}"]`).click();
      await page.waitForTimeout(600);
      await shoot(page, `physician-${part}`, part !== 'timeline');
    }
  }
}

async function administratorPages(page) {
  await signInAsAdministrator(page, url, data);
  for (const place of ['people', 'organisations', 'contract', 'node', 'settings']) {
    await go(page, `/${place}`);
    await page.waitForTimeout(1200);
    await shoot(page, `administrator-${place}`);
  }
  await go(page, '/people');
  await page.locator('main .button.danger, main .line .button').first().click();
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').locator('summary').click();
  await shoot(page, 'administrator-dialog', false);
}

const failed = [];
for (const [name, work] of [['door', door], ['patient', patientPages], ['physician', physicianPages], ['administrator', administratorPages]]) {
  const { context, close } = await launch({ locale: language, viewport: { width: 1440, height: 900 } });
  const seen = record(context);
  const page = context.pages()[0] ?? (await context.newPage());
  try {
    await work(page);
  } catch (e) {
    failed.push(`${name}: ${e.message.split('\n')[0]}`);
    await page.screenshot({ path: join(out, `failed-${name}.png`) });
  }
  failed.push(...seen.errors.map((e) => `${name}: ${e}`));
  await close();
}
console.log(`${taken} pictures in ${out}`);
for (const f of failed) console.error(`screenshots: ${f}`);
process.exitCode = failed.length ? 1 : 0;

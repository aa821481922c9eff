// SPDX-License-Identifier: Apache-2.0
// What ./start shows: the demo's people are chosen at sign-in, with the passphrases that were printed. Arguments: node URL, data folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, check, launchShared, record, step, summary, tell } from './browser.mjs';
import { button, heading, place, until } from './steps.mjs';

const [url, data] = process.argv.slice(2);
const browser = await launchShared();
const device = await browser.device({ viewport: { width: 390, height: 844 } });
const seen = record(device);
// What moves by itself, page by page, as browsers count it (what follows a key or a touch at once does not count).
const shifts = [];
await device.exposeBinding('shifted', (_, at, by, what) => void shifts.push([at, by, what]));
await device.addInitScript(() => {
  new PerformanceObserver((l) => l.getEntries().forEach((e) => !e.hadRecentInput && window.shifted(location.pathname, e.value, e.sources.map((s) => `${s.node?.nodeName} “${(s.node?.textContent ?? '').trim().slice(0, 20)}” ${Math.round(s.previousRect.y)} to ${Math.round(s.currentRect.y)}`).join(', ')))).observe({ type: 'layout-shift', buffered: true });
});
const page = await device.newPage();
const printed = readFileSync(join(data, 'people.txt'), 'utf8').split('\n').slice(1).filter(Boolean).map((l) => l.trim().split(/\s{2,}|\s(?=\S+$)/));

async function signIn([name, role, passphrase]) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Person of the demo').selectOption({ label: `${name} (${role})` });
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await button(page, 'Unlock').click();
}
const of = (role) => printed.find((p) => p[1] === role);

await tell(async () => {
  check('names, roles and passphrases were printed', printed.length === 4 && printed.every((p) => p.length === 3), JSON.stringify(printed.map((p) => p.slice(0, 2))));
  await step('the patient of the demo: every page has something to show, on a phone', async () => {
    await signIn(of('patient'));
    await until(page, page.locator('.chart-head .who', { hasText: 'Amara Okafor' }));
    await axe(page, 'summary on a phone');
    await place(page, 'Timeline');
    await until(page, heading(page, 'Timeline'));
    await place(page, 'Documents');
    await until(page, page.getByRole('link', { name: /Discharge letter/ }));
    await page.getByRole('link', { name: /Chest CT/ }).waitFor();
    await place(page, 'Sharing');
    await page.getByText('Over (1)').waitFor();
    await place(page, 'Activity');
    await until(page, page.locator('.line-title', { hasText: 'Dr. Elena Rivera' }));
    await axe(page, 'activity on a phone');
  });
  await step('the physician of the demo', async () => {
    await signIn(of('physician'));
    await until(page, heading(page, 'Patients'));
  });
  await step('the administrator of the demo', async () => {
    await signIn(of('administrator'));
    await until(page, page.getByText('Dr. Elena Rivera'));
    await page.getByText('Amara Okafor').or(page.getByText('Amara Ngozi Okafor')).first().waitFor();
  });
  await step('a wrong passphrase opens nobody', async () => {
    await signIn([...of('patient').slice(0, 2), 'not the passphrase']);
    await page.getByText('This does not unlock your record.').waitFor();
  });
}, { page });
const moved = Object.entries(Object.groupBy(shifts, ([at]) => at)).map(([at, all]) => [at, all.reduce((sum, [, by]) => sum + by, 0), all.map(([, , what]) => what).join('; ')]);
check('no page jumps while it comes up', moved.every(([, by]) => by < 0.1), moved.map(([at, by, what]) => `${at} ${by.toFixed(3)}: ${what}`).join('\n'));
check('the console is silent: no error, no violation of the policies', seen.errors.length === 0, seen.errors.join('\n'));
await browser.close();
summary('demo');

// SPDX-License-Identifier: Apache-2.0
// node tools/audit/audit.mjs URL DATA OUT: the audits of a running demo; see tools/audit/run.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { desktopConfig, startFlow } from 'lighthouse';
import puppeteer from 'puppeteer-core';
import { recoveryCode } from '../../tests/browser/browser.mjs';

const [url, data, out] = process.argv.slice(2);
const SHIFT_MAX = 0.1;
const people = readdirSync(join(data, 'people')).filter((p) => existsSync(join(data, 'people', p, 'recovery-code.txt')));
const patient = people.find((p) => !p.startsWith('dr-'));
// Does not hold for a service of a closed circle: it is not to be found by search engines.
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const config = (desktop) => (desktop ? desktopConfig : undefined);

async function byCode(page, name) {
  await page.goto(`${url}/sign-in`);
  await page.waitForSelector('#code, #demo, #pass');
  if (!(await page.$('#code'))) await page.locator('::-p-aria(Recovery code[role="button"])').click();
  await page.locator('#code').fill(recoveryCode(data, name));
  return () => page.locator('form button[type=submit]').click();
}
async function byKeyFile(page) {
  await page.goto(`${url}/sign-in`);
  await page.locator('::-p-aria(Key file[role="button"])').click();
  await (await page.waitForSelector('#file')).uploadFile(join(data, 'people/admin/keys/admin.json'));
  await page.locator('#pass').fill(readFileSync(join(data, 'people/admin/passphrase'), 'utf8').trimEnd());
  return () => page.locator('form button[type=submit]').click();
}
const go = async (page, path) => {
  await page.locator(`.rail a[href="${path}"]`).click();
  await page.waitForFunction((p) => location.pathname === p, {}, path);
  await new Promise((resolve) => setTimeout(resolve, 1000));
};
const chartRead = (page) => page.waitForFunction(() => document.querySelector('ehr-root') && !document.querySelector('.reading .bar, .skeleton'), { timeout: 120000 });

/** One browser for one person: the door, what happens at sign-in, then each page as it stands. */
async function audit(name, desktop, unlock, ready, pages) {
  const profile = mkdtempSync(join(tmpdir(), 'ehr-audit-chromium.'));
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', userDataDir: profile, args: ['--no-sandbox', '--disable-gpu', '--lang=en-GB'] });
  try {
    const page = await browser.newPage();
    const flow = await startFlow(page, { name, config: config(desktop) });
    if (name === 'patient') for (const path of ['', 'sign-in', 'sign-up']) await flow.navigate(`${url}/${path}`, { name: `/${path}` });
    const press = await unlock(page);
    await flow.startTimespan({ name: `${name}: signing in` });
    await press();
    await ready(page);
    await flow.endTimespan();
    await flow.snapshot({ name: `${name}: first page` });
    for (const path of pages) {
      await flow.startTimespan({ name: `${name}: to ${path}` });
      await go(page, path);
      await flow.endTimespan();
      await flow.snapshot({ name: `${name}: ${path}` });
    }
    writeFileSync(join(out, `${name}-${desktop ? 'desktop' : 'phone'}.html`), await flow.generateReport());
    return (await flow.createFlowResult()).steps;
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
/** Score of a category: 0 to 100; of a snapshot or timespan the share of its audits that passed. */
function score(lhr, id) {
  const category = lhr.categories[id];
  if (!category) return null;
  const audits = category.auditRefs.filter((r) => r.weight > 0 && lhr.audits[r.id].score !== null && !['notApplicable', 'manual', 'informative'].includes(lhr.audits[r.id].scoreDisplayMode));
  if (category.score !== null && lhr.gatherMode === 'navigation') return Math.round(100 * category.score);
  return audits.length ? Math.round((100 * audits.filter((r) => lhr.audits[r.id].score >= 0.9).length) / audits.length) : null;
}
let bad = 0;
function tell({ lhr, name }, kind) {
  const shift = lhr.audits['cumulative-layout-shift']?.numericValue;
  const scores = CATEGORIES.map((id) => score(lhr, id));
  const numbers = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time'].map((id) => lhr.audits[id]?.displayValue?.replace(/\s/g, ' ')).filter(Boolean);
  console.log(`${kind.padEnd(8)}${name.padEnd(34)}${scores.map((s) => String(s ?? '-').padStart(5)).join('')}  ${shift === undefined ? '' : `shift ${shift.toFixed(3)}`} ${numbers.join(' · ')}`);
  const failed = [];
  for (const id of CATEGORIES)
    for (const r of lhr.categories[id]?.auditRefs ?? []) {
      const a = lhr.audits[r.id];
      const counts = (id === 'performance' ? r.weight > 0 : true) && a.score !== null && a.score < 0.9 && !['notApplicable', 'manual', 'informative'].includes(a.scoreDisplayMode);
      if (counts) failed.push(`${id}: ${a.id} (${a.displayValue ?? a.title}) ${(a.details?.items ?? []).slice(0, 3).map((i) => i.node?.selector ?? i.description ?? i.source ?? i.url ?? '').join(' | ')}`);
    }
  for (const f of failed) console.log(`            ${f.slice(0, 300)}`);
  if (scores[1] !== null && scores[1] < 100) bad++;
  if (scores[2] !== null && scores[2] < 100) bad++;
  if (shift > SHIFT_MAX) bad++;
}
console.log(`${'as on'.padEnd(8)}${'page'.padEnd(34)} perf a11y best`);
for (const desktop of [false, true]) {
  const kind = desktop ? 'desktop' : 'phone';
  const all = [
    ...(await audit('patient', desktop, (p) => byCode(p, patient), chartRead, ['/timeline', '/documents', '/sharing', '/activity', '/settings'])),
    ...(await audit('physician', desktop, (p) => byCode(p, 'dr-rivera'), (p) => p.waitForSelector('main a[href*="/chart/"]'), ['/requests', '/settings'])),
    ...(await audit('administrator', desktop, byKeyFile, (p) => p.waitForSelector('main .line'), ['/organisations', '/contract', '/node', '/settings'])),
  ];
  for (const step of all) tell(step, kind);
}
process.exitCode = bad ? 1 : 0;

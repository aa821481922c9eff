// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: a headless Chromium of its own, a recorder of everything that leaves the page, counted expectations.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(join(top, 'web/package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const START = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS };
const LOOK = { locale: 'en-GB', timezoneId: 'Europe/Zurich', viewport: { width: 1280, height: 900 }, acceptDownloads: true };
const TIMEOUT_MS = Number(process.env.BROWSER_TIMEOUT ?? 60000);

/** One browser whose profile is kept on disk, as one person's is. */
export async function launch(options = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'ehrd-chromium.'));
  const context = await chromium.launchPersistentContext(dir, { ...START, ...LOOK, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  return { context, close: async () => { await context.close(); rmSync(dir, { recursive: true, force: true }); } };
}
/** One browser process for several people: `device()` is a device of its own, with its own storage. */
export async function launchShared() {
  const browser = await chromium.launch(START);
  return {
    device: async (options = {}) => {
      const context = await browser.newContext({ ...LOOK, ...options });
      context.setDefaultTimeout(TIMEOUT_MS);
      return context;
    },
    close: () => browser.close(),
  };
}

// ---- counting ----
export const counts = { passed: 0, failed: 0 };
let last = performance.now();
function took() {
  const ms = performance.now() - last;
  last += ms;
  return `${(ms / 1000).toFixed(1)}s`;
}
export function ok(name) { counts.passed++; console.log(`ok   ${name} (${took()})`); }
export function fail(name, detail = '') { counts.failed++; console.log(`FAIL ${name}: ${String(detail).slice(0, 2000)}`); }
export function check(name, is, detail = '') { if (is) ok(name); else fail(name, detail); }
/** A step of a story: when it fails, those after it would only fail too, so the story ends here. */
export async function step(name, work) {
  const before = counts.failed;
  try {
    await work();
  } catch (e) {
    fail(name, e?.stack ?? e);
    throw new StoryEnd();
  }
  if (counts.failed === before) ok(name);
}
class StoryEnd extends Error {}
/** Runs a story; of each page it shows what it says when a step failed, and a picture into BROWSER_SHOTS. */
export async function tell(story, pages) {
  try {
    await story();
  } catch (e) {
    if (!(e instanceof StoryEnd)) fail('the story ran to its end', e?.stack ?? e);
    for (const [name, page] of Object.entries(pages)) await showPage(name, page).catch(() => undefined);
  }
}
async function showPage(name, page) {
  console.log(`     ${name} at ${page.url().slice(0, 120)}: ${(await page.locator('body').innerText()).replace(/\s+/g, ' ').slice(0, 900)}`);
  if (process.env.BROWSER_SHOTS) await page.screenshot({ path: join(process.env.BROWSER_SHOTS, `failed-${name}.png`) });
}
export function summary(test) {
  console.log(`${test}: ${counts.passed} passed, ${counts.failed} failed, 0 skipped`);
  process.exitCode = counts.failed ? 1 : 0;
}

// ---- what leaves the page ----
/** Records URL, headers and body of every request of the contexts, and what the console says. */
export function record(...contexts) {
  const seen = { requests: [], errors: [] };
  for (const context of contexts) recordOne(context, seen);
  return seen;
}
function recordOne(context, seen) {
  context.on('request', (r) => {
    seen.requests.push({ method: r.method(), url: r.url(), headers: JSON.stringify(r.headers()), body: r.postDataBuffer() ?? Buffer.alloc(0) });
  });
  context.on('weberror', (e) => seen.errors.push(`page: ${e.error().stack ?? e.error()}`));
  context.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) seen.errors.push(`console: ${m.text()}`);
  });
}
/** Texts that stand in a request in any of the usual spellings: plain, base64, hex, percent. Empty when none does. */
export function leaks(seen, secrets) {
  const found = [];
  for (const [what, text] of Object.entries(secrets)) {
    const bytes = Buffer.from(text);
    const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift ? 4 : 0, -4)).filter((s) => s.length >= 8);
    const spellings = [text, encodeURIComponent(text), bytes.toString('hex'), ...base64, ...base64.map((s) => s.replaceAll('+', '-').replaceAll('/', '_'))];
    for (const r of seen.requests) {
      const hay = `${r.url}\n${r.headers}\n${r.body.toString('latin1')}`.toLowerCase();
      const wide = r.body.toString('utf8').toLowerCase();
      if (spellings.some((s) => hay.includes(s.toLowerCase()) || wide.includes(s.toLowerCase()))) found.push(`${what} in ${r.method} ${r.url.slice(0, 120)}`);
    }
  }
  return found;
}

// ---- accessibility ----
export async function axe(page, name) {
  const cdp = await page.context().newCDPSession(page); // not held by the page's rules against foreign scripts
  await cdp.send('Runtime.evaluate', { expression: `${axeSource};0` });
  await cdp.detach();
  const report = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }));
  const bad = report.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''}`).join(' | ')}`);
  check(`axe: ${name}`, bad.length === 0, bad.join('\n     '));
}

// ---- ways into the page ----
export async function signInByCode(page, url, code) {
  await page.goto(`${url}/sign-in`);
  const other = page.getByRole('button', { name: 'Recovery code' });
  const field = page.getByLabel('Recovery code');
  await other.or(field).first().waitFor();
  // The page may choose the code by itself while we reach for the button.
  for (let i = 0; i < 20 && !(await field.isVisible()); i++) await other.click({ timeout: 1000 }).catch(() => undefined);
  await field.fill(code);
  await page.getByRole('button', { name: 'Unlock' }).click();
}
/** The code of a home of tools/node-processes: the lines of recovery-code.txt that hold it. */
export function recoveryCode(data, name) {
  const text = readFileSync(join(data, 'people', name, 'recovery-code.txt'), 'utf8');
  const lines = text.split('\n').map((l) => l.trim());
  const at = lines.findIndex((l) => l.startsWith('EHR-RECOVERY-'));
  let code = '';
  for (let i = at; i < lines.length && code.length < 81; i++) code += lines[i].replace(/\s/g, '');
  return code;
}

// SPDX-License-Identifier: Apache-2.0
// node bench/page.mjs URL DATA MB PART: see page.sh; PART is seal, chart or upload. Times are taken inside the page, by its own clock.
import { createServer } from 'node:http';
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { launch, recoveryCode } from '../tests/browser/browser.mjs';
import { plainPage } from './page-plain.mjs';

const [url, data, mb, part] = process.argv.slice(2);
const row = (what, value) => console.log(`| ${what} | ${value} |`);
const ms = (n) => `${Math.round(n)} ms`;
const sorted = (all) => [...all].sort((a, b) => a - b);
const at = (all, part) => sorted(all)[Math.min(all.length - 1, Math.floor(all.length * part))];

/** Notes in the page when a selector first matches, from the moment the frame of a signed-in person stands. */
function watch() {
  const first = { frame: '.rail', line: 'section.o-problems .line, section[aria-labelledby=s-results] .line' };
  window.seen = {};
  const look = () => {
    for (const [name, selector] of Object.entries(first)) if (!window.seen[name] && document.querySelector(selector)) window.seen[name] = performance.now();
    if (!window.seen.done && window.seen.line && /each opened and checked/.test(document.querySelector('.reading')?.textContent ?? '')) window.seen.done = performance.now();
    requestAnimationFrame(look);
  };
  look();
}
async function signIn(page, name) {
  await page.goto(`${url}/sign-in`);
  await page.locator('#code, #demo, #pass').first().waitFor();
  while (!(await page.locator('#code').isVisible())) await page.locator('section[aria-labelledby=other] button').filter({ hasText: /code/i }).click({ timeout: 2000 }).catch(() => undefined);
  await page.locator('#code').fill(recoveryCode(data, name));
  await page.evaluate(watch);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.locator('.rail').waitFor();
}
async function visit(page) {
  await signIn(page, 'lena');
  await page.waitForFunction(() => window.seen.done, null, { timeout: 280000, polling: 100 });
  return page.evaluate(() => window.seen);
}
async function heap(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.enable').then(() => cdp.send('Performance.getMetrics'));
  await cdp.detach();
  return Math.round(metrics.find((m) => m.name === 'JSHeapUsedSize').value / 1e6);
}
/** Types into the search field letter by letter; from the letter to the frame that shows what was found. */
async function search(page, words) {
  const times = [];
  for (const word of words)
    for (let n = 1; n <= word.length; n++)
      times.push([word.slice(0, n), await page.evaluate(async (text) => {
        const field = document.getElementById('find');
        const from = performance.now();
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - from;
      }, word.slice(0, n))]);
  await page.locator('#find').fill('');
  await page.locator('cdk-virtual-scroll-viewport .item').first().waitFor();
  return times;
}
/** Frame times while the list is scrolled by 240 px a frame. */
const scroll = (page) => page.evaluate(() => new Promise((done) => {
  const box = document.querySelector('cdk-virtual-scroll-viewport');
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    box.scrollTop += 240;
    if (frames.length < 240) requestAnimationFrame(step);
    else done(frames.slice(5));
  };
  requestAnimationFrame(step);
}));
/** Memory of their own that a process and all below it have, by kind. */
function memoryOfTree(root) {
  const parents = new Map();
  const own = new Map();
  for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const text = readFileSync(`/proc/${pid}/status`, 'utf8');
      parents.set(pid, /PPid:\s+(\d+)/.exec(text)[1]);
      const kind = /--type=(\S+?)[\0 ]/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 'browser';
      own.set(pid, [kind, Number(/RssAnon:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024]);
    } catch { /* it has ended */ }
  }
  const mine = (pid) => pid === String(root) || (parents.has(pid) && parents.get(pid) !== '0' && mine(parents.get(pid)));
  const sums = { all: 0, renderer: 0 };
  for (const [pid, [kind, n]] of own)
    if (mine(pid)) {
      sums[kind] = (sums[kind] ?? 0) + n;
      sums.all += n;
    }
  return sums;
}
/** Something a sniffer takes for DICOM, of random bytes. */
function largeFile(megabytes) {
  const path = join(data, 'large.dcm');
  const fd = openSync(path, 'w');
  const piece = Buffer.alloc(1e6);
  for (let i = 0; i < piece.length; i++) piece[i] = (i * 2654435761) >>> 13;
  const head = Buffer.alloc(132);
  head.write('DICM', 128);
  writeSync(fd, head);
  for (let i = 0; i < megabytes; i++) {
    piece.writeUInt32LE(i, 0);
    writeSync(fd, piece);
  }
  closeSync(fd);
  return path;
}
const withText = (selector, text) => `[...document.querySelectorAll('${selector}')].find((b) => b.innerText.trim() === '${text}')`;
async function upload() {
  const page = await plainPage();
  await page.goto(`${url}/sign-in`);
  const other = withText('section[aria-labelledby=other] button', 'Recovery code');
  await page.until(`document.querySelector('#code') || (${other}?.click(), false)`);
  await page.run(`(() => { const f = document.querySelector('#code'); f.value = '${recoveryCode(data, 'urs')}'; f.dispatchEvent(new Event('input', { bubbles: true })); })()`);
  await page.until(`(${withText('button', 'Unlock')}.click(), true)`);
  await page.until(`document.querySelector('.rail a[href="/documents"]')`);
  await page.run(`document.querySelector('.rail a[href="/documents"]').click()`);
  await page.until(`document.querySelector('input[type=file]')`);
  await page.files('input[type=file]', largeFile(Number(mb)));
  await page.until(withText('button', 'Lock and add'));
  const before = memoryOfTree(page.pid);
  const most = { all: 0, renderer: 0 };
  const timer = setInterval(() => {
    const now = memoryOfTree(page.pid);
    for (const kind of Object.keys(now)) most[kind] = Math.max(most[kind] ?? 0, now[kind] - (before[kind] ?? 0));
  }, 100);
  const from = Date.now();
  await page.run(`${withText('button', 'Lock and add')}.click()`);
  await page.until(`document.body.innerText.includes('1 of 1 confirmed')`);
  clearInterval(timer);
  const s = (Date.now() - from) / 1000;
  row(`${mb} MB added: sealed, uploaded, confirmed`, `${s.toFixed(1)} s (${Math.round(Number(mb) / s)} MB/s)`);
  const megabytes = (n) => `${Math.round(n / 1e6)} MB`;
  row("most memory that all of Chromium's processes took more meanwhile (page and Workers alone)", `${megabytes(most.all)} (${megabytes(most.renderer)})`);
  if (process.env.EHRD_PAGE_KINDS) console.log(most);
  await page.close();
}
/** Sealing alone, and the whole way of a file from the disk to sealed pieces. */
async function sealing(context) {
  const files = { '/seal.js': join(data, 'page-seal.js'), '/worker.js': join(data, 'seal.worker.js') };
  const server = createServer((q, r) => {
    r.setHeader('content-type', files[q.url] ? 'text/javascript' : 'text/html');
    r.end(files[q.url] ? readFileSync(files[q.url]) : '<!doctype html><input type="file"><script type="module" src="/seal.js"></script>');
  }).listen(0, '127.0.0.1');
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.measure);
  await page.locator('input').setInputFiles(largeFile(Number(mb)));
  for (const [what, value] of Object.entries(await page.evaluate(() => window.measure(document.querySelector('input').files[0])))) row(what, value);
  await page.close();
  server.close();
}

async function chart(page) {
  const first = await visit(page);
  row('first visit of this device: first lines of the summary', ms(first.line - first.frame));
  row('first visit: 10,000 resources fetched, opened, every check', ms(first.done - first.frame));
  row('JavaScript heap with the chart open', `${await heap(page)} MB`);
  await page.waitForTimeout(3000); // the chart is kept
  const again = await visit(page);
  row('next visit: first screen, from the sealed copy', ms(again.line - again.frame));
  row('next visit: every record proved anew', ms(again.done - again.frame));
  await page.locator('.rail a[href="/timeline"]').click();
  await page.locator('cdk-virtual-scroll-viewport .item').first().waitFor();
  const times = await search(page, ['creatinine', 'blood pressure', 'a', 'diabetes 2012', 'xyz']);
  row('search, from a letter to the list shown: median', ms(at(times.map(([, t]) => t), 0.5)));
  const slow = times.sort((a, b) => b[1] - a[1]).slice(0, 3);
  row(`search: the slowest of ${times.length}`, slow.map(([word, t]) => `${ms(t)} ("${word}")`).join(', '));
  const frames = await scroll(page);
  row('scrolling 240 px a frame: median frame, 95 %, longest', `${at(frames, 0.5).toFixed(1)}, ${at(frames, 0.95).toFixed(1)}, ${Math.max(...frames).toFixed(1)} ms`);
}

if (part === 'upload') {
  await upload();
  process.exit();
}
const { context, close } = await launch();
const page = context.pages()[0] ?? (await context.newPage());
if (part === 'seal') await sealing(context);
if (part === 'chart') await chart(page);
await close();

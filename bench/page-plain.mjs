// SPDX-License-Identifier: Apache-2.0
// A Chromium that is told what to do, and nothing more: a driver that listens to the network makes the page keep the body of every
// request, which is what a measurement of memory would find.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function plainPage() {
  const dir = mkdtempSync(join(tmpdir(), 'ehrd-chromium.'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--remote-debugging-port=0', '--lang=en-GB', `--user-data-dir=${dir}`];
  const child = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let at = '';
  for await (const line of createInterface({ input: child.stderr })) if ((at = /ws:\/\/([^/]+)/.exec(line)?.[1] ?? '')) break;
  child.stderr.resume();
  const page = (await (await fetch(`http://${at}/json/list`)).json()).find((t) => t.type === 'page');
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await new Promise((done) => (socket.onopen = done));
  const waiting = new Map();
  let id = 0;
  socket.onmessage = (e) => {
    const m = JSON.parse(e.data);
    waiting.get(m.id)?.(m);
    waiting.delete(m.id);
  };
  const send = (method, params = {}) => new Promise((done, failed) => {
    waiting.set(++id, (m) => (m.error ? failed(new Error(`${method}: ${m.error.message}`)) : done(m.result)));
    socket.send(JSON.stringify({ id, method, params }));
  });
  const run = async (expression, byValue = true) => (await send('Runtime.evaluate', { expression, returnByValue: byValue, awaitPromise: true })).result;
  return {
    pid: child.pid,
    goto: (url) => send('Page.navigate', { url }),
    /** Until the expression is true. */
    async until(expression, ms = 280_000) {
      for (const end = Date.now() + ms; Date.now() < end; await pause(50)) if ((await run(`!!(${expression})`)).value) return;
      throw new Error(`never: ${expression}: ${(await run('document.body.innerText.slice(0, 500)')).value}`);
    },
    run,
    async files(selector, ...files) {
      const { objectId } = await run(`document.querySelector(${JSON.stringify(selector)})`, false);
      await send('DOM.setFileInputFiles', { files, objectId });
    },
    async close() {
      await send('Browser.close').catch(() => undefined);
      await new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done()));
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

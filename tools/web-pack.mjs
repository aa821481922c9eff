// SPDX-License-Identifier: Apache-2.0
// After the build of the page: compress each file once (FILE.gz) and hold the budget of the first load.
// node tools/web-pack.mjs DIR
import { readdirSync, readFileSync, writeFileSync, existsSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';

const BUDGET = 250 * 1024; // gzip, everything that is loaded before the first page shows
const dir = process.argv[2];
const packed = new Map();
const walk = (d) => readdirSync(d, { withFileTypes: true }).flatMap((e) =>
  e.isDirectory() ? walk(join(d, e.name)) : [join(d, e.name)]);

for (const path of walk(dir)) {
  if (!/\.(m?js|css|html|svg|json|txt|wasm)$/.test(path) || path.endsWith('stats.json')) continue;
  const zipped = gzipSync(readFileSync(path), { level: 9 });
  packed.set(path.slice(dir.length + 1), zipped.length);
  if (!path.endsWith('index.html')) writeFileSync(path + '.gz', zipped); // index.html gets a nonce each time
}

// The files that the first page needs: main and polyfills, the page itself (bootstrap), and what these import.
const stats = ['stats.json', 'browser-stats.json'].map((f) => join(dir, f)).find(existsSync);
const outputs = JSON.parse(readFileSync(stats, 'utf8')).outputs;
const need = new Set();
const add = (name) => {
  if (need.has(name) || !outputs[name]) return;
  need.add(name);
  for (const i of outputs[name].imports)
    if (i.kind === 'import-statement' || (outputs[i.path]?.entryPoint ?? '').endsWith('app/bootstrap.ts')) add(i.path);
};
for (const name of Object.keys(outputs)) if (/^(main|polyfills|styles)-.*\.(js|css)$/.test(name)) add(name);
const total = [...need].reduce((sum, name) => sum + (packed.get(name) ?? 0), 0);
rmSync(stats);
writeFileSync(join(dir, 'budget.json'), JSON.stringify({ initialGzipBytes: total, budget: BUDGET, files: [...need] }) + '\n');
console.log(`first load ${total} bytes of gzip, budget ${BUDGET}`);
if (total > BUDGET) {
  console.error(`the first load is ${total} bytes, more than ${BUDGET}`);
  process.exit(1);
}

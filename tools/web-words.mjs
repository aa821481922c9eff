// SPDX-License-Identifier: Apache-2.0
// Every message of the built page must be in every language: compares what the bundles ask for with web/src/locale.
// node tools/web-words.mjs DIR [--missing-json]; DIR is the built page. Exit code 1 when one is missing, surplus, or
// when a translation lacks a placeholder of its message.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(join(top, 'web/package.json'));
const { MessageExtractor } = await import(require.resolve('@angular/localize/tools'));

const [dir, mode] = process.argv.slice(2);
const files = { readFile: (p) => readFileSync(p, 'utf8'), relative: (_, p) => p, resolve: (...p) => p.at(-1), exists: () => false, dirname, join };
const silent = { debug() {}, info() {}, warn() {}, error(text) { throw new Error(text); } };
const extractor = new MessageExtractor(files, silent, { basePath: '/', useSourceMaps: false, localizeName: '$localize' });

const messages = new Map();
for (const name of readdirSync(dir)) {
  if (!name.endsWith('.js') || !files.readFile(join(dir, name)).includes('$localize')) continue;
  for (const m of extractor.extractMessages(join(dir, name))) messages.set(m.id, m.text);
}
const placeholders = (text) => (text.match(/\{\$\w+\}/g) ?? []).sort().join(' ');
let faults = messages.size === 0 ? 1 : 0;
const fault = (text) => { faults++; console.error(text); };

for (const name of readdirSync(join(top, 'web/src/locale'))) {
  const words = JSON.parse(files.readFile(join(top, 'web/src/locale', name))).translations;
  const missing = [...messages].filter(([id]) => !words[id]);
  if (mode === '--missing-json') console.log(JSON.stringify(Object.fromEntries(missing), null, 1));
  for (const [id, text] of missing) fault(`${name}: missing "${id}": ${text}`);
  for (const id of Object.keys(words)) if (!messages.has(id)) fault(`${name}: "${id}" is no message of the page: ${words[id]}`);
  for (const [id, text] of messages)
    if (words[id] && placeholders(text) !== placeholders(words[id])) fault(`${name}: "${id}" has other placeholders than: ${text}`);
  console.log(`${basename(name)}: ${messages.size} messages, ${missing.length} missing`);
}
process.exitCode = faults ? 1 : 0;

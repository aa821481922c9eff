#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Write src/keys/bip39_english.c from the word list of the npm package @scure/bip39:
//   npm install --prefix DIR @scure/bip39 && node tools/gen-wordlist.mjs DIR >src/keys/bip39_english.c
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const dir = process.argv[2];
if (!dir) {
    console.error("usage: gen-wordlist.mjs DIR (where @scure/bip39 is installed)");
    process.exit(2);
}
const pkg = join(dir, "node_modules/@scure/bip39");
const { version } = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
const { wordlist } = await import(pathToFileURL(join(pkg, "wordlists/english.js")));
const sorted = [...wordlist].sort();
if (wordlist.length !== 2048 || wordlist.some((w, i) => w !== sorted[i] || !/^[a-z]{3,8}$/.test(w))) {
    console.error("not the English word list: 2048 sorted words of 3 to 8 letters");
    process.exit(1);
}
const sum = createHash("sha256").update(wordlist.join("\n") + "\n").digest("hex");
console.log(`/* SPDX-License-Identifier: Apache-2.0 */
/* The English word list of BIP-39, from the npm package @scure/bip39 ${version}; made by
 * tools/gen-wordlist.mjs. SHA-256 of the words, a line feed after each:
 * ${sum} */
#include "keys/bip39.h"

/* clang-format off */
const char bip39_english[BIP39_WORDS][9] = {`);
for (let i = 0; i < 2048; i += 8) console.log("    " + wordlist.slice(i, i + 8).map((w) => `"${w}",`).join(" "));
console.log("};\n/* clang-format on */");

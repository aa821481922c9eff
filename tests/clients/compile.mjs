// SPDX-License-Identifier: Apache-2.0
// compile.mjs OUT: contracts/Token.sol by npm's solc (contracts/solcw) to {abi, bytecode}.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../contracts/node_modules");
const sources = {};
function add(name, text) {
    sources[name] = { content: text };
    for (const [, path] of text.matchAll(/import\s+(?:[^"']*?from\s+)?["']([^"']+)["']/g)) {
        const full = path.startsWith(".") ? join(dirname(name), path) : path;
        if (!sources[full]) add(full, readFileSync(join(packages, full), "utf8"));
    }
}
add("Token.sol", readFileSync(join(here, "contracts/Token.sol"), "utf8"));
const input = { language: "Solidity", sources, settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 }, outputSelection: { "Token.sol": { "*": ["abi", "evm.bytecode.object"] } } } };
const out = JSON.parse(execFileSync(process.execPath, [join(here, "../../contracts/solcw"), "--standard-json"], { input: JSON.stringify(input), maxBuffer: 1 << 28 }));
const errors = (out.errors ?? []).filter((e) => e.severity === "error");
if (errors.length) throw new Error(errors[0].formattedMessage);
const c = out.contracts["Token.sol"].Token;
writeFileSync(process.argv[2], JSON.stringify({ abi: c.abi, bytecode: "0x" + c.evm.bytecode.object }));

// SPDX-License-Identifier: Apache-2.0
// What the client tests share: counted cases, the token's artifact, waiting.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export { assert };
export const url = process.env.RPC_URL ?? "http://127.0.0.1:8545";
export const wsUrl = url.replace(/^http/, "ws");
export const MNEMONIC = "test test test test test test test test test test test junk";

const cases = [];
export function test(name, fn) {
    cases.push([name, fn]);
}

/** Runs all cases one after the other and ends the process. */
export async function run(suite) {
    let passed = 0, failed = 0;
    for (const [name, fn] of cases) {
        let timer;
        const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error("took longer than 120 s")), 120000); });
        try {
            await Promise.race([fn(), late]);
            console.log(`ok   ${name}`);
            passed++;
        } catch (e) {
            console.log(`FAIL ${name}: ${String(e.stack ?? e).slice(0, 1500)}`);
            failed++;
        }
        clearTimeout(timer);
    }
    console.log(`${suite}: ${passed} passed, ${failed} failed, 0 skipped`);
    process.exit(failed ? 1 : 0);
}

/** {abi, bytecode} of contracts/Token.sol, compiled by compile.mjs. */
export function token() {
    return JSON.parse(readFileSync(process.env.TOKEN_JSON, "utf8"));
}

let nextId = 1;
/** One bare JSON-RPC call; throws what the node answers as an error. */
export async function rpc(method, ...params) {
    const a = await post({ jsonrpc: "2.0", id: nextId++, method, params });
    if (a.error) throw Object.assign(new Error(a.error.message), a.error);
    return a.result;
}
export async function post(body, to = url) {
    const r = await fetch(to, { method: "POST", headers: { "Content-Type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) });
    const text = await r.text();
    try {
        return JSON.parse(text);
    } catch {
        throw new Error(`HTTP ${r.status}: ${text.slice(0, 200)}`);
    }
}
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
export async function until(what, condition, ms = 20000) {
    const end = Date.now() + ms;
    while (!(await condition())) {
        if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
        await sleep(10);
    }
}
/** The error that a promise is rejected with. */
export async function refusal(promise) {
    try {
        await promise;
    } catch (e) {
        return e;
    }
    throw new Error("was not refused");
}

#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// noble_stealth.mjs DIR HEADER: work out ERC-5564 scheme 1 with @noble/curves (of DIR/node_modules) and compare with
// each vector of stealth_vectors.h. Exit code 1 when one differs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [dir, header] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(join(dir, "node_modules", path)));
const { secp256k1 } = await from("@noble/curves/secp256k1.js");
const { keccak_256 } = await from("@noble/hashes/sha3.js");
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (b) => Buffer.from(b).toString("hex");
const sha256 = (s) => new Uint8Array(createHash("sha256").update(s).digest());
const big = (b) => BigInt("0x" + hex(b));

/** As the ERC says, step by step, by the receiver's and by the sender's half. */
function vector(i) {
    const [spend, view, ephemeral] = ["spend", "view", "ephemeral"].map((s) => sha256(`${s} ${i}`));
    const spendPub = secp256k1.getPublicKey(spend, true);
    const viewPub = secp256k1.getPublicKey(view, true);
    const ephemeralPub = secp256k1.getPublicKey(ephemeral, true);
    const shared = secp256k1.getSharedSecret(ephemeral, viewPub, true);
    if (hex(shared) !== hex(secp256k1.getSharedSecret(view, ephemeralPub, true))) throw new Error("halves differ");
    const sh = keccak_256(shared);
    const key = ((big(spend) + big(sh)) % N).toString(16).padStart(64, "0");
    const point = secp256k1.getPublicKey(new Uint8Array(Buffer.from(key, "hex")), false);
    return [spend, view, ephemeral, spendPub, viewPub, ephemeralPub].map(hex)
        .concat([String(sh[0]), hex(keccak_256(point.slice(1)).slice(12)), key]);
}

const body = readFileSync(header, "utf8").split("stealth_vectors[] = {")[1];
const rows = [...body.matchAll(/\{\s*((?:"[0-9a-f]+",?\s*|\d+,\s*)+)\}/g)]
    .map((m) => [...m[1].matchAll(/"([0-9a-f]+)"|(\d+)/g)].map((x) => x[1] ?? x[2]));
let bad = rows.length < 4 ? 1 : 0;
rows.forEach((row, i) => {
    const want = vector(i);
    if (JSON.stringify(row) !== JSON.stringify(want)) {
        bad++;
        console.log(`FAIL vector ${i}\n have ${row}\n want ${want}`);
    }
});
console.log(`noble_stealth: ${rows.length} vectors, ${bad} differ`);
process.exit(bad === 0 ? 0 : 1);

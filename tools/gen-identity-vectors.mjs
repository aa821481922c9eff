#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Write tests/vectors/identity.json (docs/formats.md, section 2) with Node's own crypto and the npm packages
// @noble/curves, @noble/hashes and @scure/base, none of our code:
//   npm install --prefix DIR @noble/curves @noble/hashes @scure/base
//   node tools/gen-identity-vectors.mjs DIR >tests/vectors/identity.json
import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const dir = process.argv[2];
if (!dir) {
    console.error("usage: gen-identity-vectors.mjs DIR (where the npm packages are installed)");
    process.exit(2);
}
const from = (path) => import(pathToFileURL(join(dir, "node_modules", path)));
const { secp256k1 } = await from("@noble/curves/secp256k1.js");
const { keccak_256 } = await from("@noble/hashes/sha3.js");
const { bech32 } = await from("@scure/base/index.js");

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (b) => "0x" + Buffer.from(b).toString("hex");
const u32be = (v) => Buffer.from(v.toString(16).padStart(8, "0"), "hex");
const sha256 = (b) => createHash("sha256").update(b).digest();

function K(root, label, ctx, n) {
    const info = Buffer.concat([Buffer.from(label), Buffer.of(0), ctx]);
    return Buffer.from(hkdfSync("sha256", root, Buffer.from("ehrd/v1"), info, n));
}

function ageKey(root, generation) {
    const secret = K(root, "age", u32be(generation), 32);
    const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret]);
    const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }))
        .export({ format: "der", type: "spki" });
    const recipient = bech32.encode("age", bech32.toWords(spki.subarray(-32)), false);
    return { label: "age", index: generation, context: hex(u32be(generation)), key: hex(secret), recipient };
}

function scalarKey(root, label, ctx, index) {
    const wide = K(root, label, ctx, 48);
    const scalar = (BigInt(hex(wide)) % (N - 1n)) + 1n;
    const key = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
    const pub = secp256k1.getPublicKey(new Uint8Array(key), false);
    const address = hex(keccak_256(pub.slice(1)).slice(12));
    const publicKey = hex(secp256k1.getPublicKey(new Uint8Array(key), true));
    return { label, ...(index === undefined ? {} : { index }), context: hex(ctx), wide: hex(wide), key: hex(key), publicKey, address };
}

// Of any bytes: what is authenticated is a file, whatever it holds.
function ownerState(root, net, version) {
    const [account, file] = [sha256(root).subarray(0, 20), Buffer.from("age-encryption.org/v1\n" + "x".repeat(version % 97))];
    const key = K(root, "state", net, 32);
    const text = [Buffer.from("ehrd/owner-state/v2"), account, Buffer.from(version.toString(16).padStart(16, "0"), "hex"), file];
    const mac = createHmac("sha256", key).update(Buffer.concat(text)).digest();
    return { key: hex(key), account: hex(account), version, file: hex(file), mac: hex(mac) };
}

function recoveryCode(root, net, flags) {
    const code = Buffer.concat([Buffer.of(1, flags), root, sha256(net).subarray(0, 4)]);
    return bech32.encode("ehr-recovery-", bech32.toWords(code), false).toUpperCase();
}

function identity(root, chainId, proxy) {
    const net = Buffer.concat([Buffer.from(chainId.toString(16).padStart(64, "0"), "hex"), proxy]);
    const keys = [0, 1, 0xffffffff].map((g) => ageKey(root, g));
    for (const label of ["spend", "view", "cert", "account"]) keys.push(scalarKey(root, label, net));
    for (const i of [0, 1, 7, 0xffffffff]) keys.push(scalarKey(root, "owner", Buffer.concat([net, u32be(i)]), i));
    return {
        root: hex(root), chainId: chainId.toString(), proxy: hex(proxy), net: hex(net), keys,
        recoveryCode: { plain: recoveryCode(root, net, 0), account: recoveryCode(root, net, 1) },
        ownerStates: [1, 7, 4294967297].map((version) => ownerState(root, net, version)),
    };
}

const counting = Buffer.from([...Array(32).keys()]);
const identities = [
    identity(counting, 31337n, Buffer.alloc(20, 0x11)),
    identity(Buffer.alloc(32), 1n, Buffer.alloc(20)),
    identity(Buffer.alloc(32, 0xff), 0xffffffffffffffffn, Buffer.alloc(20, 0xff)),
    identity(sha256("ehrd identity vectors"), 11155111n, sha256("proxy").subarray(0, 20)),
];
console.log(JSON.stringify({ format: "docs/formats.md, section 2", source: "tools/gen-identity-vectors.mjs", identities }, null, 1));

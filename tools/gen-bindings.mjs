// SPDX-License-Identifier: Apache-2.0
// Writes the C bindings of the contracts (src/contract/) from forge's artefacts in contracts/out/deploy.
// With --check it writes nothing and fails when a committed file differs.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { keccak_256 } = createRequire(join(root, "contracts/package.json"))("js-sha3");
const target = join(root, "src/contract");

const artefact = (name) =>
    JSON.parse(readFileSync(join(root, `contracts/out/deploy/${name}.sol/${name}.json`), "utf8"));

/* What is bound: the C prefix, the functions (all where none are named) and whether it is deployed. */
const CONTRACTS = [
    { name: "EhrRegistry", prefix: "registry", deploy: true, without: /^(supportsInterface|getRoleAdmin|[A-Z_]+)$/ },
    {
        name: "ERC2771Forwarder",
        prefix: "forwarder",
        deploy: true,
        only: ["eip712Domain", "execute", "executeBatch", "nonces", "verify"],
    },
    { name: "TransparentUpgradeableProxy", prefix: "proxy", deploy: true, only: [] },
    {
        name: "ProxyAdmin",
        prefix: "proxy_admin",
        deploy: false,
        only: ["owner", "upgradeAndCall", "transferOwnership"],
    },
].map((c) => ({ ...c, json: artefact(c.name) }));

const HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n";
const MADE = "Made by tools/gen-bindings.mjs; do not edit. */\n/* clang-format off */\n";

/* --- names and types ---------------------------------------------------------------------- */

const snake = (name) =>
    name
        .replace(/^_+|_+$/g, "")
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
        .toLowerCase();
const canonical = (p) =>
    p.type.startsWith("tuple") ? `(${p.components.map(canonical).join(",")})${p.type.slice(5)}` : p.type;
const signature = (item) => `${item.name}(${item.inputs.map(canonical).join(",")})`;
const hash = (text) => Buffer.from(keccak_256.arrayBuffer(text));
const selector = (item) => hash(signature(item)).subarray(0, 4);
const bytes = (buffer) => [...buffer].map((b) => `0x${b.toString(16).padStart(2, "0")}`).join(", ");
/* Lines of bytes, each with an indent, none longer than 100 columns. */
function byteLines(buffer, per = 12) {
    const lines = [];
    for (let i = 0; i < buffer.length; i += per) lines.push(`    ${bytes(buffer.subarray(i, i + per))},`);
    return lines.join("\n");
}

const uintBits = (type) => Number(type.match(/^uint(\d+)$/)?.[1] ?? 0);
const fixedBytes = (type) => Number(type.match(/^bytes(\d+)$/)?.[1] ?? 0);
/* Words that a parameter cannot be called by in C; members may (`status` is a type). */
const RESERVED = new Set(["signed", "register", "default", "status"]);
const argName = (p, i) => {
    const name = snake(p.name || "") || `arg${i}`;
    return RESERVED.has(name) ? `new_${name}` : name;
};
const memberName = (p, i) => snake(p.name || "") || `field${i}`;

/* The C type of a value that is passed in or read. */
function cType(p) {
    const bits = uintBits(p.type);
    if (bits) return bits > 64 ? "u256" : bits > 32 ? "uint64_t" : bits > 8 ? "uint32_t" : "uint8_t";
    const known = { address: "addr20", bytes32: "hash32", bool: "bool", bytes: "slice", string: "slice" };
    if (known[p.type]) return known[p.type];
    throw new Error(`no C type for ${p.type}`);
}

/* --- encoders ------------------------------------------------------------------------------- */

/* Statements that put one value; `value` is a C expression. */
function put(enc, p, value) {
    const bits = uintBits(p.type);
    if (bits === 48) return [`${value} >> 48 != 0 ? E_RANGE : abi_put_u64(${enc}, ${value})`];
    if (bits) return [bits > 64 ? `abi_put_u256(${enc}, ${value})` : `abi_put_u64(${enc}, ${value})`];
    const known = {
        address: `abi_put_addr(${enc}, ${value})`,
        bytes32: `abi_put_hash(${enc}, &${value})`,
        bool: `abi_put_bool(${enc}, ${value})`,
        bytes: `abi_put_bytes(${enc}, ${value})`,
        string: `abi_put_string(${enc}, ${value})`,
        "bytes[]": `abi_put_bytes_array(${enc}, ${value}, ${value}_n)`,
    };
    if (known[p.type]) return [known[p.type]];
    if (p.type === "bytes4") return [`abi_put_bytes_n(${enc}, slice_of(${value}, 4))`];
    if (p.type === "tuple") return [`put_${structName(p)}(${enc}, ${value})`];
    if (p.type === "tuple[]") return [`put_${structName(p)}s(${enc}, ${value}, ${value}_n)`];
    throw new Error(`cannot encode ${p.type}`);
}

const structName = (p) => snake(p.internalType.replace(/^struct (\w+\.)?/, "").replace(/\[\]$/, ""));

function parameters(inputs) {
    return inputs.map((p, i) => {
        const name = argName(p, i);
        if (p.type === "bytes[]") return `const slice *${name}, size_t ${name}_n`;
        if (p.type === "tuple") return `const struct ${structName(p)} *${name}`;
        if (p.type === "tuple[]") return `const struct ${structName(p)} *${name}, size_t ${name}_n`;
        if (p.type === "bytes4") return `const uint8_t ${name}[4]`;
        return `${cType(p)} ${name}`;
    });
}

function wrap(head, args, tail) {
    const line = `${head}(${args.join(", ")})${tail}`;
    if (line.length <= 100) return line;
    const indent = " ".repeat(head.length + 1);
    const lines = [];
    let current = head + "(";
    for (const [i, arg] of args.entries()) {
        const piece = arg + (i + 1 < args.length ? "," : `)${tail}`);
        if (current.length + piece.length + 1 > 99 && current.trim() !== "" && !current.endsWith("(")) {
            lines.push(current.trimEnd());
            current = indent;
        }
        current += piece + " ";
    }
    return [...lines, current.trimEnd()].join("\n");
}

function body(begin, puts) {
    const steps = puts.map((p) => `    if (s == OK)\n        s = ${p};\n`).join("");
    return `{\n    struct abi_enc e;\n    status s = ${begin};\n${steps}    return s == OK ? abi_end(&e) : s;\n}\n`;
}

function encoder(c, f) {
    const name = `${c.prefix}_put_${snake(f.name)}`;
    const head = wrap(`status ${name}`, ["struct buf *out", ...parameters(f.inputs)], "");
    const declaration = wrap(`status ${name}`, ["struct buf *out", ...parameters(f.inputs)], " MUST_USE;");
    const puts = f.inputs.flatMap((p, i) => put("&e", p, argName(p, i)));
    const begin = `abi_begin(&e, out, ${c.prefix}_sel_${f.name}, ${f.inputs.length})`;
    return { declaration, definition: `${head}\n${body(begin, puts)}` };
}

function deployEncoder(c) {
    const inputs = c.json.abi.find((i) => i.type === "constructor")?.inputs ?? [];
    const name = `${c.prefix}_put_deploy`;
    const args = ["struct buf *out", ...parameters(inputs)];
    const puts = [
        `abi_begin(&e, out, NULL, ${inputs.length})`,
        ...inputs.flatMap((p, i) => put("&e", p, argName(p, i))),
    ];
    return {
        declaration: wrap(`status ${name}`, args, " MUST_USE;"),
        definition: `${wrap(`status ${name}`, args, "")}\n${body(`buf_put(out, ${c.prefix}_code)`, puts)}`,
    };
}

/* Structs that functions take, with the encoders of one and of an array of them. */
function structs(functions) {
    const found = new Map();
    for (const f of functions)
        for (const p of f.inputs) if (p.type.startsWith("tuple")) found.set(structName(p), p.components);
    return [...found].map(([name, fields]) => {
        const members = fields.map((p, i) => `    ${cType(p)} ${memberName(p, i)};\n`).join("");
        const puts = fields.map((p, i) => `    if (s == OK)\n        s = ${put("&t", p, `v->${memberName(p, i)}`)[0]};\n`);
        return {
            declaration: `struct ${name} {\n${members}};\n`,
            definition:
                `static status put_${name}(struct abi_enc *e, const struct ${name} *v)\n{\n` +
                `    struct abi_enc t;\n    status s = abi_put_tuple(e, ${fields.length}, &t);\n${puts.join("")}` +
                "    return s == OK ? abi_end(&t) : s;\n}\n\n" +
                `static status put_${name}s(struct abi_enc *e, const struct ${name} *v,\n` +
                `${" ".repeat(`static status put_${name}s(`.length)}size_t n)\n{\n` +
                "    struct abi_enc a;\n    status s = abi_put_array(e, n, 1, &a);\n" +
                `    for (size_t i = 0; s == OK && i < n; i++)\n        s = put_${name}(&a, &v[i]);\n` +
                "    return s == OK ? abi_end(&a) : s;\n}\n",
        };
    });
}

/* --- readers of what views return ------------------------------------------------------------- */

function readStatement(p, i, value) {
    const bits = uintBits(p.type);
    if (bits > 64) return `abi_read_u256(data, ${i}, &${value})`;
    if (bits === 64) return `abi_read_u64(data, ${i}, &${value})`;
    if (bits > 8) return `read_u32(data, ${i}, &${value})`;
    if (bits) return `read_u8(data, ${i}, &${value})`;
    if (fixedBytes(p.type) && p.type !== "bytes32")
        return `abi_read_bytes_n(data, ${i}, ${value}, sizeof ${value})`;
    const known = { address: "addr", bytes32: "hash", bool: "bool", string: "bytes" };
    return `abi_read_${known[p.type]}(data, ${i}, &${value})`;
}

function member(p, i) {
    const n = fixedBytes(p.type);
    return n && n !== 32 ? `uint8_t ${memberName(p, i)}[${n}]` : `${cType(p)} ${memberName(p, i)}`;
}

/* A view with one result gives it as such, one with more gives a struct. */
function reader(c, f) {
    const name = `${c.prefix}_read_${snake(f.name)}`;
    if (f.outputs.length === 1) {
        const head = `status ${name}(slice data, ${cType(f.outputs[0])} *ret)`;
        const read = readStatement(f.outputs[0], 0, "*ret").replace("&*ret", "ret");
        return { declaration: `${head} MUST_USE;`, definition: `${head}\n{\n    return ${read};\n}\n` };
    }
    const struct = `${c.prefix}_${snake(f.name).replace(/_of$/, "")}`;
    const members = f.outputs.map((p, i) => `    ${member(p, i)};\n`).join("");
    const head = `status ${name}(slice data, struct ${struct} *ret)`;
    const steps = f.outputs
        .map((p, i) => `    if (s == OK)\n        s = ${readStatement(p, i, `v.${memberName(p, i)}`)};\n`)
        .join("");
    return {
        declaration: `struct ${struct} {\n${members}};\n${head} MUST_USE;`,
        definition: `${head}\n{\n    struct ${struct} v;\n    status s = OK;\n${steps}    if (s == OK)\n        *ret = v;\n    return s;\n}\n`,
    };
}

const READ_HELPERS = [8, 32]
    .map(
        (bits) =>
            `static status read_u${bits}(slice data, size_t i, uint${bits}_t *ret)\n{\n    uint64_t v = 0;\n` +
            `    status s = abi_read_u64(data, i, &v);\n    if (s == OK && v > UINT${bits}_MAX)\n        s = E_RANGE;\n` +
            `    if (s == OK)\n        *ret = (uint${bits}_t)v;\n    return s;\n}\n`,
    )
    .join("\n");

/* --- the files -------------------------------------------------------------------------------- */

const bound = (c) =>
    c.json.abi.filter(
        (i) => i.type === "function" && (c.only?.includes(i.name) ?? !c.without.test(i.name)),
    );
const isView = (f) => ["view", "pure"].includes(f.stateMutability);
const readable = (f) => isView(f) && f.outputs.length > 0 && f.name !== "eip712Domain";

function storageBase() {
    const word = BigInt("0x" + keccak_256("ehrd.storage.Registry")) - 1n;
    const inner = Buffer.from(word.toString(16).padStart(64, "0"), "hex");
    const base = hash(inner);
    base[31] = 0;
    return base;
}

function abiFiles() {
    const functions = CONTRACTS.flatMap((c) => bound(c).map((f) => ({ c, f })));
    const events = CONTRACTS.filter((c) => c.deploy).flatMap((c) =>
        c.json.abi.filter((i) => i.type === "event").map((e) => ({ name: `${c.prefix}_topic_${e.name}`, e })),
    );
    const made = structs(functions.map((x) => x.f));
    const encoders = [...CONTRACTS.filter((c) => c.deploy).map(deployEncoder), ...functions.map(({ c, f }) => encoder(c, f))];
    const readers = functions.filter(({ f }) => readable(f)).map(({ c, f }) => reader(c, f));
    const header =
        HEAD +
        "/* Bindings of the contracts: selectors, event topics, calldata, results of views.\n *\n" +
        " * PREFIX_put_NAME appends the calldata of a call to out: OK | buf statuses | E_RANGE (deadline).\n" +
        " * PREFIX_put_deploy appends init code with the constructor's arguments.\n" +
        " * PREFIX_read_NAME reads what eth_call gave; *ret is set only on OK; a slice borrows from data:\n" +
        " * OK | E_TRUNCATED | E_RANGE | E_NOT_CANONICAL.\n * " +
        MADE +
        '#ifndef EHRD_CONTRACT_REGISTRY_ABI_H\n#define EHRD_CONTRACT_REGISTRY_ABI_H\n\n#include "codec/abi.h"\n#include "contract/code.h"\n\n' +
        enums() +
        layout() +
        "/* First topics of events. */\n" +
        events.map(({ name, e }) => `/* ${signature(e)} */\nextern const uint8_t ${name}[32];\n`).join("") +
        "\n/* Selectors. */\n" +
        functions.map(({ c, f }) => `extern const uint8_t ${c.prefix}_sel_${f.name}[4];\n`).join("") +
        "\n" +
        made.map((s) => s.declaration).join("\n") +
        "\n" +
        encoders.map((e) => e.declaration).join("\n") +
        "\n\n" +
        readers.map((r) => r.declaration).join("\n") +
        "\n\n#endif\n";
    const source =
        HEAD +
        "/* Calldata, topics and results of the contracts. " +
        MADE +
        '#include "contract/registry_abi.h"\n\n' +
        `const uint8_t registry_storage_base[32] = {\n${byteLines(storageBase())}\n};\n\n` +
        `const uint8_t registry_registrar_role[32] = {\n${byteLines(hash("REGISTRAR_ROLE"))}\n};\n\n` +
        events
            .map(({ name, e }) => `const uint8_t ${name}[32] = {\n${byteLines(hash(signature(e)))}\n};\n`)
            .join("") +
        "\n" +
        functions.map(({ c, f }) => `const uint8_t ${c.prefix}_sel_${f.name}[4] = {${bytes(selector(f))}};\n`).join("") +
        "\n" +
        [...made, ...encoders].map((e) => e.definition).join("\n");
    const views =
        HEAD +
        "/* Readers of what the contracts' views return. " +
        MADE +
        '#include "contract/registry_abi.h"\n\n' +
        READ_HELPERS +
        "\n" +
        readers.map((r) => r.definition).join("\n");
    return { "registry_abi.h": header, "registry_abi.c": source, "registry_read.c": views };
}

/* Enums and constants, read from the Solidity sources: an ABI does not name their members. */
function enums() {
    const source = ["IEhrRegistry", "EhrRegistry"]
        .map((n) => readFileSync(join(root, `contracts/src/${n}.sol`), "utf8"))
        .join("\n");
    const block = (list) => `enum {\n${list.map(([n, v]) => `    REGISTRY_${n} = ${v},\n`).join("")}};\n\n`;
    const prefixes = { Role: "ROLE", AccountStatus: "ACCOUNT", RecordStatus: "RECORD" };
    const made = Object.entries(prefixes).map(([name, prefix]) => {
        const members = source.match(new RegExp(`enum ${name} \\{([^}]*)\\}`))[1].split(",");
        return block(members.map((m, i) => [`${prefix}_${snake(m.trim()).toUpperCase()}`, i]));
    });
    const numbers = [...source.matchAll(/uint8 (?:public|private) constant (\w+) = (\d+);/g)];
    return made.join("") + block(numbers.map(([, name, value]) => [name, value]));
}

/* The storage layout as contracts/README.md states it and test/Layout.t.sol proves it. */
function layout() {
    return (
        "/* Storage (contracts/README.md): the ERC-7201 base slot; a mapping lies at base + its index. */\n" +
        "extern const uint8_t registry_storage_base[32];\n" +
        "enum {\n" +
        ["ACCOUNTS", "KEY_CARDS", "FOLDERS", "GRANTS", "RECORDS"].map((n, i) => `    REGISTRY_MAPPING_${n} = ${i},\n`).join("") +
        "};\n\n" +
        "extern const uint8_t registry_registrar_role[32]; /* keccak256(\"REGISTRAR_ROLE\") */\n\n"
    );
}

function codeFiles() {
    const files = {};
    const deployed = CONTRACTS.filter((c) => c.deploy);
    files["code.h"] =
        HEAD +
        "/* Creation bytecode of the contracts that ehrd deploys; constructor arguments follow it.\n * " +
        MADE +
        '#ifndef EHRD_CONTRACT_CODE_H\n#define EHRD_CONTRACT_CODE_H\n\n#include "base/slice.h"\n\n' +
        deployed.map((c) => `extern const slice ${c.prefix}_code; /* ${c.name} */\n`).join("") +
        "\n#endif\n";
    for (const c of deployed) {
        const object = c.json.bytecode.object;
        if (!/^0x[0-9a-f]+$/.test(object)) throw new Error(`${c.name} has unlinked bytecode`);
        const code = Buffer.from(object.slice(2), "hex");
        let lines = "", line = "   ";
        for (const b of code) {
            if (line.length + `${b},`.length > 100) (lines += line + "\n"), (line = "   ");
            line += line === "   " ? ` ${b},` : `${b},`;
        }
        files[`${c.prefix}_code.c`] =
            HEAD +
            `/* Creation bytecode of ${c.name}. ` +
            MADE +
            `#include "contract/code.h"\n\nstatic const uint8_t code[${code.length}] = {\n${lines}${line}\n};\n\n` +
            `const slice ${c.prefix}_code = {code, sizeof code};\n`;
    }
    return files;
}

function errorFiles() {
    const errors = new Map();
    const standard = [
        { name: "Error", inputs: [{ name: "reason", type: "string" }] },
        { name: "Panic", inputs: [{ name: "code", type: "uint256" }] },
    ];
    const all = CONTRACTS.flatMap((c) => c.json.abi.filter((i) => i.type === "error"));
    for (const e of [...standard, ...all]) errors.set(signature(e), e);
    const rows = [...errors]
        .sort(([a], [b]) => Buffer.compare(hash(a).subarray(0, 4), hash(b).subarray(0, 4)))
        .map(([, e]) => {
            const args = e.inputs.map((p, i) => `${p.type} ${p.name || `arg${i}`}`).join(",");
            return `    {{${bytes(selector(e))}}, "${e.name}",\n     "${args}"},\n`;
        });
    return {
        "error_table.c":
            HEAD +
            "/* Every error of the contracts, by selector. " +
            MADE +
            '#include "contract/errors.h"\n\n' +
            `const struct contract_error contract_errors[] = {\n${rows.join("")}};\n\n` +
            "const size_t contract_errors_n = sizeof contract_errors / sizeof contract_errors[0];\n",
    };
}

const files = { ...abiFiles(), ...codeFiles(), ...errorFiles() };
const checking = process.argv.includes("--check");
let stale = 0;
if (!checking) mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(files)) {
    const path = join(target, name);
    if (!checking) {
        writeFileSync(path, text);
        continue;
    }
    let committed = null;
    try {
        committed = readFileSync(path, "utf8");
    } catch {
        /* a missing file is a stale one */
    }
    if (committed !== text) {
        stale++;
        console.error(`src/contract/${name} is not what the contracts give; run tools/gen-bindings.mjs`);
    }
}
process.exitCode = stale === 0 ? 0 : 1;

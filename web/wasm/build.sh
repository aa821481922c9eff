#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# C to WebAssembly, as a module of TypeScript that holds its bytes: web/wasm/build.sh OUT.ts
# Without clang-14 and lld-14 the module is empty, and the page does the same in TypeScript, five times slower.
set -eu
out=$(realpath -m "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/module.wasm"
if command -v clang-14 >/dev/null && command -v wasm-ld-14 >/dev/null; then
    for name in aead sha256; do
        clang-14 --target=wasm32 -std=gnu17 -O3 -msimd128 -mbulk-memory -ffreestanding -fno-builtin -Wall -Wextra \
            -Wconversion -Wshadow -Wno-missing-prototypes -Werror -c -o "$work/$name.o" $name.c
    done
    wasm-ld-14 --no-entry --strip-all -z stack-size=16384 -o "$work/module.wasm" "$work/aead.o" "$work/sha256.o"
else
    echo "web/wasm: no clang-14 or lld-14: the page will seal large files slowly (tools/deps installs them)" >&2
fi
{
    echo "// Made by web/wasm/build.sh from web/wasm/*.c."
    echo "export const MODULE: string = '$(base64 -w0 "$work/module.wasm")';"
} >"$out.new"
mv "$out.new" "$out"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The vectors of identities and of stealth addresses, worked out again by @noble/curves, @noble/hashes, @scure/base and
# Node's own crypto: none of our code. A changed vector must be seen.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
check() { # name, command…
    if "${@:2}" >"$d/out" 2>&1; then passed=$((passed + 1)) && echo "ok   $1"; else failed=$((failed + 1)) && echo "FAIL $1: $(tail -3 "$d/out")"; fi
}
tools/web-setup packages || exit 1
PATH="$(tools/node22):$PATH"
node tools/gen-identity-vectors.mjs web >"$d/identity.json" || failed=$((failed + 1))
check "identity vectors are what noble and Node give" cmp tests/vectors/identity.json "$d/identity.json"
check "stealth vectors are what noble gives" node tests/unit/keys/noble_stealth.mjs web tests/unit/keys/stealth_vectors.h
sed '0,/6719c6f5/s//6719c6f4/' tests/unit/keys/stealth_vectors.h >"$d/changed.h"
check "a changed vector is seen" bash -c "! node tests/unit/keys/noble_stealth.mjs web '$d/changed.h'"
echo "vectors: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page's core in Node against the real node and chain: patient, physician and administrator from sign-up to lock;
# and the core beside the command line on the same folders, and on who wrote what is in them.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh web_core
tools/web-setup packages || exit 1
PATH="$(tools/node22):$PATH"
start_world || exit 1
run() { # name, arguments…
    local name=$1 line
    shift
    web/node_modules/.bin/esbuild "web/tests/core/$name.ts" --bundle --platform=node --format=esm --log-level=warning \
        --outfile="$d/$name.mjs" || { fail "$name is built"; return; }
    node "$d/$name.mjs" "$@" >"$d/$name.out" 2>&1
    while IFS= read -r line; do
        case "$line" in
        ok\ *) passed=$((passed + 1)) && echo "$line" ;;
        FAIL\ *) failed=$((failed + 1)) && echo "$line" ;;
        *) echo "     $line" ;;
        esac
    done <"$d/$name.out"
    grep -q " passed, " "$d/$name.out" || fail "$name ran to its end"
}
run story "$NODE_URL" "$d/people/admin/keys/admin.json" "$d/people/admin/passphrase" demo/amara-okafor.json demo/discharge-letter.pdf
register cora patient "Cora Quist" && register rivera practitioner "Dr. Rivera" && register hall practitioner "Dr. Hall" || fail "people of the command line"
EHR="$EHR" run cross "$NODE_URL" "$d" demo/discharge-letter.pdf
EHR="$EHR" run authors "$NODE_URL" "$d" demo/discharge-letter.pdf
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page's core in Node against the real node and chain: patient, physician and administrator from sign-up to lock.
set -eu
cd "$(dirname "$0")/../.."
. tests/system/lib.sh web_core
tools/web-setup packages
export PATH="$(tools/node22):$PATH"
start_world
web/node_modules/.bin/esbuild web/tests/core/story.ts --bundle --platform=node --format=esm --log-level=warning --outfile="$d/story.mjs"
node "$d/story.mjs" "$NODE_URL" "$d/people/admin/keys/admin.json" "$d/people/admin/passphrase" demo/amara-okafor.json demo/discharge-letter.pdf

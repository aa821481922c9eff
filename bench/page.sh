#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# page.sh [BUILD] [seal|chart|upload…]: the built page in Debian's Chromium beside a real node: sealing, a chart of 10,000
# resources, a large upload; default all. Needs EHRD_FIXTURES (Synthea's big bundle, for the chart), chromium, tools/web-setup.
# EHRD_PAGE_MB: size of the upload (default 200). EHRD_PAGE_WITH: a command in front of each measurement (as nice, or taskset).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(readlink -f "${1:-$root/build/release}")
parts=("${@:2}")
[ ${#parts[@]} -gt 0 ] || parts=(seal chart upload)
cd "$root"
. tools/node-processes
EHR=$build/src/app/ehr EHRD=$build/src/app/ehrd
source=${EHRD_FIXTURES:-$root/../shared}/data/fhir/synthea-big/ff4188f6-25000-entries-60MB.json.xz
has() { [[ " ${parts[*]} " == *" $1 "* ]]; }
if has chart && [ ! -f "$source" ]; then
    echo "SKIPPED page: no $source"
    exit 0
fi
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "SKIPPED page: no chromium"; exit 0; }
tools/web-setup
PATH="$(tools/node22):$PATH"
d=$(mktemp -d)
trap 'stop_all; rm -rf "$d"' EXIT
: >"$d/lock"
exec 8>"$d/lock"
as() { # name, command…
    local who=$1
    shift
    "$EHR" --home "$d/people/$who" --passphrase-file "$d/people/$who/passphrase" --as "$who" --yes "$@"
}
prepare_chain "$d" "" "" ""
start_node "$d" "" 127.0.0.1:0
as admin init --node "$NODE_URL" >/dev/null
for who in "lena Longchart" "urs Upload"; do
    make_home "$d" "${who% *}" "$NODE_URL"
    as admin admin register "$(address_of "$d" "${who% *}")" --role patient >/dev/null
    as "${who% *}" card publish --name "$who" >/dev/null
    as "${who% *}" folder new general >/dev/null
done
if has chart; then
    xz -dc "$source" >"$d/all.json"
    node -e 'const fs = require("fs"); const b = JSON.parse(fs.readFileSync(process.argv[1])); b.entry = b.entry.slice(0, 10000); fs.writeFileSync(process.argv[2], JSON.stringify(b));' \
        "$d/all.json" "$d/chart.json"
    as lena record add general --bundle "$d/chart.json" >/dev/null
fi
for f in bench/page-seal.ts web/src/core/seal.worker.ts; do
    web/node_modules/.bin/esbuild "$f" --bundle --format=esm --log-level=warning --alias:@noble/ciphers=./web/node_modules/@noble/ciphers \
        --outfile="$d/$(basename "$f" .ts).js"
done
echo "| the page | figure |"
echo "|---|---|"
for part in "${parts[@]}"; do
    ${EHRD_PAGE_WITH:-} node bench/page.mjs "$NODE_URL" "$d" "${EHRD_PAGE_MB:-200}" "$part"
done

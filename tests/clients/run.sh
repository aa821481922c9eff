#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh NAME: one client test against a fresh `ehrd dev`. EHRD names the program.
set -u
cd "$(dirname "$0")/../.."
name=$1
tools/clients-setup || { echo "SKIPPED clients_$name: npm packages cannot be installed"; echo "clients_$name: 0 passed, 0 failed, 1 skipped"; exit 0; }
node=$(tools/node22)/node
PATH="$(tools/node22):$PATH"
d=$(mktemp -d "${TMPDIR:-/tmp}/ehrd-clients.XXXXXX")
pid=
trap '[ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }; rm -rf "$d"' EXIT
export TOKEN_JSON="$d/token.json"
"$node" tests/clients/compile.mjs "$TOKEN_JSON" || { echo "FAIL compile"; exit 1; }
if [ "$name" = durable ]; then
    "$node" tests/clients/durable.mjs "$EHRD"
    exit
fi
"$EHRD" dev --listen 127.0.0.1:0 --port-file "$d/port" >"$d/log" 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$d/port" ] && break; sleep 0.05; done
[ -s "$d/port" ] || { cat "$d/log"; echo "clients_$name: 0 passed, 1 failed, 0 skipped"; exit 1; }
export RPC_URL="http://127.0.0.1:$(cat "$d/port")" EHRD_PID=$pid WORK="$d"
case $name in
cast | forge | hardhat) . "tests/clients/$name.sh" ;;
*) "$node" "tests/clients/$name.mjs" ;;
esac
rc=$?
kill -0 "$pid" 2>/dev/null || { echo "FAIL the node is gone"; tail -20 "$d/log"; rc=1; }
exit $rc

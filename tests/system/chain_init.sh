#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `ehrd chain init` and `ehrd dev --chain` cut off at each of their syncs: called again they make the chain, or find it,
# and the authority's key stays.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh chain_init
[ -n "${KILL_SYNC:-}" ] || {
    echo "SKIPPED chain_init: nothing to preload"
    echo "chain_init: 0 passed, 0 failed, 1 skipped"
    exit 0
}
cut() { # n, command…
    EHRD_KILL_SYNC=$1 LD_PRELOAD=$KILL_SYNC "${@:2}" >/dev/null 2>&1
}
stats() { "$EHRD" chain stats --chain "$1" --json; }
key() { cat "$1/authority.key" 2>/dev/null; }

# --- init -----------------------------------------------------------------------------------------
n=0 unmade=0
while n=$((n + 1)) c="$d/init-$n" && ! cut "$n" "$EHRD" chain init --chain "$c"; do
    before=$(key "$c")
    if stats "$c" >/dev/null 2>&1; then
        expect "sync $n: what opens is not made again" 1 "already" "$EHRD" chain init --chain "$c"
    else
        unmade=$((unmade + 1))
        expect "sync $n: init is repeated" 0 "genesis" "$EHRD" chain init --chain "$c"
    fi
    [ -z "$before" ] || check "sync $n: with the key of before" test "$(key "$c")" = "$before"
    expect "sync $n: the chain is whole, its key fits" 0 '"verified":0' "$EHRD" chain verify --chain "$c" --json
done
check "it was cut off $n times, $unmade of them before there was a chain" test "$unmade" -gt 5
check "and not after its end" stats "$c"

# A key that is kept elsewhere is not made anew beside its chain.
mv "$c/authority.key" "$d/elsewhere"
expect "a chain without its key is there, too" 1 "already" "$EHRD" chain init --chain "$c"
check "and gets none" test ! -e "$c/authority.key"

# --- dev ------------------------------------------------------------------------------------------
dev() { # folder: up and down
    rm -f "$d/port"
    "$EHRD" dev --listen 127.0.0.1:0 --quiet --port-file "$d/port" --chain "$1" >"$d/dev.log" 2>&1 8>&- &
    NODE_PID=$!
    for _ in $(seq 100); do
        [ -s "$d/port" ] || ! kill -0 "$NODE_PID" 2>/dev/null && break
        sleep 0.1
    done
    stop_one "$NODE_PID"
    wait "$NODE_PID"
}
for n in $(seq 12); do
    cut "$n" timeout 20 "$EHRD" dev --listen 127.0.0.1:0 --quiet --chain "$d/dev-$n"
    check "dev, sync $n: it starts" dev "$d/dev-$n"
done
summary

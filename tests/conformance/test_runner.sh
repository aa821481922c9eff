#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The runners of the official suites with wrong requests and bad files: none of these may end with exit code 0.
# Arguments: the runners.
set -u
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
mkdir "$d/empty"
printf '{"a": ' >"$d/cut.json"
printf '[]' >"$d/list.json"
printf '{}' >"$d/none.json"
printf '{"a": {"network": 7, "pre": 1, "post": []}}' >"$d/wrong.json"
head -c 4096 /dev/urandom >"$d/noise.json"
passed=0 failed=0

# expect CODE COMMAND…
expect() {
    local want=$1 rc
    shift
    "$@" >"$d/out" 2>&1
    rc=$?
    if [ "$rc" -eq "$want" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL exit code $rc, want $want: $*"
        head -n 5 "$d/out"
    fi
}

for runner; do
    expect 0 "$runner" --help
    expect 2 "$runner"
    expect 2 "$runner" --wrong "$d/none.json"
    expect 2 "$runner" "$d/missing"
    expect 2 "$runner" "$d/empty"
    expect 2 "$runner" --fork Atlantis "$d/none.json"
    expect 2 "$runner" --every 0 "$d/none.json"
    expect 2 "$runner" -j 0 "$d/none.json"
    expect 2 "$runner" --fork
    for f in cut list none wrong noise; do expect 1 "$runner" "$d/$f.json"; done
    expect 1 "$runner" --json "$d"
done
echo "runners: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

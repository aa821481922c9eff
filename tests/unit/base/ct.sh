#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ct.sh PROBE: code of ours does not branch on secrets nor look them up in tables, by valgrind; what is planted is found.
set -u
probe=$1
here=$(dirname "$0")
if ! command -v valgrind >/dev/null 2>&1; then
    echo "SKIPPED constant time: no valgrind"
    exit 77
fi
passed=0 failed=0
out=$(mktemp "${TMPDIR:-/tmp}/ehr-ct.XXXXXX")
trap 'rm -f "$out"' EXIT
for name in $("$probe" --list); do
    valgrind -q --error-exitcode=99 --suppressions="$here/ct.supp" "$probe" "$name" >"$out" 2>&1
    rc=$?
    want=0
    [ "${name#planted_}" = "$name" ] || want=99
    if [ $rc -eq $want ]; then
        passed=$((passed + 1))
        echo "ok   constant time: $name"
    else
        failed=$((failed + 1))
        echo "FAIL constant time: $name ended with $rc, not $want"
        head -20 "$out"
    fi
done
echo "constant_time: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ] && [ $passed -ge 10 ]

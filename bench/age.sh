#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# age.sh [BUILD [MIB]]: age of ours beside Debian's age and the limit that OpenSSL's cipher sets.
# BUILD: a release build folder with the targets bench_age and ehr-age.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=$(readlink -f "${1:-$root/build/release}")
mib=${2:-512}
ours=$build/tests/unit/age/ehr-age
dir=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# best COMMAND...: GB/s of plaintext, the best of three runs with output to /dev/null.
best() {
    local i t0 t1
    for i in 1 2 3; do
        t0=$EPOCHREALTIME
        "$@" >/dev/null
        t1=$EPOCHREALTIME
        awk -v a="$t0" -v b="$t1" -v m="$mib" 'BEGIN { printf "%.2f\n", m * 1048576 / (b - a) / 1e9 }'
    done | sort -n | tail -1
}

row() {
    printf '%-44s %6s GB/s   %s\n' "$1" "$2" "${3:-}"
}

ratio() {
    awk -v a="$1" -v b="$2" -v what="$3" 'BEGIN { printf "%.2f x %s", a / b, what }'
}

limit=$(openssl speed -seconds 2 -bytes 65536 -evp chacha20-poly1305 2>/dev/null |
    awk 'END { printf "%.2f", $NF / 1e6 }')
echo "$(nproc) cores, $mib MiB, $(openssl version | cut -d' ' -f1,2)"
row "limit: openssl speed chacha20-poly1305, 64 KiB" "$limit"
"$build/bench/bench_age" "$mib" 3 >figures
while read -r what rate; do
    row "ehrd $what" "$rate" "$(ratio "$rate" "$limit" "limit")"
done <figures

"$ours" keygen -o key 2>/dev/null
to=$("$ours" -y key)
head -c $((mib * 1048576)) /dev/zero >plain
"$ours" -e -r "$to" -o sealed plain
e=$(best "$ours" -e -r "$to" plain)
d=$(best "$ours" -d -i key sealed)
if command -v age >/dev/null; then
    ae=$(best age -e -r "$to" plain)
    ad=$(best age -d -i key sealed)
    row "age $(age --version) -e, file to /dev/null" "$ae"
    row "age $(age --version) -d, file to /dev/null" "$ad"
    row "ehr age -e, file to /dev/null" "$e" "$(ratio "$e" "$ae" age)"
    row "ehr age -d, file to /dev/null" "$d" "$(ratio "$d" "$ad" age)"
else
    echo "SKIPPED: age is not installed"
    row "ehr age -e, file to /dev/null" "$e"
    row "ehr age -d, file to /dev/null" "$d"
fi

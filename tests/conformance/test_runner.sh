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
: >"$d/out"

# expect CODE COMMAND…
expect() {
    local want=$1 rc
    shift
    mv "$d/out" "$d/out.prev" # of the command before, for those that look at it
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

# With right ones: transaction tests around the example of EIP-155. Half of them expect what is not so.
txtest=
for runner; do [ "${runner##*/}" = ehrd-txtest ] && txtest=$runner; done
raw=0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83
good='"sender": "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f", "hash": "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788", "intrinsicGas": "0x5208"'
# tx_file NAME BYTES FIELDS: one test with this result under two forks, and a refusal before EIP-155
tx_file() {
    echo "{\"$1\": {\"txbytes\": \"$2\", \"result\": {\"Frontier\": {\"exception\": \"early\"}, \"London\": {$3}, \"Osaka\": {$3}}}}" \
        >"$d/tx/$1.json"
}
mkdir "$d/tx"
for i in 1 2 3; do tx_file "right$i" "$raw" "$good"; done
expect 0 "$txtest" "$d/tx"
expect 0 "$txtest" --fork Osaka --name right2 --json "$d/tx"
printf '%s\n' "{\"file\":\"$d/tx/right2.json\",\"name\":\"right2\",\"fork\":\"Osaka\",\"verdict\":\"PASS\"}" \
    '{"passed":1,"failed":0,"skipped":0,"files":3}' >"$d/want"
expect 0 cmp "$d/want" "$d/out.prev"
expect 2 "$txtest" --name wrong "$d/tx"
tx_file sender "$raw" "${good/0x9d8a/0x9d8b}"
tx_file hash "$raw" "${good/0x3346/0x3347}"
tx_file gas "$raw" "${good/5208/5209}"
tx_file refused "$raw" '"exception": "no"'
tx_file taken "${raw/f86c09/f86c81}" "$good"
for i in sender hash gas refused taken; do
    expect 1 "$txtest" "$d/tx/$i.json"
    expect 0 grep -Eq "^FAIL $d/tx/$i.json $i \[Osaka\]: ." "$d/out.prev"
done
"$txtest" -j 1 "$d/tx" | sort | sed '/files in/d' >"$d/one"
"$txtest" -j 7 "$d/tx" | sort | sed '/files in/d' >"$d/seven"
expect 0 grep -q '^ehrd-txtest: 14 passed, 10 failed, 0 skipped$' "$d/one"
expect 0 cmp "$d/one" "$d/seven"
echo "runners: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

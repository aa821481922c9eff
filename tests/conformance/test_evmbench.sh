#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_evmbench.sh EVMBENCH: the benchmark runner with good and bad requests.
set -u
bench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
pass=0 fail=0
# expect CODE PATTERN WHAT ARGUMENT…: exit code, and a line of the output
expect() {
    local code=$1 pattern=$2 what=$3 got
    shift 3
    "$bench" "$@" >"$dir/out" 2>&1
    got=$?
    if [ "$got" -eq "$code" ] && grep -Eq -- "$pattern" "$dir/out"; then
        pass=$((pass + 1))
    else
        fail=$((fail + 1))
        echo "FAILED: $what: exit code $got (want $code), want '$pattern' in:"
        sed 's/^/    /' "$dir/out"
    fi
}

mkdir "$dir/good" "$dir/good/deeper" "$dir/empty"
# A loop of 255 rounds that returns a word, and a call that finds no gas for it.
code=60ff5b6001900380600257602060206000f3
cat >"$dir/good/deeper/loop.json" <<JSON
{"loop": {"_info": {"labels": {"0": "plain", "1": "again"}},
  "pre": {"0x00000000000000000000000000000000000000aa": {"balance": "0x00", "nonce": "0x00", "code": "0x$code", "storage": {}}},
  "transaction": {"to": "0x00000000000000000000000000000000000000aa", "gasLimit": ["0x989680"], "data": ["0x", "0x00"], "value": ["0x00"]}}}
JSON
sed 's/0x989680/0x20/; s/"loop"/"poor"/' "$dir/good/deeper/loop.json" >"$dir/good/poor.json"
expect 0 '^evmbench: 4 cases of 2 files, 0 files bad' 'a folder is walked' --min-ms 1 "$dir/good"
expect 0 'loop +plain +success' 'a case has its line' --min-ms 1 "$dir/good/deeper/loop.json"
expect 0 'poor +again +out of gas' 'a failing run shows' --min-ms 1 "$dir/good/poor.json"
expect 0 '"case":"loop/again","status":"success","gas":' '--json' --json --min-ms 1 "$dir/good"
expect 0 '^\{"cases":4,"files":2,"bad_files":0,' '--json has a summary' --json --min-ms 1 "$dir/good"
expect 0 '^evmbench: 1 cases' '--name chooses' --name loop/again --min-ms 1 "$dir/good"
expect 0 '^evmbench: 4 cases' 'an older fork' --fork Berlin --min-ms 1 "$dir/good"
expect 2 'no case was measured' 'a name that is not there' --name nothing --min-ms 1 "$dir/good"
expect 2 'usage' 'no path'
expect 2 'usage' 'an unknown option' --what "$dir/good"
expect 2 'usage' 'an unknown fork' --fork Atlantis "$dir/good"
expect 2 'usage' 'no number' --min-ms soon "$dir/good"
expect 2 'holds no .json file' 'an empty folder' "$dir/empty"
expect 2 'No such file' 'a path that is not there' "$dir/nowhere"
cp -r "$dir/good" "$dir/mixed"
head -c 100 "$dir/good/poor.json" >"$dir/mixed/cut.json"
echo '{}' >"$dir/mixed/none.json"
sed 's/0x989680/many/' "$dir/good/deeper/loop.json" >"$dir/mixed/number.json"
sed 's/"data"/"date"/' "$dir/good/deeper/loop.json" >"$dir/mixed/data.json"
expect 1 '^evmbench: 4 cases of 6 files, 4 files bad' 'bad files are counted, the others measured' --min-ms 1 "$dir/mixed"
for name in cut none number data; do
    expect 1 "FAILED .*/$name.json: ." "the bad file $name is named" --min-ms 1 "$dir/mixed/$name.json"
done
expect 0 '^usage' '--help' --help
echo "evmbench: $pass passed, $fail failed, 0 skipped"
[ "$fail" -eq 0 ]

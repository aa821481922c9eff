#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ehrd-rpctest with wrong requests, bad folders and bad cases: it must notice each. Argument: the program.
set -u
runner=$1
d=$(mktemp -d) || exit 1
trap 'rm -rf "$d"' EXIT
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

# A chain of a genesis alone.
good() {
    rm -rf "$d/c"
    mkdir -p "$d/c/eth"
    printf '{"config":{"chainId":7,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,"terminalTotalDifficulty":0,"shanghaiTime":0,"cancunTime":0},"gasLimit":"0x1c9c380","difficulty":"0x0","alloc":{}}' >"$d/c/genesis.json"
    : >"$d/c/chain.rlp"
    ask '// the chain id' '>> {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' '<< {"jsonrpc":"2.0","id":1,"result":"0x7"}'
}
ask() { printf '%s\n' "$@" >"$d/c/eth/case.io"; }

good
expect 0 "$runner" --help
expect 2 "$runner"
expect 2 "$runner" --wrong "$d/c"
expect 2 "$runner" "$d/c" "$d/c"
expect 2 "$runner" "$d/missing"
expect 0 "$runner" "$d/c"
expect 0 "$runner" --json --filter eth/ "$d/c"
grep -q '"case":"eth/case.io","pass":true' "$d/out" || { echo "FAIL --json: $(cat "$d/out")"; failed=$((failed + 1)); }
expect 2 "$runner" --filter debug_ "$d/c"

# answers that are not right
for answer in '{"jsonrpc":"2.0","id":1,"result":"0x8"}' '{"jsonrpc":"2.0","id":2,"result":"0x7"}' \
    '{"jsonrpc":"2.0","id":1,"result":7}' '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"x"}}' \
    '{"jsonrpc":"2.0","id":1,"result":{"a":1}}' 'no JSON'; do
    ask '>> {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' "<< $answer"
    expect 1 "$runner" "$d/c"
done
ask '>> {"jsonrpc":"2.0","id":1,"method":"eth_nothing"}' '<< {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"other words"}}'
expect 0 "$runner" "$d/c"
ask '>> {"jsonrpc":"2.0","id":1,"method":"eth_nothing"}' '<< {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"other words"}}'
expect 1 "$runner" "$d/c"
ask '// speconly: shape' '>> {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' '<< {"jsonrpc":"2.0","id":1,"result":"0x99"}'
expect 0 "$runner" "$d/c"
ask '// speconly: shape' '>> {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' '<< {"jsonrpc":"2.0","id":1,"result":["0x99"]}'
expect 1 "$runner" "$d/c"

# cases that cannot be read
for text in '' '>> {"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' '<< {}' 'words'; do
    ask "$text"
    expect 1 "$runner" "$d/c"
done
head -c 4096 /dev/urandom >"$d/c/eth/case.io"
expect 1 "$runner" "$d/c"

# folders that are no chain
good && rm "$d/c/genesis.json"; expect 2 "$runner" "$d/c"
good && rm "$d/c/chain.rlp"; expect 2 "$runner" "$d/c"
good && printf '{' >"$d/c/genesis.json"; expect 2 "$runner" "$d/c"
good && printf '\xf8' >"$d/c/chain.rlp"; expect 2 "$runner" "$d/c"
good && printf '\xc3\xc0\xc0\xc0' >"$d/c/chain.rlp"; expect 2 "$runner" "$d/c"
good && printf '{"params":[{"headBlockHash":"0x%064d"}]}' 1 >"$d/c/headfcu.json"; expect 2 "$runner" "$d/c"
good && rm "$d/c/eth/case.io"; expect 2 "$runner" "$d/c"
echo "rpctest: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

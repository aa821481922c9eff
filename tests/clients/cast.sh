# SPDX-License-Identifier: Apache-2.0
# cast against our port; sourced by run.sh.
cast="tests/clients/node_modules/@foundry-rs/cast-linux-amd64/bin/cast"
export ETH_RPC_URL=$RPC_URL FOUNDRY_DISABLE_NIGHTLY_WARNING=1 HOME="$WORK"
key=0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d
from=0x70997970C51812dc3A010C7d01b50e0d17dc79C8
passed=0 failed=0
same() { # name, got, want
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); echo "ok   $1"; else failed=$((failed + 1)); echo "FAIL $1: '$2' is not '$3'"; fi
}
says() { # name, text, command…
    out=$("${@:3}" 2>&1)
    case $out in *"$2"*) passed=$((passed + 1)); echo "ok   $1" ;; *) failed=$((failed + 1)); echo "FAIL $1: $(echo "$out" | tail -3)" ;; esac
}
same chain-id "$("$cast" chain-id)" 31337
says client ehrd "$cast" client
bytecode=$(jq -r .bytecode "$TOKEN_JSON")
token=$("$cast" send --private-key $key --create "$bytecode" 'constructor(uint256)' 1000000 --json | jq -r .contractAddress)
same deploys "${#token}" 42
same calls "$("$cast" call "$token" 'symbol()(string)')" '"TOK"'
to=0x00000000000000000000000000000000000000fe
receipt=$("$cast" send --private-key $key "$token" 'transfer(address,uint256)' $to 77 --json)
same sends "$(echo "$receipt" | jq -r .status)" 0x1
same balance "$("$cast" call "$token" 'balanceOf(address)(uint256)' $to)" 77
says reverts 'reverted: because' "$cast" call "$token" 'fail(string)' because
same estimates "$([ "$("$cast" estimate --from $from "$token" 'transfer(address,uint256)' $to 1)" -gt 21000 ] && echo yes)" yes
hash=$(echo "$receipt" | jq -r .transactionHash)
same transaction "$("$cast" tx "$hash" from)" $from
same block "$("$cast" block latest -f number)" "$("$cast" block-number)"
same logs "$("$cast" logs --from-block 0 --address "$token" 'Transfer(address,address,uint256)' --json | jq length)" 2
same storage "$(printf %d "$("$cast" storage "$token" 2)")" 1000000
says proof accountProof "$cast" proof "$token" 0x2
says traces "$(echo "$token" | cut -c1-10)" "$cast" rpc debug_traceTransaction "$hash" '{"tracer":"callTracer"}'
says runs Transfer "$cast" run "$hash" --quick
says access-list accessList "$cast" access-list --from $from "$token" 'transfer(address,uint256)' $to 1 --json
same unlocked "$("$cast" send --unlocked --from $from "$to" --value 9 --json | jq -r .status)" 0x1
same sum "$("$cast" balance $to)" 9
same batch-nonce "$("$cast" nonce $from)" 3
says rpc-error 'does not exist' "$cast" rpc eth_noSuchMethod
echo "clients_cast: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

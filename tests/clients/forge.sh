# SPDX-License-Identifier: Apache-2.0
# forge script --broadcast against our port; sourced by run.sh.
forge="$PWD/contracts/node_modules/@foundry-rs/forge-linux-amd64/bin/forge"
export FOUNDRY_DISABLE_NIGHTLY_WARNING=1 HOME="$WORK"
mkdir -p "$WORK/forge/script"
cp -r tests/clients/contracts "$WORK/forge/contracts"
cp tests/clients/forge/Deploy.s.sol "$WORK/forge/script/"
cat >"$WORK/forge/foundry.toml" <<TOML
[profile.default]
src = "contracts"
libs = []
remappings = ["@openzeppelin/contracts/=$PWD/contracts/node_modules/@openzeppelin/contracts/"]
allow_paths = ["$PWD/contracts/node_modules"]
solc = "$PWD/contracts/solcw"
offline = true
evm_version = "cancun"
[lint]
lint_on_build = false
TOML
passed=0 failed=0
try() { # name, command…
    if "${@:2}" >"$WORK/out" 2>&1; then passed=$((passed + 1)); echo "ok   $1"; else failed=$((failed + 1)); echo "FAIL $1"; tail -15 "$WORK/out"; fi
}
cd "$WORK/forge" || exit 1
key=0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a
try script-broadcast "$forge" script script/Deploy.s.sol:Deploy --rpc-url "$RPC_URL" --broadcast --private-key $key
try receipts jq -e '.receipts | length == 4 and all(.status == "0x1")' broadcast/Deploy.s.sol/31337/run-latest.json
sed -i 's/uint256(1)/uint256(2)/' script/Deploy.s.sol
try script-slow "$forge" script script/Deploy.s.sol:Deploy --rpc-url "$RPC_URL" --broadcast --slow --private-key $key
try create "$forge" create contracts/Token.sol:Token --rpc-url "$RPC_URL" --broadcast --private-key $key --constructor-args 5
cd - >/dev/null || exit 1
echo "clients_forge: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

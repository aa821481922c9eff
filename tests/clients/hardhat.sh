# SPDX-License-Identifier: Apache-2.0
# An ERC-20 suite under hardhat; sourced by run.sh.
export HARDHAT_WORK="$WORK/hardhat" HARDHAT_DISABLE_TELEMETRY_PROMPT=true CI=1
(cd tests/clients && node_modules/.bin/hardhat test --config hardhat.config.cjs hardhat/token.cjs) >"$WORK/out" 2>&1
rc=$?
grep -v '^$' "$WORK/out"
p=$(grep -oE '[0-9]+ passing' "$WORK/out" | grep -oE '[0-9]+') f=$(grep -oE '[0-9]+ failing' "$WORK/out" | grep -oE '[0-9]+')
[ -n "$p" ] || { p=0 f=1; }
echo "clients_hardhat: $p passed, ${f:-0} failed, 0 skipped"
[ $rc -eq 0 ]

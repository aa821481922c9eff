#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Run every case of Ethereum's official suites. STATETEST, BLOCKTEST, TXTEST, RPCTEST: the programs.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1

# suite PROGRAM NAME
rc=0
suite() {
    local program=$1 name=$2
    echo "== $name"
    "$root/tools/unpack-vectors" "$name"
    case $? in
    0) "$program" "$root/build/vectors/$name" || rc=1 ;;
    1) printf 'SKIPPED %s: not in EHRD_FIXTURES\n%s: 0 passed, 0 failed, 1 skipped\n' "$name" "$name" ;;
    *) printf 'FAILED %s: damaged archive\n%s: 0 passed, 1 failed, 0 skipped\n' "$name" "$name"; rc=1 ;;
    esac
}

suite "$STATETEST" eest-v5.4.0-state_tests-dev
suite "$STATETEST" ethereum-tests-GeneralStateTests-dev
suite "$STATETEST" legacytests-Cancun-GeneralStateTests-dev
suite "$BLOCKTEST" eest-v5.4.0-blockchain_tests-dev
suite "$BLOCKTEST" ethereum-tests-BlockchainTests-dev
suite "$TXTEST" ethereum-tests-TransactionTests
suite "$RPCTEST" execution-apis-tests-dev
exit $rc

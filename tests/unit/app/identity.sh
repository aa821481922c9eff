#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# identity.sh EHR VECTORS EHRD: ways to unlock, recovery codes and mnemonics on the command line, without a node.
set -euo pipefail

ehr=$(readlink -f "$1")
vectors=$(readlink -f "$2")
ehrd=$(readlink -f "$3")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
n=0

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect CODE COMMAND…: the exit code; output in out, messages in err.
expect() {
    local want=$1 got=0
    shift
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" = "$want" ] || fail "exit $got, want $want: $* ($(cat err))"
    n=$((n + 1))
}

same() {
    [ "$1" = "$2" ] || fail "$3: \"$1\", want \"$2\""
    n=$((n + 1))
}

home() {
    mkdir -m 700 "$1"
    cat >"$1/config.json" <<TXT
{"node":"http://127.0.0.1:1","origin":"http://127.0.0.1:1","secondLedger":"","account":"","chainId":"31337",
"proxy":"0x1111111111111111111111111111111111111111","forwarder":"0x2222222222222222222222222222222222222222",
"nodeAddress":"0x3333333333333333333333333333333333333333"}
TXT
}

# by N COMMAND…: ehr in the home $h with the N-th passphrase.
by() {
    local i=$1
    shift
    "$ehr" --home "$h" --passphrase-file "p$i" "$@"
}
# Its third descriptor reads the file given first.
by3() {
    local file=$1
    shift
    by "$@" 3<"$file"
}
ways() { "$ehr" --home "$h" --json identity show "$@" | jq -r '(.ways | join(",")) + " " + (.recoveryCodeStored | tostring)'; }

for i in 1 2 3 4; do echo "passphrase $i" >p$i; done
h=a
home a

# An account and its ways.
echo "eleven char" >p9
expect 1 by 9 account new short --light
same "$(cat err)" "ehr: a new passphrase has at least 12 characters" "why"
expect 0 by 1 --json account new amara --light
address=$(jq -r .address out)
same "$(ways amara)" "passphrase false" "ways of a new account"
same "$(stat -c %a a/identities/amara/passphrase.age)" 600 "mode of an identity file"
expect 3 by 1 --yes identity remove-way passphrase amara
expect 1 by 1 identity recovery-code # not confirmed
same "$(ways)" "passphrase false" "ways after a code that was not stored"
# A code that could not be written does not count as stored.
to() { "${@:2}" >"$1"; }
closed() { "$@" >&-; }
for form in "--yes" "--json --yes"; do
    expect 1 to /dev/full by 1 $form identity recovery-code
    expect 1 closed by 1 $form identity recovery-code
done
same "$(ways)" "passphrase false" "ways after a code that was not written"
for words in "--help" "record --help" "version" "account list" "content --help" "age --help" "completion bash"; do
    expect 1 to /dev/full env EHR_HOME=a "$ehr" $words
    expect 1 closed env EHR_HOME=a "$ehr" $words
done
for words in "--help" "--version" "chain --help" "dev --help" "completion bash"; do
    expect 1 to /dev/full "$ehrd" $words
    expect 1 closed "$ehrd" $words
done
expect 0 by 1 --json --yes identity recovery-code
code=$(jq -r .recoveryCode out)
same "$(jq .hasAccountKey out)" true "the code carries the account"
same "$(ways)" "passphrase true" "ways after a code that was stored"
expect 1 by 2 identity recovery-code
expect 1 by3 p2 1 identity add-way passphrase --new-passphrase-fd 3
expect 2 by3 p2 1 identity add-way recovery-code --new-passphrase-fd 3
expect 2 by3 p2 1 identity add-way ../x --new-passphrase-fd 3
expect 0 by3 p2 1 identity add-way tablet --new-passphrase-fd 3
same "$(ways)" "passphrase,tablet true" "ways after one more"
expect 1 by3 p9 1 identity add-way phone --new-passphrase-fd 3
expect 1 by3 p2 1 identity change-passphrase --new-passphrase-fd 3 # the tablet's
expect 5 by 1 inbox # opened; the node is not there
expect 5 by 2 inbox # the account's key comes from the identity
expect 1 by 3 inbox

# Taking ways away.
expect 1 by 2 --yes identity remove-way tablet # would lock out who knows this one only
expect 1 by 1 identity remove-way tablet       # not confirmed
expect 0 by 1 --yes identity remove-way tablet
expect 3 by 1 --yes identity remove-way recovery-code
expect 1 by 1 --yes identity remove-way tablet
same "$(ways)" "passphrase true" "ways after the tablet's"

# Another passphrase, also when the change was interrupted between its two files.
cp a/identities/amara/passphrase.age before
expect 0 by3 p3 1 identity change-passphrase --new-passphrase-fd 3
expect 1 by 1 inbox
expect 5 by 3 inbox
cp before a/identities/amara/passphrase.age
expect 0 by3 p3 1 identity change-passphrase --new-passphrase-fd 3
expect 5 by 3 inbox

# From the code alone, on an empty machine and over a forgotten passphrase.
h=b
home b
echo "$code" | tr 'A-Z' 'a-z' | sed 's/.\{9\}/& /g' >code
expect 0 by3 code 4 --json identity restore amara --light --code-fd 3
same "$(jq -r .address out)" "$address" "the address that was restored"
same "$(ways)" "passphrase true" "ways after a restore"
expect 5 by 4 inbox
expect 1 by3 code 2 identity restore amara --light --code-fd 3 # not confirmed
expect 0 by3 code 2 --yes identity restore amara --light --code-fd 3
expect 5 by 2 inbox
sed 's/q/p/' code >mistyped
expect 4 by3 mistyped 1 identity restore other --light --code-fd 3
expect 0 by 1 account new mine --light
expect 1 by3 code 1 --yes identity restore mine --light --code-fd 3 # another account's name

# Within what was printed with it, by a machine that ends lines otherwise; but not two texts for a code.
printf 'Print it:\r\n\r\n%s\r\n\r\nEHR-RECOVERY-1 and more\r\n' "$code" >printed
expect 0 by3 printed 2 --yes identity restore amara --light --code-fd 3
printf '%s x' "$code" >longer
expect 1 by3 longer 2 --yes identity restore amara --light --code-fd 3
head -c 100000 /dev/zero >vast
expect 1 by3 vast 2 --yes identity restore amara --light --code-fd 3

# The account key of a known root.
jq -r '.identities[0].recoveryCode.account' "$vectors" >code
expect 0 by3 code 1 --json identity restore vectors --light --code-fd 3
same "$(jq -r .address out)" "$(jq -r '.identities[0].keys[] | select(.label == "account") | .address' "$vectors")" "vectors"

# What no command is reached with.
says() { grep -qF -- "$1" "$2" || fail "$2 does not say \"$1\": $(cat "$2")"; n=$((n + 1)); }
expect 2 "$ehr" --home a --json frob
same "$(jq -r .error.code out)" E_USAGE "an unknown command in JSON"
expect 2 "$ehr" --home a record frob
says 'there is no command "record frob"' err
says "ehr record add FOLDER FILE" err
expect 2 "$ehr" --home "" account list
says "--home: the name of a folder" err
expect 0 "$ehr" --home a record add --help
says "demographics notes results medications" out
says "2026-11-30T08:00:00Z" out
expect 0 "$ehr" --home a grant --help
says "90d, 12h, 30s" out
expect 1 by 4 account import again --keyfile b/keys/amara.json --light
says "the passphrase does not open b/keys/amara.json" err

# Words of a wallet.
echo "test test test test test test test test test test test junk" >words
expect 0 by3 words 1 --json account import wallet --light --mnemonic-fd 3
same "$(jq -r .address out)" 0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266 "first account of the words"
expect 0 by3 words 1 --json account import third --light --mnemonic-fd 3 --index 2
same "$(jq -r .address out)" 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc "third account of the words"
expect 0 by 1 --as wallet --json identity recovery-code
same "$(jq .hasAccountKey out)" false "an imported key is not in the code"
jq -r .recoveryCode out >code
expect 1 by3 code 1 --yes identity restore mine --light --code-fd 3
expect 2 by3 words 1 account import bad --mnemonic-fd 3 --index -1
expect 2 by3 words 1 account import bad --mnemonic-fd 3 --index 2147483648
echo "test test test test test test test test test test test test" >words
expect 4 by3 words 1 account import bad --light --mnemonic-fd 3
same "$(ls b/keys | tr '\n' ' ')" "amara.json mine.json third.json vectors.json wallet.json " "key files"

echo "ehr identity: $n passed"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Stolen things open nothing: the disk of a running node, in the hands of somebody who also rules a chain of its own;
# a home without its passphrase; everything that a physician received before the revoke. EHR and EHRD name the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
EHRD_TEST_LEDGER=anvil # the thief of the disk rules a chain of its own, where it can play any account
. tests/system/lib.sh stolen
thief_pids=""
trap 'for p in $thief_pids; do stop_one "$p"; done; stop_all; rm -rf "$d"' EXIT
holder_of() { as patient --json grants general | jq -r ".grants[] | select(.name == \"$1\") | .holder"; }
released_to() { # holder: how often something was released to it
    as patient --json audit general | jq "[.entries[] | select(.signer == \"$1\" and .outcome == \"released\")] | length"
}
found() { grep -rqaF -- "$1" "$2"; } # bytes of a text in the files of a folder

start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" &&
    register chen practitioner "Dr. Chen" && register mallory practitioner "Dr. Mallory" || exit 1
for who in rivera chen; do
    as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null
    as "$who" people add amara "$(address_of "$d" patient)" >/dev/null
done
folder=$(as patient --json folder new general | jq -r .folderId)
for who in rivera chen; do as patient grant "$who" general --view --add --until 9d >/dev/null; done
head -c 200000 /dev/urandom | base64 >"$d/scan.txt"
echo "Suspected recurrence" >>"$d/scan.txt"
as rivera record add amara/general "$d/scan.txt" --title "Biopsy planning" >/dev/null

# --- the former grantee ---------------------------------------------------------------------------
mkdir "$d/kept"
as rivera folder export-key amara/general -o "$d/kept/folder.key" >/dev/null
as rivera record get amara/general "Biopsy planning" --age -o "$d/kept/before.age" >/dev/null
cp -r "$d/people/rivera" "$d/kept/home"
check "what was received opens what was there" "$EHR" age -d -i "$d/kept/folder.key" -o "$d/kept/before.txt" "$d/kept/before.age"
rivera=$(holder_of rivera)
[ "${WALLET_MODE:-}" = 1 ] || check "the holder is no account" test "$rivera" != "$(address_of "$d" rivera)"
as patient revoke rivera general >/dev/null
echo "Written after the revoke" >"$d/after.txt"
as patient record add general "$d/after.txt" --title "After" >/dev/null
before=$(released_to "$rivera")
for home in "$d/people/rivera" "$d/kept/home"; do
    for words in "record list amara/general" "record get amara/general Biopsy" "record list $folder" "record show $folder 1" \
        "folder export-key amara/general" "record history $folder 1"; do
        expect "refused: $words" 3 "revoked" "$EHR" --home "$home" --passphrase-file "$home/passphrase" --as rivera --yes $words
    done
done 2>/dev/null
check "no header, wrap or envelope was released to it ($before before, $(released_to "$rivera") after)" \
    test "$(released_to "$rivera")" -eq "$before"
as patient record get general After --age -o "$d/kept/after.age" >/dev/null
expect "a leaked new record stays shut" 1 "" "$EHR" age -d -i "$d/kept/folder.key" -o "$d/kept/after.txt" "$d/kept/after.age"
check "nothing was written" test ! -s "$d/kept/after.txt"
as chen record get amara/general After -o "$d/chen.txt" >/dev/null
check "who stayed reads it" cmp -s "$d/after.txt" "$d/chen.txt"

# --- the disk -------------------------------------------------------------------------------------
for i in 1 2 3 4 5 6; do as patient record add general "$d/after.txt" --title "Busy $i" >/dev/null; done &
busy=$!
cp -r "$d/node" "$d/stolen" # while it writes
wait "$busy"
as patient record get general "Biopsy planning" --age -o "$d/sealed.age" >/dev/null
tail -c 200 "$d/sealed.age" | head -c 64 >"$d/needle"
check "the stolen disk holds the sealed body" python3 - "$d/needle" "$d/stolen" <<'PY'
import os, sys
needle = open(sys.argv[1], "rb").read()
sys.exit(not any(needle in open(os.path.join(p, f), "rb").read() for p, _, fs in os.walk(sys.argv[2]) for f in fs))
PY
check "and the names of key cards, as the threat model says" found "Amara Okafor" "$d/stolen"
for text in "Suspected recurrence" "Biopsy planning" "Written after" "general" "AGE-SECRET-KEY"; do
    check "but not: $text" test -z "$(found "$text" "$d/stolen" && echo there)"
done
check "nor a passphrase" test -z "$(found "$(cat "$d/people/patient/passphrase")" "$d/stolen" && echo there)"

# The thief runs the stolen node on a chain of its own, where it gives itself the right to view.
rpc "$ledger" anvil_dumpState '[]' | jq -c '{jsonrpc: "2.0", id: 1, method: "anvil_loadState", params: [.result]}' >"$d/load.json"
: >"$d/thief.log"
"$(tools/anvil-path)" --host 127.0.0.1 --port 0 --chain-id 31337 --accounts 1 --balance 0 >"$d/thief.log" 2>&1 8>&- &
thief_pids="$!"
for _ in $(seq 100); do
    port=$(sed -n 's/^Listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$d/thief.log")
    [ -n "$port" ] && break
    sleep 0.1
done
chain="http://127.0.0.1:$port"
curl -sS -H 'content-type: application/json' -d @"$d/load.json" "$chain" >/dev/null
owner=$(as patient --json folder list | jq -r '.folders[0].address')
fund "$chain" "$owner"
rpc "$chain" anvil_impersonateAccount "[\"$owner\"]" >/dev/null
mallory=$(address_of "$d" mallory)
word() { printf '%064s' "${1#0x}" | tr ' ' 0; }
grant="0x611c8eb9$(word "$folder")$(word 0)$(word "$mallory")$(word f)$(word 0)$(word ffffffff)$(word 0)"
rpc "$chain" eth_sendTransaction "[{\"from\":\"$owner\",\"to\":\"$(deployed "$d" proxy)\",\"data\":\"$grant\",\"gas\":\"0x80000\"}]" >/dev/null
rpc "$chain" evm_mine '[]' >/dev/null
mkdir "$d/thief" && cp "$d/deployment.json" "$d/thief/" && cp -r "$d/stolen" "$d/thief/node" && cp -r "$d/people" "$d/thief/people"
honest=$NODE_PID
start_node "$d/thief" "$chain" 127.0.0.1:0 || fail "the stolen node" "does not come up"
thief_pids="$thief_pids $NODE_PID" NODE_PID=$honest
m() { "$EHR" --home "$d/people/mallory" --passphrase-file "$d/people/mallory/passphrase" --as mallory --yes "$@"; }
m init --node "$NODE_URL" >/dev/null
expect "the thief's node takes the thief for a grantee" 1 "no such row" m record list "$folder"
expect "and has no wrap for it" 1 "no such row" m folder export-key "$folder" -o "$d/stolen.key"
check "no key was written" test ! -s "$d/stolen.key"
expect "its own identity opens no sealed record" 1 "" m record get "$folder" 1 -o "$d/stolen.txt"
check "nothing was written of it" test ! -s "$d/stolen.txt"
check "the thief's node served it as a grantee all the same" grep -q "/keys code=200" "$d/thief/node.log"

# --- a home without its passphrase ----------------------------------------------------------------
cp -r "$d/people/patient" "$d/home"
echo "not the passphrase" >"$d/wrong"
expect "a stolen home without its passphrase opens nothing" 1 "does not open" "$EHR" --home "$d/home" \
    --passphrase-file "$d/wrong" --as patient --yes record list general
for text in "AGE-SECRET-KEY" "Biopsy" "general"; do
    check "and holds nothing in clear: $text" test -z "$(rm -f "$d/home/recovery-code.txt"; found "$text" "$d/home" && echo there)"
done
summary

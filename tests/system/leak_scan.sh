#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the chain tells: the demo's main job in relationship mode, more folders and grants, then everything the chain
# holds is read. Leaks that are planted must be found, and so must what wallet mode shows. EHR and EHRD name the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh leak_scan
command -v python3 >/dev/null || {
    echo "SKIPPED leak_scan: no python3"
    echo "leak_scan: 0 passed, 0 failed, 1 skipped"
    exit 0
}
# person ROLE: the addresses somebody uses, out of the own programs.
addresses() { as "$1" --json folder list | jq -r '.folders[].address'; }
holders() { # owner, folder, local name of the grantee
    as "$1" --json grants "$2" | jq -r ".grants[] | select(.name == \"$3\") | .holder"
}
list() { sort -u | jq -R . | jq -cs 'map(select(. != ""))'; }

start_world || exit 1
chain=${ledger:-$NODE_URL/rpc}
check "the demo's main job in relationship mode" env EHRD_FIXTURES=/nonexistent tools/demo "$d" "$NODE_URL" 1
grep -q 'relationship mode' "$d/demo/report" || fail "the demo ran in relationship mode"

# More of everything: a second patient with two folders, both physicians in both, a revoke and a new grant after it.
patient=amara-okafor
register second patient "Benedikta Quaresma" || exit 1
for who in dr-rivera dr-chen; do as second people add "$who" "$(address_of "$d" "$who")" >/dev/null; done
as "$patient" people add dr-chen "$(address_of "$d" dr-chen)" >/dev/null
for folder in "mental health" oncology; do
    as second folder new "$folder" >/dev/null
    for who in dr-rivera dr-chen; do as second grant "$who" "$folder" --view --add --amend --until 9d >/dev/null; done
done
printf 'Suspected recurrence, biopsy on Thursday' >"$d/note.txt"
for who in dr-rivera dr-chen; do
    as "$who" people add second "$(address_of "$d" second)" >/dev/null
    as "$who" record add "second/oncology" "$d/note.txt" --title "Biopsy planning" >/dev/null
    as "$who" record add "second/mental health" "$d/note.txt" --title "Anxiety assessment" >/dev/null
done
as second revoke dr-chen oncology >/dev/null
as second grant dr-chen oncology --view --until 9d >/dev/null
expect "a new grant after a revoke is used" 0 "Biopsy planning" as dr-chen record list second/oncology
as "$patient" grant dr-chen general --view --until 9d >/dev/null
as dr-chen inbox >/dev/null
check "two grants of one folder have two holders" test "$(holders second oncology dr-chen | sort -u | wc -l)" -eq 2

# Batches of several people's requests, which the relayer must not leave in the order in which they came.
if [ -n "${STATE_TOOL:-}" ]; then
    for ((i = 0; i < 4; i++)); do
        n=0
        for who in "$patient" dr-chen second dr-rivera; do
            "$STATE_TOOL" sign "$d/people/$who" "$who" "$d/people/$who/passphrase" "$d/request-$n" || fail "a request is signed"
            n=$((n + 1))
        done
        jq -s '{requests: .}' "$d"/request-[0-3] >"$d/batch.json"
        curl -sS -H 'content-type: application/json' -d @"$d/batch.json" "$NODE_URL/api/v1/relay" >"$d/batch.out"
        jq -e '[.results[].success] | all' "$d/batch.out" >/dev/null || fail "a batch is mined" "$(head -c 300 "$d/batch.out")"
        jq -c --slurpfile out "$d/batch.out" '{tx: $out[0].tx, from: [.requests[].from]}' "$d/batch.json"
    done | jq -s . >"$d/batches"
else
    echo "[]" >"$d/batches"
fi

secrets() {
    local who f r
    {
        for who in "$patient" second; do
            for f in $(as "$who" --json folder list | jq -r '.folders[].folderId'); do
                for r in $(as "$who" --json record list "$f" | jq -r '.records[].recordId'); do
                    as "$who" --json record show "$f" "$r" | jq -r .cid
                done
            done
        done
    } | list >"$d/cids"
    jq -n --arg a "$(address_of "$d" "$patient")" --arg b "$(address_of "$d" second)" \
        --arg r "$(address_of "$d" dr-rivera)" --arg c "$(address_of "$d" dr-chen)" \
        --argjson fa "$(addresses "$patient" | list)" --argjson fb "$(addresses second | list)" \
        --argjson fr "$({ addresses dr-rivera; holders "$patient" general dr-rivera; holders second oncology dr-rivera; } | list)" \
        --argjson fc "$({ addresses dr-chen; holders "$patient" general dr-chen; holders second oncology dr-chen; } | list)" \
        --argjson cids "$(cat "$d/cids")" --argjson batches "$(cat "$d/batches")" --arg note "$d/note.txt" '{
        accounts: {amara: $a, second: $b, rivera: $r, chen: $c},
        relationships: {amara: $fa, second: $fb, rivera: $fr, chen: $fc},
        texts: ["Amara", "Okafor", "Benedikta", "Quaresma", "Elena", "Rivera", "Wei Chen", "general", "mental health",
            "oncology", "Biopsy", "Anxiety", "Discharge letter", "Chest CT", "dr-rivera", "dr-chen"],
        cids: $cids,
        batches: $batches,
        clinical: ["demo/amara-okafor.json", "demo/discharge-letter.pdf", "demo/chest-ct.dcm", $note]}'
}
secrets >"$d/secrets.json"
check "the persons' addresses are known: $(jq -c '[.relationships[] | length]' "$d/secrets.json")" \
    jq -e '[.relationships[] | length] | . == [1, 2, 3, 4]' "$d/secrets.json"
check "and no relationship address is an account" jq -e '[.accounts[]] - [.relationships[][]] | length == 4' "$d/secrets.json"
check "the records' CIDs are known" jq -e '.cids | length >= 8' "$d/secrets.json"

if python3 tests/system/leak_scan.py "$chain" "$d/secrets.json" --self-test >"$d/scan" 2>&1; then
    ok "the chain tells nothing"
else
    fail "the chain tells nothing" "see the lines below"
fi
sed 's/^/     /' "$d/scan"
check "each kind of planted leak is found" test "$(grep -c '^ok .*planted' "$d/scan")" -eq 14

# One folder of wallet mode on the same chain: the scan must see it.
as second init --node "$NODE_URL" --wallet-mode >/dev/null
as second folder new plain >/dev/null
as second grant dr-chen plain --view --until 9d >/dev/null
rc=0
python3 tests/system/leak_scan.py "$chain" "$d/secrets.json" >"$d/scan" 2>&1 || rc=$?
check "what wallet mode shows is found" test "$rc" -eq 1
for who in second chen; do check "the account of $who by name" grep -q "LEAK.*account of $who" "$d/scan"; done
check "and nothing of the others" test -z "$(grep 'account of amara\|account of rivera' "$d/scan")"
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the node, again and again, while four clients add 200 records: what a client was told is stored
# is there and opens, nothing half done is to be seen, and what was left behind is swept. With the embedded chain
# (the default) every kill hits the chain too, and in the end it equals its replay; anvil stays up.
# EHR and EHRD name the programs; EHRD_TEST_SEED repeats a run.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh crash
seed=${EHRD_TEST_SEED:-$(($(date +%s) % 32768))}
RANDOM=$seed
each=50 # records of a client
workers=""
trap 'for w in $workers; do kill "$w" 2>/dev/null; done; stop_all; rm -rf "$d"' EXIT

die() {
    fail "$1" "seed $seed"
    tail -5 "$d"/*.log 2>/dev/null
    summary
    exit 1
}
now() { date +%s%3N; }

# client NAME FOLDER BATCH: adds its files BATCH at a time until all are acknowledged. A try that failed is tried
# again with the same content: it may be in the folder twice, but only the acknowledged one counts.
client() {
    local who=$1 folder=$2 batch=$3 i=0 k paths out
    while [ "$i" -lt "$each" ]; do
        paths=()
        for ((k = i; k < i + batch && k < each; k++)); do paths+=("$d/files/$who-$k.txt"); done
        if out=$(as "$who" --json record add "$folder" "${paths[@]}" 2>>"$d/$who.log"); then
            for ((k = 0; k < ${#paths[@]}; k++)); do
                printf '0x%s %s\n' "$(sha256sum <"${paths[k]}" | cut -c1-64)" \
                    "$(jq -r ".records[$k].recordId" <<<"$out")" >>"$d/acked.$who"
            done
            i=$((i + batch))
        else
            echo "$who $i" >>"$d/failed"
            sleep 0.1
        fi
    done
}

# --- a patient, three physicians who may add ------------------------------------------------------
start_world || exit 1
listen=${NODE_URL#http://}
register patient patient patient || die "set-up"
for who in one two three; do register "$who" practitioner "$who" || die "set-up"; done
folder=$(as patient --json folder new general | jq -r .folderId)
for who in one two three; do
    as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null &&
        as patient grant "$who" general --view --add --until 1d >/dev/null || die "set-up"
done
mkdir "$d/files"
for who in patient one two three; do
    for ((i = 0; i < each; i++)); do echo "$who $i $RANDOM$RANDOM" >"$d/files/$who-$i.txt"; done
done

# --- adds and kills -------------------------------------------------------------------------------
begun=$(now)
kills=0
client patient "$folder" 1 & workers="$workers $!"
client one "$folder" 2 & workers="$workers $!"
client two "$folder" 5 & workers="$workers $!"
client three "$folder" 10 & workers="$workers $!"
at_work() { for w in $workers; do kill -0 "$w" 2>/dev/null && return 0; done; return 1; }
while at_work; do
    sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
    # After many kills the clients are left in peace, so that the test ends.
    if [ "$kills" -lt 20 ]; then
        kill -9 "$NODE_PID" || die "the node ended by itself"
        wait "$NODE_PID" 2>/dev/null
        kills=$((kills + 1))
        start_node "$d" "$ledger" "$listen" || die "the node does not come up after kill $kills"
    fi
    [ $(($(now) - begun)) -lt 240000 ] || die "the clients do not come to an end"
done
workers=""
acked=$(cat "$d"/acked.* | wc -l)
echo "seed $seed: $acked records acknowledged, $kills kills, $(wc -l <"$d/failed" 2>/dev/null || echo 0) tries failed," \
    "$(($(now) - begun)) ms"

# --- what is there --------------------------------------------------------------------------------
check "all adds were acknowledged in the end" [ "$acked" -eq $((4 * each)) ]
as patient --json record list "$folder" >"$d/list.json" || die "a record of the list is not proved"
cut -d' ' -f2 "$d"/acked.* | sort >"$d/acked"
check "each acknowledged record has a name of its own" [ "$(sort -u "$d/acked" | wc -l)" -eq "$acked" ]
jq -r '.records[] | select(.verified) | .recordId' "$d/list.json" | sort >"$d/listed"
check "every acknowledged record is listed and proved" [ -z "$(comm -23 "$d/acked" "$d/listed")" ]
as patient --json record get "$folder" --all -o "$d/out" >"$d/got.json" || die "a record does not open"
jq -r '.records[] | .sha256 + " " + .recordId' "$d/got.json" | sort >"$d/got"
check "and opens with the content that was added" [ -z "$(cat "$d"/acked.* | sort | comm -23 - "$d/got")" ]
check "what is listed beside them opens as well" [ "$(wc -l <"$d/got")" -eq "$(wc -l <"$d/listed")" ]
check "no file is half written" [ "$(find "$d/out" -type f | wc -l)" -eq "$(wc -l <"$d/got")" ]
check "the access log is whole" as patient --json audit "$folder"

# --- what was left behind -------------------------------------------------------------------------
# One upload that surely never reaches the chain: the node does not relay.
stop_one "$NODE_PID"
NO_RELAYER=1 start_node "$d" "$ledger" "$listen" || die "the node does not come up without a relayer"
! as patient record add "$folder" "$d/files/one-1.txt" --title orphan >/dev/null 2>&1 || die "added without a relayer"
stop_one "$NODE_PID"
stored() { "$EHR" content verify --store "$d/node/content" --json | jq .blocks; }
before=$(stored)
check "uploads without a record were left behind" [ "$before" -gt "$(wc -l <"$d/listed")" ]
start_node "$d" "$ledger" "$listen" --keep-uploads 1 || die "the node does not come up"
for _ in $(seq 50); do
    swept=$(curl -sS "$NODE_URL/metrics" | sed -n 's/^ehrd_swept_envelopes_total //p')
    [ "${swept:-0}" -eq 0 ] || break
    sleep 0.2
done
sleep 2.5 # two more rounds: bodies whose envelope went, blocks whose body went
as patient --json record get "$folder" --all -o "$d/out2" >"$d/got2.json" || die "the sweep took a record"
stop_one "$NODE_PID"
NODE_PID=""
echo "seed $seed: $before bodies before the sweep, $(stored) after, $(wc -l <"$d/listed") records"
check "the sweep leaves the bodies of records and nothing else" [ "$(stored)" -eq "$(wc -l <"$d/listed")" ]
[ "$engine" = anvil ] || check "the chain is whole and equals its replay" "$EHRD" chain verify --chain "$d/chain"
check "and every record opens after it" [ "$(jq .written "$d/got2.json")" -eq "$(wc -l <"$d/listed")" ]
summary

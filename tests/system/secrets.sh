#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Marked secrets through the main job, then looked for: logs, files of node and homes, temporary files, arguments and
# environment of every process, memory that may reach swap, core dumps. Planted leaks of each kind show that the search
# finds them. EHR and EHRD name the programs, SECRET_TOOL what tells the secrets of a home.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh secrets
look=$PWD/tests/system/secrets.py
mkdir "$d/tmp" "$d/documents" "$d/read" "$d/marked"
export TMPDIR="$d/tmp"
watcher="" stopped=""
trap '[ -z "$stopped" ] || kill -CONT "$stopped"; [ -z "$watcher" ] || kill "$watcher" 2>/dev/null; stop_all; rm -rf "$d"' EXIT
run() { "$@" >>"$d/read/said" 2>>"$d/ehr.log" || { fail "the job: ${*:2}"; tail -3 "$d/ehr.log"; summary; exit 1; }; }
fails() { ! "$@" >>"$d/read/said" 2>>"$d/ehr.log" || { fail "the job: ${*:2} should fail"; summary; exit 1; }; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
mark() { echo "$1 $(hex)" >>"$d/marked/secrets"; } # name; bytes on standard input
watch_begin() { # program…
    [ -p "$d/watch.in" ] || mkfifo "$d/watch.in"
    rm -f "$d/watch.out"
    python3 "$look" watch "$d/marked/secrets" "$@" <"$d/watch.in" >"$d/watch.out" 2>&1 8>&- &
    watcher=$!
    exec 6>"$d/watch.in"
    for _ in $(seq 100); do [ ! -s "$d/watch.out" ] || return 0; sleep 0.1; done
}
watch_end() { exec 6>&- && wait "$watcher"; local rc=$?; watcher=""; cp "$d/watch.out" "$d/out"; return $rc; }

# --- what is known before: passphrases, the node's keys, clear text ---------------------------------
echo "Amaranth nodule 7731, left, watchful waiting" >"$d/documents/note.txt"
for i in $(seq 4000); do echo "Amaranth nodule 7731 line $i"; done >"$d/documents/long.txt"
start_world || exit 1
stop_one "$NODE_PID"
start_node "$d" "$ledger" "${NODE_URL#http://}" --log-level debug || exit 1
for who in admin patient rivera other; do
    [ $who = admin ] || make_home "$d" $who "$NODE_URL"
    head -1 "$d/people/$who/passphrase" | tr -d '\n' | mark passphrase
    [ $who = admin ] || sed -n '/^EHR-RECOVERY-/,/^$/p' "$d/people/$who/recovery-code.txt" | tr -d ' \n' | mark recovery-code
done
"$SECRET_TOOL" key "$d/people/relayer/keys/relayer.json" "$d/people/relayer/passphrase" | sed 's/^key/relayer-key/' >>"$d/marked/secrets"
for name in node/node.key chain/authority.key; do
    [ ! -f "$d/$name" ] || echo "$(basename "${name%.key}")-key $(head -c 64 "$d/$name")" >>"$d/marked/secrets"
done
printf 'Amaranth nodule 7731' | mark clear-text
home_secrets() { "$SECRET_TOOL" home "$d/people/$1" "$1" "$d/people/$1/passphrase"; }
for who in patient rivera other; do home_secrets $who >>"$d/marked/secrets" 2>/dev/null; done # those of the identity

# --- the main job, watched; its titles are typed as arguments ---------------------------------------
watch_begin "$EHR" "$EHRD"
printf 'Consultation xanthic' | mark title
for who in patient:patient:Amara rivera:practitioner:Rivera other:patient:Amara2; do
    IFS=: read -r name role shown <<<"$who"
    run as admin admin register "$(address_of "$d" "$name")" --role "$role"
    run as "$name" card publish --name "$shown"
done
run as patient people add rivera "$(address_of "$d" rivera)"
run as rivera people add amara "$(address_of "$d" patient)"
# What browsers send: a session's cookie and the header of a signed request, whole and malformed.
head -c 32 /dev/urandom >"$d/marked/token"
mark session-token <"$d/marked/token"
token=$(hex <"$d/marked/token")
for target in session node folders/0x00 cards; do
    curl -sS -o "$d/read/said" -H "Cookie: ehrd-session=$token" "$NODE_URL/api/v1/$target" 2>>"$d/ehr.log"
    curl -sS -o "$d/read/said" -H "Cookie: ehrd-session=$token; ehrd-session=$token" -H "Authorization: Ehr sig=$token" -X POST -d "$token" \
        "$NODE_URL/api/v1/$target" 2>>"$d/ehr.log"
done
# A page that signs in as the patient's wallet does (ERC-4361), uses its session and ends a second one.
chain_id=$(($(rpc "$NODE_URL" eth_chainId '[]' | jq -r .result)))
page() { # jar, method, target, more of curl's arguments…: what a page sends; its answer
    curl -sS -b "$1" -c "$1" -X "$2" -H "Origin: $NODE_URL" "$NODE_URL/api/v1/$3" "${@:4}" 2>>"$d/ehr.log"
}
sign_in() { # jar, name of the secret
    printf '%s wants you to sign in with your Ethereum account:\nADDRESS\n\n\nURI: %s/\nVersion: 1\nChain ID: %d\nNonce: %s\nIssued At: %s' \
        "${NODE_URL#http://}" "$NODE_URL" "$chain_id" "$(page "$1" GET session/nonce | jq -r .nonce)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" |
        "$SECRET_TOOL" sign "$d/people/patient" patient "$d/people/patient/passphrase" >"$d/read/signed" || return 1
    jq -Rs 'rtrimstr("\n") | split("\n") | {message: (.[:-1] | join("\n")), signature: .[-1]}' "$d/read/signed" |
        page "$1" POST session -d @- >"$d/read/session"
    awk '$6 == "ehrd-session" { printf "%s", $7 }' "$1" >"$d/marked/$2"
    [ "$(wc -c <"$d/marked/$2")" -eq 64 ] && echo "$2 $(cat "$d/marked/$2")" >>"$d/marked/secrets"
}
address=$(address_of "$d" patient)
check "a page signs in" sign_in "$d/read/jar" page-session
check "and again" sign_in "$d/read/jar2" ended-session
check "the session is the patient's" test "$(page "$d/read/jar" GET session | jq -r .account | tr A-F a-f)" = "$(tr A-F a-f <<<"$address")"
cp "$d/read/jar2" "$d/read/jar3"
page "$d/read/jar2" DELETE session >"$d/read/said"
for jar in jar jar3; do # what is served, refused, malformed; in its place and where it should not be
    for target in session directory "cards/$address" registrations state inbox folders/0x00/records "directory?q=%"; do
        page "$d/read/$jar" GET "$target" >"$d/read/said"
    done
    page "$d/read/$jar" POST registrations -d "{\"name\": \"$(cat "$d/marked/page-session")\"" >"$d/read/said"
    page "$d/read/$jar" POST session -H "Authorization: Ehr sig=$(cat "$d/marked/page-session")" -d "$(cat "$d/marked/ended-session")" >"$d/read/said"
done
check "it serves the directory" test "$(page "$d/read/jar" GET directory -o "$d/read/said" -w '%{http_code}')" = 200
check "what ended serves nothing" test "$(page "$d/read/jar3" GET directory -o "$d/read/said" -w '%{http_code}')" = 401
run as patient folder new general
run as patient record add general "$d/documents/note.txt" --title "Consultation xanthic"
run as patient grant rivera general --view --add --until 9d
run as rivera inbox
run as rivera record add amara/general "$d/documents/long.txt" --title "Consultation xanthic two"
run as rivera record get amara/general 1 -o "$d/read/note.txt"
as patient record list general >"$d/read/list" 2>>"$d/ehr.log"
run as patient record amend general 1 "$d/documents/long.txt"
run as patient folder rotate general
run as patient reseal general
run as patient audit general
run as patient folder export-key general -o "$d/read/folder.key"
run as patient record get general 1 --age -o "$d/read/note.age"
tail -c 12 "$d/people/other/passphrase" >"$d/wrong" # a part of another one
fails "$EHR" --home "$d/people/patient" --passphrase-file "$d/wrong" --as patient record list general
fails as patient grant nobody general
fails as rivera record amend amara/general 1 "$d/documents/note.txt"
run as patient identity show patient
run as patient doctor
mkdir "$d/people/back"
run "$EHR" --home "$d/people/back" --passphrase-file "$d/people/patient/passphrase" --yes recover back --node "$NODE_URL" --light \
    --code-fd 7 7< <(sed -n '/^EHR-RECOVERY-/,/^$/p' "$d/people/patient/recovery-code.txt")
for who in patient rivera; do
    home_secrets $who >>"$d/marked/secrets" || exit 1
done
"$SECRET_TOOL" file "$d/read/note.age" "$d/read/folder.key" >>"$d/marked/secrets" || exit 1
run as patient revoke rivera general
fails as rivera record list amara/general
run as patient account new next --light
run as admin admin register "$(as patient --json account list | jq -r '.accounts[] | select(.name == "next") | .address')" --role patient
next() { "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as next --yes "$@"; }
run next card publish --name Amara3
run as patient transfer patient next
expect "arguments, environment and nameless files hold no secret" 0 " processes, 0 found" watch_end
# Killed amid an upload: what is on the disk then is what a thief finds.
head -c 20000000 /dev/urandom | base64 | sed 's/^/Amaranth nodule 7731 /' >"$d/documents/large.txt"
next record add general "$d/documents/large.txt" >>"$d/ehr.log" 2>&1 &
client=$!
sleep 0.15
check "an upload is cut" kill -9 "$client" "$NODE_PID"
wait "$client" "$NODE_PID" 2>/dev/null

# --- files ------------------------------------------------------------------------------------------
# Where a secret is meant to be: what the test itself keeps, and the files that the node's keys are in.
meant=("$d/documents" "$d/read" "$d/marked" "$d/node/node.key" "$d/chain/authority.key" "$d/wrong")
for home in "$d"/people/*; do meant+=("$home/passphrase" "$home/recovery-code.txt"); done
buts=()
for at in "${meant[@]}"; do
    while IFS= read -r file; do buts+=(--but "$file"); done < <(find "$at" -type f 2>/dev/null)
done
search() { python3 "$look" files "$d/marked/secrets" "${buts[@]}" "$@"; }
for kind in passphrase recovery-code session-token page-session ended-session relayer-key node-key clear-text title account-key identity-root age-key spend-key view-key \
    cert-key owner-key folder-key holder-key file-key; do
    grep -q "^$kind " "$d/marked/secrets" || fail "a secret is marked" "no $kind"
done
expect "logs hold none of $(wc -l <"$d/marked/secrets") secrets" 0 "0 found" search "$d/node.log" "$d/ehr.log" "$d/watch.out"
check "the logs say something" test "$(cat "$d/node.log" "$d/ehr.log" | wc -l)" -gt 100
expect "nor do the node's files, the chain and what it left" 0 "0 found" search "$d/node" "$d/chain"
expect "nor do the homes" 0 "0 found" search "$d/people"
expect "nor anything else in the folders of the test" 0 "0 found" search "$d"
check "temporary files are gone" test -z "$(find "$d/tmp" -type f)"
# Keys of rows are meant to be in one file; what is sealed by them is not to be beside them.
for i in 1 2 3 4 5 6 7 8; do
    echo "row-key $(tail -c +$((4097 + 32 * i)) "$d/node/rowkeys" | head -c 32 | hex)" >>"$d/marked/rows"
done
expect "the vault's row keys are nowhere but in their file" 0 "0 found" python3 "$look" files "$d/marked/rows" --but "$d/node/rowkeys" --but "$d/marked/rows" "$d"

# --- memory -----------------------------------------------------------------------------------------
start_node "$d" "$ledger" "${NODE_URL#http://}" || exit 1
as rivera people list >/dev/null
if ! head -c 0 "/proc/$NODE_PID/mem" 2>/dev/null || [ "$(ulimit -l)" != unlimited ] && [ "$(ulimit -l)" -lt 512 ]; then
    echo "SKIPPED memory: another process's memory cannot be read here, or not enough may be locked"
    skipped=$((skipped + 1))
else
    run as other folder new general
    run as other record add general "$d/documents/note.txt"
    grep -E "^(relayer|node|authority)-key" "$d/marked/secrets" >"$d/marked/node"
    expect "the node's keys are in locked memory only" 0 " 0 found" python3 "$look" memory "$d/marked/node" "$NODE_PID"
    home_secrets other >"$d/marked/other"
    head -1 "$d/people/other/passphrase" | tr -d '\n' | (echo "passphrase $(hex)") >>"$d/marked/other"
    kill -STOP "$NODE_PID" && stopped=$NODE_PID
    as other record list general >>"$d/ehr.log" 2>&1 8>&- &
    client=$!
    sleep 1.5
    pid=$(pgrep -P "$client" -x ehr || echo "$client")
    expect "a person's keys are in locked memory only" 0 " 0 found" python3 "$look" memory "$d/marked/other" "$pid"
    check "among them account and identity" grep -q "account-key.*identity-root" "$d/out"
    kill -CONT "$NODE_PID" && stopped=""
    wait "$client"
fi

# --- core dumps -------------------------------------------------------------------------------------
cd "$d/tmp" || exit 1
if python3 "$look" core sleep 9 >"$d/out" 2>&1; then
    echo "SKIPPED core dumps: this machine makes none of any program"
    skipped=$((skipped + 1))
else
    check "ehr dumps no core" python3 "$look" core "$EHR" --home "$d/people/other" --passphrase-fd 0 --as other record list general
    check "ehrd dumps no core" python3 "$look" core "$EHRD" dev --listen 127.0.0.1:0
fi
cd "$OLDPWD" || exit 1

# --- planted leaks ----------------------------------------------------------------------------------
mkdir "$d/plant" && cp "$d/node.log" "$d/plant/node.log"
python3 "$look" plant "$d/marked/secrets" "$d/plant/leak"
planted=$(find "$d/plant" -name 'leak.*' | wc -l)
expect "planted: every form of a secret in a file" 1 ", $planted found" search "$d/plant"
rm "$d"/plant/leak.*
echo "level=info token=$(head -1 "$d/people/patient/passphrase")" >>"$d/plant/node.log"
expect "planted: a passphrase in a log" 1 "1 found" search "$d/plant/node.log"
echo "level=debug event=request cookie=ehrd-session=$(cat "$d/marked/page-session")" >"$d/plant/node.log"
expect "planted: a page's session in a log" 1 "1 found" search "$d/plant/node.log"
rm -r "$d/plant"
secret=$(sed -n 's/^account-key //p' "$d/marked/secrets" | head -1)
cp "$(command -v sleep)" "$d/sleeper" && cp "$(command -v bash)" "$d/holder"
watch_begin "$d/sleeper" "$d/holder"
"$d/sleeper" 1 & env LEAK="$secret" "$d/sleeper" 1 & (exec -a "sleeper $secret" "$d/sleeper" 1) &
"$d/holder" -c "exec 5<>$d/tmp/gone; rm $d/tmp/gone; echo $(printf '%s' "$secret" | cut -c1-64) >&5; exec 4<&5; read -t 1" </dev/zero 6>&- 2>/dev/null &
sleep 1.2
watch_end
for kind in cmdline environ nameless; do check "planted: $kind" grep -q "FOUND $kind" "$d/out"; done
python3 -c 'import sys, time; key = bytes.fromhex(sys.stdin.read()); print(flush=True); time.sleep(9)' <<<"$secret" >"$d/ready" 8>&- &
for _ in $(seq 50); do [ ! -s "$d/ready" ] || break; sleep 0.1; done
[ "$skipped" -gt 0 ] || expect "planted: a key in memory that is not locked" 1 "FOUND account-key" python3 "$look" memory "$d/marked/secrets" $!
kill $! 2>/dev/null
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The owner state: nobody but its identity writes one, and nobody gives out another version of it unnoticed. One of
# before states were authenticated is taken over when its owner says so, as far as chain and signatures confirm it.
# EHR, EHRD and STATE_TOOL name the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh state
command -v python3 >/dev/null || {
    echo "SKIPPED state: no python3"
    echo "state: 0 passed, 0 failed, 1 skipped"
    exit 0
}
state_tool() { "$STATE_TOOL" "$1" "$d/people/patient" patient "$d/people/patient/passphrase" "$2"; }
start_world || exit 1
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" && register okoye patient "Ada Okoye" || exit 1
for who in rivera okoye; do as patient people add "$who" "$(address_of "$d" "$who")" >/dev/null; done
as okoye people add amara "$(address_of "$d" patient)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
echo "Aspirin, 100 mg" >"$d/one.txt"
as patient folder new general >/dev/null && as patient record add general "$d/one.txt" --title One >/dev/null &&
    as patient grant rivera general --view --add --until 9d >/dev/null && as rivera inbox >/dev/null &&
    as okoye folder new mine >/dev/null && as okoye grant amara mine --view --until 9d >/dev/null && as patient inbox >/dev/null || exit 1
folders() { as patient --json folder list | jq -c "[.folders[] | .$1] | sort"; }

# --- another state than the one that was written last ------------------------------------------------
start_proxy
as patient init --node "$proxy" --origin "$NODE_URL" >/dev/null
get="as patient record get general One -o $d/got"
lie() { # fault, text
    echo "$1" >"$d/fault" && : >"$d/fault.count" && rm -f "$d/got"
    expect "$1: refused" 4 "owner state: $2" $get
    expect "$1: nothing is written to the chain either" 4 "owner state: $2" as patient folder rotate general
    check "$1: it was so indeed" test -s "$d/fault.count"
    check "$1: nothing is written" test ! -e "$d/got"
    : >"$d/fault"
}
check "as it is it is taken" $get
as patient folder new second >/dev/null
for f in state state-mac state-version; do lie $f "not written by this identity"; done
lie state-before "the node has version"
lie state-hidden "the node has version 0"
check "and again as it is" $get
check "both folders are there" test "$(folders name)" = '["general","mine","second"]' -o "$(folders name)" = '["general","second"]'
epoch=$(folders epoch)

# --- one that somebody made who knows the key card ----------------------------------------------------
state_tool forge "$d/planted" || fail "set-up" "a state that is made up"
for c in "record list general" "folder list" "folder rotate general" "grants general" "grant okoye general --view" "recover patient"; do
    expect "made up: ehr $c refuses" 4 "nothing proves that this identity wrote it" as patient $c
done
expect "the others are not touched" 0 "1 record(s)" as rivera record list amara/general

# --- and is taken over knowingly ----------------------------------------------------------------------
expect "taken over" 0 "is left out: 1 folder(s), 1 key(s), 0 grant(s)" as patient recover patient --accept-state
cp "$d/out" "$d/adopted"
check "one's own folders are there" test "$(as patient --json folder list | jq '[.folders[] | select(.name == "general" or .name == "second")] | length')" = 2
expect "their grants are known by name" 0 "rivera" as patient grants general
check "none is strange" test "$(as patient --json grants general | jq '[.grants[] | select(.status == "active" and (.known | not))] | length')" = 0
check "what is left out is named" grep -q "left out: planted" "$d/adopted"
expect "the folder of somebody else's is there, under its owner's true name" 0 "Ada Okoye" cat "$d/adopted"
check "what a note of somebody else's said is not" test "$(as patient --json folder list | jq '[.folders[] | select(.owner == "Dr. Nobody" or .ownerName == "Dr. Nobody")] | length')" = 0
rm -f "$d/got" && check "the chart is read" $get
check "byte for byte" cmp -s "$d/one.txt" "$d/got"
expect "a grant of before can be changed" 0 "" as patient grant rivera general --view --add --until 8d
expect "and its holder is told, who can tell that it is theirs" 0 "1 grant(s) accepted" as rivera inbox
expect "a new key" 0 "" as patient folder rotate general
as patient folder export-key general -o "$d/keys" >/dev/null
check "is not the one that was made up" sh -c '! grep -qFf "$1" "$2"' sh "$d/planted" "$d/keys"
check "it was one" grep -q AGE-SECRET-KEY "$d/planted"
as okoye grant amara mine --view --until 8d >/dev/null
expect "the other's folder comes back with a note" 0 "1 grant(s) accepted" as patient inbox
expect "from then on nothing is to be said" 0 "" as patient record list general

# --- a node that came back from a backup ---------------------------------------------------------------
stop_one "$NODE_PID" && cp -a "$d/node" "$d/backup"
start_node "$d" "$ledger" "${NODE_URL#http://}" || exit 1
as patient folder new third >/dev/null
stop_one "$NODE_PID" && rm -rf "$d/node" && mv "$d/backup" "$d/node"
start_node "$d" "$ledger" "${NODE_URL#http://}" || exit 1
expect "it is noticed" 4 "this device saw" as patient record list general
expect "and accepted" 0 "folder(s)" as patient recover patient --accept-state
[ "${WALLET_MODE:-}" = 1 ] || expect "with what the chain has" 0 "recovered-3" as patient folder list
expect "and goes on" 0 "" as patient folder new fourth
expect "as before" 0 "1 record(s)" as patient record list general
# --- two contents of one version -------------------------------------------------------------------------
echo state-kept >"$d/fault"
expect "a state that the node says it did not take" 1 "500" as patient folder new twice
: >"$d/fault"
pin=$d/people/patient/state/$(address_of "$d" patient)
check "the same command goes on" as patient folder new twice
lie state-first "the node has another version"
check "as it is it is taken, again" $get
cut -d' ' -f1 "$pin" >"$d/number" && cp "$d/number" "$pin"
check "a number alone, of a program of before, is enough" $get
lie state-first "the node has another version"
echo state-lost >"$d/fault"
: >"$d/fault.count"
expect "a state whose answer is lost" 5 "" as patient folder new lost
check "was sent once" test "$(wc -l <"$d/fault.count")" = 1
: >"$d/fault"
check "is taken by the same command" as patient folder new lost

# --- notes that say what no program could keep -----------------------------------------------------------
state_edit() { # sed's words, on the patient's
    state_tool get "$d/edit" && sed -E "$1" "$d/edit" >"$d/edited" && ! cmp -s "$d/edit" "$d/edited" && state_tool raw "$d/edited" || fail "set-up" "$1"
}
state_edit "s/(\"grants\":\[\{[^]]*\"issued\":)[0-9]+/\\1$(($(date +%s) + 172800))/"
as patient grant rivera general --view --until 7d >/dev/null || fail "set-up" "a note of a time to come"
expect "a note of a time that is to come is not believed" 0 "0 grant(s) accepted" as rivera inbox
expect "and what was shared before goes on" 0 "1 record(s)" as rivera record list amara/general
state_edit "s/(\"shared\":\[\{[^]]*\"issued\":)[0-9]+/\\11152921504606846976/"
expect "a note in the owner state that cannot be read is told" 0 "notes of 1 shared folder that cannot be read" as patient folder list
expect "and keeps nobody from the rest" 0 "1 record(s)" as patient record list general
as patient folder new fifth >/dev/null
check "the next version is without it" sh -c '! "$@" 2>&1 | grep -q "cannot be read"' sh "$EHR" --home "$d/people/patient" \
    --passphrase-file "$d/people/patient/passphrase" --as patient --yes folder list

# --- a grant that the state takes for ended, and the chain has not ---------------------------------------
as patient grant rivera general --view --until 6d >/dev/null && state_tool get "$d/edit" &&
    jq -c --arg r "$(address_of "$d" rivera)" '(.folders[] | select(.name == "general") | .grants[] | select(.account == $r)).ended = 5' \
        "$d/edit" >"$d/edited" && state_tool put "$d/edited" || fail "set-up" "an ended grant"
expect "is said before it is replaced" 0 "Until now: view" as patient grant rivera general --add --until 6d
check "and ended with it" test "$(as patient --json grants general | jq -c '[.grants[] | select(.status == "active") | .permissions]')" = "[2]"
summary

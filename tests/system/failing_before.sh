#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# failing_before.sh revoke|reseal|recover|transfer|transfer_cut FOLDER: before a run of failing.sh. What the last run
# left undone is brought to its end by the same command, nothing of it is lost, and then there is something to do again.
# Takes EHR, EHRD, d (the test's folder) and NODE_URL from failing.sh. Ends with 1 and says why when any of that is not
# so; may then be run again. "failing_before.sh redo|redo_cut CHAIN" is the same for opening a copy of a chain, $d/redo.
set -u
cd "$(dirname "$0")/../.." || exit 1
url=${NODE_URL:?}
. tools/node-processes # forgets NODE_URL
what=$1 folder=$2
ehr() { # home, account, command…
    "$EHR" --home "$d/people/$1" --passphrase-file "$d/people/$1/passphrase" --as "$2" --yes "${@:3}"
}
rivera() { ehr rivera rivera "$@"; }
must() { # command…
    "$@" >"$d/before" 2>&1 && return 0
    echo "before $what: \"${*:1:6}\" ended with $?: $(tail -n 8 "$d/before")" >&2
    exit 1
}
says() { # text, command…
    must "${@:2}"
    grep -qF -- "$1" "$d/before" && return 0
    echo "before $what: \"${*:2:6}\" does not say \"$1\": $(tail -n 8 "$d/before")" >&2
    exit 1
}
# Refused, not by a sanitizer or a signal.
refused() { # command…
    local code=0
    "$@" >"$d/before" 2>&1 || code=$?
    [ $code -gt 0 ] && [ $code -lt 90 ] && return 0
    echo "before $what: \"${*:1:6}\" ended with $code: $(tail -n 8 "$d/before")" >&2
    exit 1
}
# --- people who begin anew, since the keys of a folder become more with each run ----------------------
account() { # home, name: new, registered, with a card, known to who has a grant
    local n address
    n=$(($(cat "$d/accounts" 2>/dev/null || echo 0) + 1))
    echo $n >"$d/accounts"
    must ehr "$1" "$2" account new "$2" --light
    address=$(sed -n 's/.*"address": *"\(0x\)\{0,1\}\([0-9a-fA-F]*\)".*/0x\2/p' "$d/people/$1/keys/$2.json" | head -1)
    must ehr admin admin admin register "$address" --role patient
    must ehr "$1" "$2" card publish --name "Amara $1"
    must rivera people add "$1$n" "$address"
    echo "$1$n" >"$d/$1.name"
}
# Every 25th time: an empty home with a new account, which has the folder with a record, and rivera a grant on it.
is_begun_anew() { # home, account
    local runs home="$d/people/$1"
    runs=$(cat "$d/$1.runs" 2>/dev/null || echo 0)
    if [ $((runs % 25)) -eq 0 ]; then
        must rm -rf "$home" "$d/$1.ready"
        must mkdir "$home"
        must cp "$d/people/patient/passphrase" "$home/passphrase"
        must ehr "$1" "$2" init --node "$url"
        account "$1" "$2"
        must ehr "$1" "$2" folder new "$folder"
        must ehr "$1" "$2" record add "$folder" "$d/note.txt"
        must ehr "$1" "$2" people add rivera "$(address_of "$d" rivera)"
        must ehr "$1" "$2" grant rivera "$folder" --view --add --until 9d
        must rivera inbox
    fi
    echo $((runs + 1)) >"$d/$1.runs"
    : >"$d/$1.ready"
    [ $((runs % 25)) -eq 0 ]
}
name() { cat "$d/$1.name"; } # as rivera calls them

before_revoke() {
    local me=(ehr revoker revoker)
    if [ -e "$d/revoker.ready" ]; then
        must "${me[@]}" revoke rivera "$folder"
        refused rivera record list "$(name revoker)/$folder"
        says "1 proved" "${me[@]}" record list "$folder"
    fi
    ! is_begun_anew revoker revoker || return 0
    must "${me[@]}" grant rivera "$folder" --view --until 9d
    must rivera inbox
    says "1 proved" rivera record list "$(name revoker)/$folder"
}
before_reseal() {
    local me=(ehr resealer resealer)
    if [ -e "$d/resealer.ready" ]; then
        must "${me[@]}" reseal "$folder"
        says "0 of 0" "${me[@]}" reseal "$folder"
        says "1 proved" "${me[@]}" record list "$folder"
    fi
    is_begun_anew resealer resealer
    must "${me[@]}" folder rotate "$folder"
}
# FOLDER: one of the patient's.
before_recover() {
    local home="$d/people/back"
    if [ -d "$home" ]; then
        must "$EHR" --home "$home" --passphrase-file "$home/passphrase" --as back --yes recover back --node "$url" --light \
            --identity-file "$d/people/patient/identities/patient/passphrase.age"
        says "proved" ehr back back record list "$folder"
    fi
    must rm -rf "$home"
    must mkdir "$home"
    must cp "$d/people/patient/passphrase" "$home/passphrase"
}

# --- transfer: the account "old" of a home has the folder, "new" gets it ------------------------------
move_finish() {
    must ehr mover new transfer old new
    says "0 of 0" ehr mover new transfer old new
    refused ehr mover old record list "$folder"
    says "1 proved" ehr mover new record list "$folder"
    must rivera inbox --moved
    says "1 proved" rivera record list "$(name mover)/$folder"
    must rm -r "$home/begun" "$home/keys/old.json" "$home/identities/old"
    must mv "$home/keys/new.json" "$home/keys/old.json"
    must mv "$home/identities/new" "$home/identities/old"
}
before_transfer() {
    home="$d/people/mover"
    [ ! -e "$home/begun" ] || move_finish
    is_begun_anew mover old
    must rm -rf "$home/keys/new.json" "$home/identities/new"
    account mover new
    : >"$home/begun"
}
before_transfer_cut() { # and is killed somewhere in the middle
    before_transfer
    # In a shell of its own, which does not tell here that it was killed.
    (timeout -s KILL "0.$(printf %03d $((RANDOM % 350 + 20)))" "$EHR" --home "$home" --passphrase-file "$home/passphrase" \
        --yes transfer old new || echo "$?" >>"$d/cut") >/dev/null 2>&1
}

# --- redo: a chain whose node was killed is opened again ----------------------------------------------
head_of() { "$EHRD" chain stats --json --chain "$1" | jq -ce '[.head, .hash, .transactions, .genesis]'; }
before_redo() {
    local runs from="$d/redo"
    runs=$(cat "$d/redo.runs" 2>/dev/null || echo 0)
    [ "$runs" -gt 0 ] || from=$folder
    must rm -rf "$d/seen"
    must cp -r "$from" "$d/seen"
    must head_of "$d/seen"
    must cp "$d/before" "$d/seen.head"
    [ "$runs" -gt 0 ] || must cp "$d/seen.head" "$d/head"
    must cmp "$d/seen.head" "$d/head"
    must rm -rf "$d/redo"
    must cp -r "$folder" "$d/redo"
    echo $((runs + 1)) >"$d/redo.runs"
}
before_redo_cut() { # and something fails in an opening before; struct failing of failing.h
    before_redo
    printf '%b' "\\x$(printf %02x $((RANDOM % 16 + 1)))\\0\\0\\0\\0\\0\\0\\0" >"$d/cut_at"
    EHRD_FAIL_FILE="$d/cut_at" LD_PRELOAD="$preload" "$failing_ehrd" chain stats --chain "$d/redo" >/dev/null 2>&1 ||
        echo "$?" >>"$d/redo.cut"
}

"before_$what"

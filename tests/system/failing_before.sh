#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# failing_before.sh revoke|reseal|recover|transfer|transfer_cut FOLDER: before a run of failing.sh. What the last run left undone is
# brought to its end by the same command, nothing of it is lost, and then there is something to do again. Takes EHR, d
# (the test's folder) and NODE_URL from failing.sh. Ends with 1 and says why when any of that is not so.
set -u
cd "$(dirname "$0")/../.." || exit 1
url=${NODE_URL:?}
. tools/node-processes # forgets NODE_URL
what=$1 folder=$2
ehr() { # home, account, command…
    "$EHR" --home "$d/people/$1" --passphrase-file "$d/people/$1/passphrase" --as "$2" --yes "${@:3}"
}
patient() { ehr patient patient "$@"; }
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
made() { [ -e "$d/$what.$folder" ]; } # the set-up of below
open_folder() {
    must patient folder new "$folder"
    must patient record add "$folder" "$d/note.txt"
    : >"$d/$what.$folder"
}

before_revoke() {
    if made; then
        must patient revoke rivera "$folder"
        refused rivera record list "amara/$folder"
        says "1 proved" patient record list "$folder"
    else
        open_folder
    fi
    must patient grant rivera "$folder" --view --until 9d
    must rivera inbox
}
before_reseal() {
    if made; then
        must patient reseal "$folder"
        says "0 of 0" patient reseal "$folder"
        says "1 proved" patient record list "$folder"
    else
        open_folder
    fi
    must patient folder rotate "$folder"
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
account() { # name: new, registered, with a card, known to who has a grant
    local n address
    n=$(($(cat "$d/accounts" 2>/dev/null || echo 0) + 1))
    echo $n >"$d/accounts"
    must ehr mover "$1" account new "$1" --light
    address=$(sed -n 's/.*"address": *"\(0x\)\{0,1\}\([0-9a-fA-F]*\)".*/0x\2/p' "$home/keys/$1.json" | head -1)
    must ehr admin admin admin register "$address" --role patient
    must ehr mover "$1" card publish --name "Amara Mover"
    must rivera people add "mover$n" "$address"
}
# The owner changes again and again, which makes its folders' keys more; every 25th time begins anew.
moves_begin() {
    rm -rf "$home" && make_home_of_mover
    account old
    must ehr mover old folder new "$folder"
    must ehr mover old record add "$folder" "$d/note.txt"
    must ehr mover old people add rivera "$(address_of "$d" rivera)"
    must ehr mover old grant rivera "$folder" --view --add --until 9d
    must rivera inbox
}
make_home_of_mover() {
    must mkdir "$home"
    must cp "$d/people/patient/passphrase" "$home/passphrase"
    must ehr mover old init --node "$url"
}
move_finish() {
    must ehr mover new transfer old new
    says "0 of 0" ehr mover new transfer old new
    refused ehr mover old record list "$folder"
    says "1 proved" ehr mover new record list "$folder"
    must rivera inbox --moved
    says "1 proved" rivera record list "mover$(cat "$d/accounts")/$folder"
    must rm -r "$home/keys/old.json" "$home/identities/old"
    must mv "$home/keys/new.json" "$home/keys/old.json"
    must mv "$home/identities/new" "$home/identities/old"
}
before_transfer() {
    home="$d/people/mover"
    [ ! -e "$home/keys/new.json" ] || move_finish
    local moves
    moves=$(cat "$d/moves" 2>/dev/null || echo 0)
    [ $((moves % 25)) -ne 0 ] || moves_begin
    echo $((moves + 1)) >"$d/moves"
    account new
}
before_transfer_cut() { # and is killed somewhere in the middle
    before_transfer
    timeout -s KILL "0.$(printf %03d $((RANDOM % 350 + 20)))" "$EHR" --home "$home" --passphrase-file "$home/passphrase" --yes \
        transfer old new >/dev/null 2>&1 || echo "$?" >>"$d/cut"
}

"before_$what"

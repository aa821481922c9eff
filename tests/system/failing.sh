#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# failing.sh alloc|io [client|redo|node [COMMAND…]]: the main job while an allocation, or a write to a file, fails: first
# in the command line, then where a chain's log is redone, then in the node, once in each run, until nothing fails any
# more. Each run ends by itself with an error or with success, without a leak (ASan), and afterwards every record is proved
# and no file is half written.
# Which one: a sample of the n-th by default; EHRD_TORTURE=all: every write, and each place of the code that allocates,
# that is each chain of calls (failing_places.c); EHRD_TORTURE=every: every n-th allocation, too, which may not end where
# runs leave something behind. EHRD_FAIL_SHORT=1: half of the bytes are written. COMMAND: only these, as "revoke" or
# "record-list".
set -u
kind=$1 part=${2:-both} only=" ${*:3} "
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh "failing_$kind"
all=${EHRD_TORTURE:-}
# Names of functions are looked up for what is shown only: that takes longer than a run.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1:symbolize=0 UBSAN_OPTIONS=exitcode=99 EHRD_FAIL_LOG="$d/said"
named() {
    local line
    while IFS= read -r line; do
        if [[ $line =~ ^\ *\#[0-9]+\ 0x[0-9a-f]+.*\((/.*)\+(0x[0-9a-f]+)\) ]] && type llvm-symbolizer-14 >/dev/null 2>&1; then
            llvm-symbolizer-14 -f -s -e "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" | sed '/^$/d; s/^/    /' | paste -sd' '
        else
            echo "$line"
        fi
    done
}
wanted() { # command…
    [[ $only =~ ^\ *$ || $only == *" $1 "* || $only == *" $1-${2:-} "* ]]
}
real=$EHR
preload=""
if [ "$kind" = alloc ]; then failing=$EHR_FAILING failing_ehrd=$EHRD_FAILING; else failing=$EHR failing_ehrd=$EHRD preload=$FAILING_IO; fi
# A different sample each time; the seed repeats one.
seed=${EHRD_TEST_SEED:-$((RANDOM % 1000))}
home() { printf '%q ' "$real" --home "$d/people/$1" --passphrase-file "$d/people/$1/passphrase" --as "$1" --yes "${@:2}"; }
# FROM:STEP for a sample by this step, or places. Writes are few: sixteen times as many of them.
when_of() {
    local step=$1
    [ "$all-$kind" != all-alloc ] || { echo places; return; }
    [ "$kind" = alloc ] || step=$((step / 16 + 1))
    [ -z "$all" ] || step=1
    echo "$((1 + seed % step)):$step"
}
# A node takes so many notes of a person to another at once: every 25th time it is started anew.
cat >"$d/fresh" <<SH
#!/usr/bin/env bash
n=\$((\$(cat "$d/runs" 2>/dev/null || echo 0) + 1))
echo \$n >"$d/runs"
if [ \$((n % 25)) -eq 0 ]; then
    . tools/node-processes
    EHRD=$(printf %q "$EHRD")
    stop_one "\$(cat "$d/node.pid")"
    start_node "$d" "" "\$(cat "$d/listen")" || exit 1
    echo "\$NODE_PID" >"$d/node.pid"
fi
SH
chmod +x "$d/fresh"
# client WHO STEP BEFORE COMMAND…: the command line fails; BEFORE: a command, or nothing.
client() {
    local who=$1 step=$2 before=$3 out
    shift 3
    wanted "$@" || return 0
    echo "$NODE_PID" >"$d/node.pid"
    before="$d/fresh${before:+ && $before >/dev/null}"
    if out=$(env EHRD_FAIL_LOOP="$(when_of "$step")" EHRD_FAIL_BEFORE="$before" LD_PRELOAD="$preload" \
        "$failing" --home "$d/people/$who" --passphrase-file "$d/people/$who/passphrase" --as "$who" --yes "$@" 2>&1); then
        ok "ehr $1 ${2:-}: $out"
    else
        fail "ehr $*" "$out (seed $seed)"
        tail -n 40 "$d"/said "$d"/said.[0-9]* 2>/dev/null | named
    fi
    NODE_PID=$(cat "$d/node.pid")
    check "and every record is proved" whole
}
folder=general
whole() { as patient --json record list "$folder" >"$d/list" && [ "$(jq '[.records[] | select(.verified | not)] | length' "$d/list")" -eq 0 ]; }
node() { # STEP BEFORE WHO COMMAND…: the node fails
    local step=$1 before=${2:-true} who=$3 out
    shift 3
    wanted "$@" || return 0
    if out=$(python3 tests/system/failing_node.py "$d/fail" "$NODE_PID" "$(when_of "$step")" "$(home patient record list general)" "$before" "$(home "$who" "$@")" 2>&1); then
        NODE_PID=$(tail -1 <<<"$out")
        ok "node, ehr $1 ${2:-}: $(head -1 <<<"$out")"
    else
        fail "node, ehr $*" "$out (seed $seed)"
        [[ ! $(tail -1 <<<"$out") =~ ^[0-9]+$ ]] || NODE_PID=$(tail -1 <<<"$out")
        tail -n 40 "$d/node.log" | named
    fi
}

start_world || exit 1
export d EHR EHRD NODE_URL preload failing_ehrd # for failing_before.sh
before() { echo "tests/system/failing_before.sh $*"; }
echo "${NODE_URL#http://}" >"$d/listen"
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add amara "$(address_of "$d" patient)" >/dev/null
echo "a small document" >"$d/note.txt"
head -c 200000 /dev/urandom >"$d/scan.bin"
as patient folder new general >/dev/null && as patient record add general "$d/note.txt" >/dev/null || exit 1
# Where the commands that make this are left out.
[ -z "${only// /}" ] || { as patient grant rivera general --view --add --until 9d && as rivera inbox; } >/dev/null || exit 1

# --- the command line -------------------------------------------------------------------------------
client_part() {
    client patient 97 "" record list general
    client patient 173 "" record add general "$d/scan.bin"
    client patient 97 "" record get general 1 -o "$d/got.txt"
    ! wanted record get || check "what was read is whole" cmp "$d/note.txt" "$d/got.txt"
    client patient 173 "$(home rivera inbox)" grant rivera general --view --add --until 9d
    # One note at a time: what the failed runs before left would make each run longer.
    client rivera 97 "$(home rivera inbox) >/dev/null && $(home patient grant rivera general --view --add --until 9d)" inbox
    client rivera 173 "" record add amara/general "$d/note.txt"
    client patient 173 "" folder rotate general
    client patient 173 "" reseal general
    # By now "general" has hundreds of keys; so will this one.
    folder=second
    as patient folder new $folder >/dev/null && as patient record add $folder "$d/note.txt" >/dev/null || exit 1
    client patient 199 "$(home rivera inbox) >/dev/null && $(home patient grant rivera $folder --view --until 9d)" revoke rivera $folder
    folder=general
    client patient 7 "" people add rivera "$(address_of "$d" rivera)"
    client patient 61 "" identity show patient
    client back 173 "rm -rf $d/people/back && mkdir $d/people/back && cp $d/people/patient/passphrase $d/people/back" \
        recover back --node "$NODE_URL" --light --identity-file "$d/people/patient/identities/patient/passphrase.age"
    ! wanted recover || check "what was recovered opens" as back record list general
    client mover 401 "$(before transfer moved)" transfer old new
    # Begun and killed before: what is left to do.
    if [ -n "$all" ] && wanted transfer; then
        client mover 401 "$(before transfer_cut moved)" transfer old new
        check "of these $(grep -c 137 "$d/cut") were killed before" grep -q 137 "$d/cut"
    fi
    ! wanted transfer || check "what was moved is whole" $(before transfer moved)
    check "the book is whole" as patient people list
    check "nothing temporary is left in the home" test -z "$(find "$d/people" -name '*.tmp*')"
}

# --- a chain whose node was killed: who opens it redoes its log -----------------------------------------
redo() { # what is run before
    local out
    if out=$(env EHRD_FAIL_LOOP="$(when_of 17)" EHRD_FAIL_BEFORE="$(before "$1" "$d/killed")" LD_PRELOAD="$preload" \
        "$failing_ehrd" chain stats --chain "$d/redo" 2>&1); then
        ok "$1: $out"
    else
        fail "$1" "$out (seed $seed)"
        tail -n 40 "$d"/said "$d"/said.[0-9]* 2>/dev/null | named
    fi
    check "the chain equals its replay" "$EHRD" chain verify --chain "$d/redo"
}
redo_part() {
    kill -9 "$NODE_PID"
    wait "$NODE_PID" 2>/dev/null
    NODE_PID=""
    cp -r "$d/chain" "$d/killed"
    check "the killed node left a log" test -s "$d/killed/wal.0"
    redo redo
    [ -n "$all" ] || return 0
    redo redo_cut # from what an opening that failed left
    check "of these $(wc -l <"$d/redo.cut") had failed before" test -s "$d/redo.cut"
}

# --- the node -----------------------------------------------------------------------------------------
node_part() {
    stop_one "$NODE_PID"
    : >"$d/fail"
    normal=$EHRD
    [ "$kind" = io ] || EHRD=$EHRD_FAILING
    EHRD_FAIL_FILE="$d/fail" LD_PRELOAD="$preload" start_node "$d" "$ledger" "${NODE_URL#http://}" || exit 1
    EHRD=$normal
    node 97 "" patient record list general
    node 211 "" patient record add general "$d/note.txt"
    node 97 "" patient record get general 1 -o "$d/got.txt"
    node 211 "" patient grant rivera general --view --add --until 8d
    node 97 "" rivera inbox
    node 211 "" patient folder rotate general
    # What is run before these takes longer than they do.
    local rare=1
    [ "$kind" = alloc ] || rare=4
    node $((499 * rare)) "$(before revoke held)" revoker revoke rivera held
    node $((499 * rare)) "$(before reseal sealed)" resealer reseal sealed
    node $((331 * rare)) "$(before recover general)" back recover back --node "$NODE_URL" --light \
        --identity-file "$d/people/patient/identities/patient/passphrase.age"
    node $((797 * rare)) "$(before transfer moved)" mover transfer old new
    check "the node ends by itself" stop_one "$NODE_PID"
    ! grep -nE 'ERROR: (Address|Leak)Sanitizer|runtime error' "$d/node.log" && ok "and told no fault" || fail "the node's log" "see above"
    NODE_PID=""
    start_node "$d" "$ledger" "${NODE_URL#http://}" || fail "the node comes up again" ""
    check "every record is proved after it" whole
    as rivera inbox >/dev/null 2>&1
    check "and opens" as patient record get general --all -o "$d/all"
    stop_one "$NODE_PID"
    NODE_PID=""
    check "the chain equals its replay" "$EHRD" chain verify --chain "$d/chain"
}

[[ $part != both && $part != client ]] || client_part
[[ $part != both && $part != redo ]] || redo_part
[[ $part != both && $part != node ]] || node_part
summary

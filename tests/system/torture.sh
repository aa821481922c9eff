#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the command line, or of the node, in the middle of grant, revoke, rotate, reseal, recover and transfer:
# afterwards each is done or not done, every record is proved, and the same command brings it to its end.
# Each is cut short as often, until EHRD_KILLS (18; 200 for a long run) are; EHRD_TEST_SEED repeats one.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh torture
kills=${EHRD_KILLS:-18}
seed=${EHRD_TEST_SEED:-$(($(date +%s) % 32768))}
RANDOM=$seed
owner=patient # the account that owns the folder now
accounts=1    # of the patient
declare -A cut=() whole=() takes=() # takes: milliseconds of the longest of the last undisturbed runs

owned() { # command…: as the present owner
    "$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as "$owner" --yes "$@"
}
code() { sed -n '/^EHR-RECOVERY-/,/^$/p' "$d/people/patient/code-$owner" | tr -d ' \n'; }
print_code() { owned identity recovery-code "$owner" >"$d/people/patient/code-$owner"; }
node_up() {
    kill -0 "$NODE_PID" 2>/dev/null || start_node "$d" "$ledger" "$listen" || { fail "the node comes up"; summary; exit 1; }
}
# What a person would type; killed at a random time, then typed again.
command_of() {
    case $1 in
    grant) cmd=(grant rivera general --view --add --until "$((RANDOM % 50 + 1))d") ;;
    revoke) cmd=(revoke rivera general) ;;
    rotate) cmd=(folder rotate general) ;;
    reseal) cmd=(reseal general) ;;
    transfer) cmd=(transfer "$owner" "$next") ;;
    esac
}
new_account() {
    accounts=$((accounts + 1))
    next=p$accounts
    local address
    owned account new "$next" --light >/dev/null
    address=$(owned --json account list | jq -r ".accounts[] | select(.name == \"$next\") | .address")
    as admin admin register "$address" --role patient >/dev/null
    (owner=$next && owned card publish --name "Amara $accounts" >/dev/null && print_code)
    as rivera people add "$next" "$address" >/dev/null
}
killed() { # what: 0 when it ended before it could be killed
    local pid victim
    # Without <&0 what runs in the background would read from /dev/null.
    "${run[@]}" <&0 >>"$d/torture.log" 2>&1 &
    pid=$!
    # Anywhere from its beginning to a little after its end.
    local ms=$(((RANDOM * 32768 + RANDOM) % (${takes[$1]:-400} * 11 / 10 + 1)))
    sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
    victim=$pid
    [ $((RANDOM % 4)) -ne 0 ] || victim=$NODE_PID
    kill -9 "$victim" 2>/dev/null
    if [ "$victim" != "$pid" ]; then wait "$NODE_PID" 2>/dev/null; fi
    wait "$pid" 2>/dev/null
    local rc=$?
    node_up
    if [ $rc -eq 0 ]; then whole[$1]=$((${whole[$1]:-0} + 1)); else cut[$1]=$((${cut[$1]:-0} + 1)); fi
}
whole_run() { # what: typed again, to its end
    local begun
    begun=$(date +%s%3N)
    "${run[@]}" >>"$d/torture.log" 2>&1 || return 1
    local ms=$(($(date +%s%3N) - begun))
    # What took long once, on a busy machine, is forgotten again.
    local before=$((${takes[$1]:-0} * 3 / 4))
    takes[$1]=$((ms > before ? ms : before))
}
proved() { # every record, by whoever owns the folder
    owned --json record list general >"$d/list" 2>>"$d/torture.log" && [ "$(jq '[.records[] | select(.verified)] | length' "$d/list")" -eq "$records" ]
}
die() {
    fail "$1" "seed $seed, round $round, $op"
    tail -5 "$d/torture.log"
    summary
    exit 1
}

start_world || exit 1
listen=${NODE_URL#http://}
register patient patient "Amara Okafor" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as rivera people add patient "$(address_of "$d" patient)" >/dev/null
owned folder new general >/dev/null && print_code || exit 1
for i in 1 2 3 4 5; do echo "row $i" >"$d/row$i.txt"; done
owned grant rivera general --view --add --until 30d >/dev/null && owned record add general "$d"/row*.txt >/dev/null || exit 1
as rivera inbox >/dev/null
records=5
ops=(grant revoke rotate reseal recover transfer)
each=$(((kills + ${#ops[@]} - 1) / ${#ops[@]}))
pick() { # the next that was not cut often enough; 1: there is none
    for _ in "${ops[@]}"; do
        turn=$(((turn + 1) % ${#ops[@]}))
        op=${ops[$turn]}
        [ "${cut[$op]:-0}" -ge "$each" ] || return 0
    done
    return 1
}
turn=-1
for ((round = 0; round < 6 * kills; round++)); do
    pick || break
    rm -rf "$d/empty" && mkdir "$d/empty"
    [ $op != transfer ] || new_account
    if [ $op = recover ]; then
        code >"$d/code"
        run=("$EHR" --home "$d/empty" --passphrase-file "$d/people/patient/passphrase" --yes recover back --node "$NODE_URL" --light --code-fd 0)
        killed $op <"$d/code"
        whole_run $op <"$d/code" || die "recover comes to its end"
        "$EHR" --home "$d/empty" --passphrase-file "$d/people/patient/passphrase" --as back record list general >"$d/out" 2>&1 &&
            grep -q "$records proved" "$d/out" || die "what was recovered is proved"
        continue
    fi
    command_of $op
    run=("$EHR" --home "$d/people/patient" --passphrase-file "$d/people/patient/passphrase" --as "$owner" --yes "${cmd[@]}")
    killed $op
    if [ $op = transfer ]; then
        whole_run $op || die "transfer comes to its end"
        ! proved 2>/dev/null || die "the old owner still reads"
        owner=$next
        as rivera inbox --moved >/dev/null
    else
        proved || die "every record is proved after the kill"
        whole_run $op || die "$op comes to its end"
    fi
    proved || die "every record is proved"
    code=0
    as rivera record list "$owner/general" >"$d/out" 2>&1 || code=$?
    if [ $op = revoke ]; then
        [ $code -ne 0 ] || die "the revoked reads"
        owned grant rivera general --view --add --until 9d >/dev/null && as rivera inbox >/dev/null || die "granting again"
    else
        [ $code -eq 0 ] || die "who has a grant reads"
    fi
    if [ $op = rotate ]; then
        as rivera record add "$owner/general" "$d/row1.txt" --title "after $round" >/dev/null 2>>"$d/torture.log" || die "adding under the new key"
        records=$((records + 1))
    fi
    if [ $op = reseal ]; then
        owned reseal general 2>/dev/null | grep -q "0 of 0" || die "reseal leaves nothing"
    fi
done
for op in "${ops[@]}"; do echo "$op: ${cut[$op]:-0} cut short, ${whole[$op]:-0} done before the kill (takes ${takes[$op]:-0} ms)"; done
owned record get general --all -o "$d/all" >/dev/null
check "after $round kills (seed $seed) every record of $records opens" test "$(find "$d/all" -type f | wc -l)" -eq "$records"
for op in "${ops[@]}"; do check "$op was cut short $each times" test "${cut[$op]:-0}" -ge "$each"; done
check "the access log is whole" owned --json audit general
summary

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# interop.sh EHR-AGE: files made by "ehr age" open with Debian's age, and the other way round.
# Exit 77 (skipped) when age is not installed.
set -euo pipefail

ehr=$(readlink -f "$1")
if ! command -v age >/dev/null || ! command -v age-keygen >/dev/null; then
    echo "age interop: 0 passed, 0 failed, 1 skipped (age is not installed: Debian package age)"
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
n=0

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

pass() {
    n=$((n + 1))
}

# expect_exit CODE COMMAND...
expect_exit() {
    local want=$1 got=0
    shift
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" = "$want" ] || fail "exit $got, want $want: $* ($(cat err))"
    pass
}

"$ehr" keygen -o ours.key 2>err
age-keygen -o theirs.key 2>err
[ "$("$ehr" -y ours.key)" = "$(age-keygen -y ours.key)" ] || fail "-y of our key"
[ "$("$ehr" -y theirs.key)" = "$(age-keygen -y theirs.key)" ] || fail "-y of their key"
[ "$(stat -c %a ours.key)" = 600 ] || fail "key file is readable by others"
"$ehr" -y ours.key >recipients
echo "# a comment" >>recipients
age-keygen -y theirs.key >>recipients
pass

for size in 0 1 65535 65536 65537 $((1024 * 1024 + 1)); do
    head -c "$size" /dev/urandom >plain
    for armor in "" -a; do
        # shellcheck disable=SC2086
        "$ehr" -e $armor -R recipients -o sealed plain
        age -d -i theirs.key sealed | cmp - plain || fail "age opens ours, $size bytes $armor"
        # shellcheck disable=SC2086
        age -e $armor -r "$("$ehr" -y ours.key)" -r "$(age-keygen -y theirs.key)" -o sealed plain
        "$ehr" -d -i theirs.key -i ours.key sealed | cmp - plain || fail "we open age's, $size $armor"
        "$ehr" -d -i ours.key <sealed >opened && cmp opened plain || fail "stdin, $size $armor"
        # shellcheck disable=SC2086
        "$ehr" -e $armor -i ours.key <plain | age -d -i ours.key | cmp - plain || fail "-e -i"
        pass
    done
done

# Nothing is left behind, and nothing changed, when something fails.
head -c 200000 /dev/urandom >plain
"$ehr" -R recipients -o sealed plain
head -c 150000 sealed >cut
echo before >opened
expect_exit 1 "$ehr" -d -i ours.key -o opened cut
[ "$(cat opened)" = before ] || fail "a failed run changed its output"
expect_exit 1 "$ehr" -d -i ours.key -o new cut
[ -z "$(find . -name 'new*' -o -name 'opened.*')" ] || fail "a failed run left files"
expect_exit 1 "$ehr" keygen -o ours.key
"$ehr" keygen -o other.key 2>err
expect_exit 1 "$ehr" -d -i other.key sealed
grep -q "none of the identities" err || fail "message: $(cat err)"
expect_exit 1 "$ehr" -d -i ours.key missing
expect_exit 2 "$ehr" -d -r x sealed
expect_exit 2 "$ehr" -d -p sealed
expect_exit 2 "$ehr" -d -a sealed
expect_exit 2 "$ehr" plain
expect_exit 2 "$ehr" -i ours.key plain
expect_exit 2 "$ehr" -p -r x plain
expect_exit 2 "$ehr" --nonsense
expect_exit 2 "$ehr" -e -d plain
expect_exit 2 "$ehr" -d -i -
expect_exit 0 "$ehr" --help
"$ehr" -d -i ours.key -o /dev/null sealed
[ -c /dev/null ] || fail "/dev/null was replaced"

# Passphrases by descriptor, without a terminal.
"$ehr" -p --passphrase-fd 3 -o sealed plain 3<<<"correct horse"
"$ehr" -d --passphrase-fd 3 sealed 3<<<"correct horse" | cmp - plain || fail "--passphrase-fd"
expect_exit 1 "$ehr" -d --passphrase-fd 0 sealed
expect_exit 1 "$ehr" -d -i ours.key sealed
"$ehr" -d --passphrase-fd 3 sealed 3<<<"wrong" >out 2>err && fail "wrong passphrase opens"
grep -q "wrong passphrase" err || fail "message: $(cat err)"
pass

if ! command -v expect >/dev/null; then
    echo "age interop: $n passed, 0 failed, 1 skipped (terminal: Debian package expect is not installed)"
    exit 0
fi

cat >terminal.exp <<'EXPECT'
log_user 0
set timeout 60
spawn -noecho {*}$argv
foreach answer $env(ANSWERS) {
    expect {
        -re {[Pp]assphrase[^\n]*: ?$} { sleep 0.1; send -- "$answer\r" }
        timeout { exit 98 }
        eof { exit 97 }
    }
}
expect eof
if {[string first $answer $expect_out(buffer)] >= 0} { exit 96 } ;# echoed
exit [lindex [wait] 3]
EXPECT

# at_terminal "PASSPHRASES..." COMMAND...: answer each prompt with the next passphrase.
at_terminal() {
    local answers=$1
    shift
    ANSWERS=$answers expect terminal.exp "$@"
}

at_terminal "hunter2 hunter2" "$ehr" -p -o sealed plain || fail "we seal at a terminal"
at_terminal "hunter2" age -d -o opened sealed || fail "age opens our passphrase file"
cmp opened plain || fail "age opens our passphrase file: bytes"
rm -f sealed opened
at_terminal "swordfish swordfish" age -p -a -o sealed plain || fail "age seals at a terminal"
at_terminal "swordfish" "$ehr" -d -o opened sealed || fail "we open age's passphrase file"
cmp opened plain || fail "we open age's passphrase file: bytes"
rm -f opened
at_terminal "wrong" "$ehr" -d -o opened sealed && fail "a wrong passphrase opens"
[ ! -e opened ] || fail "a wrong passphrase left a file"
at_terminal "one two" "$ehr" -p -o opened plain && fail "two passphrases that differ"
pass
echo "age interop: $n passed, 0 failed, 0 skipped"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# man.sh EHR EHRD: the man pages agree with --help, and tools/check-man sees each kind of difference.
set -u
ehr=$1 ehrd=$2
cd "$(dirname "$0")/../../.." || exit 1
command -v python3 >/dev/null || { echo "SKIPPED man: no python3"; exit 0; }
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
rc=0
tools/check-man "$ehr" "$ehrd" || rc=1
planted() { # what, file, sed expression, text of the fault
    rm -rf "$d/man" && cp -r docs/man "$d/man"
    sed -i "$3" "$d/man/$2"
    if tools/check-man "$ehr" "$ehrd" "$d/man" >"$d/out"; then
        echo "FAIL not seen: $1" && rc=1
    elif ! grep -qF -- "$4" "$d/out"; then
        echo "FAIL seen as something else: $1" && cat "$d/out" && rc=1
    else
        echo "ok   seen: $1"
    fi
}
planted "a command is missing" ehr.1 '/^\.SS "ehr reseal/d' "only --help has: ehr reseal FOLDER"
planted "a command that is not there" ehr.1 's/^\.SS "ehr doctor"/.SS "ehr repair"/' "only the man page has: ehr repair"
planted "an option of a command is missing" ehr.1 's/ \[\\-\\-undo\]//; s/ | \\-\\-undo//' "ehr record remove"
planted "an option of ehr age is missing" ehr.1 '/^\.BR \\-a ", " \\-\\-armor/d' "ehr age: only --help has"
planted "an option of ehrd with another value" ehrd.8 's/^\.BI \\-\\-threads " N"/.BI \\-\\-threads " COUNT"/' "ehrd options"
planted "a command of ehrd chain is missing" ehrd.8 's/^\.B rollback$/.B roll/' "ehrd chain commands"
planted "a name of ehrd.conf is missing" ehrd.conf.5 '/^\.BI origin /d' "ehrd.conf names: only --help has: origin"
exit $rc

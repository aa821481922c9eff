#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh EHR EHRD: what the shells offer is what --help says, no less and no more.
set -u
ehr=$1 ehrd=$2
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
fail=0 n=0
export EHR_HOME=$d/home
mkdir -p "$d/home/keys" && touch "$d/home/keys/amara.json" "$d/home/keys/second.json"
for shell in bash zsh; do
    "$ehr" completion $shell >"$d/ehr.$shell" && "$ehrd" completion $shell >"$d/ehrd.$shell" || exit 1
done
. "$d/ehr.bash" && . "$d/ehrd.bash" || exit 1

in_bash() { # word…: what is offered for the last
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    "_$1"
    printf '%s\n' "${COMPREPLY[@]}"
}
in_zsh() {
    zsh -f -c 'compdef() { :; }; compadd() { shift; print -l -- "$@"; }; _files() { print FILES; }
        f=$1; shift; source $f; words=("$@"); CURRENT=$#words; _$words[1] | { grep -- "^${words[CURRENT]}" || true; }' zsh "$d/$1.zsh" "$@"
}
shells="bash"
if command -v zsh >/dev/null; then shells="bash zsh"; else echo "SKIPPED completion_zsh: no zsh"; fi
# offers WANTED WORD…: the words, one a line, in any order
offers() {
    local want=$1 shell got
    shift
    for shell in $shells; do
        n=$((n + 1))
        got=$("in_$shell" "$@" | sort -u | sed '/^$/d')
        [ "$got" = "$(printf '%s\n' $want | sort -u | sed '/^$/d')" ] && continue
        fail=1
        echo "FAIL $shell, $*: offered $(echo $got), wanted $(echo $want)"
    done
}
opts_in() { grep -oE '(^|[[ (])--?[a-zA-Z][a-zA-Z-]*' | tr -d ' [(' | sort -u; }

global=$("$ehr" --help | sed -n '/^Everywhere/,/^$/p' | opts_in)
names=$("$ehr" --help | sed -n 's/^  ehr \([a-z-]*\) .*/\1/p' | sort -u)
offers "$names" ehr ""
for name in $names; do
    case $name in age | content) continue ;; esac
    usages=$("$ehr" $name --help | sed -n 's/^usage: ehr //p')
    subs=""
    while read -r line; do
        sub=$(printf '%s\n' "$line" | awk '{print $2}')
        case "$sub" in [a-z]*) ;; *) sub="" ;; esac
        case "$sub" in *"|"*) sub="" ;; esac
        subs="$subs $sub"
        offers "$(printf '%s\n' "$line" | opts_in) $global" ehr $name $sub "-"
    done <<<"$usages"
    [ "$name" = completion ] || [ -z "${subs// /}" ] || offers "$subs" ehr $name ""
done
offers "$("$ehr" age --help | opts_in) --help" ehr age -
offers "add get stat verify" ehr content ""
offers "bash zsh" ehr completion ""
offers "patient practitioner organisation" ehr admin register dr --role ""
offers "patient" ehr --home x --json admin register dr --role pat
offers "amara second" ehr --as ""
offers "" ehr grant dr general --until ""
offers "$("$ehrd" --help | grep -oE '(^|[ (])--[a-z][a-z-]*' | tr -d ' (' | grep -v '^--help$' | sort -u) --help" ehrd -
offers "chain completion dev" ehrd ""
offers "$("$ehrd" chain --help | grep -E '^  [a-z]' | awk '{print $1}')" ehrd chain ""
offers "export export-genesis" ehrd chain ex
echo "completion: $n checked in $shells"
[ "$n" -gt 60 ] && [ $fail -eq 0 ]

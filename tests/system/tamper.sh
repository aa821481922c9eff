#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lying nodes and wires with the real command line: whatever a reader relies on is changed on its way, once each,
# and the reader must end with 4, name what does not match, and write nothing. EHR and EHRD name the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/lib.sh tamper
command -v python3 >/dev/null || {
    echo "SKIPPED tamper: no python3"
    echo "tamper: 0 passed, 0 failed, 1 skipped"
    exit 0
}
start_world || exit 1
register patient patient "Ana Silva" && register rivera practitioner "Dr. Rivera" || exit 1
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
as patient folder new general >/dev/null
head -c 150000 /dev/urandom >"$d/scan.bin"
as patient record add general "$d/scan.bin" --title Scan >/dev/null
as patient grant rivera general --view --until 1d >/dev/null
as rivera inbox >/dev/null

start_proxy
as patient init --node "$proxy" --origin "$NODE_URL" >/dev/null
as rivera init --node "$proxy" --origin "$NODE_URL" >/dev/null

lie() { # fault, text, command…: ends with 4 and says the text, after the answer was changed indeed
    echo "$1" >"$d/fault"
    : >"$d/fault.count"
    rm -f "$d/got"
    expect "$1 changed: refused" 4 "$2" "${@:3}"
    check "$1 was changed indeed" test -s "$d/fault.count"
    check "$1 changed: nothing is written" test ! -e "$d/got"
    : >"$d/fault"
}
get="as patient record get general Scan -o $d/got"
theirs="as rivera record get Ana_Silva/general Scan -o $d/got"
as rivera people add Ana_Silva "$(address_of "$d" patient)" >/dev/null

check "nothing changed: the record is read" $get
check "byte for byte" cmp -s "$d/scan.bin" "$d/got"
rm -f "$d/got"
check "nothing changed: the grantee reads it" $theirs

for fault in body body-first body-cut body-longer; do lie "$fault" "CID" $get; done
lie envelope-place "envelope" $get
lie envelope-header "header" $get
lie envelope-meta "meta.age" $get
lie wrap "wrap" $theirs
lie wrap-signature "wrap note" $theirs
lie folder-key "folder key" $get
lie folder-key-signature "folder key" $get
lie grants "leaves out the grant of rivera" as patient grants general
lie grant-holder "names a grant" as patient grants general
for fault in grant-status grant-until; do
    echo "$fault" >"$d/fault" && : >"$d/fault.count"
    expect "$fault changed: the chain tells" 0 "active" as patient grants general
    check "$fault was changed indeed" test -s "$d/fault.count"
    : >"$d/fault"
done
lie card "key card" as patient card show rivera
# After an identity was stolen and its account has a new card: the card of before, with its hash.
as patient --json card show rivera >"$d/card.before"
mv "$d/people/rivera/identities" "$d/people/rivera/identities.stolen"
as rivera identity new rivera >/dev/null 2>&1
check "another card is published" as rivera card publish --name "Dr. Rivera"
lie card-before "key card" as patient card show rivera
lie card-before "key card" as patient grant rivera general --view --until 1d
as patient --json card show rivera >"$d/card.now"
check "without the lie it is the new one" test "$(jq -r .hash "$d/card.now")" != "$(jq -r .hash "$d/card.before")"
rm -rf "$d/people/rivera/identities" && mv "$d/people/rivera/identities.stolen" "$d/people/rivera/identities"
as rivera card publish --name "Dr. Rivera" >/dev/null
as patient people add rivera "$(address_of "$d" rivera)" >/dev/null
lie envelope-header "header" $get --age
for fault in slot-proof account-proof; do
    lie "$fault" "slot proof" $get
    lie "$fault" "slot proof" as patient grants general
    lie "$fault" "slot proof" as patient revoke rivera general
done
# What the node says beside the proof is not believed in the first place.
for fault in slot-value storage-root; do
    echo "$fault" >"$d/fault" && : >"$d/fault.count" && rm -f "$d/got"
    check "$fault changed: the proof tells" $get
    check "$fault was changed indeed" test -s "$d/fault.count"
    check "$fault changed: byte for byte" cmp -s "$d/scan.bin" "$d/got"
done
# A block that the node made up: its hash fits, and no authority signed it. Nobody signs anvil's.
if [ "$engine" = local ]; then
    lie block-zero "block 0 is not signed" $get
    for what in "grants general" "record list general" "revoke rivera general"; do
        # shellcheck disable=SC2086
        lie block-zero "block 0 is not signed" as patient $what
    done
fi
# Right after the right to view was taken, a block of before: it was signed, and the grant was active in it.
old_head() { # folder, fault, code, text
    as patient folder new "$1" >/dev/null
    as patient grant rivera "$1" --view --add --until 1d >/dev/null
    as patient --json grants "$1" >"$d/narrow"
    echo "$2 $(jq .block "$d/narrow") 3" >"$d/fault"
    rm -f "$d/fault.count" "$d/fault.sent"
    expect "$2: the right to view is taken" "$3" "$4" as patient grant rivera "$1" --add --until 1d
    check "$2: it was shown indeed" test -s "$d/fault.count"
    : >"$d/fault"
    check "$2: the wrap is erased" grep -q "^DELETE .*$(jq -r '.grants[0].holder' "$d/narrow")" "$d/fault.sent"
    check "$2: no key is sealed for its holder" sh -c "! grep -q '^PUT .*$(jq -r '.grants[0].holder' "$d/narrow")' '$d/fault.sent'"
}
old_head narrow old-head 0 "may use"
old_head narrower old-heads 5 "hides what came since"
expect "the chain has what was asked for" 0 "-a--" as patient grants narrower
# The owner took the right, the chain does not know it: the next key is not for its holder either.
as patient folder new half >/dev/null
as patient grant rivera half --view --add --until 1d >/dev/null
as patient --json grants half >"$d/narrow"
echo relay-refused >"$d/fault"
expect "a narrower grant that did not come to the chain" 5 "does not answer" as patient grant rivera half --add --until 1d
: >"$d/fault"
rm -f "$d/fault.sent"
check "the folder gets a new key" as patient folder rotate half
check "for its owner" grep -q '^PUT .*/wraps/' "$d/fault.sent"
check "and not for the holder" sh -c "! grep -q '^PUT .*$(jq -r '.grants[0].holder' "$d/narrow")' '$d/fault.sent'"
# How long a signed call is good for is not the node's to say.
rm -f "$d/fault.sent"
lie quote-ahead "this device's clock" as patient folder rotate general
check "no signed call was sent" test ! -e "$d/fault.sent"
check "without the lie the folder gets a new key" as patient folder rotate general
check "and a call is sent" grep -q /relay "$d/fault.sent"
for fault in header-state-root header-time header-hash; do lie "$fault" "" $get; done
for fault in author author-withheld; do lie "$fault" "author" $get; done
for fault in log-entry log-gap log-end log-signature; do lie "$fault" "access log" as patient audit general; done

# The node itself is honest here; what vouches for its blocks is not.
as patient init --node "$NODE_URL" --second-ledger "$proxy/rpc" >/dev/null
expect "a second ledger that agrees" 0 "vouched" as patient record list general
expect "and says so of grants" 0 "vouched" as patient grants general
lie header-hash "block" $get
expect "after all that the grant is there" 0 "active" as patient grants general
check "the record is read as before" $get
check "byte for byte as before" cmp -s "$d/scan.bin" "$d/got"
summary

/* SPDX-License-Identifier: Apache-2.0 */
#include "ehr/slot_prove.h"

/* A node that does not find the block, or says something that nobody understands, has not said that
 * a slot is empty: only a proved zero does. */
static status unproved(status st, const char *what, struct err *reterr)
{
    if (st == E_NOT_FOUND || st == E_RANGE)
        st = E_UNAVAILABLE;
    return err_prefix(reterr, st, what);
}

static status vouch(struct ledger *l, const struct ledger_block *b, bool *ret, struct err *reterr)
{
    status st = ledger_block_vouched(l, b->number, &b->hash, reterr);
    *ret = st == OK;
    return st == E_UNSUPPORTED ? OK : st;
}

status slots_prove(struct ledger *l, const addr20 *proxy, const hash32 *keys, size_t n,
                   struct arena *a, const hash32 **ret_words, struct ledger_block *ret_block,
                   bool *ret_vouched, struct err *reterr)
{
    struct ledger_proof proof;
    if (n > LEDGER_SLOTS_MAX)
        return ERR(reterr, E_TOO_LONG, "slot proof: %zu slots at once", n);
    status st = ledger_proof(l, proxy, keys, n, LEDGER_LATEST, a, &proof, reterr);
    if (st != OK)
        return unproved(st, "slot proof", reterr);
    if (proof.slots_n != n || !addr20_eq(proof.address, *proxy))
        return ERR(reterr, E_MISMATCH, "slot proof: of other slots");
    st = vouch(l, &proof.block, ret_vouched, reterr);
    if (st != OK)
        return unproved(st, "block header", reterr);
    ledger_saw(l, proof.block.number);
    *ret_words = proof.values;
    *ret_block = proof.block;
    return OK;
}

static status some_grants(struct ledger *l, const addr20 *proxy, const hash32 *folder,
                          struct proved_grant *list, size_t n, struct arena *a,
                          struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr)
{
    const hash32 *words;
    hash32 *keys = arena_array(a, n > 0 ? n : 1, sizeof *keys);
    if (keys == NULL)
        return ERR(reterr, E_NOMEM, "slot proof: %zu grants", n);
    for (size_t i = 0; i < n; i++)
        slot_of_grant(folder, &list[i].scope, &list[i].holder, &keys[i]);
    status st = slots_prove(l, proxy, keys, n, a, &words, ret_block, ret_vouched, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        if (!grant_slot_read(&words[i], &list[i].now))
            st = ERR(reterr, E_MISMATCH, "slot of a grant: not one of this contract");
    return st;
}

status grants_prove(struct ledger *l, const addr20 *proxy, const hash32 *folder,
                    struct proved_grant *list, size_t n, struct arena *a,
                    struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr)
{
    size_t first = n < LEDGER_SLOTS_MAX ? n : LEDGER_SLOTS_MAX;
    status st = some_grants(l, proxy, folder, list, first, a, ret_block, ret_vouched, reterr);
    for (size_t at = first; st == OK && at < n; at += LEDGER_SLOTS_MAX) {
        size_t more = n - at < LEDGER_SLOTS_MAX ? n - at : LEDGER_SLOTS_MAX;
        struct ledger_block b;
        bool vouched;
        st = some_grants(l, proxy, folder, list + at, more, a, &b, &vouched, reterr);
        *ret_vouched = *ret_vouched && vouched;
    }
    return st;
}

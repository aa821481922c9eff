/* SPDX-License-Identifier: Apache-2.0 */
/* What an executed block changed, as the store wants it. */
#include <stdlib.h>

#include "chain/store.h"
#include "crypto/keccak.h"

static int slot_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_slot *)a)->key.b, ((const struct store_slot *)b)->key.b, 32);
}

static int change_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_change *)a)->key.b, ((const struct store_change *)b)->key.b,
                  32);
}

static bool slot_is_changed(const struct account *a, const struct slot *s)
{
    return a->head.fresh ? !u256_is_zero(s->v.current) : !u256_eq(s->v.current, s->base);
}

static status take_slots(const struct account *ac, struct arena *a, struct store_change *ret)
{
    struct store_slot *out = arena_array(a, ac->slots.n, sizeof *out);
    size_t n = 0;
    if (out == NULL)
        return E_NOMEM;
    for (uint32_t i = 0; i < ac->slots.max; i++) {
        const struct slot *s = ac->slots.slot[i];
        uint8_t be[32];
        if (s == NULL || !slot_is_changed(ac, s))
            continue;
        u256_to_be(s->key, be);
        keccak256(slice_of(be, sizeof be), &out[n].key);
        out[n++].word = s->v.current;
    }
    if (n > 1)
        qsort(out, n, sizeof *out, slot_cmp);
    ret->slots = out;
    ret->slots_n = n;
    return OK;
}

static status take_account(const struct account *ac, struct arena *a, struct store_change *ret)
{
    *ret = (struct store_change){
        .exists = ac->head.exists,
        .cleared = ac->head.fresh,
        .nonce = ac->head.nonce,
        .balance = ac->head.balance,
        .code_hash = ac->head.code_hash,
        .code = ac->code != NULL ? ac->code->bytes : SLICE_EMPTY,
    };
    keccak256(slice_of(ac->addr.b, sizeof ac->addr.b), &ret->key);
    return ac->head.exists ? take_slots(ac, a, ret) : OK;
}

status store_changes(struct state *st, struct arena *a, struct store_change **ret, size_t *ret_n,
                     struct err *reterr)
{
    size_t n = 0;
    status s = state_failure(st);
    if (s != OK)
        return ERR(reterr, s, "state: what was executed is of no use");
    struct store_change *out = arena_array(a, st->n, sizeof *out);
    s = out != NULL ? OK : E_NOMEM;
    for (size_t i = 0; s == OK && i < st->max; i++)
        if (st->account[i] != NULL && st->account[i]->changed)
            s = take_account(st->account[i], a, &out[n++]);
    if (s != OK)
        return ERR(reterr, s, "state: changes");
    if (n > 1)
        qsort(out, n, sizeof *out, change_cmp);
    *ret = out;
    *ret_n = n;
    return OK;
}

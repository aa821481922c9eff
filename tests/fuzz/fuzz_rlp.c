/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as RLP: what is taken must be written again byte for byte. */
#include <stdlib.h>

#include "codec/rlp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any answer is fine; a crash is not. */
static void may_fail(status s)
{
    (void)s;
}

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void rewrite(const struct rlp_item *item, struct buf *b)
{
    size_t mark;
    if (!item->is_list) {
        expect(rlp_put_bytes(b, item->body) == OK);
        return;
    }
    expect(rlp_put_list_begin(b, &mark) == OK);
    for (struct rlp_list l = {item->body}; !rlp_list_is_empty(&l);) {
        struct rlp_item child;
        expect(rlp_next(&l, &child, NULL) == OK);
        rewrite(&child, b);
    }
    expect(rlp_put_list_end(b, mark) == OK);
}

/* The typed readers may refuse; they may not move on then. */
static void read_typed(struct rlp_list l)
{
    struct rlp_item item;
    while (!rlp_list_is_empty(&l)) {
        uint64_t n;
        u256 big;
        uint8_t fixed[20];
        struct rlp_list nested;
        struct err e;
        struct rlp_list copy = l;
        slice at = l.rest;
        if (rlp_next_u64(&copy, &n, &e) == OK) {
            copy = l;
            expect(rlp_next_u256(&copy, &big, &e) == OK && u256_fits_u64(big) && big.w[0] == n);
        } else {
            expect(slice_eq(copy.rest, at));
        }
        copy = l;
        may_fail(rlp_next_fixed(&copy, fixed, sizeof fixed, &e));
        copy = l;
        if (rlp_next_list(&copy, &nested, &e) == OK)
            read_typed(nested);
        if (rlp_next(&l, &item, &e) != OK)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rlp_item item;
    struct err e;
    slice in = slice_of(data, size);
    if (rlp_check(in, &e) != OK)
        return 0;
    struct buf b;
    buf_init(&b, size + 16);
    expect(rlp_read_one(in, &item, &e) == OK);
    rewrite(&item, &b);
    expect(slice_eq(buf_slice(&b), in));
    buf_done(&b);
    if (item.is_list)
        read_typed((struct rlp_list){item.body});
    return 0;
}

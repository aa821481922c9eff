/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts in RLP. */
#include "chain/receipt.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"

static status put_log(const struct state_log *l, struct buf *out)
{
    size_t mark = 0;
    size_t topics = 0;
    status s = rlp_put_list_begin(out, &mark);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(l->addr.b, sizeof l->addr.b));
    if (s == OK)
        s = rlp_put_list_begin(out, &topics);
    for (uint32_t i = 0; s == OK && i < l->n_topics; i++)
        s = rlp_put_bytes(out, slice_of(l->topic[i].b, sizeof l->topic[i].b));
    if (s == OK)
        s = rlp_put_list_end(out, topics);
    if (s == OK)
        s = rlp_put_bytes(out, l->data);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

status logs_put(const struct state_log *logs, size_t n, struct buf *out)
{
    size_t mark = 0;
    status s = rlp_put_list_begin(out, &mark);
    for (size_t i = 0; s == OK && i < n; i++)
        s = put_log(&logs[i], out);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

/* Three bits out of the first six bytes of the hash. */
static void bloom_add(slice item, uint8_t bloom[BLOOM_BYTES])
{
    hash32 h;
    keccak256(item, &h);
    for (size_t i = 0; i < 6; i += 2) {
        unsigned bit = (unsigned)(h.b[i] << 8 | h.b[i + 1]) & 2047;
        bloom[BLOOM_BYTES - 1 - bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

void logs_bloom(const struct state_log *logs, size_t n, uint8_t bloom[BLOOM_BYTES])
{
    for (size_t i = 0; i < n; i++) {
        bloom_add(slice_of(logs[i].addr.b, sizeof logs[i].addr.b), bloom);
        for (uint32_t k = 0; k < logs[i].n_topics; k++)
            bloom_add(slice_of(logs[i].topic[k].b, sizeof logs[i].topic[k].b), bloom);
    }
}

static status put_fields(const struct receipt *r, const uint8_t bloom[BLOOM_BYTES], struct buf *out)
{
    size_t mark = 0;
    status s = r->type != 0 ? buf_put_u8(out, (uint8_t)r->type) : OK;
    if (s == OK)
        s = rlp_put_list_begin(out, &mark);
    if (s == OK && r->has_status)
        s = rlp_put_u64(out, r->success ? 1 : 0);
    else if (s == OK)
        s = rlp_put_bytes(out, slice_of(r->state_root.b, sizeof r->state_root.b));
    if (s == OK)
        s = rlp_put_u64(out, r->cumulative_gas);
    if (s == OK)
        s = rlp_put_bytes(out, slice_of(bloom, BLOOM_BYTES));
    if (s == OK)
        s = logs_put(r->logs, r->n_logs, out);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

status receipt_put(const struct receipt *r, uint8_t block_bloom[BLOOM_BYTES], struct buf *out)
{
    uint8_t bloom[BLOOM_BYTES] = {0};
    logs_bloom(r->logs, r->n_logs, bloom);
    for (size_t i = 0; i < BLOOM_BYTES; i++)
        block_bloom[i] |= bloom[i];
    return put_fields(r, bloom, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of log criteria, exactly as large as they must be. */
#include "rpc/criteria.h"

#include <stdalign.h>
#include <stdlib.h>

static size_t topics_at(const struct chain_filter *f, size_t k)
{
    return k < f->n_positions ? f->n_topics[k] : 0;
}

static size_t size_of(const struct chain_filter *f)
{
    size_t n = sizeof(struct rpc_criteria) + f->n_addresses * sizeof(addr20) +
               chain_filter_size(f) * sizeof(struct chain_bloom_bits);
    for (size_t k = 0; k < 4; k++)
        n += topics_at(f, k) * sizeof(hash32);
    return n;
}

/* Lists of bytes, which need no alignment: c's own follow behind it. */
static void copy_lists(const struct chain_filter *from, struct rpc_criteria *c)
{
    _Static_assert(alignof(addr20) == 1 && alignof(hash32) == 1 &&
                       alignof(struct chain_bloom_bits) == 1,
                   "bytes only");
    struct chain_filter *f = &c->search.f;
    addr20 *addresses = (addr20 *)(void *)(c + 1);
    hash32 *topics = (hash32 *)(void *)(addresses + f->n_addresses);
    if (f->n_addresses > 0)
        memcpy(addresses, from->addresses, f->n_addresses * sizeof *addresses);
    f->addresses = addresses;
    for (size_t k = 0; k < 4; k++) {
        size_t n = topics_at(f, k);
        if (n > 0)
            memcpy(topics, from->topics[k], n * sizeof *topics);
        f->topics[k] = topics;
        topics += n;
    }
    struct chain_bloom_bits *bits = (struct chain_bloom_bits *)(void *)topics;
    chain_filter_bits(f, bits);
    f->bits = bits;
}

status rpc_criteria_read(struct rpc_req *q, size_t i, struct json v, struct rpc_criteria **ret)
{
    struct rpc_log_filter read;
    status s = rpc_read_log_filter(q, i, v, q->a, &read);
    if (s != OK)
        return s;
    size_t bytes = size_of(&read.f);
    struct rpc_criteria *c = malloc(bytes);
    if (c == NULL)
        return E_NOMEM;
    *c = (struct rpc_criteria){.search = read, .bytes = bytes};
    copy_lists(&read.f, c);
    *ret = c;
    return OK;
}

void rpc_criteria_free(struct rpc_criteria *c)
{
    free(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of all tries: appended by place, and a list of those that a block has no use for. */
#include "base/checked.h"
#include "chain/store_priv.h"

static status get_row(struct trie_store *t, uint64_t place, slice *ret, struct err *reterr)
{
    const struct node_store *ns = (const struct node_store *)t;
    uint8_t key[8];
    return kv_get(ns->txn, ns->table, node_key(place, key), ret, reterr);
}

static status put_row(struct trie_store *t, slice row, uint64_t *ret, struct err *reterr)
{
    struct node_store *ns = (struct node_store *)t;
    uint8_t key[8];
    if (ns->next >= TRIE_PLACE_MAX)
        return ERR(reterr, E_RANGE, "state: no more rows");
    *ret = ns->next++;
    return kv_append(ns->txn, ns->table, node_key(*ret, key), row, reterr);
}

static status list(struct node_store *ns, uint64_t entry, struct err *reterr)
{
    status s = buf_put_be64(ns->dropped, entry);
    return s == OK ? OK : ERR(reterr, s, "state: list of rows");
}

static status drop_row(struct trie_store *t, uint64_t place, struct err *reterr)
{
    return list((struct node_store *)t, place, reterr);
}

status node_drop_tree(struct node_store *ns, uint64_t place, struct err *reterr)
{
    return place != 0 ? list(ns, place | DROPPED_TREE, reterr) : OK;
}

void node_store_init(struct node_store *ns, const struct store *s, struct kv_txn *txn,
                     uint64_t next, struct buf *dropped)
{
    static const struct trie_store_ops ops = {get_row, put_row, drop_row};
    *ns = (struct node_store){
        .base.ops = &ops, .txn = txn, .table = s->node, .next = next, .dropped = dropped};
}

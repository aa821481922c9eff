/* SPDX-License-Identifier: Apache-2.0 */
/* Trie nodes by path with versions. A branch of which few children changed is stored as these
 * children only: at most DELTA_MAX such rows stand before one that holds the whole node, and rows
 * of one path lie side by side.
 *
 * Row of changed children: one byte, how many rows are needed with it to reach a whole one
 * (1..DELTA_MAX); two bytes, which children; their references as RLP, lowest child first. A whole
 * node is its RLP and begins with 0xc0 or more. */
#include "base/checked.h"
#include "chain/store_priv.h"
#include "codec/rlp.h"

#define DELTA_MAX 7u
#define DELTA_HEAD 3u
#define BRANCH_ITEMS 17u
#define BRANCH_MAX 560u /* RLP of a branch without a value: 16 hashes are 532 bytes */
#define FULL_ROW 0xc0

bool node_row_is_delta(slice row)
{
    return row.n > 0 && row.p[0] <= DELTA_MAX;
}

/* The items of a branch as RLP; false: it is none. */
static bool split_branch(slice rlp, slice item[BRANCH_ITEMS])
{
    struct rlp_list l;
    struct rlp_item it;
    size_t n = 0;
    if (rlp_read_list(rlp, &l, NULL) != OK)
        return false;
    while (n < BRANCH_ITEMS && rlp_next(&l, &it, NULL) == OK)
        item[n++] = it.raw;
    return n == BRANCH_ITEMS && rlp_list_is_empty(&l);
}

/* --- reading -------------------------------------------------------------------------------- */

/* Children named by rows newer than the whole node. */
struct gathered {
    slice child[16];
    unsigned mask;
};

static status gather(struct gathered *g, slice row, struct err *reterr)
{
    struct rlp_list l = {slice_after(row, DELTA_HEAD)};
    struct rlp_item it;
    unsigned mask = row.n >= DELTA_HEAD ? (unsigned)row.p[1] << 8 | row.p[2] : 0;
    for (unsigned x = 0; x < 16; x++) {
        if ((mask >> x & 1) == 0)
            continue;
        status s = rlp_next(&l, &it, reterr);
        if (s != OK)
            return ERR(reterr, E_CORRUPT, "state: a node's changes are malformed");
        if ((g->mask >> x & 1) == 0)
            g->child[x] = it.raw;
    }
    g->mask |= mask;
    return OK;
}

/* The whole node with the gathered children in place of its own. */
static status join(const struct gathered *g, slice whole, struct arena *a, slice *ret,
                   struct err *reterr)
{
    slice item[BRANCH_ITEMS];
    struct buf b;
    size_t mark;
    if (!split_branch(whole, item))
        return ERR(reterr, E_CORRUPT, "state: changes to a node that is no branch");
    buf_init(&b, BRANCH_MAX);
    status s = buf_reserve(&b, BRANCH_MAX);
    if (s == OK)
        s = rlp_put_list_begin(&b, &mark);
    for (unsigned x = 0; s == OK && x < BRANCH_ITEMS; x++)
        s = buf_put(&b, x < 16 && (g->mask >> x & 1) != 0 ? g->child[x] : item[x]);
    if (s == OK)
        s = rlp_put_list_end(&b, mark);
    if (s == OK) {
        *ret = arena_dup(a, buf_slice(&b));
        s = ret->p != NULL ? OK : E_NOMEM;
    }
    buf_done(&b);
    return s == OK ? OK : ERR(reterr, s == E_NOMEM ? E_NOMEM : E_CORRUPT, "state: trie node");
}

static status take_whole(const struct gathered *g, slice row, struct arena *a, slice *ret,
                         struct err *reterr)
{
    if (row.n == 0 || row.p[0] < FULL_ROW)
        return row.n == 0 && g->mask == 0 ? E_NOT_FOUND
                                          : ERR(reterr, E_CORRUPT, "state: a trie node's row");
    if (g->mask != 0)
        return join(g, row, a, ret, reterr);
    *ret = arena_dup(a, row);
    return ret->p != NULL ? OK : ERR(reterr, E_NOMEM, "state: trie node");
}

static status read_rows(struct kv_iter *it, struct arena *a, slice *ret, struct err *reterr)
{
    struct gathered g = {.mask = 0};
    slice row;
    for (unsigned i = 0; i <= DELTA_MAX; i++) {
        status s = kv_iter_next(it, NULL, &row, reterr);
        if (s == E_NOT_FOUND && g.mask == 0)
            return s;
        if (s == E_NOT_FOUND)
            break;
        if (s == OK && node_row_is_delta(row))
            s = gather(&g, row, reterr);
        else if (s == OK)
            return take_whole(&g, row, a, ret, reterr);
        if (s != OK)
            return s;
    }
    return ERR(reterr, E_CORRUPT, "state: changes to a trie node that is missing");
}

static void path_key(const struct node_store *ns, slice path, struct row_key *ret)
{
    row_key_set(ret, ns->id, path);
}

static status get_node(struct trie_store *t, slice path, slice *ret, struct err *reterr)
{
    const struct node_store *ns = (const struct node_store *)t;
    struct row_key key;
    struct kv_iter it;
    path_key(ns, path, &key);
    struct row_key from = row_key_at(&key, ns->block);
    status s = kv_iter_init(&it, ns->txn, ns->table, row_key_slice(&key), row_key_slice(&from),
                            KV_FORWARD, reterr);
    if (s == OK)
        s = read_rows(&it, ns->a, ret, reterr);
    kv_iter_done(&it);
    return s;
}

/* --- writing -------------------------------------------------------------------------------- */

/* The row of what changed from before to node, in out; 0: the whole node is to be stored. */
static size_t make_delta(slice before, slice node, unsigned rows, uint8_t out[BRANCH_MAX])
{
    slice a[BRANCH_ITEMS];
    slice b[BRANCH_ITEMS];
    unsigned mask = 0;
    size_t n = DELTA_HEAD;
    if (rows > DELTA_MAX || node.n > BRANCH_MAX || !split_branch(before, a) ||
        !split_branch(node, b))
        return 0;
    for (unsigned x = 0; x < 16; x++) {
        if (slice_eq(a[x], b[x]))
            continue;
        mask |= 1u << x;
        if (2 * (n + b[x].n) > node.n)
            return 0;
        memcpy(out + n, b[x].p, b[x].n);
        n += b[x].n;
    }
    out[0] = (uint8_t)rows;
    out[1] = (uint8_t)(mask >> 8);
    out[2] = (uint8_t)mask;
    return n;
}

/* How many rows lead to the whole node if one more is put before them. */
static status rows_with_one_more(const struct node_store *ns, const struct row_key *key,
                                 unsigned *ret, struct err *reterr)
{
    slice row;
    status s = row_seek(ns->txn, ns->table, key, ns->block, &row, reterr);
    *ret = s == OK && node_row_is_delta(row) ? row.p[0] + 1u : 1u;
    return s == E_NOT_FOUND ? OK : s;
}

static status put_node(struct trie_store *t, slice path, slice before, slice node,
                       struct err *reterr)
{
    const struct node_store *ns = (const struct node_store *)t;
    struct row_key key;
    uint8_t delta[BRANCH_MAX];
    unsigned rows = DELTA_MAX + 1;
    path_key(ns, path, &key);
    status s = before.n > 0 && node.n > 0 ? rows_with_one_more(ns, &key, &rows, reterr) : OK;
    if (s != OK)
        return s;
    size_t n = make_delta(before, node, rows, delta);
    struct row_key at = row_key_at(&key, ns->block);
    s = kv_put(ns->txn, ns->table, row_key_slice(&at), n > 0 ? slice_of(delta, n) : node, reterr);
    return s == OK ? touched_add(ns->log, ns->kind, &key, reterr) : s;
}

void node_store_init(struct node_store *ns, const struct store *s, struct kv_txn *txn, uint64_t id,
                     uint64_t block, struct arena *a, struct touched *log)
{
    static const struct trie_store_ops ops = {get_node, put_node};
    *ns = (struct node_store){
        .base.ops = &ops,
        .txn = txn,
        .table = id != 0 ? s->slot_node : s->account_node,
        .kind = id != 0 ? TOUCHED_SLOT_NODE : TOUCHED_ACCOUNT_NODE,
        .id = id,
        .block = block,
        .a = a,
        .log = log,
    };
}

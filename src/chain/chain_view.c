/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of the chain: blocks, transactions, receipts, values. */
#include "chain/chain_priv.h"
#include "codec/rlp.h"

status chain_view_open(struct chain *c, struct chain_view *v, struct err *reterr)
{
    struct chain_info info;
    struct store_span span;
    *v = (struct chain_view){.chain = c};
    status s = kv_read_begin(c->kv, &v->txn, reterr);
    if (s == OK)
        s = store_span(&c->store, v->txn, &span, reterr);
    if (s == OK)
        s = chain_info_get(c, v->txn, span.head, &info, reterr);
    if (s != OK) {
        chain_view_close(v);
        return s;
    }
    v->head = span.head;
    v->head_hash = info.hash;
    v->first_state = span.first;
    return OK;
}

void chain_view_close(struct chain_view *v)
{
    kv_abort(v->txn);
    v->txn = NULL;
}

/* --- blocks ---------------------------------------------------------------------------------- */

status chain_block_get(const struct chain *c, struct kv_txn *txn, uint64_t number,
                       struct chain_block *ret, struct err *reterr)
{
    struct chain_info info;
    struct chain_block b;
    slice raw;
    status s = chain_info_get(c, txn, number, &info, reterr);
    if (s == OK)
        s = kv_get(txn, c->t.block, NUMBER_KEY(number), &raw, reterr);
    if (s == OK && block_read(raw, &b.block, reterr) != OK)
        s = E_CORRUPT;
    if (s != OK)
        return s == E_NOT_FOUND ? s : ERR(reterr, s, "block %llu", (unsigned long long)number);
    b.block.hash = info.hash;
    b.total_difficulty = info.total_difficulty;
    b.n_txs = info.n_txs;
    b.has_seal = info.has_seal;
    memcpy(b.seal, info.seal, sizeof b.seal);
    *ret = b;
    return OK;
}

status chain_view_block(struct chain_view *v, uint64_t number, struct chain_block *ret,
                        struct err *reterr)
{
    return chain_block_get(v->chain, v->txn, number, ret, reterr);
}

status chain_view_number(struct chain_view *v, const hash32 *hash, uint64_t *ret,
                         struct err *reterr)
{
    slice row;
    status s = kv_get(v->txn, v->chain->t.number, slice_of(hash->b, 32), &row, reterr);
    if (s == OK && row.n != 8)
        s = ERR(reterr, E_CORRUPT, "chain.number: a row of %zu bytes", row.n);
    if (s == OK)
        *ret = be64_read(row.p);
    return s;
}

hash32 chain_hash_of(void *ctx, uint64_t number)
{
    const struct hash_source *h = ctx;
    struct chain_info info;
    if (chain_info_get(h->chain, h->txn, number, &info, NULL) != OK)
        return (hash32){{0}};
    return info.hash;
}

hash32 chain_view_hash(void *view, uint64_t number)
{
    struct chain_view *v = view;
    struct hash_source h = {v->chain, v->txn};
    return chain_hash_of(&h, number);
}

void chain_rules_of(const struct chain *c, const struct block_header *h, u256 parent_total,
                    struct chain_rules *ret)
{
    chain_rules_at(&c->genesis.config, h->number, h->timestamp, parent_total, ret);
}

status chain_view_rules(struct chain_view *v, uint64_t number, struct chain_rules *ret,
                        struct err *reterr)
{
    struct chain_block b;
    u256 before;
    status s = chain_view_block(v, number, &b, reterr);
    if (s != OK)
        return s;
    (void)u256_sub(b.total_difficulty, b.block.header.difficulty, &before);
    if (number == 0)
        before = b.total_difficulty;
    chain_rules_of(v->chain, &b.block.header, before, ret);
    return OK;
}

/* --- receipts -------------------------------------------------------------------------------- */

static status read_log(struct rlp_list *logs, struct arena *a, struct state_log *ret,
                       struct err *reterr)
{
    struct rlp_list l;
    struct rlp_list topics = {SLICE_EMPTY};
    slice data = SLICE_EMPTY;
    status s = rlp_next_list(logs, &l, reterr);
    if (s == OK)
        s = rlp_next_fixed(&l, ret->addr.b, sizeof ret->addr.b, reterr);
    if (s == OK)
        s = rlp_next_list(&l, &topics, reterr);
    for (ret->n_topics = 0; s == OK && !rlp_list_is_empty(&topics); ret->n_topics++)
        s = ret->n_topics < 4 ? rlp_next_fixed(&topics, ret->topic[ret->n_topics].b, 32, reterr)
                              : ERR(reterr, E_CORRUPT, "topics");
    if (s == OK)
        s = rlp_next_bytes(&l, &data, reterr);
    if (s != OK)
        return s;
    ret->data = arena_dup(a, data);
    return data.n == 0 || ret->data.p != NULL ? OK : ERR(reterr, E_NOMEM, "log");
}

static size_t count_items(struct rlp_list l)
{
    struct rlp_item item;
    size_t n = 0;
    while (!rlp_list_is_empty(&l) && rlp_next(&l, &item, NULL) == OK)
        n++;
    return n;
}

static status read_logs(struct rlp_list list, struct arena *a, struct receipt *ret,
                        struct err *reterr)
{
    size_t n = count_items(list);
    struct state_log *logs = arena_array(a, n, sizeof *logs);
    status s = logs != NULL ? OK : ERR(reterr, E_NOMEM, "logs");
    for (size_t i = 0; s == OK && i < n; i++)
        s = read_log(&list, a, &logs[i], reterr);
    ret->logs = logs;
    ret->n_logs = n;
    return s;
}

/* One line of chain.receipt; logs: its list, not read yet. */
static status read_line(struct rlp_list *rows, struct chain_receipt *r, struct rlp_list *logs,
                        struct err *reterr)
{
    struct rlp_list l;
    slice outcome = SLICE_EMPTY;
    status s = rlp_next_list(rows, &l, reterr);
    if (s == OK)
        s = rlp_next_fixed(&l, r->sender.b, sizeof r->sender.b, reterr);
    if (s == OK)
        s = rlp_next_u64(&l, &r->gas_used, reterr);
    if (s == OK)
        s = rlp_next_bytes(&l, &outcome, reterr);
    if (s == OK)
        s = rlp_next_list(&l, logs, reterr);
    if (s == OK && outcome.n == 32)
        memcpy(r->receipt.state_root.b, outcome.p, 32);
    r->receipt.has_status = outcome.n != 32;
    r->receipt.success = outcome.n == 1 && outcome.p[0] == 1;
    return s;
}

static void set_price(const struct block_header *h, struct chain_receipt *r)
{
    u256 price;
    r->price = r->tx.max_fee;
    if (h->fields >= HEADER_LONDON && r->tx.type >= TX_FEE_MARKET &&
        u256_add(h->base_fee, r->tx.max_priority, &price) && u256_cmp(price, r->tx.max_fee) < 0)
        r->price = price;
}

/* What is worked out of a transaction that is told whole. */
static void set_rest(const struct chain_rules *rules, const struct block_header *h,
                     struct chain_receipt *r)
{
    tx_hash(r->raw, &r->tx_hash);
    if (r->tx.type == TX_BLOB) {
        r->blob_gas = tx_blob_count(&r->tx) * GAS_PER_BLOB;
        r->blob_price = blob_base_fee(&rules->blobs, h->excess_blob_gas);
    }
    if (r->tx.is_create)
        host_create_address(&r->sender, r->tx.nonce, &r->created);
}

struct receipt_reader {
    struct chain_block block;
    struct chain_rules rules;
    struct rlp_list txs;
    struct rlp_list rows;
    uint64_t gas;
    uint32_t index;
    uint32_t logs;
};

static status reader_open(struct chain_view *v, uint64_t number, struct receipt_reader *ret,
                          struct err *reterr)
{
    struct receipt_reader r = {.index = 0};
    slice row = SLICE_EMPTY;
    status s = chain_view_block(v, number, &r.block, reterr);
    if (s == OK)
        s = chain_view_rules(v, number, &r.rules, reterr);
    if (s == OK && r.block.n_txs > 0)
        s = kv_get(v->txn, v->chain->t.receipt, NUMBER_KEY(number), &row, reterr);
    r.txs.rest = r.block.block.txs;
    r.rows.rest = row;
    if (s == OK)
        *ret = r;
    return s;
}

/* want_logs false: they are counted only, and nothing is hashed. */
static status reader_next(struct receipt_reader *rd, bool want_logs, struct arena *a,
                          struct chain_receipt *ret, struct err *reterr)
{
    struct chain_receipt r = {.index = rd->index, .first_log = rd->logs};
    struct rlp_list logs = {SLICE_EMPTY};
    status s = block_next_tx(&rd->txs, &r.raw, reterr);
    if (s == OK)
        s = tx_read(r.raw, &r.tx, reterr);
    if (s == OK)
        s = read_line(&rd->rows, &r, &logs, reterr);
    if (s == OK && want_logs)
        s = read_logs(logs, a, &r.receipt, reterr);
    if (s != OK)
        return s < 0 ? s : ERR(reterr, E_CORRUPT, "receipt %u", rd->index);
    rd->gas += r.gas_used;
    rd->logs += (uint32_t)(want_logs ? r.receipt.n_logs : count_items(logs));
    rd->index++;
    r.receipt.type = (unsigned)r.tx.type;
    r.receipt.cumulative_gas = rd->gas;
    set_price(&rd->block.block.header, &r);
    if (want_logs)
        set_rest(&rd->rules, &rd->block.block.header, &r);
    *ret = r;
    return OK;
}

status chain_view_receipts(struct chain_view *v, uint64_t number, struct arena *a,
                           struct chain_receipt **ret, size_t *ret_n, struct err *reterr)
{
    struct receipt_reader rd;
    struct chain_receipt *all = NULL;
    status s = reader_open(v, number, &rd, reterr);
    if (s == OK && (all = arena_array(a, rd.block.n_txs, sizeof *all)) == NULL)
        s = ERR(reterr, E_NOMEM, "receipts");
    for (size_t i = 0; s == OK && i < rd.block.n_txs; i++)
        s = reader_next(&rd, true, a, &all[i], reterr);
    if (s != OK)
        return s;
    *ret = all;
    *ret_n = rd.block.n_txs;
    return OK;
}

status chain_view_payments(struct chain_view *v, uint64_t number, struct arena *a,
                           struct chain_payment **ret, size_t *ret_n, struct err *reterr)
{
    struct receipt_reader rd;
    struct chain_payment *all = NULL;
    status s = reader_open(v, number, &rd, reterr);
    if (s == OK && (all = arena_array(a, rd.block.n_txs, sizeof *all)) == NULL)
        s = ERR(reterr, E_NOMEM, "payments");
    for (size_t i = 0; s == OK && i < rd.block.n_txs; i++) {
        struct chain_receipt r;
        s = reader_next(&rd, false, a, &r, reterr);
        if (s == OK)
            all[i] = (struct chain_payment){.price = r.price, .gas_used = r.gas_used};
    }
    if (s != OK)
        return s;
    *ret = all;
    *ret_n = rd.block.n_txs;
    return OK;
}

status chain_view_receipt(struct chain_view *v, uint64_t number, uint32_t index, struct arena *a,
                          struct chain_receipt *ret, struct err *reterr)
{
    struct receipt_reader rd;
    struct chain_receipt r;
    status s = reader_open(v, number, &rd, reterr);
    if (s == OK && index >= rd.block.n_txs)
        s = ERR(reterr, E_NOT_FOUND, "transaction %u of %zu", index, rd.block.n_txs);
    for (uint32_t i = 0; s == OK && i <= index; i++)
        s = reader_next(&rd, i == index, a, &r, reterr);
    if (s == OK)
        *ret = r;
    return s;
}

status chain_view_tx(struct chain_view *v, const hash32 *tx, uint64_t *ret_number,
                     uint32_t *ret_index, struct err *reterr)
{
    slice row;
    status s = kv_get(v->txn, v->chain->t.tx, slice_of(tx->b, 32), &row, reterr);
    if (s == E_NOT_FOUND)
        return ERR(reterr, s, "no such transaction");
    if (s == OK && row.n != 12)
        s = ERR(reterr, E_CORRUPT, "chain.tx: a row of %zu bytes", row.n);
    if (s != OK)
        return s;
    if (ret_number != NULL)
        *ret_number = be64_read(row.p);
    if (ret_index != NULL)
        *ret_index = be32_read(row.p + 8);
    return OK;
}

/* --- values ---------------------------------------------------------------------------------- */

/* Values of the head may have been changed by the controls. */
static bool is_changed(struct chain_view *v, uint64_t number)
{
    struct chain *c = v->chain;
    if (!c->dev || number != v->head)
        return false;
    pthread_mutex_lock(&c->lock);
    bool changed = c->devs.n_changes > 0 && c->news.head == number;
    pthread_mutex_unlock(&c->lock);
    return changed;
}

/* Run read on a state with the controls' changes. */
static status with_changes(struct chain_view *v, uint64_t number,
                           status (*read)(struct state *st, void *arg), void *arg,
                           struct err *reterr)
{
    struct chain_exec x;
    status s = chain_exec_open(v, number, NULL, &x, reterr);
    if (s != OK)
        return s;
    s = read(&x.state, arg);
    if (s == OK)
        s = state_failure(&x.state);
    chain_exec_close(&x);
    return s == OK ? OK : ERR(reterr, s, "state");
}

struct account_wish {
    const addr20 *addr;
    bool exists;
    struct trie_account account;
};

static status read_changed_account(struct state *st, void *arg)
{
    struct account_wish *w = arg;
    const struct account *a = state_account(st, w->addr);
    w->exists = a->head.exists;
    w->account = (struct trie_account){.nonce = a->head.nonce,
                                       .balance = a->head.balance,
                                       .storage_root = trie_empty_root,
                                       .code_hash = a->head.code_hash};
    return OK;
}

status chain_view_account(struct chain_view *v, uint64_t number, const addr20 *addr,
                          bool *ret_exists, struct trie_account *ret, struct err *reterr)
{
    struct store_world w;
    struct account_wish wish = {.addr = addr};
    status s = store_world_at(&v->chain->store, v->txn, number, &w, reterr);
    if (s == OK && is_changed(v, number))
        s = with_changes(v, number, read_changed_account, &wish, reterr);
    else if (s == OK && (s = w.base.ops->account(&w.base, addr, &wish.exists, &wish.account)) != OK)
        s = ERR(reterr, s, "account");
    if (s != OK)
        return s;
    if (!wish.exists)
        wish.account =
            (struct trie_account){.storage_root = trie_empty_root, .code_hash = trie_empty_code};
    *ret_exists = wish.exists;
    *ret = wish.account;
    return OK;
}

struct slot_wish {
    const addr20 *addr;
    const u256 *key;
    u256 word;
};

static status read_changed_slot(struct state *st, void *arg)
{
    struct slot_wish *w = arg;
    w->word = state_slot(st, state_account(st, w->addr), w->key)->v.current;
    return OK;
}

status chain_view_slot(struct chain_view *v, uint64_t number, const addr20 *addr, const u256 *key,
                       u256 *ret, struct err *reterr)
{
    struct store_world w;
    struct slot_wish wish = {.addr = addr, .key = key};
    status s = store_world_at(&v->chain->store, v->txn, number, &w, reterr);
    if (s == OK && is_changed(v, number))
        s = with_changes(v, number, read_changed_slot, &wish, reterr);
    else if (s == OK && (s = w.base.ops->slot(&w.base, addr, key, &wish.word)) != OK)
        s = ERR(reterr, s, "slot");
    if (s == OK)
        *ret = wish.word;
    return s;
}

struct code_wish {
    const addr20 *addr;
    struct arena *arena;
    slice code;
};

static status read_changed_code(struct state *st, void *arg)
{
    struct code_wish *w = arg;
    slice code = state_code(st, state_account(st, w->addr))->bytes;
    w->code = arena_dup(w->arena, code);
    return code.n == 0 || w->code.p != NULL ? OK : E_NOMEM;
}

status chain_view_code(struct chain_view *v, uint64_t number, const addr20 *addr,
                       struct arena *arena, slice *ret, struct err *reterr)
{
    struct store_world w;
    struct trie_account account;
    struct code_wish wish = {.addr = addr, .arena = arena};
    bool exists = false;
    status s = store_world_at(&v->chain->store, v->txn, number, &w, reterr);
    if (s != OK)
        return s;
    if (is_changed(v, number)) {
        s = with_changes(v, number, read_changed_code, &wish, reterr);
    } else {
        s = w.base.ops->account(&w.base, addr, &exists, &account);
        if (s == OK && exists && !hash32_eq(account.code_hash, trie_empty_code))
            s = w.base.ops->code(&w.base, &account.code_hash, &wish.code);
        if (s != OK)
            return ERR(reterr, s, "code");
    }
    if (s == OK)
        *ret = wish.code;
    return s;
}

status chain_view_prove(struct chain_view *v, uint64_t number, const addr20 *a, const u256 *slots,
                        size_t n_slots, struct arena *arena, struct store_proof *ret,
                        struct err *reterr)
{
    return store_prove(&v->chain->store, v->txn, number, a, slots, n_slots, arena, ret, reterr);
}

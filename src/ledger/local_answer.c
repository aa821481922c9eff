/* SPDX-License-Identifier: Apache-2.0 */
/* One request of the port, answered out of a view of the chain. */
#include "base/sysio.h"
#include "ledger/local_int.h"

#define LOGS_MAX 100000u /* of one answer */
#define GWEI 1000000000u

/* Everything a request needs. */
struct ask {
    struct local *l;
    struct chain_view *v;
    struct ledger_req *req;
    struct arena *a;
};

/* --- blocks ---------------------------------------------------------------------------------- */

static status number_of(const struct ask *q, struct ledger_at at, uint64_t *ret, struct err *reterr)
{
    switch (at.kind) {
    case LEDGER_AT_NUMBER:
        if (at.number > q->v->head)
            return ERR(reterr, E_NOT_FOUND, "there is no block %llu",
                       (unsigned long long)at.number);
        *ret = at.number;
        return OK;
    case LEDGER_AT_HASH:
        if (chain_view_number(q->v, &at.hash, ret, reterr) != OK)
            return ERR(reterr, E_NOT_FOUND, "there is no block of this hash");
        return OK;
    default:
        *ret = q->v->head;
        return OK;
    }
}

static status read_block(const struct ask *q, struct ledger_at at, struct ledger_block *ret,
                         struct err *reterr)
{
    uint64_t number;
    struct chain_block b;
    if (at.kind == LEDGER_AT_PENDING)
        return ERR(reterr, E_USAGE, "the pending block has no hash");
    status s = number_of(q, at, &number, reterr);
    if (s == OK)
        s = chain_view_block(q->v, number, &b, reterr);
    if (s != OK)
        return s;
    const struct block_header *h = &b.block.header;
    uint64_t now = clock_unix_s(q->l->base.clock);
    *ret = (struct ledger_block){.number = h->number,
                                 .timestamp = h->timestamp,
                                 .gas_limit = h->gas_limit,
                                 .gas_used = h->gas_used,
                                 .hash = b.block.hash,
                                 .parent = h->parent,
                                 .state_root = h->state_root,
                                 .has_base_fee = h->fields >= HEADER_LONDON,
                                 .base_fee = h->base_fee,
                                 .age_s = now > h->timestamp ? now - h->timestamp : 0};
    memcpy(ret->bloom, h->bloom, sizeof ret->bloom);
    return OK;
}

static status read_fees(const struct ask *q, struct ledger_fees *ret, struct err *reterr)
{
    struct chain_block head;
    struct block_header next;
    status s = chain_view_block(q->v, q->v->head, &head, reterr);
    if (s != OK)
        return s;
    chain_next_header(q->v, &head, &next);
    struct ledger_fees f = {.has_base_fee = next.fields >= HEADER_LONDON};
    f.base_fee = next.base_fee;
    if (!u256_is_zero(next.base_fee)) /* on a free chain nothing is paid */
        f.max_priority = u256_from_u64(GWEI);
    (void)u256_add(f.base_fee, f.max_priority, &f.gas_price);
    if (!u256_mul_u64(f.base_fee, 2, &f.max_fee) ||
        !u256_add(f.max_fee, f.max_priority, &f.max_fee))
        return ERR(reterr, E_CORRUPT, "fees beyond 256 bits");
    *ret = f;
    return OK;
}

/* --- calls ----------------------------------------------------------------------------------- */

static status exec_open(const struct ask *q, struct ledger_at at, struct chain_exec *x,
                        struct err *reterr)
{
    uint64_t number;
    if (at.kind == LEDGER_AT_PENDING)
        return chain_exec_pending(q->v, q->a, x, NULL, NULL, reterr);
    status s = number_of(q, at, &number, reterr);
    return s == OK ? chain_exec_open(q->v, number, NULL, x, reterr) : s;
}

static struct chain_call call_of(const struct ask *q)
{
    const struct ledger_call *c = &q->req->in.call;
    return (struct chain_call){.from = c->from,
                               .to = c->to,
                               .create = c->create,
                               .free = true,
                               .value = c->value,
                               .gas = c->gas,
                               .data = c->data};
}

static status keep_output(const struct ask *q, slice output, struct err *reterr)
{
    q->req->out.data = arena_dup(q->a, output);
    return output.n == 0 || q->req->out.data.p != NULL ? OK : ERR(reterr, E_NOMEM, "answer");
}

static status failed(const struct ask *q, const struct chain_result *r, struct err *reterr)
{
    bool reverted = r->status == EVM_REVERT;
    status s = keep_output(q, reverted ? r->output : SLICE_EMPTY, reterr);
    if (s != OK)
        return s;
    return ERR(reterr, E_REVERTED, "node: %s",
               reverted ? "execution reverted" : evm_status_text(r->status));
}

static status run_call(const struct ask *q, struct err *reterr)
{
    struct chain_exec x;
    struct chain_result r;
    struct chain_call call = call_of(q);
    if (call.gas == 0 || call.gas > q->l->call_gas)
        call.gas = q->l->call_gas;
    status s = exec_open(q, q->req->at, &x, reterr);
    if (s != OK)
        return s;
    s = chain_exec_call(&x, &call, NULL, &r, reterr);
    if (s == OK && r.status == EVM_SUCCESS)
        s = keep_output(q, r.output, reterr);
    else if (s == OK)
        s = failed(q, &r, reterr);
    chain_exec_close(&x);
    return s;
}

static status run_estimate(const struct ask *q, struct err *reterr)
{
    struct chain_exec x;
    struct chain_result r;
    struct chain_call call = call_of(q);
    uint64_t gas = 0;
    status s = exec_open(q, LEDGER_PENDING, &x, reterr);
    if (s != OK)
        return s;
    s = chain_exec_estimate(&x, &call, q->l->call_gas, &gas, &r, reterr);
    if (s == E_REVERTED)
        s = failed(q, &r, reterr);
    else if (s == E_RANGE) /* no gas is enough */
        s = keep_output(q, SLICE_EMPTY, reterr) == OK ? E_REVERTED : E_NOMEM;
    q->req->out.number = s == OK ? gas : q->req->out.number;
    chain_exec_close(&x);
    return s;
}

/* --- accounts -------------------------------------------------------------------------------- */

static status read_account(const struct ask *q, struct err *reterr)
{
    uint64_t number;
    struct trie_account acc;
    bool exists;
    const addr20 *who = &q->req->in.address;
    if (q->req->kind == LEDGER_NONCE && q->req->at.kind == LEDGER_AT_PENDING)
        return chain_pending_nonce(q->l->chain, who, &q->req->out.number, reterr);
    status s = number_of(q, q->req->at, &number, reterr);
    if (s == OK && q->req->kind == LEDGER_CODE) {
        slice code = SLICE_EMPTY;
        s = chain_view_code(q->v, number, who, q->a, &code, reterr);
        return s == OK ? keep_output(q, code, reterr) : s;
    }
    if (s == OK)
        s = chain_view_account(q->v, number, who, &exists, &acc, reterr);
    if (s == OK && q->req->kind == LEDGER_NONCE)
        q->req->out.number = acc.nonce;
    else if (s == OK)
        q->req->out.word = acc.balance;
    return s;
}

/* The proof is checked like one that came over a wire: a damaged page is found here. */
static status check_proof(const struct ledger_block *b, const struct store_proof *sp,
                          struct ledger_proof *p, struct err *reterr)
{
    struct trie_account acc;
    status s = trie_proof_account(&b->state_root, &p->address, sp->nodes, sp->nodes_n, &p->exists,
                                  &acc, reterr);
    if (s != OK)
        return err_prefix(reterr, E_CORRUPT, "account proof");
    p->nonce = acc.nonce;
    p->balance = acc.balance;
    p->storage_root = acc.storage_root;
    p->code_hash = acc.code_hash;
    for (size_t i = 0; i < p->slots_n; i++) {
        u256 word;
        s = trie_proof_slot(&acc.storage_root, &p->slots[i], sp->slots[i].nodes,
                            sp->slots[i].nodes_n, &word, reterr);
        if (s != OK)
            return err_prefix(reterr, E_CORRUPT, "storage proof");
        u256_to_be(word, p->values[i].b);
    }
    return OK;
}

static status read_proof(const struct ask *q, struct err *reterr)
{
    struct store_proof sp;
    struct ledger_proof p = {.address = q->req->in.proof.address,
                             .slots_n = q->req->in.proof.slots_n};
    if (p.slots_n > LEDGER_SLOTS_MAX)
        return ERR(reterr, E_TOO_LONG, "proof of %zu slots", p.slots_n);
    u256 *keys = arena_array(q->a, p.slots_n, sizeof *keys);
    p.slots = arena_array(q->a, p.slots_n, sizeof *p.slots);
    p.values = arena_array(q->a, p.slots_n, sizeof *p.values);
    if (keys == NULL || p.slots == NULL || p.values == NULL)
        return ERR(reterr, E_NOMEM, "proof of %zu slots", p.slots_n);
    for (size_t i = 0; i < p.slots_n; i++) {
        p.slots[i] = q->req->in.proof.slots[i];
        keys[i] = u256_from_be(p.slots[i].b);
    }
    status s = read_block(q, q->req->at, &p.block, reterr);
    if (s == OK)
        s = chain_view_prove(q->v, p.block.number, &p.address, keys, p.slots_n, q->a, &sp, reterr);
    if (s == OK)
        s = check_proof(&p.block, &sp, &p, reterr);
    if (s == OK)
        q->req->out.proof = p;
    return s;
}

/* --- transactions ---------------------------------------------------------------------------- */

static status send_raw(const struct ask *q, struct err *reterr)
{
    status s = chain_submit_local(q->l->chain, q->req->in.raw, &q->req->out.hash, reterr);
    switch (s) {
    case OK:
    case E_DUPLICATE:
        return OK;
    case E_REPLAY:
    case E_CONFLICT:
    case E_FORBIDDEN:
    case E_RATE:
        return err_prefix(reterr, s, "node");
    default:
        return err_prefix(reterr, s > 0 ? E_RANGE : s, "node");
    }
}

static status copy_log(const struct chain_log *from, struct arena *a, struct ledger_log *ret,
                       struct err *reterr)
{
    *ret = (struct ledger_log){.address = from->log.addr,
                               .topics_n = from->log.n_topics,
                               .block_number = from->number,
                               .block_hash = from->block_hash,
                               .tx_hash = from->tx_hash,
                               .tx_index = from->tx_index,
                               .log_index = from->index};
    memcpy(ret->topics, from->log.topic, sizeof ret->topics);
    ret->data = arena_dup(a, from->log.data);
    return from->log.data.n == 0 || ret->data.p != NULL
               ? OK
               : ERR(reterr, E_TOO_LONG, "logs: ask for fewer blocks");
}

static status copy_logs(const struct ask *q, const struct chain_receipt *r,
                        const struct chain_block *b, struct ledger_receipt *ret, struct err *reterr)
{
    ret->logs_n = r->receipt.n_logs;
    ret->logs = arena_array(q->a, ret->logs_n, sizeof *ret->logs);
    status s = ret->logs != NULL ? OK : ERR(reterr, E_NOMEM, "receipt");
    for (size_t i = 0; s == OK && i < ret->logs_n; i++) {
        struct chain_log log = {.log = r->receipt.logs[i],
                                .number = b->block.header.number,
                                .block_hash = b->block.hash,
                                .tx_hash = r->tx_hash,
                                .tx_index = r->index,
                                .index = r->first_log + (uint32_t)i};
        s = copy_log(&log, q->a, &ret->logs[i], reterr);
    }
    return s;
}

static status find_mined(const struct ask *q, struct chain_receipt *r, struct chain_block *b,
                         struct err *reterr)
{
    uint64_t number;
    uint32_t index;
    status s = chain_view_tx(q->v, &q->req->in.hash, &number, &index, reterr);
    if (s == OK)
        s = chain_view_block(q->v, number, b, reterr);
    return s == OK ? chain_view_receipt(q->v, number, index, q->a, r, reterr) : s;
}

static status read_receipt(const struct ask *q, struct err *reterr)
{
    struct chain_receipt r;
    struct chain_block b;
    status s = find_mined(q, &r, &b, reterr);
    if (s != OK)
        return s;
    struct ledger_receipt out = {.tx_hash = r.tx_hash,
                                 .block_hash = b.block.hash,
                                 .block_number = b.block.header.number,
                                 .tx_index = r.index,
                                 .ok = r.receipt.success,
                                 .gas_used = r.gas_used,
                                 .gas_price = r.price,
                                 .from = r.sender,
                                 .to = r.tx.to,
                                 .contract = r.created};
    s = copy_logs(q, &r, &b, &out, reterr);
    if (s == OK)
        q->req->out.receipt = out;
    return s;
}

static status put_tx(const struct ask *q, const struct tx *t, const addr20 *from,
                     struct err *reterr)
{
    struct ledger_tx *out = &q->req->out.tx;
    *out = (struct ledger_tx){.hash = q->req->in.hash,
                              .from = *from,
                              .to = t->to,
                              .create = t->is_create,
                              .nonce = t->nonce,
                              .value = t->value};
    out->data = arena_dup(q->a, t->data);
    return t->data.n == 0 || out->data.p != NULL ? OK : ERR(reterr, E_NOMEM, "transaction");
}

static status read_tx(const struct ask *q, struct err *reterr)
{
    struct chain_receipt r;
    struct chain_block b;
    struct chain_pool_tx waiting;
    status s = find_mined(q, &r, &b, reterr);
    if (s == E_NOT_FOUND) {
        s = chain_pool_get(q->l->chain, &q->req->in.hash, q->a, &waiting, reterr);
        return s == OK ? put_tx(q, &waiting.tx, &waiting.sender, reterr) : s;
    }
    if (s == OK)
        s = put_tx(q, &r.tx, &r.sender, reterr);
    if (s != OK)
        return s;
    struct ledger_tx *out = &q->req->out.tx;
    out->mined = true;
    out->block_number = b.block.header.number;
    out->block_hash = b.block.hash;
    out->tx_index = r.index;
    return OK;
}

/* --- logs ------------------------------------------------------------------------------------ */

struct collection {
    struct arena *a;
    struct ledger_log *list;
    size_t n;
    size_t max;
};

static status collect(void *ctx, const struct chain_log *log, struct err *reterr)
{
    struct collection *c = ctx;
    if (c->n == c->max) {
        size_t max = c->max > 0 ? 2 * c->max : 16;
        struct ledger_log *p = c->max <= LOGS_MAX ? arena_array(c->a, max, sizeof *p) : NULL;
        if (p == NULL)
            return ERR(reterr, E_TOO_LONG, "logs: ask for fewer blocks");
        if (c->n > 0)
            memcpy(p, c->list, c->n * sizeof *p);
        c->list = p;
        c->max = max;
    }
    status s = copy_log(log, c->a, &c->list[c->n], reterr);
    c->n += s == OK ? 1 : 0;
    return s;
}

static status set_range(const struct ask *q, struct chain_filter *f, struct err *reterr)
{
    const struct ledger_filter *in = &q->req->in.filter;
    f->from = in->from;
    f->to = in->to;
    if (!in->by_hash)
        return OK;
    status s = number_of(q, ledger_at_hash(in->block_hash), &f->from, reterr);
    f->to = f->from;
    return s;
}

static status read_logs(const struct ask *q, struct err *reterr)
{
    const struct ledger_filter *in = &q->req->in.filter;
    struct collection c = {.a = q->a};
    struct chain_filter f = {.addresses = in->addresses,
                             .n_addresses = in->addresses_n,
                             .topics = {in->topic0},
                             .n_topics = {in->topic0_n},
                             .n_positions = in->topic0_n > 0 ? 1 : 0};
    for (size_t i = 1; i < LEDGER_TOPICS_MAX; i++)
        if (in->has_topic[i]) {
            f.topics[i] = &in->topic[i];
            f.n_topics[i] = 1;
            f.n_positions = i + 1;
        }
    status s = set_range(q, &f, reterr);
    if (s == OK)
        s = chain_view_logs(q->v, &f, collect, &c, reterr);
    q->req->out.logs.list = c.list;
    q->req->out.logs.n = c.n;
    return s;
}

/* --- which one ------------------------------------------------------------------------------- */

static status answer(const struct ask *q, struct err *reterr)
{
    struct ledger_req *r = q->req;
    switch (r->kind) {
    case LEDGER_CHAIN_ID:
        r->out.number = chain_id(q->l->chain);
        return OK;
    case LEDGER_NUMBER:
        r->out.number = q->v->head;
        return OK;
    case LEDGER_SYNCING:
        r->out.number = 0;
        return OK;
    case LEDGER_BLOCK:
        return read_block(q, r->at, &r->out.block, reterr);
    case LEDGER_CALL:
        return run_call(q, reterr);
    case LEDGER_ESTIMATE:
        return run_estimate(q, reterr);
    case LEDGER_NONCE:
    case LEDGER_BALANCE:
    case LEDGER_CODE:
        return read_account(q, reterr);
    case LEDGER_FEES:
        return read_fees(q, &r->out.fees, reterr);
    case LEDGER_SEND:
        return send_raw(q, reterr);
    case LEDGER_RECEIPT:
        return read_receipt(q, reterr);
    case LEDGER_TX:
        return read_tx(q, reterr);
    case LEDGER_LOGS:
        return read_logs(q, reterr);
    case LEDGER_PROOF:
        return read_proof(q, reterr);
    }
    return ERR(reterr, E_INTERNAL, "unknown request");
}

void local_answer(struct local *l, struct chain_view *v, struct ledger_req *req, struct arena *a)
{
    struct ask q = {.l = l, .v = v, .req = req, .a = a};
    req->st = answer(&q, &req->err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* eth_simulateV1: calls in blocks that never were, answered as blocks. */
#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "rpc/methods.h"
#include "rpc/put.h"
#include "rpc/simulate.h"
#include "trie/root.h"

#define RAW_BYTES ((size_t)64 << 20) /* transactions of a simulated block */
#define WITHDRAWALS_MAX 64u          /* of a simulated block */
#define CODE_BLOCK_GAS (-38015)

/* A call that was made. */
struct made {
    struct tx tx;
    addr20 sender;
    hash32 hash;
    slice raw;
    u256 price;
    enum evm_status status;
    uint64_t gas_used;
    uint64_t gas_peak;
    slice output;
    struct chain_log *log;
    size_t n_logs;
};

struct sim {
    struct rpc_req *q;
    struct rpc_exec *x;
    bool validate;
    bool full;
    struct sim_logs logs;
    uint64_t gas;             /* that is left for all calls */
    struct block_header base; /* the real block below */
    struct block_header parent;
    hash32 parent_hash;
    hash32 hash[SIM_BLOCKS_MAX]; /* of the simulated blocks so far */
    size_t n;
    struct block_run run; /* of the present block */
    struct made *made;
    size_t n_made;
};

static hash32 find_hash(void *ctx, uint64_t number)
{
    const struct sim *m = ctx;
    if (number <= m->base.number)
        return chain_view_hash(&m->q->view, number);
    uint64_t i = number - m->base.number - 1;
    return i < m->n ? m->hash[i] : (hash32){{0}};
}

/* --- headers ---------------------------------------------------------------------------------- */

/* What is not the parent's: rules, base fee, blob gas. */
static void fill_header(struct sim *m, bool has_base_fee)
{
    struct chain_exec *x = &m->x->x;
    struct block_header *h = &x->header;
    chain_exec_rules(x);
    h->fields = block_fields(x->rules.rev);
    if (!has_base_fee)
        h->base_fee = m->validate ? block_base_fee(&x->rules, &m->parent) : u256_from_u64(0);
    h->excess_blob_gas = 0;
    if (h->fields >= HEADER_CANCUN && m->parent.fields >= HEADER_CANCUN)
        h->excess_blob_gas = block_excess_blob_gas(&x->rules, &m->parent);
    h->withdrawals_root = trie_empty_root;
}

static status make_header(struct sim *m, const struct sim_plan *p)
{
    struct rpc_req *q = m->q;
    struct rpc_exec *x = m->x;
    struct block_header *h = &x->x.header;
    bool has_fee;
    *h = (struct block_header){.parent = m->parent_hash,
                               .coinbase = m->parent.coinbase,
                               .difficulty = m->parent.difficulty,
                               .number = p->number,
                               .gas_limit = m->parent.gas_limit,
                               .timestamp = p->timestamp};
    if (p->overrides.doc != NULL && rpc_given(p->overrides) &&
        json_type(p->overrides) != JSON_OBJECT)
        return rpc_bad_param(q, 0, "blockOverrides must be an object");
    status s = rpc_member_u64(q, 0, p->overrides, "gasLimit", &h->gas_limit, NULL);
    if (s == OK)
        s = rpc_member_u256(q, 0, p->overrides, "baseFeePerGas", &h->base_fee, &has_fee);
    if (s == OK)
        s = rpc_member_u256(q, 0, p->overrides, "difficulty", &h->difficulty, NULL);
    if (s == OK)
        s = rpc_member_addr(q, 0, p->overrides, "feeRecipient", &h->coinbase, NULL);
    if (s == OK)
        s = rpc_member_hash(q, 0, p->overrides, "prevRandao", &h->mix, NULL);
    if (s == OK)
        s = rpc_member_hash(q, 0, p->overrides, "beaconRoot", &h->beacon_root, NULL);
    x->has_blob_base_fee = false;
    if (s == OK)
        s = rpc_member_u256(q, 0, p->overrides, "blobBaseFee", &x->blob_base_fee,
                            &x->has_blob_base_fee);
    if (s == OK)
        fill_header(m, has_fee);
    if (s == OK)
        rpc_exec_env(x);
    return s;
}

status rpc_read_withdrawals(struct rpc_req *q, struct json list, struct buf *out)
{
    struct json_iter it = json_iter(list);
    status s = OK;
    if (json_count(list) > WITHDRAWALS_MAX)
        return rpc_fail(q, RPC_INVALID_PARAMS, "too many withdrawals (max %u)", WITHDRAWALS_MAX);
    while (s == OK && json_next(&it)) {
        uint64_t n[3] = {0};
        addr20 to = {{0}};
        size_t mark;
        s = rpc_member_u64(q, 0, it.value, "index", &n[0], NULL);
        if (s == OK)
            s = rpc_member_u64(q, 0, it.value, "validatorIndex", &n[1], NULL);
        if (s == OK)
            s = rpc_member_addr(q, 0, it.value, "address", &to, NULL);
        if (s == OK)
            s = rpc_member_u64(q, 0, it.value, "amount", &n[2], NULL);
        if (s == OK)
            s = rlp_put_list_begin(out, &mark);
        if (s == OK)
            s = rlp_put_u64(out, n[0]);
        if (s == OK)
            s = rlp_put_u64(out, n[1]);
        if (s == OK)
            s = rlp_put_bytes(out, slice_of(to.b, sizeof to.b));
        if (s == OK)
            s = rlp_put_u64(out, n[2]);
        if (s == OK)
            s = rlp_put_list_end(out, mark);
    }
    return s;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Gas of a call: what it says, or all that is left in the block; never more than is left in all. */
static status choose_gas(struct sim *m, const struct rpc_call_args *args, uint64_t *ret)
{
    uint64_t limit = m->x->env.gas_limit;
    uint64_t left = limit > m->run.gas_used ? limit - m->run.gas_used : 0;
    uint64_t gas = args->has_gas ? args->gas : left;
    if (gas > left)
        return rpc_fail(m->q, CODE_BLOCK_GAS, "block gas limit reached: %llu >= %llu",
                        (unsigned long long)m->run.gas_used, (unsigned long long)limit);
    *ret = gas < m->gas ? gas : m->gas;
    return OK;
}

/* An unsigned legacy transaction has no v of EIP-155. */
static status put_unsigned_legacy(const struct tx *t, struct buf *out)
{
    size_t mark;
    status s = rlp_put_list_begin(out, &mark);
    if (s == OK)
        s = rlp_put_u64(out, t->nonce);
    if (s == OK)
        s = rlp_put_u256(out, t->max_fee);
    if (s == OK)
        s = rlp_put_u64(out, t->gas);
    if (s == OK)
        s = rlp_put_bytes(out, t->is_create ? SLICE_EMPTY : slice_of(t->to.b, sizeof t->to.b));
    if (s == OK)
        s = rlp_put_u256(out, t->value);
    if (s == OK)
        s = rlp_put_bytes(out, t->data);
    for (unsigned i = 0; s == OK && i < 3; i++)
        s = rlp_put_u64(out, 0);
    return s == OK ? rlp_put_list_end(out, mark) : s;
}

static status keep_raw(struct sim *m, struct made *c)
{
    struct buf raw;
    buf_init(&raw, RAW_BYTES);
    status s =
        c->tx.type == TX_LEGACY ? put_unsigned_legacy(&c->tx, &raw) : tx_put_raw(&c->tx, &raw);
    if (s == OK) {
        c->raw = arena_dup(m->q->a, buf_slice(&raw));
        s = c->raw.p != NULL ? OK : E_NOMEM;
        tx_hash(buf_slice(&raw), &c->hash);
    }
    buf_done(&raw);
    return s;
}

static status make_call(struct sim *m, struct json v, struct made *c)
{
    struct rpc_call_args args;
    struct rpc_result r;
    struct rpc_run run = {.args = &args,
                          .validate = m->validate,
                          .simulated = true,
                          .keep_base_fee = true,
                          .watch = &m->logs.watch,
                          .block = &m->run};
    u256 cap;
    u256 tip;
    status s = rpc_read_call(m->q, 0, v, &args);
    if (s == OK)
        s = choose_gas(m, &args, &run.gas);
    sim_logs_begin(&m->logs);
    if (s == OK)
        s = rpc_run(m->q, m->x, &run, &r);
    if (s == OK && m->logs.failed)
        s = E_NOMEM;
    if (s != OK)
        return s;
    m->gas -= r.out.gas_used < m->gas ? r.out.gas_used : m->gas;
    *c = (struct made){.tx = r.tx,
                       .sender = args.from,
                       .status = r.out.status,
                       .gas_used = r.out.gas_used,
                       .gas_peak = r.out.gas_peak,
                       .log = m->logs.log,
                       .n_logs = m->logs.n};
    rpc_call_fees(&args, m->x->env.base_fee, &c->price, &cap, &tip);
    c->output = arena_dup(m->q->a, r.out.output);
    if (c->output.p == NULL && r.out.output.n > 0)
        return E_NOMEM;
    return keep_raw(m, c);
}

static status make_calls(struct sim *m, struct json calls)
{
    struct json_iter it = json_iter(calls);
    status s = OK;
    if (rpc_given(calls) && json_type(calls) != JSON_ARRAY)
        return rpc_bad_param(m->q, 0, "calls must be an array");
    m->n_made = 0;
    m->made = arena_array(m->q->a, json_count(calls), sizeof *m->made);
    if (m->made == NULL)
        return E_NOMEM;
    while (s == OK && json_next(&it))
        s = make_call(m, it.value, &m->made[m->n_made++]);
    return s;
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* Transactions root, and what they take in the block. */
static status seal_txs(struct sim *m, struct block_header *h, struct buf *body)
{
    slice *raw = arena_array(m->q->a, m->n_made, sizeof *raw);
    size_t mark;
    status s = raw != NULL ? rlp_put_list_begin(body, &mark) : E_NOMEM;
    for (size_t i = 0; s == OK && i < m->n_made; i++) {
        raw[i] = m->made[i].raw;
        if (m->made[i].tx.type == TX_LEGACY)
            s = buf_put(body, raw[i]);
        else
            s = rlp_put_bytes(body, raw[i]);
    }
    if (s == OK)
        s = rlp_put_list_end(body, mark);
    return s == OK ? trie_root_list(raw, m->n_made, &h->tx_root) : s;
}

static status seal_withdrawals(slice items, struct block_header *h, struct buf *body)
{
    slice raw[WITHDRAWALS_MAX];
    struct rlp_list l = {items};
    struct rlp_item item;
    size_t mark;
    size_t n = 0;
    if (h->fields < HEADER_SHANGHAI)
        return OK;
    while (n < sizeof raw / sizeof *raw && rlp_next(&l, &item, NULL) == OK)
        raw[n++] = item.raw;
    status s = trie_root_list(raw, n, &h->withdrawals_root);
    if (s == OK)
        s = rlp_put_list_begin(body, &mark);
    if (s == OK)
        s = buf_put(body, items);
    return s == OK ? rlp_put_list_end(body, mark) : s;
}

/* The rest of the header, and the block's size. */
static status seal(struct sim *m, slice withdrawals, hash32 *ret_hash, size_t *ret_size)
{
    struct block_header *h = &m->x->x.header;
    struct buf body;
    size_t mark;
    size_t uncles = 0;
    h->gas_used = m->run.gas_used;
    h->blob_gas_used = m->run.blob_gas_used;
    memcpy(h->bloom, m->run.bloom, sizeof h->bloom);
    buf_init(&body, RAW_BYTES);
    status s = state_root(&m->x->x.state, &h->state_root);
    if (s == OK)
        s = block_receipts_root(&m->run, &h->receipts_root);
    if (s == OK)
        s = block_requests_hash(&m->run, &h->requests_hash);
    if (s == OK)
        s = rlp_put_list_begin(&body, &mark);
    if (s == OK)
        s = seal_txs(m, h, &body);
    if (s == OK)
        s = rlp_put_list_begin(&body, &uncles);
    if (s == OK)
        s = rlp_put_list_end(&body, uncles);
    if (s == OK) {
        static const uint8_t empty_list = 0xc0;
        keccak256(slice_of(&empty_list, 1), &h->uncles);
        s = seal_withdrawals(withdrawals, h, &body);
    }
    if (s == OK)
        s = header_put(h, &body); /* its place does not matter for the size */
    if (s == OK)
        s = rlp_put_list_end(&body, mark);
    if (s == OK)
        s = header_hash(h, ret_hash);
    *ret_size = body.n;
    buf_done(&body);
    return s;
}

static void put_call(struct sim *m, const struct made *c, const struct rpc_place *place)
{
    struct jw *w = m->q->w;
    jw_object(w);
    jw_key(w, "returnData");
    jw_hex(w, c->status == EVM_SUCCESS ? c->output : SLICE_EMPTY);
    jw_key(w, "logs");
    jw_array(w);
    for (size_t i = 0; i < c->n_logs; i++) {
        struct chain_log log = c->log[i];
        log.number = place->number;
        log.timestamp = place->timestamp;
        log.block_hash = place->block;
        log.tx_hash = c->hash;
        log.tx_index = place->index;
        rpc_put_log(w, &log, false);
    }
    jw_end(w);
    jw_key(w, "gasUsed");
    jw_hex_u64(w, c->gas_used);
    jw_key(w, "maxUsedGas");
    jw_hex_u64(w, c->gas_peak);
    jw_key(w, "status");
    jw_hex_u64(w, c->status == EVM_SUCCESS ? 1 : 0);
    if (c->status != EVM_SUCCESS) {
        bool reverted = c->status == EVM_REVERT;
        jw_key(w, "error");
        jw_object(w);
        jw_key(w, "message");
        jw_str(w, reverted ? rpc_revert_text(m->q, c->output) : slice_str(rpc_vm_text(c->status)));
        jw_key(w, "code");
        jw_i64(w, reverted ? RPC_REVERTED : RPC_VM_ERROR);
        if (reverted) {
            jw_key(w, "data");
            jw_hex(w, c->output);
        }
        jw_end(w);
    }
    jw_end(w);
}

static void put_block(struct sim *m, const hash32 *hash, size_t size, slice withdrawals)
{
    const struct block_header *h = &m->x->x.header;
    struct jw *w = m->q->w;
    jw_object(w);
    rpc_put_header(w, h, hash, false);
    jw_key(w, "size");
    jw_hex_u64(w, size);
    jw_key(w, "transactions");
    jw_array(w);
    for (size_t i = 0; i < m->n_made; i++) {
        const struct made *c = &m->made[i];
        const struct rpc_place place = {*hash, h->number, h->timestamp, (uint32_t)i};
        if (m->full)
            rpc_put_tx(w, &c->tx, &c->hash, &c->sender, &place, c->price);
        else
            rpc_put_hash(w, &c->hash);
    }
    jw_end(w);
    jw_key(w, "uncles");
    jw_array(w);
    jw_end(w);
    if (h->fields >= HEADER_SHANGHAI)
        rpc_put_withdrawals(w, withdrawals);
    jw_key(w, "calls");
    jw_array(w);
    for (size_t i = 0; i < m->n_made; i++) {
        const struct rpc_place place = {*hash, h->number, h->timestamp, (uint32_t)i};
        put_call(m, &m->made[i], &place);
    }
    jw_end(w);
    jw_end(w);
}

/* Everything of a block between its header's beginning and its end. */
static status run_block(struct sim *m, const struct sim_plan *p, slice withdrawals)
{
    struct chain_exec *x = &m->x->x;
    m->x->n_moved = 0;
    m->logs.count = 0;
    status s = rpc_override_state(m->q, 0, p->state, m->x);
    if (s != OK)
        return s;
    s = block_begin(&m->run, &x->rules, &x->header, &x->state, x->vm, NULL, find_hash, m, NULL);
    if (s == OK && m->x->has_blob_base_fee)
        m->run.host.block.blob_base_fee = m->x->blob_base_fee;
    if (s == OK)
        s = make_calls(m, p->calls);
    if (s == OK)
        s = block_end(&m->run, SLICE_EMPTY, withdrawals, NULL);
    if (s == OK)
        state_keep(&x->state);
    return s;
}

static status simulate(struct sim *m, const struct sim_plan *p)
{
    struct buf withdrawals;
    hash32 hash;
    size_t size;
    status s = make_header(m, p);
    if (s != OK)
        return s;
    buf_init(&withdrawals, (size_t)1 << 20);
    s = rpc_read_withdrawals(m->q, json_get(p->overrides, "withdrawals"), &withdrawals);
    if (s == OK) {
        s = run_block(m, p, buf_slice(&withdrawals));
        if (s == OK)
            s = seal(m, buf_slice(&withdrawals), &hash, &size);
        block_done(&m->run);
    }
    if (s == OK) {
        put_block(m, &hash, size, buf_slice(&withdrawals));
        m->hash[m->n++] = hash;
        m->parent = m->x->x.header;
        m->parent_hash = hash;
    }
    buf_done(&withdrawals);
    return s;
}

static status simulate_all(struct sim *m, struct json options)
{
    struct sim_plan *plan;
    size_t n;
    m->base = m->x->x.header;
    m->parent = m->base;
    m->parent_hash = chain_view_hash(&m->q->view, m->base.number);
    m->gas = m->q->rpc->cfg.call_gas;
    sim_logs_init(&m->logs, m->q->a, json_type(json_get(options, "traceTransfers")) == JSON_TRUE);
    status s = sim_plan_read(m->q, options, &m->base, &plan, &n);
    jw_array(m->q->w);
    for (size_t i = 0; s == OK && i < n; i++) {
        s = rpc_check_time(m->q, "simulation");
        if (s == OK)
            s = simulate(m, &plan[i]);
    }
    jw_end(m->q->w);
    return s;
}

status rpc_eth_simulate_v1(struct rpc_req *q)
{
    struct rpc_at at;
    struct json options = q->param[0];
    struct sim *m = arena_alloc(q->a, sizeof *m);
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    if (m == NULL || x == NULL)
        return E_NOMEM;
    if (json_type(options) != JSON_OBJECT)
        return rpc_bad_param(q, 0, "json: cannot unmarshal value into Go value of type simOpts");
    *m = (struct sim){.q = q,
                      .x = x,
                      .validate = json_type(json_get(options, "validation")) == JSON_TRUE,
                      .full = json_type(json_get(options, "returnFullTransactions")) == JSON_TRUE};
    status s = rpc_param_at(q, 1, &at);
    if (s == OK)
        s = rpc_exec_begin(q, &at, x);
    if (s == OK)
        s = simulate_all(m, options);
    rpc_exec_done(x);
    return s;
}

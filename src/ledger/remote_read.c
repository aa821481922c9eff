/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a node into the ledger port's own values. */
#include "ledger/remote_int.h"

#include "crypto/keccak.h"

static bool is_null(struct json v)
{
    return json_is_absent(v) || json_type(v) == JSON_NULL;
}

/* Bytes of a value, copied into the run's arena. */
static status read_bytes(struct json v, struct arena *a, slice *ret, struct err *reterr)
{
    slice bytes;
    status s = json_hex_bytes(v, &bytes, reterr);
    if (s != OK)
        return s;
    slice copy = arena_dup(a, bytes);
    if (copy.p == NULL && bytes.n > 0)
        return ERR(reterr, E_NOMEM, "answer of %zu bytes", bytes.n);
    *ret = copy;
    return OK;
}

static status read_u32(struct json v, uint32_t *ret, struct err *reterr)
{
    uint64_t wide;
    status s = json_hex_u64(v, &wide, reterr);
    if (s == OK && wide > UINT32_MAX)
        s = json_err(reterr, E_RANGE, v, "is over 32 bits");
    if (s == OK)
        *ret = (uint32_t)wide;
    return s;
}

/* --- logs, receipts, transactions ---------------------------------------------------------------
 */

static status read_topics(struct json v, struct ledger_log *log, struct err *reterr)
{
    status s = json_want_array(v, reterr);
    if (s == OK && json_count(v) > LEDGER_TOPICS_MAX)
        s = json_err(reterr, E_RANGE, v, "more than four topics");
    struct json_iter it = json_iter(v);
    while (s == OK && json_next(&it))
        s = json_hex_hash(it.value, &log->topics[log->topics_n++], reterr);
    return s;
}

static status read_log(struct json v, struct arena *a, struct ledger_log *log, struct err *reterr)
{
    *log = (struct ledger_log){0};
    struct json removed = json_get(v, "removed");
    if (json_type(removed) == JSON_TRUE)
        return json_err(reterr, E_CORRUPT, v, "is a removed log");
    status s = json_hex_addr(json_get(v, "address"), &log->address, reterr);
    if (s == OK)
        s = read_topics(json_get(v, "topics"), log, reterr);
    if (s == OK)
        s = read_bytes(json_get(v, "data"), a, &log->data, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(v, "blockNumber"), &log->block_number, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(v, "blockHash"), &log->block_hash, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(v, "transactionHash"), &log->tx_hash, reterr);
    if (s == OK)
        s = read_u32(json_get(v, "transactionIndex"), &log->tx_index, reterr);
    if (s == OK)
        s = read_u32(json_get(v, "logIndex"), &log->log_index, reterr);
    return s;
}

static bool in_addresses(const struct ledger_filter *f, const addr20 *a)
{
    bool found = f->addresses_n == 0;
    for (size_t i = 0; i < f->addresses_n && !found; i++)
        found = addr20_eq(f->addresses[i], *a);
    return found;
}

static bool log_matches(const struct ledger_filter *f, const struct ledger_log *log)
{
    if (!in_addresses(f, &log->address))
        return false;
    bool topic0 = f->topic0_n == 0;
    for (size_t i = 0; i < f->topic0_n && !topic0; i++)
        topic0 = log->topics_n > 0 && hash32_eq(f->topic0[i], log->topics[0]);
    for (size_t i = 1; i < LEDGER_TOPICS_MAX; i++)
        if (f->has_topic[i] && (log->topics_n <= i || !hash32_eq(f->topic[i], log->topics[i])))
            return false;
    if (f->by_hash)
        return topic0 && hash32_eq(f->block_hash, log->block_hash);
    return topic0 && log->block_number >= f->from && log->block_number <= f->to;
}

static bool in_order(const struct ledger_log *a, const struct ledger_log *b)
{
    if (a->block_number != b->block_number)
        return a->block_number < b->block_number;
    return a->log_index < b->log_index && hash32_eq(a->block_hash, b->block_hash);
}

status remote_logs_read(struct json v, const struct ledger_filter *f, struct arena *a,
                        struct ledger_log **ret, size_t *ret_n, struct err *reterr)
{
    size_t n = 0;
    status s = json_want_array(v, reterr);
    if (s != OK)
        return s;
    struct ledger_log *logs = arena_array(a, json_count(v), sizeof *logs);
    if (logs == NULL)
        return ERR(reterr, E_NOMEM, "%zu logs", json_count(v));
    struct json_iter it = json_iter(v);
    while (s == OK && json_next(&it)) {
        s = read_log(it.value, a, &logs[n], reterr);
        if (s == OK && f != NULL && !log_matches(f, &logs[n]))
            s = json_err(reterr, E_CORRUPT, it.value, "is a log that was not asked for");
        if (s == OK && n > 0 && !in_order(&logs[n - 1], &logs[n]))
            s = json_err(reterr, E_CORRUPT, it.value, "is out of order");
        n++;
    }
    if (s == OK) {
        *ret = logs;
        *ret_n = n;
    }
    return s;
}

static status read_place(struct json v, uint64_t *number, hash32 *hash, uint32_t *index,
                         struct err *reterr)
{
    status s = json_hex_u64(json_get(v, "blockNumber"), number, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(v, "blockHash"), hash, reterr);
    if (s == OK)
        s = read_u32(json_get(v, "transactionIndex"), index, reterr);
    return s;
}

static status receipt_parties(struct json v, struct ledger_receipt *r, struct err *reterr)
{
    struct json to = json_get(v, "to");
    struct json contract = json_get(v, "contractAddress");
    struct json price = json_get(v, "effectiveGasPrice");
    status s = json_hex_addr(json_get(v, "from"), &r->from, reterr);
    if (s == OK && !is_null(to))
        s = json_hex_addr(to, &r->to, reterr);
    if (s == OK && !is_null(contract))
        s = json_hex_addr(contract, &r->contract, reterr);
    if (s == OK && !is_null(price))
        s = json_hex_u256(price, &r->gas_price, reterr);
    return s;
}

static status receipt_logs(struct json v, struct arena *a, struct ledger_receipt *r,
                           struct err *reterr)
{
    status s = remote_logs_read(json_get(v, "logs"), NULL, a, &r->logs, &r->logs_n, reterr);
    for (size_t i = 0; s == OK && i < r->logs_n; i++) {
        const struct ledger_log *log = &r->logs[i];
        if (!hash32_eq(log->tx_hash, r->tx_hash) || !hash32_eq(log->block_hash, r->block_hash))
            s = json_err(reterr, E_CORRUPT, v, "has a log of another transaction");
    }
    return s;
}

status remote_receipt_read(struct json v, const hash32 *tx, struct arena *a,
                           struct ledger_receipt *ret, struct err *reterr)
{
    struct ledger_receipt r = {0};
    uint64_t result = 0;
    if (json_type(v) == JSON_NULL)
        return ERR(reterr, E_NOT_FOUND, "the transaction is not in a block");
    status s = json_want_object(v, reterr);
    if (s == OK && is_null(json_get(v, "blockHash")))
        return ERR(reterr, E_NOT_FOUND, "the transaction is not in a block");
    if (s == OK)
        s = json_hex_hash(json_get(v, "transactionHash"), &r.tx_hash, reterr);
    if (s == OK && !hash32_eq(r.tx_hash, *tx))
        s = json_err(reterr, E_CORRUPT, v, "is another transaction's receipt");
    if (s == OK)
        s = read_place(v, &r.block_number, &r.block_hash, &r.tx_index, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(v, "status"), &result, reterr);
    if (s == OK && result > 1)
        s = json_err(reterr, E_CORRUPT, v, "status is neither 0 nor 1");
    if (s == OK)
        s = json_hex_u64(json_get(v, "gasUsed"), &r.gas_used, reterr);
    if (s == OK)
        s = receipt_parties(v, &r, reterr);
    if (s == OK)
        s = receipt_logs(v, a, &r, reterr);
    if (s != OK)
        return s;
    r.ok = result == 1;
    *ret = r;
    return OK;
}

status remote_tx_read(struct json v, const hash32 *hash, struct arena *a, struct ledger_tx *ret,
                      struct err *reterr)
{
    struct ledger_tx t = {0};
    struct json to = json_get(v, "to");
    if (json_type(v) == JSON_NULL)
        return ERR(reterr, E_NOT_FOUND, "the node does not know the transaction");
    status s = json_hex_hash(json_get(v, "hash"), &t.hash, reterr);
    if (s == OK && !hash32_eq(t.hash, *hash))
        s = json_err(reterr, E_CORRUPT, v, "is another transaction");
    if (s == OK)
        s = json_hex_addr(json_get(v, "from"), &t.from, reterr);
    if (s == OK && !is_null(to))
        s = json_hex_addr(to, &t.to, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(v, "nonce"), &t.nonce, reterr);
    if (s == OK)
        s = json_hex_u256(json_get(v, "value"), &t.value, reterr);
    if (s == OK)
        s = read_bytes(json_get(v, "input"), a, &t.data, reterr);
    t.create = is_null(to);
    t.mined = !is_null(json_get(v, "blockHash"));
    if (s == OK && t.mined)
        s = read_place(v, &t.block_number, &t.block_hash, &t.tx_index, reterr);
    if (s == OK)
        *ret = t;
    return s;
}

/* --- fees ------------------------------------------------------------------------------------- */

/* Base fee of the next block and the middle of the last blocks' median tips. Both stay as they are
 * when the node gives none. */
static void read_history(struct json v, u256 *base_fee, u256 *tip)
{
    u256 tips[8];
    size_t n = 0;
    struct json fees = json_get(v, "baseFeePerGas");
    u256 word;
    if (json_count(fees) > 0 &&
        json_hex_u256(json_at(fees, json_count(fees) - 1), &word, NULL) == OK)
        *base_fee = word;
    struct json_iter it = json_iter(json_get(v, "reward"));
    while (n < 8 && json_next(&it)) {
        if (json_hex_u256(json_at(it.value, 0), &word, NULL) != OK || u256_is_zero(word))
            continue;
        size_t i = n++;
        for (; i > 0 && u256_cmp(tips[i - 1], word) > 0; i--)
            tips[i] = tips[i - 1];
        tips[i] = word;
    }
    if (n > 0)
        *tip = tips[(n - 1) / 2];
}

static status read_fees(struct json price, const struct ledger_block *head, struct json history,
                        struct ledger_fees *ret, struct err *reterr)
{
    struct ledger_fees f = {.has_base_fee = head->has_base_fee};
    status s = json_hex_u256(price, &f.gas_price, reterr);
    if (s != OK || !f.has_base_fee) {
        if (s == OK)
            *ret = f;
        return s;
    }
    f.base_fee = head->base_fee;
    if (!u256_sub(f.gas_price, head->base_fee, &f.max_priority))
        f.max_priority = u256_from_u64(0);
    read_history(history, &f.base_fee, &f.max_priority);
    u256 twice;
    if (!u256_mul_u64(f.base_fee, 2, &twice) || !u256_add(twice, f.max_priority, &f.max_fee))
        return ERR(reterr, E_CORRUPT, "fees beyond 256 bits");
    *ret = f;
    return OK;
}

/* --- one request ------------------------------------------------------------------------------ */

static status read_sent(struct json v, struct ledger_req *req, struct err *reterr)
{
    hash32 got;
    hash32 want;
    keccak256(req->in.raw, &want);
    status s = json_hex_hash(v, &got, reterr);
    if (s == OK && !hash32_eq(got, want))
        s = ERR(reterr, E_CORRUPT, "the node names another transaction than was sent");
    if (s == OK)
        req->out.hash = want;
    return s;
}

static status read_syncing(struct json v, uint64_t *ret, struct err *reterr)
{
    if (json_type(v) != JSON_FALSE && json_type(v) != JSON_OBJECT)
        return json_err(reterr, E_TYPE, v, "is neither false nor an object");
    *ret = json_type(v) == JSON_OBJECT ? 1 : 0;
    return OK;
}

static status read_composed(struct ledger_req *req, const struct remote_answer *ans, uint64_t now_s,
                            struct arena *a, struct err *reterr)
{
    struct ledger_block block;
    bool fees = req->kind == LEDGER_FEES;
    status s = remote_block_read(ans[fees ? 1 : 0].result, fees ? LEDGER_LATEST : req->at, now_s,
                                 &block, reterr);
    if (s == OK && fees)
        s = read_fees(ans[0].result, &block, ans[2].result, &req->out.fees, reterr);
    else if (s == OK)
        s = remote_proof_read(ans[1].result, req, &block, a, &req->out.proof, reterr);
    return s;
}

static status read_result(struct ledger_req *req, const struct remote_answer *ans, uint64_t now_s,
                          struct arena *a, struct err *reterr)
{
    struct json v = ans[0].result;
    switch (req->kind) {
    case LEDGER_CHAIN_ID:
    case LEDGER_NUMBER:
    case LEDGER_ESTIMATE:
    case LEDGER_NONCE:
        return json_hex_u64(v, &req->out.number, reterr);
    case LEDGER_SYNCING:
        return read_syncing(v, &req->out.number, reterr);
    case LEDGER_BLOCK:
        return remote_block_read(v, req->at, now_s, &req->out.block, reterr);
    case LEDGER_CALL:
    case LEDGER_CODE:
        return read_bytes(v, a, &req->out.data, reterr);
    case LEDGER_BALANCE:
        return json_hex_u256(v, &req->out.word, reterr);
    case LEDGER_SEND:
        return read_sent(v, req, reterr);
    case LEDGER_RECEIPT:
        return remote_receipt_read(v, &req->in.hash, a, &req->out.receipt, reterr);
    case LEDGER_TX:
        return remote_tx_read(v, &req->in.hash, a, &req->out.tx, reterr);
    case LEDGER_LOGS:
        return remote_logs_read(v, &req->in.filter, a, &req->out.logs.list, &req->out.logs.n,
                                reterr);
    case LEDGER_FEES:
    case LEDGER_PROOF:
        return read_composed(req, ans, now_s, a, reterr);
    }
    return ERR(reterr, E_INTERNAL, "unknown request");
}

/* The first error among the answers; feeHistory may fail on chains without a base fee. */
static status read_errors(struct ledger_req *req, const struct remote_answer *ans, struct arena *a,
                          bool *ret_known)
{
    size_t n = req->kind == LEDGER_FEES ? 2 : remote_put_count(req);
    for (size_t i = 0; i < n; i++) {
        slice revert;
        if (json_is_absent(ans[i].error))
            continue;
        status s = remote_error_read(ans[i].error, req->kind, &revert, ret_known, &req->err);
        if (s == E_REVERTED)
            req->out.data = arena_dup(a, revert);
        return s;
    }
    return OK;
}

/* Malformed answers are the node's fault, not the caller's. */
static status as_corrupt(status s, struct err *err)
{
    switch (s) {
    case E_SYNTAX:
    case E_RANGE:
    case E_TYPE:
    case E_MISSING:
    case E_TRUNCATED:
    case E_TRAILING:
    case E_NOT_CANONICAL:
    case E_UNSUPPORTED:
    case E_TOO_LONG:
        err->code = E_CORRUPT;
        return err_prefix(err, E_CORRUPT, "answer of the node");
    default:
        return s;
    }
}

void remote_read(struct ledger_req *req, const struct remote_answer *ans, uint64_t now_s,
                 struct arena *a)
{
    bool known = false;
    req->st = read_errors(req, ans, a, &known);
    if (req->st != OK)
        return;
    if (known) {
        keccak256(req->in.raw, &req->out.hash);
        return;
    }
    status s = read_result(req, ans, now_s, a, &req->err);
    req->st = s == OK ? OK : as_corrupt(s, &req->err);
}

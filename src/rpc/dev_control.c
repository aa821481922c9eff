/* SPDX-License-Identifier: Apache-2.0 */
/* evm_*, hardhat_*, anvil_*: time, sealing, state, accounts, going back. */
#include <stdio.h>

#include "rpc/dev_impl.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

#define MINE_MAX 100000u /* blocks at once */

static struct chain *chain_of(const struct rpc_req *q)
{
    return q->rpc->cfg.chain;
}

/* Answer true, or what went wrong in the chain's words. */
static status put_true(struct rpc_req *q, status st, const struct err *e)
{
    if (st != OK)
        return rpc_refuse(q, st, e);
    jw_bool(q->w, true);
    return OK;
}

static void put_decimal(struct rpc_req *q, int64_t v)
{
    jw_printf(q->w, "%lld", (long long)v);
}

/* --- going back ------------------------------------------------------------------------------- */

status rpc_dev_snapshot(struct rpc_req *q)
{
    uint64_t id = 0;
    struct err e = {0};
    status st = chain_dev_snapshot(chain_of(q), &id, &e);
    if (st != OK)
        return rpc_refuse(q, st, &e);
    jw_hex_u64(q->w, id);
    return OK;
}

status rpc_dev_revert(struct rpc_req *q)
{
    uint64_t id;
    struct err e = {0};
    status st = rpc_dev_number(q, 0, &id);
    if (st != OK)
        return st;
    st = chain_dev_revert(chain_of(q), id, &e);
    if (st != OK && st != E_NOT_FOUND)
        return rpc_refuse(q, st, &e);
    jw_bool(q->w, st == OK);
    return OK;
}

/* To the genesis; forking from another chain is not there. */
status rpc_dev_reset(struct rpc_req *q)
{
    struct err e = {0};
    if (rpc_param_given(q, 0) && json_type(q->param[0]) == JSON_OBJECT &&
        rpc_given(json_get(json_get(q->param[0], "forking"), "jsonRpcUrl")))
        return rpc_fail(q, RPC_SERVER_ERROR, "this node does not fork from other chains");
    return put_true(q, chain_dev_reset(chain_of(q), &e), &e);
}

/* --- sealing ---------------------------------------------------------------------------------- */

static status mine(struct rpc_req *q, uint64_t n, uint64_t step_s, struct err *e)
{
    if (n > MINE_MAX)
        return rpc_fail(q, RPC_SERVER_ERROR, "at most %u blocks at once", MINE_MAX);
    status st = n > 0 ? chain_mine(chain_of(q), n, step_s, NULL, e) : OK;
    return st == OK ? OK : rpc_refuse(q, st, e);
}

/* evm_mine(): one block; (time): at that time; ({timestamp, blocks}). Answers "0x0". */
status rpc_dev_evm_mine(struct rpc_req *q)
{
    struct err e = {0};
    uint64_t n = 1;
    uint64_t at = 0;
    status st = OK;
    if (rpc_param_given(q, 0) && json_type(q->param[0]) == JSON_OBJECT) {
        struct json o = q->param[0];
        struct json members[2] = {json_get(o, "timestamp"), json_get(o, "blocks")};
        uint64_t *const to[2] = {&at, &n};
        for (size_t i = 0; i < 2 && st == OK; i++) {
            if (!rpc_given(members[i]))
                continue;
            q->param[0] = members[i];
            st = rpc_dev_number(q, 0, to[i]);
        }
    } else if (rpc_param_given(q, 0)) {
        st = rpc_dev_number(q, 0, &at);
    }
    if (st == OK && at > 0) {
        st = chain_dev_next_time(chain_of(q), at, &e);
        st = st == OK ? OK : rpc_refuse(q, st, &e);
    }
    if (st == OK)
        st = mine(q, n, 0, &e);
    if (st == OK)
        jw_cstr(q->w, "0x0");
    return st;
}

/* hardhat_mine(blocks, seconds between). */
status rpc_dev_mine(struct rpc_req *q)
{
    struct err e = {0};
    uint64_t n = 1;
    uint64_t step_s = 0;
    status st = OK;
    if (rpc_param_given(q, 0))
        st = rpc_dev_number(q, 0, &n);
    if (st == OK && rpc_param_given(q, 1))
        st = rpc_dev_number(q, 1, &step_s);
    if (st == OK)
        st = mine(q, n, step_s, &e);
    if (st == OK)
        jw_bool(q->w, true);
    return st;
}

status rpc_dev_set_automine(struct rpc_req *q)
{
    struct err e = {0};
    bool on;
    status st = rpc_read_bool(q, 0, q->param[0], &on);
    if (st != OK)
        return st;
    st = chain_dev_sealing(chain_of(q), on ? CHAIN_SEAL_INSTANT : CHAIN_SEAL_MANUAL, 0, &e);
    return put_true(q, st, &e);
}

status rpc_dev_get_automine(struct rpc_req *q)
{
    jw_bool(q->w, chain_sealing_of(chain_of(q), NULL) == CHAIN_SEAL_INSTANT);
    return OK;
}

static status set_interval(struct rpc_req *q, uint64_t unit_ms)
{
    struct err e = {0};
    uint64_t interval;
    status st = rpc_dev_number(q, 0, &interval);
    if (st == OK && interval > UINT32_MAX)
        st = rpc_bad_param(q, 0, "interval too long");
    if (st != OK)
        return st;
    st = chain_dev_sealing(chain_of(q), interval > 0 ? CHAIN_SEAL_INTERVAL : CHAIN_SEAL_MANUAL,
                           interval * unit_ms, &e);
    return put_true(q, st, &e);
}

/* Hardhat's is in milliseconds, anvil's in seconds. */
status rpc_dev_set_interval_ms(struct rpc_req *q)
{
    return set_interval(q, 1);
}

status rpc_dev_set_interval_s(struct rpc_req *q)
{
    return set_interval(q, 1000);
}

status rpc_dev_get_interval(struct rpc_req *q)
{
    uint64_t ms = 0;
    if (chain_sealing_of(chain_of(q), &ms) == CHAIN_SEAL_INTERVAL)
        jw_u64(q->w, ms / 1000);
    else
        jw_null(q->w);
    return OK;
}

/* --- time ------------------------------------------------------------------------------------- */

status rpc_dev_increase_time(struct rpc_req *q)
{
    struct err e = {0};
    uint64_t seconds;
    int64_t total = 0;
    status st = rpc_dev_number(q, 0, &seconds);
    if (st == OK && seconds > INT64_MAX / 4)
        st = rpc_bad_param(q, 0, "too long");
    if (st != OK)
        return st;
    st = chain_dev_add_time(chain_of(q), (int64_t)seconds, &total, &e);
    if (st != OK)
        return rpc_refuse(q, st, &e);
    put_decimal(q, total);
    return OK;
}

static status set_time(struct rpc_req *q, bool next)
{
    struct err e = {0};
    uint64_t at;
    status st = rpc_dev_number(q, 0, &at);
    if (st == OK && at > INT64_MAX)
        st = rpc_bad_param(q, 0, "too late");
    if (st != OK)
        return st;
    st = next ? chain_dev_next_time(chain_of(q), at, &e) : chain_dev_set_time(chain_of(q), at, &e);
    if (st != OK)
        return rpc_refuse(q, st, &e);
    put_decimal(q, (int64_t)at);
    return OK;
}

status rpc_dev_next_time(struct rpc_req *q)
{
    return set_time(q, true);
}

status rpc_dev_set_time(struct rpc_req *q)
{
    return set_time(q, false);
}

/* --- fields of blocks ------------------------------------------------------------------------- */

static status set_next(struct rpc_req *q, const struct chain_dev_next *n)
{
    struct err e = {0};
    return put_true(q, chain_dev_next_set(chain_of(q), n, &e), &e);
}

status rpc_dev_next_base_fee(struct rpc_req *q)
{
    struct chain_dev_next n = {.has_base_fee = true};
    status st = rpc_read_u256(q, 0, q->param[0], &n.base_fee);
    return st == OK ? set_next(q, &n) : st;
}

status rpc_dev_set_coinbase(struct rpc_req *q)
{
    struct chain_dev_next n = {.has_coinbase = true};
    status st = rpc_read_addr(q, 0, q->param[0], &n.coinbase);
    return st == OK ? set_next(q, &n) : st;
}

status rpc_dev_set_randao(struct rpc_req *q)
{
    struct chain_dev_next n = {.has_randao = true};
    status st = rpc_read_hash(q, 0, q->param[0], &n.randao);
    return st == OK ? set_next(q, &n) : st;
}

status rpc_dev_set_gas_limit(struct rpc_req *q)
{
    struct chain_dev_next n = {.has_gas_limit = true};
    status st = rpc_dev_number(q, 0, &n.gas_limit);
    return st == OK ? set_next(q, &n) : st;
}

/* --- state ------------------------------------------------------------------------------------ */

static status set_account(struct rpc_req *q, struct chain_dev_account *a)
{
    struct err e = {0};
    status st = rpc_read_addr(q, 0, q->param[0], &a->address);
    if (st != OK)
        return st;
    return put_true(q, chain_dev_set(chain_of(q), a, &e), &e);
}

status rpc_dev_set_balance(struct rpc_req *q)
{
    u256 balance;
    status st = rpc_read_u256(q, 1, q->param[1], &balance);
    return st == OK ? set_account(q, &(struct chain_dev_account){.balance = &balance}) : st;
}

status rpc_dev_set_nonce(struct rpc_req *q)
{
    uint64_t nonce;
    status st = rpc_dev_number(q, 1, &nonce);
    return st == OK ? set_account(q, &(struct chain_dev_account){.nonce = &nonce}) : st;
}

status rpc_dev_set_code(struct rpc_req *q)
{
    slice code;
    status st = rpc_read_bytes(q, 1, q->param[1], &code);
    return st == OK ? set_account(q, &(struct chain_dev_account){.code = &code}) : st;
}

status rpc_dev_set_storage(struct rpc_req *q)
{
    struct chain_dev_slot slot;
    status st = rpc_read_slot(q, 1, q->param[1], &slot.key);
    if (st == OK)
        st = rpc_read_slot(q, 2, q->param[2], &slot.word);
    return st == OK ? set_account(q, &(struct chain_dev_account){.slots = &slot, .n_slots = 1})
                    : st;
}

/* --- accounts and pool ------------------------------------------------------------------------ */

status rpc_dev_impersonate_account(struct rpc_req *q)
{
    addr20 a;
    struct err e = {0};
    status st = rpc_read_addr(q, 0, q->param[0], &a);
    if (st != OK)
        return st;
    st = rpc_dev_impersonate(q->rpc->cfg.dev, &a);
    return put_true(q, st, &e);
}

status rpc_dev_stop_impersonating(struct rpc_req *q)
{
    addr20 a;
    status st = rpc_read_addr(q, 0, q->param[0], &a);
    if (st == OK)
        jw_bool(q->w, rpc_dev_forget(q->rpc->cfg.dev, &a));
    return st;
}

status rpc_dev_auto_impersonate(struct rpc_req *q)
{
    bool on;
    status st = rpc_read_bool(q, 0, q->param[0], &on);
    if (st != OK)
        return st;
    rpc_dev_set_anybody(q->rpc->cfg.dev, on);
    jw_bool(q->w, true);
    return OK;
}

status rpc_dev_drop_tx(struct rpc_req *q)
{
    hash32 hash;
    struct err e = {0};
    status st = rpc_read_hash(q, 0, q->param[0], &hash);
    if (st != OK)
        return st;
    st = chain_dev_drop(chain_of(q), &hash, &e);
    if (st != OK && st != E_NOT_FOUND)
        return rpc_refuse(q, st, &e);
    jw_bool(q->w, st == OK);
    return OK;
}

status rpc_dev_drop_all(struct rpc_req *q)
{
    struct err e = {0};
    return put_true(q, chain_dev_drop_all(chain_of(q), &e), &e);
}

/* --- about ------------------------------------------------------------------------------------ */

static void put_head_of(struct rpc_req *q)
{
    jw_key(q->w, "chainId");
    jw_u64(q->w, chain_id(chain_of(q)));
    jw_key(q->w, "clientVersion");
    jw_cstr(q->w, q->rpc->cfg.client_version);
}

status rpc_dev_metadata(struct rpc_req *q)
{
    status st = rpc_view(q);
    hash32 genesis = chain_genesis_hash(chain_of(q));
    if (st != OK)
        return st;
    jw_object(q->w);
    put_head_of(q);
    jw_key(q->w, "instanceId");
    rpc_put_hash(q->w, &genesis);
    jw_key(q->w, "latestBlockNumber");
    jw_u64(q->w, q->view.head);
    jw_key(q->w, "latestBlockHash");
    rpc_put_hash(q->w, &q->view.head_hash);
    jw_end(q->w);
    return OK;
}

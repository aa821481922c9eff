/* SPDX-License-Identifier: Apache-2.0 */
/* The relayer: policy, dry run, one transaction through the forwarder, results from its events. */
#include "relay/relay.h"

#include <pthread.h>
#include <stdlib.h>

#include "codec/abi.h"
#include "contract/registry_abi.h"
#include "ledger/sender.h"
#include "relay/cost.h"
#include "relay/policy.h"
#include "relay/preflight.h"

#define DEFAULT_TIMEOUT_MS 60000u
#define DEFAULT_AHEAD_S 3600u
#define CALLDATA_CAP ((size_t)8 << 20)
#define BUSY_MAX 1024u /* signers whose requests are on their way */

struct relay {
    struct relay_config cfg;
    pthread_mutex_t lock; /* guards busy */
    addr20 busy[BUSY_MAX];
    size_t busy_n;
    struct quota gas;
    struct ledger_sender *sender;
    addr20 address;
};

status relay_open(const struct relay_config *cfg, struct relay **ret_relay, struct err *reterr)
{
    struct relay *r = calloc(1, sizeof *r);
    if (r == NULL)
        return ERR(reterr, E_NOMEM, "relay: out of memory");
    r->cfg = *cfg;
    pthread_mutex_init(&r->lock, NULL);
    if (r->cfg.timeout_ms == 0)
        r->cfg.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (r->cfg.max_ahead_s == 0)
        r->cfg.max_ahead_s = DEFAULT_AHEAD_S;
    status st = quota_init(&r->gas, cfg->gas_a_day, cfg->random);
    if (st != OK)
        st = ERR(reterr, st, "relay: no randomness");
    else if ((st = secp_key_addr(&cfg->key, &r->address)) != OK)
        st = ERR(reterr, st, "relay: the payer's key is not valid");
    if (st == OK)
        st = ledger_sender_new(cfg->ledger, &cfg->key, &r->sender, reterr);
    if (st == OK && cfg->cost_max != 0)
        ledger_sender_set_cost_max(r->sender, cfg->cost_max);
    secp_key_done(&r->cfg.key); /* the sender has it, in memory for secrets */
    if (st != OK) {
        relay_close(r);
        return st;
    }
    *ret_relay = r;
    return OK;
}

void relay_close(struct relay *r)
{
    if (r == NULL)
        return;
    ledger_sender_free(r->sender);
    quota_done(&r->gas);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

addr20 relay_address(const struct relay *r)
{
    return r->address;
}

static status check_all(const struct relay *r, const struct relay_request *reqs, size_t n,
                        size_t *ret_index, struct err *reterr)
{
    const struct policy p = {
        .proxy = r->cfg.proxy,
        .forwarder = r->cfg.forwarder,
        .chain_id = r->cfg.chain_id,
        .now = clock_unix_s(r->cfg.clock),
        .max_ahead_s = r->cfg.max_ahead_s,
    };
    uint64_t gas = 0;
    for (size_t i = 0; i < n; i++) {
        *ret_index = i;
        status st = policy_check(&p, &reqs[i], reterr);
        if (st != OK)
            return st;
        gas += reqs[i].gas; /* n <= 50 times RELAY_GAS_MAX */
    }
    *ret_index = n;
    if (gas > RELAY_GAS_MAX)
        return ERR(reterr, E_RANGE, "gas: %llu in all, at most %u a batch", (unsigned long long)gas,
                   RELAY_GAS_MAX);
    return OK;
}

/* execute(request) for one; executeBatch(requests, payer) for more: with a refund receiver it goes
 * on past a request that has become invalid, and says so by the event that is missing. */
static status put_calldata(const struct relay *r, const struct relay_request *reqs, size_t n,
                           struct buf *ret)
{
    struct forward_request_data list[RELAY_BATCH_MAX];
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct forward_request_data){
            .from = reqs[i].from,
            .to = reqs[i].to,
            .value = reqs[i].value,
            .gas = u256_from_u64(reqs[i].gas),
            .deadline = reqs[i].deadline,
            .data = reqs[i].data,
            .signature = slice_of(reqs[i].sig65, sizeof reqs[i].sig65),
        };
    }
    if (n == 1)
        return forwarder_put_execute(ret, &list[0]);
    return forwarder_put_execute_batch(ret, list, n, r->address);
}

/* success[i] from ExecutedForwardRequest(address indexed signer, uint256 nonce, bool success). */
static void read_success(const struct relay *r, const struct ledger_receipt *receipt,
                         const struct relay_request *reqs, size_t n, struct relay_result *ret)
{
    memset(ret->success, 0, sizeof ret->success);
    for (size_t l = 0; l < receipt->logs_n; l++) {
        const struct ledger_log *log = &receipt->logs[l];
        uint64_t nonce = 0;
        bool ok = false;
        if (!addr20_eq(log->address, r->cfg.forwarder) || log->topics_n != 2 ||
            memcmp(log->topics[0].b, forwarder_topic_ExecutedForwardRequest, 32) != 0 ||
            abi_read_u64(log->data, 0, &nonce) != OK || abi_read_bool(log->data, 1, &ok) != OK)
            continue;
        for (size_t i = 0; i < n; i++) {
            if (reqs[i].nonce == nonce && memcmp(reqs[i].from.b, log->topics[1].b + 12, 20) == 0)
                ret->success[i] = ok;
        }
    }
}

/* Payer, fee and nonce of the transaction are ours: what the ledger has against it is no signer's
 * fault, but for a call that it refuses. */
static status send_order(struct relay *r, const struct ledger_order *order, hash32 *ret_tx,
                         struct err *reterr)
{
    status st = ledger_sender_send(r->sender, order, ret_tx, NULL, reterr);
    return st == E_REVERTED ? st : ledger_fault(r->cfg.ledger, st, reterr);
}

static status wait_mined(struct relay *r, const hash32 *tx, struct arena *a,
                         struct ledger_receipt *ret, struct err *reterr)
{
    status st = ledger_wait(r->cfg.ledger, tx, 1, r->cfg.timeout_ms, a, ret, reterr);
    return ledger_fault(r->cfg.ledger, st, reterr);
}

static status send_and_wait(struct relay *r, const struct relay_request *reqs, size_t n,
                            struct relay_result *ret, struct err *reterr)
{
    struct buf data;
    struct arena a;
    struct ledger_receipt receipt;
    buf_init(&data, CALLDATA_CAP);
    arena_init(&a, (size_t)4 << 20, false);
    status st = put_calldata(r, reqs, n, &data);
    if (st != OK)
        st = ERR(reterr, st, "relay: cannot encode the batch");
    const struct ledger_order order = {
        .to = r->cfg.forwarder, .data = buf_slice(&data), .gas = cost_gas(reqs, n)};
    if (st == OK)
        st = send_order(r, &order, &ret->tx, reterr);
    if (st == OK)
        st = wait_mined(r, &ret->tx, &a, &receipt, reterr);
    if (st == OK) {
        ret->block = receipt.block_number;
        ret->block_hash = receipt.block_hash;
        ret->gas_used = receipt.gas_used;
        read_success(r, &receipt, reqs, n, ret);
        if (!receipt.ok)
            st = ERR(reterr, E_CONFLICT,
                     "relay: the transaction failed in its block; nothing was changed");
    }
    arena_done(&a);
    buf_done(&data);
    return st;
}

static size_t busy_find(const struct relay *r, const addr20 *from)
{
    size_t i = 0;
    while (i < r->busy_n && !addr20_eq(r->busy[i], *from))
        i++;
    return i;
}

/* The same requests sent twice at once would both pass the dry run, and all but one fail in a block
 * that we pay for; so each signer has one batch on its way. */
static status signers_take(struct relay *r, const struct relay_request *reqs, size_t n,
                           size_t *ret_index, struct err *reterr)
{
    status st = OK;
    pthread_mutex_lock(&r->lock);
    size_t before = r->busy_n;
    for (size_t i = 0; i < n && st == OK; i++) {
        size_t at = busy_find(r, &reqs[i].from);
        *ret_index = i;
        if (at < before)
            st = ERR(reterr, E_CONFLICT, "from: another request of this account is on its way");
        else if (at == BUSY_MAX)
            st = ERR(reterr, E_BUSY, "relay: too many requests are on their way");
        else if (at == r->busy_n)
            r->busy[r->busy_n++] = reqs[i].from;
    }
    if (st != OK)
        r->busy_n = before;
    else
        *ret_index = n;
    pthread_mutex_unlock(&r->lock);
    return st;
}

static void signers_give_back(struct relay *r, const struct relay_request *reqs, size_t n)
{
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < n; i++) {
        size_t at = busy_find(r, &reqs[i].from);
        if (at < r->busy_n)
            r->busy[at] = r->busy[--r->busy_n];
    }
    pthread_mutex_unlock(&r->lock);
}

/* A random order of the requests in which those of one signer keep theirs: ret[i] is the request
 * that leaves as number i. */
static status shuffle(const struct relay *r, const struct relay_request *reqs, size_t n,
                      struct relay_request *ret, struct err *reterr)
{
    uint32_t draw[RELAY_BATCH_MAX];
    size_t slot[RELAY_BATCH_MAX];
    bool used[RELAY_BATCH_MAX] = {false};
    if (random_fill(r->cfg.random, (uint8_t *)draw, sizeof draw) != OK)
        return ERR(reterr, E_IO, "relay: no randomness");
    for (size_t i = 0; i < n; i++)
        slot[i] = i;
    for (size_t i = n; i > 1; i--) { /* Fisher-Yates: slot[i] says whose turn it is */
        size_t k = draw[i - 1] % i;
        size_t t = slot[k];
        slot[k] = slot[i - 1];
        slot[i - 1] = t;
    }
    for (size_t i = 0; i < n; i++) { /* each turn takes its signer's first request that is left */
        size_t k = 0;
        while (used[k] || !addr20_eq(reqs[k].from, reqs[slot[i]].from))
            k++;
        used[k] = true;
        ret[i] = reqs[k];
    }
    return OK;
}

/* What was asked for in the order of reqs, from the results in the order in which it left. */
static void unshuffle(const struct relay_request *reqs, const struct relay_request *sent, size_t n,
                      struct relay_result *r)
{
    bool success[RELAY_BATCH_MAX];
    memcpy(success, r->success, sizeof success);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (sent[k].nonce == reqs[i].nonce && addr20_eq(sent[k].from, reqs[i].from))
                r->success[i] = success[k];
}

static status run_taken(struct relay *r, struct preflight *chain, const struct relay_request *reqs,
                        size_t n, struct relay_result *ret, size_t *ret_index, struct err *reterr)
{
    struct relay_request sent[RELAY_BATCH_MAX];
    status st = preflight_calls(chain, reqs, n, ret_index, reterr);
    if (st == OK)
        st = shuffle(r, reqs, n, sent, reterr);
    if (st != OK)
        return st;
    st = send_and_wait(r, sent, n, ret, reterr);
    unshuffle(reqs, sent, n, ret);
    return st;
}

/* The signers are held only for requests that may still be mined: a request that was mined is known
 * to everybody, and its signer's next one must not wait for copies of it. */
static status run_checked(struct relay *r, const struct relay_request *reqs, size_t n,
                          struct relay_result *ret, size_t *ret_index, struct err *reterr)
{
    struct preflight chain = {.ledger = r->cfg.ledger,
                              .vault = r->cfg.vault,
                              .holds_still = r->cfg.holds_still,
                              .chain_id = r->cfg.chain_id,
                              .gas = &r->gas,
                              .now = clock_unix_s(r->cfg.clock),
                              .proxy = r->cfg.proxy,
                              .forwarder = r->cfg.forwarder};
    status st = preflight_signers(&chain, reqs, n, ret_index, reterr);
    if (st == OK)
        st = signers_take(r, reqs, n, ret_index, reterr);
    if (st == OK) {
        st = run_taken(r, &chain, reqs, n, ret, ret_index, reterr);
        signers_give_back(r, reqs, n);
    }
    preflight_done(&chain);
    return st;
}

status relay_run(struct relay *r, const struct relay_request *reqs, size_t n,
                 struct relay_result *ret_result, size_t *ret_index, struct err *reterr)
{
    *ret_index = n;
    memset(ret_result, 0, sizeof *ret_result);
    if (n == 0 || n > RELAY_BATCH_MAX)
        return ERR(reterr, E_RANGE, "requests: 1 to %u a batch", RELAY_BATCH_MAX);
    status st = check_all(r, reqs, n, ret_index, reterr);
    return st == OK ? run_checked(r, reqs, n, ret_result, ret_index, reterr) : st;
}

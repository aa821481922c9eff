/* SPDX-License-Identifier: Apache-2.0 */
/* The dry run of forward requests at the head of the chain. */
#include "relay/preflight.h"

#include "codec/abi.h"
#include "contract/errors.h"
#include "contract/registry_abi.h"
#include "relay/cost.h"

#define ARENA_CAP ((size_t)32 << 20)
/* For each signer: accountOf, nonces; of its account: accountOf, card hash. */
#define QUESTIONS 4u
#define DRY_OUTER 21000u
#define DRY_OUTER_BYTE 40u
#define DRY_MAX 16777216u /* EIP-7825 */

/* The requests of one signer, in order. */
struct preflight_group {
    addr20 from;
    bool is_member;   /* no account, but certified */
    addr20 account;   /* it acts for; from when it is no member */
    hash32 card_hash; /* that the certificate names */
    uint64_t cert_not_after;
    size_t n;
    size_t at[RELAY_BATCH_MAX]; /* indices into the requests */
};

static size_t group_by_signer(const struct relay_request *reqs, size_t n,
                              struct preflight_group *ret)
{
    size_t groups = 0;
    for (size_t i = 0; i < n; i++) {
        size_t g = 0;
        while (g < groups && !addr20_eq(ret[g].from, reqs[i].from))
            g++;
        if (g == groups)
            ret[groups++] = (struct preflight_group){.from = reqs[i].from};
        ret[g].at[ret[g].n++] = i;
    }
    return groups;
}

/* f(address) as calldata in the arena. */
static slice call_with_addr(struct arena *a, const uint8_t selector[4], addr20 who)
{
    uint8_t *p = arena_alloc(a, 36);
    if (p == NULL)
        return SLICE_EMPTY;
    memcpy(p, selector, 4);
    memcpy(p + 16, who.b, sizeof who.b);
    return slice_of(p, 36);
}

/* What certificates say of the signers; whether they are needed the chain tells. */
static status find_certificates(const struct preflight *p, struct preflight_group *groups, size_t n,
                                struct err *reterr)
{
    for (size_t g = 0; g < n; g++) {
        struct vault_cert cert;
        groups[g].account = groups[g].from;
        if (p->vault == NULL)
            continue;
        status st = vault_cert_get(p->vault, &groups[g].from, &cert, NULL, NULL);
        if (st == E_NOT_FOUND)
            continue;
        if (st != OK)
            return ERR(reterr, st, "from: its certificate cannot be read");
        groups[g].is_member = true;
        groups[g].account = cert.account;
        groups[g].card_hash = cert.card_hash;
        groups[g].cert_not_after = cert.not_after;
    }
    return OK;
}

static bool ask_registry(struct ledger_req *q, addr20 proxy, slice call)
{
    *q = (struct ledger_req){.kind = LEDGER_CALL, .at = LEDGER_LATEST};
    q->in.call.to = proxy;
    q->in.call.data = call;
    return call.n > 0;
}

static status ask_signers(const struct preflight *p, const struct preflight_group *groups, size_t n,
                          struct arena *a, struct ledger_req *ret_answers, struct err *reterr)
{
    for (size_t g = 0; g < n; g++) {
        struct ledger_req *q = &ret_answers[g * QUESTIONS];
        const addr20 *account = &groups[g].account;
        if (!ask_registry(&q[0], p->proxy,
                          call_with_addr(a, registry_sel_accountOf, groups[g].from)) ||
            !ask_registry(&q[1], p->forwarder,
                          call_with_addr(a, forwarder_sel_nonces, groups[g].from)) ||
            !ask_registry(&q[2], p->proxy, call_with_addr(a, registry_sel_accountOf, *account)) ||
            !ask_registry(&q[3], p->proxy, call_with_addr(a, registry_sel_keyCardHashOf, *account)))
            return ERR(reterr, E_NOMEM, "relay: out of memory");
    }
    return ledger_fault(p->ledger, ledger_run(p->ledger, ret_answers, n * QUESTIONS, a, reterr),
                        reterr);
}

static status read_account(const struct preflight *p, const struct ledger_req *answer,
                           struct registry_account *ret, struct err *reterr)
{
    status st = OK;
    if (answer->st != OK)
        st = ERR(reterr, answer->st, "from: %s", answer->err.msg);
    else if (registry_read_account_of(answer->out.data, ret) != OK)
        st = ERR(reterr, E_CORRUPT, "accountOf: malformed answer");
    return ledger_fault(p->ledger, st, reterr);
}

static status check_active(const struct registry_account *account, uint64_t now, struct err *reterr)
{
    if (account->status != REGISTRY_ACCOUNT_ACTIVE)
        return ERR(reterr, E_FORBIDDEN, "from: the account is suspended");
    if (account->valid_until != 0 && account->valid_until <= now)
        return ERR(reterr, E_FORBIDDEN, "from: the account's registration has ended");
    return OK;
}

/* The certificate of a signer that is no account holds now. */
static status check_member(const struct preflight *p, const struct ledger_req *answers,
                           const struct preflight_group *g, uint64_t now, struct err *reterr)
{
    struct registry_account account;
    hash32 card;
    if (!g->is_member)
        return ERR(reterr, E_FORBIDDEN,
                   "from: not a registered account, and no certificate names one for it");
    if (now >= g->cert_not_after)
        return ERR(reterr, E_FORBIDDEN, "from: its certificate is over");
    status st = read_account(p, &answers[2], &account, reterr);
    if (st != OK)
        return st;
    if (answers[3].st != OK || registry_read_key_card_hash_of(answers[3].out.data, &card) != OK)
        return ERR(reterr, E_UNAVAILABLE, "keyCardHashOf: no answer");
    const struct netid net = {.chain_id = p->chain_id, .proxy = p->proxy};
    if (!hash32_eq(card, g->card_hash)) {
        st = p->holds_still != NULL
                 ? p->holds_still(p->vault, &net, &g->from, &card, now, reterr)
                 : ERR(reterr, E_FORBIDDEN, "its certificate is of an earlier key card");
        if (st != OK)
            return err_prefix(reterr, st, "from");
    }
    return check_active(&account, now, reterr);
}

static status check_signer(const struct preflight *p, const struct ledger_req *answers,
                           struct preflight_group *g, uint64_t now, struct err *reterr)
{
    struct registry_account account;
    status st = read_account(p, &answers[0], &account, reterr);
    if (st != OK)
        return st;
    if (account.status == REGISTRY_ACCOUNT_NONE)
        return check_member(p, answers, g, now, reterr);
    g->is_member = false;
    g->account = g->from; /* whatever a certificate says */
    return check_active(&account, now, reterr);
}

/* Nobody shall see in one transaction which addresses belong together. */
static status check_mix(const struct preflight_group *groups, size_t n, size_t *ret_index,
                        struct err *reterr)
{
    for (size_t i = 1; i < n; i++) {
        *ret_index = groups[i].at[0];
        if (groups[i].is_member != groups[0].is_member)
            return ERR(reterr, E_RANGE,
                       "from: account calls and relationship calls do not share "
                       "a batch");
        for (size_t k = 0; groups[i].is_member && k < i; k++)
            if (addr20_eq(groups[i].account, groups[k].account))
                return ERR(reterr, E_RANGE,
                           "from: two relationship addresses of one account do not share a batch");
    }
    return OK;
}

static status check_nonces(const struct ledger_req *answer, const struct relay_request *reqs,
                           const struct preflight_group *g, size_t *ret_index, struct err *reterr)
{
    u256 answered;
    if (answer->st != OK || forwarder_read_nonces(answer->out.data, &answered) != OK ||
        !u256_fits_u64(answered))
        return ERR(reterr, E_UNAVAILABLE, "nonce: the forwarder does not answer");
    uint64_t next = answered.w[0];
    for (size_t i = 0; i < g->n; i++) {
        uint64_t have = reqs[g->at[i]].nonce;
        *ret_index = g->at[i];
        if (have < next + i)
            return ERR(reterr, E_REPLAY, "nonce: %llu is used, next is %llu",
                       (unsigned long long)have, (unsigned long long)(next + i));
        if (have > next + i)
            return ERR(reterr, E_CONFLICT, "nonce: %llu is ahead, next is %llu",
                       (unsigned long long)have, (unsigned long long)(next + i));
    }
    return OK;
}

static status check_signers(struct preflight *p, const struct relay_request *reqs,
                            size_t *ret_index, struct err *reterr)
{
    struct ledger_block head = {.number = 0};
    struct ledger_req *answers = arena_array(&p->a, p->groups_n * QUESTIONS, sizeof *answers);
    if (answers == NULL)
        return ERR(reterr, E_NOMEM, "relay: out of memory");
    status st = ledger_fault(p->ledger, ledger_head_fresh(p->ledger, &head, reterr), reterr);
    if (st == OK)
        st = find_certificates(p, p->groups, p->groups_n, reterr);
    if (st == OK)
        st = ask_signers(p, p->groups, p->groups_n, &p->a, answers, reterr);
    uint64_t now = head.timestamp > p->now ? head.timestamp : p->now;
    for (size_t g = 0; st == OK && g < p->groups_n; g++) {
        *ret_index = p->groups[g].at[0];
        st = check_signer(p, &answers[g * QUESTIONS], &p->groups[g], now, reterr);
        if (st == OK)
            st = check_nonces(&answers[g * QUESTIONS + 1], reqs, &p->groups[g], ret_index, reterr);
    }
    return st == OK ? check_mix(p->groups, p->groups_n, ret_index, reterr) : st;
}

/* The first k requests of a group as one call with the signer appended (ERC-2771), in the arena:
 * several go through the registry's multicall, so that later ones see what earlier ones did. */
static status dry_call(const struct relay_request *reqs, const struct preflight_group *g, size_t k,
                       struct arena *a, slice *ret, struct err *reterr)
{
    struct buf b;
    struct abi_enc e;
    slice items[RELAY_BATCH_MAX];
    buf_init(&b, ARENA_CAP);
    for (size_t i = 0; i < k; i++)
        items[i] = reqs[g->at[i]].data;
    status st = k == 1 ? buf_put(&b, items[0]) : abi_begin(&e, &b, registry_sel_multicall, 1);
    if (st == OK && k > 1)
        st = abi_put_bytes_array(&e, items, k);
    if (st == OK && k > 1)
        st = abi_end(&e);
    if (st == OK)
        st = buf_put_mem(&b, g->from.b, sizeof g->from.b);
    slice copy = st == OK ? arena_dup(a, buf_slice(&b)) : SLICE_EMPTY;
    buf_done(&b);
    if (copy.n == 0)
        return ERR(reterr, E_NOMEM, "relay: out of memory");
    *ret = copy;
    return OK;
}

/* A multicall inside a multicall reverts in the registry's own dispatch only when nested too deep;
 * one level is what the policy lets through. */
static void fill_dry(struct ledger_req *q, const struct preflight *p, slice data, uint64_t gas)
{
    *q = (struct ledger_req){.kind = LEDGER_CALL, .at = LEDGER_LATEST};
    q->in.call.from = p->forwarder;
    q->in.call.to = p->proxy;
    q->in.call.data = data;
    q->in.call.gas = gas;
}

/* A lone call is tried with what its signer gave it, beside what a call of one's own costs before
 * it begins (EIP-7623): one that runs out of gas fails in a block that we pay for. Several are
 * tried as one call, with as much as the node gives. */
static uint64_t dry_gas(const struct relay_request *reqs, const struct preflight_group *g,
                        slice data)
{
    if (g->n > 1)
        return 0;
    uint64_t gas = reqs[g->at[0]].gas + DRY_OUTER + (uint64_t)DRY_OUTER_BYTE * data.n;
    return gas > DRY_MAX ? DRY_MAX : gas;
}

/* What a dry run that failed is to its signer: a revert is the call's fault, all else ours. */
static status refusal(const struct preflight *p, const struct ledger_req *answer,
                      struct err *reterr)
{
    if (answer->st != E_REVERTED)
        return ledger_fault(p->ledger, ERR(reterr, answer->st, "dry run: %s", answer->err.msg),
                            reterr);
    struct buf text;
    buf_init(&text, CONTRACT_ERROR_TEXT_MAX);
    const char *name = NULL;
    if (contract_error_text(answer->out.data, &text) == OK)
        name = buf_cstr(&text);
    status st = ERR(reterr, E_REVERTED, "%s",
                    name != NULL ? name : "out of gas, or refused without a reason");
    buf_done(&text);
    return st;
}

/* A group failed: run its prefixes to find the first request that makes it fail. */
static status find_culprit(const struct preflight *p, const struct relay_request *reqs,
                           const struct preflight_group *g, struct arena *a, size_t *ret_index,
                           struct err *reterr)
{
    struct ledger_req *q = arena_array(a, g->n, sizeof *q);
    status st = q == NULL ? ERR(reterr, E_NOMEM, "relay: out of memory") : OK;
    for (size_t k = 1; st == OK && k <= g->n; k++) {
        slice data;
        st = dry_call(reqs, g, k, a, &data, reterr);
        if (st == OK)
            fill_dry(&q[k - 1], p, data, dry_gas(reqs, g, data));
    }
    if (st == OK)
        st = ledger_fault(p->ledger, ledger_run(p->ledger, q, g->n, a, reterr), reterr);
    for (size_t k = 0; st == OK && k < g->n; k++) {
        *ret_index = g->at[k];
        if (q[k].st != OK)
            st = refusal(p, &q[k], reterr);
    }
    return st;
}

/* The calls of all groups, and behind them the nonces of all signers. */
static status ask_calls(const struct preflight *p, const struct relay_request *reqs,
                        struct arena *a, struct ledger_req *ret_answers, struct err *reterr)
{
    for (size_t g = 0; g < p->groups_n; g++) {
        const struct preflight_group *group = &p->groups[g];
        slice data;
        status st = dry_call(reqs, group, group->n, a, &data, reterr);
        if (st != OK)
            return st;
        fill_dry(&ret_answers[g], p, data, dry_gas(reqs, group, data));
        if (!ask_registry(&ret_answers[p->groups_n + g], p->forwarder,
                          call_with_addr(a, forwarder_sel_nonces, group->from)))
            return ERR(reterr, E_NOMEM, "relay: out of memory");
    }
    return ledger_fault(p->ledger, ledger_run(p->ledger, ret_answers, 2 * p->groups_n, a, reterr),
                        reterr);
}

static status dry_run(struct preflight *p, const struct relay_request *reqs, size_t *ret_index,
                      struct err *reterr)
{
    struct ledger_req *q = arena_array(&p->a, 2 * p->groups_n, sizeof *q);
    status st = q == NULL ? ERR(reterr, E_NOMEM, "relay: out of memory") : OK;
    if (st == OK)
        st = ask_calls(p, reqs, &p->a, q, reterr);
    for (size_t g = 0; st == OK && g < p->groups_n; g++)
        st = check_nonces(&q[p->groups_n + g], reqs, &p->groups[g], ret_index, reterr);
    for (size_t g = 0; st == OK && g < p->groups_n; g++) {
        if (q[g].st != OK)
            st = find_culprit(p, reqs, &p->groups[g], &p->a, ret_index, reterr);
    }
    return st;
}

/* What a group's requests make the payer pay at most. */
static uint64_t gas_of(const struct preflight_group *g, const uint64_t parts[RELAY_BATCH_MAX])
{
    uint64_t gas = 0;
    for (size_t i = 0; i < g->n; i++)
        gas += parts[g->at[i]];
    return gas;
}

/* Signatures, certificates and nonces are right: nobody uses up another's share. All accounts of
 * the batch have room, or nothing is taken from any. */
static status take_gas(const struct preflight *p, const struct relay_request *reqs, size_t n,
                       size_t *ret_index, struct err *reterr)
{
    uint64_t parts[RELAY_BATCH_MAX];
    const struct preflight_group *groups = p->groups;
    status st = OK;
    size_t g = 0;
    cost_parts(reqs, n, parts);
    while (g < p->groups_n && (st = quota_take(p->gas, &groups[g].account, p->now,
                                               gas_of(&groups[g], parts), reterr)) == OK)
        g++;
    if (st == OK)
        return OK;
    *ret_index = groups[g].at[0];
    while (g-- > 0)
        quota_give(p->gas, &groups[g].account, p->now, gas_of(&groups[g], parts));
    return err_prefix(reterr, st, "gas");
}

status preflight_signers(struct preflight *p, const struct relay_request *reqs, size_t n,
                         size_t *ret_index, struct err *reterr)
{
    *ret_index = n;
    arena_init(&p->a, ARENA_CAP, false);
    p->groups = arena_array(&p->a, n, sizeof *p->groups);
    if (p->groups == NULL)
        return ERR(reterr, E_NOMEM, "relay: out of memory");
    p->groups_n = group_by_signer(reqs, n, p->groups);
    return check_signers(p, reqs, ret_index, reterr);
}

status preflight_calls(struct preflight *p, const struct relay_request *reqs, size_t n,
                       size_t *ret_index, struct err *reterr)
{
    *ret_index = n;
    status st = dry_run(p, reqs, ret_index, reterr);
    if (st == OK)
        st = take_gas(p, reqs, n, ret_index, reterr);
    if (st == OK)
        *ret_index = n;
    return st;
}

void preflight_done(struct preflight *p)
{
    arena_done(&p->a);
}

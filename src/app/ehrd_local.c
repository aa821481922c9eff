/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring of the embedded chain. */
#include "app/ehrd_local.h"

#include <stdio.h>

#include "app/ehrd_keys.h"

#define PATH_BYTES 4096
#define UPGRADE_LOGGED 1000u /* blocks of a folder of an older program */

static void log_upgrade(uint64_t block, uint64_t head)
{
    if (block % UPGRADE_LOGGED == 0 || block == head)
        log_line(LOG_INFO, "upgrade", "executedAgain=%llu head=%llu", (unsigned long long)block,
                 (unsigned long long)head);
}

static status chain_up(const struct ehrd_options *o, const char *dir, struct chain **ret,
                       struct err *reterr)
{
    struct secp_key key = {{0}};
    bool has_key = false;
    status st = ehrd_authority_key(dir, &key, &has_key, reterr);
    const struct chain_options co = {.dir = dir,
                                     .authority = has_key ? &key : NULL,
                                     .sealing = o->block_interval_s > 0 ? CHAIN_SEAL_INTERVAL
                                                                        : CHAIN_SEAL_INSTANT,
                                     .interval_ms = o->block_interval_s * 1000,
                                     .upgrading = log_upgrade};
    if (st == OK)
        st = chain_open(&co, ret, reterr);
    secp_key_done(&key);
    if (st == OK && chain_genesis(*ret)->has_authority && !has_key)
        return ERR(reterr, E_NO_KEY, "%s/authority.key: without it no block can be signed", dir);
    return st == OK ? chain_start(*ret, reterr) : st;
}

static status rpc_up(struct chain *chain, const char *version, struct rpc **ret, struct err *reterr)
{
    static char client[64];
    (void)snprintf(client, sizeof client, "ehrd/%s", version);
    const struct rpc_config cfg = {.chain = chain,
                                   .clock = &clock_system,
                                   .random = &random_system,
                                   .client_version = client,
                                   .groups = RPC_GROUPS_DEFAULT};
    return rpc_new(&cfg, ret, reterr);
}

status ehrd_local_open(const struct ehrd_options *o, const char *version, struct ehrd_local *ret,
                       struct ledger **ret_ledger, struct err *reterr)
{
    char dir[PATH_BYTES];
    int n = o->chain != NULL ? snprintf(dir, sizeof dir, "%s", o->chain)
                             : snprintf(dir, sizeof dir, "%s/chain", o->data);
    if (n < 0 || (size_t)n >= sizeof dir)
        return ERR(reterr, E_TOO_LONG, "path of the chain");
    status st = chain_up(o, dir, &ret->chain, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, st,
                   "%s: no chain is there; make one with \"ehrd chain init\" or give "
                   "--ledger URL",
                   dir);
    const struct ledger_local_config cfg = {
        .chain = ret->chain,
        .clock = &clock_system,
        .max_age_s = o->max_age_s == EHRD_MAX_AGE_AUTO ? 0 : o->max_age_s};
    if (st == OK)
        st = ledger_local_open(&cfg, ret_ledger, reterr);
    return st == OK ? rpc_up(ret->chain, version, &ret->rpc, reterr) : st;
}

void ehrd_local_wake(struct ehrd_local *l)
{
    if (l->chain != NULL)
        chain_wake(l->chain);
}

void ehrd_local_close(struct ehrd_local *l)
{
    rpc_free(l->rpc);
    chain_close(l->chain);
    *l = (struct ehrd_local){0};
}

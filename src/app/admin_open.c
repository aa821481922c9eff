/* SPDX-License-Identifier: Apache-2.0 */
/* An administrator of the command line: its account, its node, what it is told. */
#include <stdio.h>

#include "app/admin_tx.h"
#include "app/cli.h"

static status max_cost_take(struct args *a, uint64_t *ret, struct err *reterr)
{
    const char *text;
    u256 v;
    status st = args_value(a, "--max-cost", &text, reterr);
    *ret = LEDGER_COST_MAX;
    if (st != OK || text == NULL)
        return st;
    if (u256_read_dec(slice_str(text), &v) != OK || !u256_fits_u64(v) || u256_is_zero(v))
        return ERR(reterr, E_USAGE, "--max-cost: \"%s\" is no number of gwei", text);
    *ret = v.w[0];
    return OK;
}

status admin_tx_open(struct admin_tx *t, struct cli *c, struct args *a, struct err *reterr)
{
    const char *url;
    const char *name;
    char node_rpc[VAULT_NODE_URL + 8];
    uint64_t max_cost;
    struct secp_key key = {{0}};
    struct ledger_remote_config remote = {.url = NULL};
    status st = args_value(a, "--rpc", &url, reterr);
    if (st == OK)
        st = max_cost_take(a, &max_cost, reterr);
    remote.url = url;
    if (st == OK && url == NULL) {
        st = cli_config_load(c, reterr);
        (void)snprintf(node_rpc, sizeof node_rpc, "%s/rpc", c->cfg.node);
        remote.url = node_rpc;
        remote.chain_id = c->cfg.chain_id; /* no other chain gets a transaction of ours */
    }
    if (st == OK)
        st = cli_account(c, &name, reterr);
    if (st == OK)
        st = cli_key_load(c, name, &key, reterr);
    if (st == OK)
        st = ledger_remote_open(&remote, &t->ledger, reterr);
    if (st == OK)
        st = ledger_sender_new(t->ledger, &key, &t->sender, reterr);
    if (st == OK)
        ledger_sender_set_cost_max(t->sender, max_cost);
    if (st == OK)
        t->me = ledger_sender_address(t->sender);
    secp_key_done(&key);
    return st;
}

void admin_suspended_print(struct cli *c, const struct registration *r)
{
    if (c->json)
        jw_key(&c->w, "suspended"), jw_bool(&c->w, r->is_suspended);
    else if (r->is_suspended)
        printf("The account is suspended as before; \"ehr admin reinstate\" ends that.\n");
}

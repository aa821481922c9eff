/* SPDX-License-Identifier: Apache-2.0 */
/* An administrator of the command line: its account, its node, what it is told. */
#include <stdio.h>

#include "app/admin_tx.h"
#include "app/cli.h"

status admin_tx_open(struct admin_tx *t, struct cli *c, struct args *a, struct err *reterr)
{
    const char *url;
    const char *name;
    char node_rpc[VAULT_NODE_URL + 8];
    struct secp_key key = {{0}};
    status st = args_value(a, "--rpc", &url, reterr);
    if (st == OK && url == NULL) {
        st = cli_config_load(c, reterr);
        (void)snprintf(node_rpc, sizeof node_rpc, "%s/rpc", c->cfg.node);
        url = node_rpc;
    }
    if (st == OK)
        st = cli_account(c, &name, reterr);
    if (st == OK)
        st = cli_key_load(c, name, &key, reterr);
    if (st == OK)
        st = ledger_remote_open(&(struct ledger_remote_config){.url = url}, &t->ledger, reterr);
    if (st == OK)
        st = ledger_sender_new(t->ledger, &key, &t->sender, reterr);
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

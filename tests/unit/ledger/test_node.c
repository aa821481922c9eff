/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending either engine. */
#include "test_node.h"

#include "ledger/remote.h"
#include "test.h"
#include "tmpdir.h"

bool test_node_start(struct test_node *n, const char *const *extra)
{
    char dir[160];
    struct err err = {0};
    const char *engine = getenv("EHRD_TEST_LEDGER");
    *n = (struct test_node){.is_local = engine != NULL && strcmp(engine, "local") == 0};
    if (n->is_local) {
        tmpdir_make(n->dir, sizeof n->dir);
        (void)snprintf(dir, sizeof dir, "%s/chain", n->dir);
        local_chain_make(&n->local, dir, true, extra == NULL);
        n->ledger = &n->local.base;
        return n->up = true;
    }
    if (!anvil_start(&n->anvil, extra))
        return false;
    const struct ledger_remote_config cfg = {.url = n->anvil.url, .chain_id = 31337};
    assert_ok(ledger_remote_open(&cfg, &n->ledger, &err), &err);
    return n->up = true;
}

void test_node_stop(struct test_node *n)
{
    if (!n->up)
        return;
    ledger_close(n->ledger);
    if (n->is_local) {
        local_chain_done(&n->local);
        tmpdir_remove(n->dir);
    } else {
        anvil_stop(&n->anvil);
    }
    n->up = false;
}

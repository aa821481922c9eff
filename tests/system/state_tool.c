/* SPDX-License-Identifier: Apache-2.0 */
/* state_tool get|put HOME NAME PASSPHRASE-FILE FILE: an account's owner state as the node holds it,
 * to a file; back from it as the newest version, as a node would that lost what came later. */
#include <stdio.h>

#include "app/cli.h"
#include "base/file.h"

static status run(struct cli *c, bool put, const char *path, struct err *e)
{
    struct buf blob;
    struct buf saved;
    uint64_t version = 0;
    buf_init(&blob, VAULT_STATE_MAX);
    buf_init(&saved, VAULT_STATE_MAX);
    status st = cli_open(c, e);
    if (st == OK)
        st = vault_state_get(c->client.vault, &c->client.me, &version, &blob, e);
    if (st == OK && put && (st = file_read(path, &saved, e)) == OK)
        st = vault_state_put(c->client.vault, &c->client.me, version, buf_slice(&saved), &version,
                             e);
    else if (st == OK && !put)
        st = file_replace(path, buf_slice(&blob), 0600, e);
    buf_done(&blob);
    buf_done(&saved);
    return st;
}

int main(int argc, char **argv)
{
    static struct cli c;
    struct err e = {.msg = ""};
    if (argc != 6 || secp_init(&random_system) != OK)
        return 2;
    (void)snprintf(c.home, sizeof c.home, "%s", argv[2]);
    c.as = argv[3];
    c.pass_file = argv[4];
    c.pass_fd = -1;
    buf_init_secret(&c.pass, 1024);
    buf_init(&c.out, 4096);
    status st = run(&c, argv[1][0] == 'p', argv[5], &e);
    if (st != OK)
        (void)fprintf(stderr, "state_tool: %s: %s\n", status_name(st), e.msg);
    cli_close(&c);
    secp_done();
    return st == OK ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* flood_tool HOME NAME PASSPHRASE-FILE FOLDER ROUNDS: what somebody who may add to a folder can do
 * to whoever reads it: ROUNDS times forty records whose envelopes are as long as the node takes
 * them and say nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "app/cli.h"
#include "base/hex.h"
#include "base/limits.h"
#include "contract/registry_abi.h"
#include "ehr/envelope.h"
#include "ehr/flow_add.h"
#include "ehr/folder_access.h"

struct flood {
    struct client *c;
    struct folder_access at;
    struct content *content;
    struct buf header;
    struct buf meta;
    struct vault_envelope list[FLOW_MULTICALL];
    struct buf bytes[FLOW_MULTICALL];
    struct buf calls[FLOW_MULTICALL];
    uint8_t cids[FLOW_MULTICALL][CID_BIN_MAX];
};

/* The i-th of a round: its body at the node, its envelope and its call. */
static status one(struct flood *f, size_t i, struct err *e)
{
    struct content_info info;
    struct envelope v = {.folder = f->at.facts.folder,
                         .version = 1,
                         .epoch = f->at.facts.epoch,
                         .author = f->at.actor->addr,
                         .header = buf_slice(&f->header),
                         .meta = buf_slice(&f->meta)};
    struct vault_envelope *to = &f->list[i];
    buf_init(&f->bytes[i], LIMIT_ENVELOPE_BYTES);
    buf_init(&f->calls[i], 4096);
    status st = random_fill(&random_system, v.record.b, sizeof v.record.b);
    if (st == OK)
        st = random_fill(&random_system, to->inner.b, sizeof to->inner.b);
    if (st == OK)
        st = content_put(f->content, slice_of(v.record.b, sizeof v.record.b), &info, e);
    if (st != OK)
        return st;
    v.cid = info.cid;
    v.cid_bin = to->cid = slice_of(f->cids[i], cid_write(&info.cid, f->cids[i]));
    st = envelope_put(&v, &f->bytes[i], e);
    to->bytes = buf_slice(&f->bytes[i]);
    envelope_commitment(&f->c->net, &v, &to->inner, to->commitment);
    return st == OK ? registry_put_add_record(&f->calls[i], v.folder, v.record, v.epoch, to->inner)
                    : st;
}

static status round_send(struct flood *f, struct err *e)
{
    slice calls[FLOW_MULTICALL];
    struct client_sent sent;
    struct buf all;
    status st = OK;
    for (size_t i = 0; st == OK && i < FLOW_MULTICALL; i++) {
        st = one(f, i, e);
        calls[i] = buf_slice(&f->calls[i]);
    }
    buf_init(&all, (size_t)1 << 20);
    if (st == OK)
        st = vault_envelopes_put(f->c->vault, &f->at.facts.folder, f->list, FLOW_MULTICALL, e);
    if (st == OK)
        st = registry_put_multicall(&all, calls, FLOW_MULTICALL);
    slice call = buf_slice(&all);
    if (st == OK)
        st = client_send(f->c, f->at.actor, &call, 1, &sent, e);
    for (size_t i = 0; i < FLOW_MULTICALL; i++) {
        buf_done(&f->bytes[i]);
        buf_done(&f->calls[i]);
    }
    buf_done(&all);
    return st;
}

static status run(struct cli *c, const char *folder, unsigned long rounds, struct err *e)
{
    static struct flood f;
    hash32 id;
    f.c = &c->client;
    buf_init(&f.header, LIMIT_BODY_HEADER);
    buf_init(&f.meta, LIMIT_META_AGE);
    status st = hex_read_hash(slice_str(folder), &id);
    if (st == OK)
        st = cli_open(c, e);
    if (st == OK)
        st = client_state(&c->client, e);
    if (st == OK)
        st = folder_access_open(f.c, &id, &f.at, e);
    if (st == OK)
        st = client_content(f.c, &id, &f.content, e);
    if (st == OK)
        st = buf_put_zero(&f.header, LIMIT_BODY_HEADER);
    if (st == OK)
        st = buf_put_zero(&f.meta, LIMIT_META_AGE);
    for (unsigned long i = 0; st == OK && i < rounds; i++)
        st = round_send(&f, e);
    content_close(f.content);
    folder_access_done(&f.at);
    buf_done(&f.header);
    buf_done(&f.meta);
    return st;
}

int main(int argc, char **argv)
{
    static struct cli c;
    struct err e = {.msg = ""};
    if (argc != 6 || secp_init(&random_system) != OK)
        return 2;
    (void)snprintf(c.home, sizeof c.home, "%s", argv[1]);
    c.as = argv[2];
    c.pass_file = argv[3];
    c.pass_fd = -1;
    buf_init_secret(&c.pass, 1024);
    buf_init(&c.out, 4096);
    status st = run(&c, argv[4], strtoul(argv[5], NULL, 10), &e);
    if (st != OK)
        (void)fprintf(stderr, "flood_tool: %s: %s\n", status_name(st), e.msg);
    cli_close(&c);
    secp_done();
    return st == OK ? 0 : 1;
}

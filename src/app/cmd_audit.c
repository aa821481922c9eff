/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr audit": a folder's access log, its chain of leaves and the node's signature checked. */
#include <stdio.h>

#include "app/commands.h"
#include "base/limits.h"
#include "codec/domain_hash.h"
#include "codec/eip712.h"

struct auditing {
    hash32 folder;
    uint64_t seq; /* of the last entry that was checked */
    hash32 leaf;
    uint64_t refused;
};

/* The leaf follows the one before and is of this text. */
static status entry_check(const struct netid *net, const struct vault_log_entry *e,
                          struct auditing *au, struct err *reterr)
{
    hash32 sha;
    hash32 leaf;
    if (e->seq != au->seq + 1)
        return ERR(reterr, E_MISMATCH, "access log: entry %llu is missing",
                   (unsigned long long)(au->seq + 1));
    status st = log_entry_sha256(&e->salt, e->json, &sha);
    if (st != OK)
        return ERR(reterr, st, "access log: cannot be hashed");
    log_leaf(net, &au->folder, e->seq, &au->leaf, &sha, &leaf);
    if (!hash32_eq(leaf, e->leaf))
        return ERR(reterr, E_MISMATCH, "access log: entry %llu was changed, or one before it",
                   (unsigned long long)e->seq);
    au->seq = e->seq;
    au->leaf = leaf;
    return OK;
}

static slice text_of(struct json v, const char *key)
{
    slice s = SLICE_EMPTY;
    return json_str(json_get(v, key), &s, NULL) == OK ? s : SLICE_EMPTY;
}

static void entry_table(struct cli *c, struct json v)
{
    uint64_t t = 0;
    addr20 signer = {{0}};
    char when[32];
    char who[STATE_NAME + 1];
    if (json_u64(json_get(v, "time"), &t, NULL) != OK ||
        json_hex_addr(json_get(v, "signer"), &signer, NULL) != OK)
        t = 0;
    printf("%s  ", cli_time(t, when));
    cli_print_text(slice_str(cli_name_of(c, &signer, who)), 20);
    printf("  ");
    cli_print_text(text_of(v, "outcome"), 8);
    printf("  ");
    cli_print_text(text_of(v, "action"), 10);
    printf("  ");
    cli_print_text(text_of(v, "reason"), 0);
    printf("\n");
}

static status entry_print(struct cli *c, const struct vault_log_entry *e, struct auditing *au,
                          struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, (size_t)1 << 20, false);
    status st = json_read(e->json, &a, &doc, reterr);
    if (st == OK) {
        struct json v = json_root(&doc);
        au->refused += json_eq(json_get(v, "outcome"), "refused") ? 1 : 0;
        if (c->json)
            jw_json(&c->w, v);
        else
            entry_table(c, v);
    }
    arena_done(&a);
    return st == OK ? OK : err_prefix(reterr, st, "access log: entry");
}

/* The head is signed by the node, and is the last leaf. */
static status head_check(struct cli *c, const struct vault_log_head *h, const struct auditing *au,
                         struct err *reterr)
{
    hash32 digest;
    struct eip712_log_head t = {
        .folder_id = au->folder, .seq = h->seq, .leaf = h->leaf, .time = h->time};
    if (h->seq == 0 && au->seq == 0)
        return OK;
    if (h->seq != au->seq || !hash32_eq(h->leaf, au->leaf))
        return ERR(reterr, E_MISMATCH, "access log: the head is not the last entry");
    eip712_log_head_digest(&c->client.net, &t, &digest);
    if (secp_verify_addr(&digest, slice_of(h->signature, sizeof h->signature),
                         c->cfg.node_address) != OK)
        return ERR(reterr, E_SIGNATURE, "access log: the head is not signed by the node");
    return OK;
}

/* One page; *ret_more: there are more entries. Reading a log may itself be logged, so the head is
 * compared when the page that reaches it came. */
static status page_check(struct cli *c, struct auditing *au, bool *ret_more, struct err *reterr)
{
    struct arena a;
    struct vault_log_entry *list;
    size_t n;
    struct vault_log_head head;
    arena_init(&a, LIMIT_HTTP_ANSWER * 3, false);
    status st = vault_log(c->client.vault, &au->folder, au->seq, VAULT_LOG_PAGE, &a, &list, &n,
                          &head, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = entry_check(&c->client.net, &list[i], au, reterr);
        if (st == OK)
            st = entry_print(c, &list[i], au, reterr);
    }
    *ret_more = st == OK && n > 0 && au->seq < head.seq;
    if (st == OK && !*ret_more)
        st = head_check(c, &head, au, reterr);
    arena_done(&a);
    return st;
}

status cmd_audit(struct cli *c, struct args *a, struct err *reterr)
{
    struct auditing au = {.seq = 0};
    bool more = true;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &au.folder, reterr);
    jw_key(&c->w, "entries"), jw_array(&c->w);
    while (st == OK && more)
        st = page_check(c, &au, &more, reterr);
    jw_end(&c->w);
    if (st != OK)
        return st;
    if (c->json) {
        jw_key(&c->w, "verified"), jw_u64(&c->w, au.seq);
        jw_key(&c->w, "refused"), jw_u64(&c->w, au.refused);
    } else {
        printf("\n%llu entries, %llu refused; the chain of entries and the node's signature fit.\n",
               (unsigned long long)au.seq, (unsigned long long)au.refused);
    }
    return OK;
}

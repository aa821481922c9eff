/* SPDX-License-Identifier: Apache-2.0 */
/* Checking of a folder's access log. */
#include "app/access_log.h"

#include "base/limits.h"
#include "codec/domain_hash.h"
#include "codec/eip712.h"

/* The leaf follows the one before and is of this text. */
static status leaf_check(const struct netid *net, const struct vault_log_entry *e,
                         struct access_log *au, struct err *reterr)
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

static status entry_tell(const struct vault_log_entry *e, struct access_log *au, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, (size_t)1 << 20, false);
    status st = json_read(e->json, &a, &doc, reterr);
    if (st == OK)
        st = au->entry(au->ctx, json_root(&doc), reterr);
    arena_done(&a);
    return st == OK ? OK : err_prefix(reterr, st, "access log: entry");
}

/* The head is signed by the node, and is the last leaf. */
static status head_check(struct cli *c, const struct vault_log_head *h, const struct access_log *au,
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
static status page_check(struct cli *c, struct access_log *au, bool *ret_more, struct err *reterr)
{
    struct arena a;
    struct vault_log_entry *list;
    size_t n;
    struct vault_log_head head;
    arena_init(&a, LIMIT_HTTP_ANSWER * 3, false);
    status st = vault_log(c->client.vault, &au->folder, au->seq, VAULT_LOG_PAGE, &a, &list, &n,
                          &head, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = leaf_check(&c->client.net, &list[i], au, reterr);
        if (st == OK)
            st = entry_tell(&list[i], au, reterr);
    }
    *ret_more = st == OK && n > 0 && au->seq < head.seq;
    if (st == OK && !*ret_more)
        st = head_check(c, &head, au, reterr);
    arena_done(&a);
    return st;
}

status access_log_who(struct json entry, addr20 *ret, struct err *reterr)
{
    struct json account = json_get(entry, "account");
    return json_hex_addr(json_is_absent(account) ? json_get(entry, "signer") : account, ret,
                         reterr);
}

status access_log_read(struct cli *c, struct access_log *log, struct err *reterr)
{
    bool more = true;
    status st = OK;
    while (st == OK && more)
        st = page_check(c, log, &more, reterr);
    return st;
}

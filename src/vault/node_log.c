/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of a folder's access log from a node. */
#include <stdio.h>

#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"
#include "vault/node.h"

static status entry_read(struct json v, struct arena *a, struct vault_log_entry *e,
                         struct err *reterr)
{
    slice text;
    status st = json_u64(json_get(v, "seq"), &e->seq, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "salt"), &e->salt, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "leaf"), &e->leaf, reterr);
    if (st == OK)
        st = json_str(json_get(v, "entry"), &text, reterr);
    if (st == OK && (e->json = arena_dup(a, text)).p == NULL)
        st = ERR(reterr, E_NOMEM, "out of memory");
    return st;
}

static status head_read(struct json v, struct vault_log_head *h, struct err *reterr)
{
    status st = json_u64(json_get(v, "seq"), &h->seq, reterr);
    if (st == OK && h->seq == 0)
        return OK;
    if (st == OK)
        st = json_hex_hash(json_get(v, "leaf"), &h->leaf, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "time"), &h->time, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "signature"), h->signature, sizeof h->signature, reterr);
    return st;
}

static status log_read(struct json root, struct arena *a, size_t limit,
                       struct vault_log_entry **ret, size_t *ret_n, struct vault_log_head *ret_head,
                       struct err *reterr)
{
    struct json list = json_get(root, "entries");
    size_t n = json_count(list);
    size_t i = 0;
    status st = OK;
    if (n > limit)
        n = limit;
    struct vault_log_entry *out = arena_array(a, n > 0 ? n : 1, sizeof *out);
    if (out == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (struct json_iter it = json_iter(list); st == OK && i < n && json_next(&it); i++)
        st = entry_read(it.value, a, &out[i], reterr);
    if (st == OK)
        st = head_read(json_get(root, "head"), ret_head, reterr);
    *ret = out;
    *ret_n = n;
    return st;
}

status vault_node_log(struct vault *v, const hash32 *folder, uint64_t after, size_t limit,
                      struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                      struct vault_log_head *ret_head, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    char id[67];
    struct buf answer;
    struct json_doc doc;
    *ret_head = (struct vault_log_head){0};
    (void)snprintf(t, sizeof t, "/api/v1/folders/%s/log?after=%llu",
                   hex_0x(slice_of(folder->b, sizeof folder->b), id), (unsigned long long)after);
    struct vault_node_request r = {.method = "GET", .target = t};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = vault_node_call(v, &r, &answer, NULL, reterr);
    if (st == OK)
        st = json_read(buf_slice(&answer), a, &doc, reterr);
    if (st == OK)
        st = log_read(json_root(&doc), a, limit, ret, ret_n, ret_head, reterr);
    buf_done(&answer);
    return st;
}

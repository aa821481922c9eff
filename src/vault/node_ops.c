/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's operations as requests to a node. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"
#include "codec/rlp.h"
#include "crypto/sha2.h"
#include "vault/node.h"

#define API "/api/v1"
#define BYTES_MEDIA "application/octet-stream"

struct id_text {
    char s[67];
};

static struct id_text id_of(const hash32 *h)
{
    struct id_text t;
    hex_0x(slice_of(h->b, sizeof h->b), t.s);
    return t;
}

static struct id_text addr_of(const addr20 *a)
{
    struct id_text t;
    hex_0x(slice_of(a->b, sizeof a->b), t.s);
    return t;
}

static status get(struct vault *v, const char *target, struct buf *ret, struct err *reterr)
{
    struct vault_node_request r = {.method = "GET", .target = target};
    return vault_node_call(v, &r, ret, NULL, reterr);
}

/* A request whose answer's body is of no interest. */
static status send(struct vault *v, const char *method, const char *target, const char *media,
                   slice body, struct err *reterr)
{
    struct buf answer;
    struct vault_node_request r = {
        .method = method, .target = target, .media = media, .body = body};
    buf_init(&answer, LIMIT_HTTP_BODY_SMALL);
    status st = vault_node_call(v, &r, &answer, NULL, reterr);
    buf_done(&answer);
    return st;
}

/* GET and parse; doc borrows from answer and arena. */
static status get_json(struct vault *v, const char *target, struct buf *answer, struct arena *a,
                       struct json_doc *ret, struct err *reterr)
{
    status st = get(v, target, answer, reterr);
    return st == OK ? json_read(buf_slice(answer), a, ret, reterr) : st;
}

static status card_put(struct vault *v, const addr20 *account, slice json, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)snprintf(t, sizeof t, API "/cards/%s", addr_of(account).s);
    return send(v, "PUT", t, NULL, json, reterr);
}

static status card_get(struct vault *v, const addr20 *account, struct buf *ret, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)snprintf(t, sizeof t, API "/cards/%s", addr_of(account).s);
    return get(v, t, ret, reterr);
}

static status cards_read(struct json list, struct arena *a, struct vault_card *out, size_t n,
                         struct err *reterr)
{
    size_t i = 0;
    status st = OK;
    for (struct json_iter it = json_iter(list); st == OK && i < n && json_next(&it); i++) {
        out[i].json = arena_dup(a, json_raw(it.value));
        st = json_hex_addr(json_get(it.value, "account"), &out[i].account, reterr);
        if (st == OK && out[i].json.p == NULL)
            st = ERR(reterr, E_NOMEM, "out of memory");
    }
    return st;
}

static status cards(struct vault *v, struct arena *a, struct vault_card **ret, size_t *ret_n,
                    struct err *reterr)
{
    struct buf answer;
    struct json_doc doc;
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = get_json(v, API "/directory", &answer, a, &doc, reterr);
    if (st == OK) {
        struct json list = json_get(json_root(&doc), "cards");
        size_t n = json_count(list);
        *ret = arena_array(a, n > 0 ? n : 1, sizeof **ret);
        *ret_n = n;
        st = *ret == NULL ? ERR(reterr, E_NOMEM, "out of memory")
                          : cards_read(list, a, *ret, n, reterr);
    }
    buf_done(&answer);
    return st;
}

static status state_put(struct vault *v, const addr20 *account, uint64_t expected, slice blob,
                        uint64_t *ret_version, struct err *reterr)
{
    struct buf answer;
    struct vault_node_request r = {.method = "PUT",
                                   .target = API "/state",
                                   .media = BYTES_MEDIA,
                                   .body = blob,
                                   .once = true,
                                   .has_if_match = true,
                                   .if_match = expected};
    (void)account; /* the signer's */
    buf_init(&answer, LIMIT_HTTP_BODY_SMALL);
    status st = vault_node_call(v, &r, &answer, NULL, reterr);
    buf_done(&answer);
    if (st == OK)
        *ret_version = expected + 1;
    return st;
}

static status state_get(struct vault *v, const addr20 *account, uint64_t *ret_version,
                        struct buf *ret, struct err *reterr)
{
    struct vault_node_request r = {.method = "GET", .target = API "/state"};
    (void)account;
    return vault_node_call(v, &r, ret, ret_version, reterr);
}

static status fkey_put(struct vault *v, const hash32 *folder, uint32_t epoch, slice json,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)snprintf(t, sizeof t, API "/folders/%s/keys/%u", id_of(folder).s, epoch);
    return send(v, "PUT", t, NULL, json, reterr);
}

static status fkeys_read(struct json list, struct arena *a, struct vault_fkey *out, size_t n,
                         struct err *reterr)
{
    size_t i = 0;
    status st = OK;
    for (struct json_iter it = json_iter(list); st == OK && i < n && json_next(&it); i++) {
        uint64_t epoch = 0;
        out[i].json = arena_dup(a, json_raw(it.value));
        st = json_u64(json_get(it.value, "epoch"), &epoch, reterr);
        out[i].epoch = (uint32_t)epoch;
        if (st == OK && (out[i].json.p == NULL || epoch > UINT32_MAX))
            st = ERR(reterr, E_RANGE, "folder keys: epoch, or out of memory");
    }
    return st;
}

static status fkeys(struct vault *v, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                    size_t *ret_n, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    struct buf answer;
    struct json_doc doc;
    (void)snprintf(t, sizeof t, API "/folders/%s/keys", id_of(folder).s);
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = get_json(v, t, &answer, a, &doc, reterr);
    if (st == OK) {
        struct json list = json_get(json_root(&doc), "keys");
        size_t n = json_count(list);
        *ret = arena_array(a, n > 0 ? n : 1, sizeof **ret);
        *ret_n = n;
        st = *ret == NULL ? ERR(reterr, E_NOMEM, "out of memory")
                          : fkeys_read(list, a, *ret, n, reterr);
    }
    buf_done(&answer);
    return st;
}

static void wrap_target(const hash32 *folder, const addr20 *holder, char t[VAULT_NODE_TARGET])
{
    (void)snprintf(t, VAULT_NODE_TARGET, API "/folders/%s/wraps/%s", id_of(folder).s,
                   addr_of(holder).s);
}

static status wrap_put(struct vault *v, const hash32 *folder, const addr20 *holder, slice note,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    wrap_target(folder, holder, t);
    return send(v, "PUT", t, BYTES_MEDIA, note, reterr);
}

static status wrap_get(struct vault *v, const hash32 *folder, const addr20 *holder, struct buf *ret,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    wrap_target(folder, holder, t);
    return get(v, t, ret, reterr);
}

static status wrap_delete(struct vault *v, const hash32 *folder, const addr20 *holder,
                          struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    wrap_target(folder, holder, t);
    return send(v, "DELETE", t, NULL, SLICE_EMPTY, reterr);
}

static status pairs_put(const struct vault_envelope *list, size_t n, struct buf *out)
{
    size_t outer;
    status st = rlp_put_list_begin(out, &outer);
    for (size_t i = 0; st == OK && i < n; i++) {
        size_t pair;
        st = rlp_put_list_begin(out, &pair);
        if (st == OK)
            st = rlp_put_bytes(out, slice_of(list[i].inner.b, sizeof list[i].inner.b));
        if (st == OK)
            st = rlp_put_bytes(out, list[i].bytes);
        if (st == OK)
            st = rlp_put_list_end(out, pair);
    }
    return st == OK ? rlp_put_list_end(out, outer) : st;
}

static status envelopes_put(struct vault *v, const hash32 *folder,
                            const struct vault_envelope *list, size_t n, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    struct buf body;
    (void)snprintf(t, sizeof t, API "/folders/%s/envelopes", id_of(folder).s);
    buf_init(&body, LIMIT_HTTP_ANSWER);
    status st = pairs_put(list, n, &body);
    if (st == OK)
        st = send(v, "POST", t, BYTES_MEDIA, buf_slice(&body), reterr);
    else
        st = ERR(reterr, st, "envelopes: %s", status_text(st));
    buf_done(&body);
    return st;
}

static status envelope_get(struct vault *v, const hash32 *folder, const struct vault_ref *ref,
                           struct buf *ret, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    int n =
        snprintf(t, sizeof t, API "/folders/%s/records/%s", id_of(folder).s, id_of(&ref->record).s);
    if (ref->version != 0 && n > 0)
        (void)snprintf(t + n, sizeof t - (size_t)n, "?version=%u", ref->version);
    return get(v, t, ret, reterr);
}

static status query_put(const struct vault_ref *refs, size_t n, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "records"), jw_array(&w);
    for (size_t i = 0; i < n; i++)
        jw_hex(&w, slice_of(refs[i].record.b, sizeof refs[i].record.b));
    jw_end(&w);
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status pairs_read(slice in, size_t max, struct arena *a, struct vault_envelope *out,
                         size_t *ret_n, struct err *reterr)
{
    struct rlp_list outer;
    size_t n = 0;
    status st = rlp_read_list(in, &outer, reterr);
    for (; st == OK && !rlp_list_is_empty(&outer); n++) {
        struct rlp_list pair;
        slice bytes;
        if (n == max)
            return ERR(reterr, E_TOO_LONG, "envelopes: more than asked for");
        out[n] = (struct vault_envelope){0};
        st = rlp_next_list(&outer, &pair, reterr);
        if (st == OK)
            st = rlp_next_fixed(&pair, out[n].inner.b, sizeof out[n].inner.b, reterr);
        if (st == OK)
            st = rlp_next_bytes(&pair, &bytes, reterr);
        if (st == OK && (out[n].bytes = arena_dup(a, bytes)).p == NULL)
            st = ERR(reterr, E_NOMEM, "out of memory");
    }
    *ret_n = n;
    return st;
}

/* One question; *ret_left_out: of refs, the last ones, which the node did not look at. */
static status envelopes_ask(struct vault *v, const hash32 *folder, const struct vault_ref *refs,
                            size_t n, struct buf *ret, uint64_t *ret_left_out, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    struct buf body;
    (void)snprintf(t, sizeof t, API "/folders/%s/envelopes/query", id_of(folder).s);
    buf_init(&body, LIMIT_HTTP_BODY_SMALL);
    status st = query_put(refs, n, &body, reterr);
    struct vault_node_request r = {
        .method = "POST", .target = t, .body = buf_slice(&body), .ret_left_out = ret_left_out};
    if (st == OK)
        st = vault_node_call(v, &r, ret, NULL, reterr);
    buf_done(&body);
    return st;
}

/* A node that answers in part is asked for the rest, which becomes less each time. */
static status envelopes_get(struct vault *v, const hash32 *folder, const struct vault_ref *refs,
                            size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                            struct err *reterr)
{
    struct buf answer;
    uint64_t left = n;
    size_t all = 0;
    size_t got = 0;
    status st = OK;
    struct vault_envelope *list = arena_array(a, n > 0 ? n : 1, sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    while (st == OK && left > 0) {
        size_t asked = (size_t)left;
        buf_clear(&answer);
        st = envelopes_ask(v, folder, refs + (n - asked), asked, &answer, &left, reterr);
        if (st == OK && left >= asked)
            st = ERR(reterr, E_RANGE, "envelopes: the node looks at none");
        if (st == OK)
            st = pairs_read(buf_slice(&answer), asked - (size_t)left, a, list + all, &got, reterr);
        all += got;
    }
    buf_done(&answer);
    if (st != OK)
        return st;
    *ret = list;
    *ret_n = all;
    return OK;
}

static status note_put(struct vault *v, const addr20 *account, slice note, hash32 *ret_id,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)snprintf(t, sizeof t, API "/inbox/%s", addr_of(account).s);
    status st = sha256(note, ret_id);
    if (st != OK)
        return ERR(reterr, st, "note: cannot be hashed");
    return send(v, "POST", t, BYTES_MEDIA, note, reterr);
}

static status notes_read(struct json list, struct vault_note *out, size_t n, struct err *reterr)
{
    size_t i = 0;
    status st = OK;
    for (struct json_iter it = json_iter(list); st == OK && i < n && json_next(&it); i++) {
        st = json_hex_hash(json_get(it.value, "id"), &out[i].id, reterr);
        if (st == OK)
            st = json_u64(json_get(it.value, "received"), &out[i].received, reterr);
        if (st == OK)
            st = json_u64(json_get(it.value, "size"), &out[i].size, reterr);
    }
    return st;
}

static status notes(struct vault *v, const addr20 *account, struct arena *a,
                    struct vault_note **ret, size_t *ret_n, struct err *reterr)
{
    struct buf answer;
    struct json_doc doc;
    (void)account;
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = get_json(v, API "/inbox", &answer, a, &doc, reterr);
    if (st == OK) {
        struct json list = json_get(json_root(&doc), "notes");
        size_t n = json_count(list);
        *ret = arena_array(a, n > 0 ? n : 1, sizeof **ret);
        *ret_n = n;
        st = *ret == NULL ? ERR(reterr, E_NOMEM, "out of memory")
                          : notes_read(list, *ret, n, reterr);
    }
    buf_done(&answer);
    return st;
}

static status note_get(struct vault *v, const addr20 *account, const hash32 *id, struct buf *ret,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)account;
    (void)snprintf(t, sizeof t, API "/inbox/%s", id_of(id).s);
    return get(v, t, ret, reterr);
}

static status note_delete(struct vault *v, const addr20 *account, const hash32 *id,
                          struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    (void)account;
    (void)snprintf(t, sizeof t, API "/inbox/%s", id_of(id).s);
    return send(v, "DELETE", t, NULL, SLICE_EMPTY, reterr);
}

static void cert_target(const addr20 *member, char t[VAULT_NODE_TARGET])
{
    (void)snprintf(t, VAULT_NODE_TARGET, API "/certificates/%s", addr_of(member).s);
}

static status cert_put(struct vault *v, const addr20 *member, const struct vault_cert *c,
                       struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    cert_target(member, t);
    return send(v, "PUT", t, NULL, c->json, reterr);
}

static status cert_get(struct vault *v, const addr20 *member, struct vault_cert *ret,
                       struct buf *ret_json, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    *ret = (struct vault_cert){.not_after = 0};
    cert_target(member, t);
    return get(v, t, ret_json, reterr);
}

static status cert_delete(struct vault *v, const addr20 *member, struct err *reterr)
{
    char t[VAULT_NODE_TARGET];
    cert_target(member, t);
    return send(v, "DELETE", t, NULL, SLICE_EMPTY, reterr);
}

static void node_close(struct vault *v)
{
    free(v);
}

const struct vault_ops vault_node_ops = {
    .card_put = card_put,
    .card_get = card_get,
    .cards = cards,
    .state_put = state_put,
    .state_get = state_get,
    .fkey_put = fkey_put,
    .fkeys = fkeys,
    .wrap_put = wrap_put,
    .wrap_get = wrap_get,
    .wrap_delete = wrap_delete,
    .envelopes_put = envelopes_put,
    .envelope_get = envelope_get,
    .envelopes_get = envelopes_get,
    .note_put = note_put,
    .notes = notes,
    .note_get = note_get,
    .note_delete = note_delete,
    .cert_put = cert_put,
    .cert_get = cert_get,
    .cert_delete = cert_delete,
    .log = vault_node_log,
    .close = node_close,
};

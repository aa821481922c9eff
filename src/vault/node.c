/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests to a node and its refusals. */
#include "vault/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/limits.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "crypto/sha2.h"

struct vault_node {
    struct vault base; /* first */
    struct http_client *http;
    struct netid net;
    const struct clock_src *clock;
    const struct random_src *random;
    const struct secp_key *key;
    addr20 addr;
    struct vault_node_signers folders; /* .find NULL: key signs everything */
    char url[VAULT_NODE_URL];
    char origin[VAULT_NODE_URL];
};

struct named_status {
    const char *name;
    status st;
};

static const struct named_status statuses[] = {
#define STATUS(name, value, text, rpc, http, fhir) {#name, name},
#include "base/status.def"
#undef STATUS
};

static struct vault_node *node_of(struct vault *v)
{
    return (struct vault_node *)v;
}

status vault_node_open(const struct vault_node_config *cfg, struct vault **ret, struct err *reterr)
{
    if (strlen(cfg->url) >= VAULT_NODE_URL || strlen(cfg->origin) >= VAULT_NODE_URL)
        return ERR(reterr, E_RANGE, "the node's URL is longer than %u bytes", VAULT_NODE_URL - 1);
    struct vault_node *n = calloc(1, sizeof *n);
    if (n == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    n->base.ops = &vault_node_ops;
    n->http = cfg->http;
    n->net = cfg->net;
    n->clock = cfg->clock;
    n->random = cfg->random;
    memcpy(n->url, cfg->url, strlen(cfg->url) + 1);
    memcpy(n->origin, cfg->origin, strlen(cfg->origin) + 1);
    *ret = &n->base;
    return OK;
}

void vault_node_sign_as(struct vault *v, const struct secp_key *key, addr20 addr)
{
    node_of(v)->key = key;
    node_of(v)->addr = addr;
}

void vault_node_sign_folders(struct vault *v, const struct vault_node_signers *s)
{
    node_of(v)->folders = *s;
}

/* Key and address for a target. */
static status signer_of(const struct vault_node *n, const char *target, const struct secp_key **ret,
                        addr20 *ret_addr, struct err *reterr)
{
    const slice below = SLICE_LIT("/api/v1/folders/");
    hash32 folder;
    slice rest = slice_str(target);
    *ret = n->key;
    *ret_addr = n->addr;
    if (n->folders.find != NULL && slice_has_prefix(rest, below) &&
        hex_read_hash(slice_first(slice_after(rest, below.n), 66), &folder) == OK)
        return n->folders.find(n->folders.ctx, &folder, ret, ret_addr, reterr);
    return *ret != NULL ? OK : ERR(reterr, E_AUTH, "no account to sign the request with");
}

const char *vault_node_url(const struct vault *v)
{
    return ((const struct vault_node *)v)->url;
}

static status put_value(const struct eip712_vault_request *q, const uint8_t sig[SECP_SIG],
                        struct buf *out)
{
    char signer[43];
    char nonce[67];
    char body[67];
    char sig_text[2 * SECP_SIG + 3];
    return buf_printf(out, "Ehrd signer=%s,nonce=%s,issued=%llu,body=%s,signature=%s",
                      hex_0x(slice_of(q->signer.b, 20), signer),
                      hex_0x(slice_of(q->nonce.b, 32), nonce), (unsigned long long)q->issued_at,
                      hex_0x(slice_of(q->body_sha256.b, 32), body),
                      hex_0x(slice_of(sig, SECP_SIG), sig_text));
}

status vault_node_authorize(struct vault *v, const char *method, const char *target,
                            const hash32 *body_sha256, struct buf *out, struct err *reterr)
{
    struct vault_node *n = node_of(v);
    uint8_t sig[SECP_SIG];
    hash32 digest;
    const struct secp_key *key;
    addr20 addr;
    status st = signer_of(n, target, &key, &addr, reterr);
    if (st != OK)
        return st;
    struct eip712_vault_request q = {.signer = addr,
                                     .origin = slice_str(n->origin),
                                     .method = slice_str(method),
                                     .target = slice_str(target),
                                     .body_sha256 = *body_sha256,
                                     .issued_at = clock_unix_s(n->clock)};
    st = random_fill(n->random, q.nonce.b, sizeof q.nonce.b);
    if (st == OK) {
        eip712_vault_request_digest(&n->net, &q, &digest);
        st = secp_sign(key, &digest, sig);
    }
    if (st == OK)
        st = put_value(&q, sig, out);
    return st == OK ? OK : ERR(reterr, st, "request: cannot be signed");
}

static status status_of(struct json code, int http_code)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].st != OK && json_eq(code, statuses[i].name))
            return statuses[i].st;
    if (http_code == 403 || http_code == 401)
        return E_FORBIDDEN;
    if (http_code == 404)
        return E_NOT_FOUND;
    if (http_code == 409 || http_code == 412)
        return E_CONFLICT;
    return http_code >= 500 ? E_UNAVAILABLE : E_USAGE;
}

status vault_node_refusal(int http_code, slice body, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    slice reason = SLICE_EMPTY;
    arena_init(&a, (size_t)1 << 20, false);
    struct json err = {0};
    if (json_read(body, &a, &doc, NULL) == OK)
        err = json_get(json_root(&doc), "error");
    status st = status_of(json_get(err, "code"), http_code);
    if (json_str(json_get(err, "reason"), &reason, NULL) != OK || reason.n == 0)
        reason = slice_str(status_text(st));
    (void)ERR(reterr, st, "%.*s (node answered %d)", (int)(reason.n > 180 ? 180 : reason.n),
              (const char *)reason.p, http_code);
    arena_done(&a);
    return st;
}

static uint64_t etag_read(slice v)
{
    uint64_t n = 0;
    if (v.n < 3 || v.n > 20 || v.p[0] != '"')
        return 0;
    for (size_t i = 1; i + 1 < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9')
            return 0;
        n = n * 10 + (uint64_t)(v.p[i] - '0');
    }
    return n;
}

static status left_out_read(slice v, uint64_t *ret, struct err *reterr)
{
    *ret = 0;
    if (v.n > 0 && http_length_read(v, ret) != OK)
        return ERR(reterr, E_SYNTAX, "Ehrd-Left-Out: no number");
    return OK;
}

/* The header fields of a request; storage for their values is the caller's. */
struct fields {
    struct http_header h[3];
    size_t n;
    struct buf auth;
    char if_match[24];
};

static void field_add(struct fields *f, const char *name, slice value)
{
    f->h[f->n++] = (struct http_header){slice_str(name), value};
}

static status fields_fill(struct vault *v, const struct vault_node_request *r, struct fields *f,
                          struct err *reterr)
{
    hash32 sha;
    status st = sha256(r->body, &sha);
    if (st != OK)
        return ERR(reterr, st, "request: cannot be hashed");
    if (!r->is_unsigned) {
        st = vault_node_authorize(v, r->method, r->target, &sha, &f->auth, reterr);
        if (st != OK)
            return st;
        field_add(f, "Authorization", buf_slice(&f->auth));
    }
    if (r->body.n > 0)
        field_add(f, "Content-Type", slice_str(r->media != NULL ? r->media : "application/json"));
    if (r->has_if_match) {
        (void)snprintf(f->if_match, sizeof f->if_match, "\"%llu\"",
                       (unsigned long long)r->if_match);
        field_add(f, "If-Match", slice_str(f->if_match));
    }
    return OK;
}

static status exchange(struct vault_node *n, const struct vault_node_request *r,
                       const struct fields *f, struct buf *ret, uint64_t *ret_etag,
                       struct err *reterr)
{
    char url[VAULT_NODE_URL + VAULT_NODE_TARGET];
    struct http_answer ans = {0};
    if (strlen(r->target) >= VAULT_NODE_TARGET)
        return ERR(reterr, E_RANGE, "target: too long");
    (void)snprintf(url, sizeof url, "%s%s", n->url, r->target);
    struct http_call call = {.method = r->method,
                             .url = url,
                             .headers = f->h,
                             .n_headers = f->n,
                             .body = r->body,
                             .once = r->once,
                             .total_ms = r->total_ms};
    status st = http_client_call(n->http, &call, &ans, reterr);
    if (st != OK)
        return st;
    if (ans.code < 200 || ans.code > 299)
        st = vault_node_refusal(ans.code, buf_slice(&ans.body), reterr);
    else if ((st = buf_put(ret, buf_slice(&ans.body))) != OK)
        st = ERR(reterr, st, "the node's answer: %s", status_text(st));
    if (st == OK && ret_etag != NULL)
        *ret_etag = etag_read(http_answer_header(&ans, "ETag"));
    if (st == OK && r->ret_left_out != NULL)
        st = left_out_read(http_answer_header(&ans, "Ehrd-Left-Out"), r->ret_left_out, reterr);
    http_answer_done(&ans);
    return st;
}

status vault_node_call(struct vault *v, const struct vault_node_request *r, struct buf *ret,
                       uint64_t *ret_etag, struct err *reterr)
{
    struct fields f = {.n = 0};
    buf_init(&f.auth, VAULT_NODE_AUTH);
    status st = fields_fill(v, r, &f, reterr);
    if (st == OK)
        st = exchange(node_of(v), r, &f, ret, ret_etag, reterr);
    buf_done(&f.auth);
    return st;
}

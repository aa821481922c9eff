/* SPDX-License-Identifier: Apache-2.0 */
/* The vault of a node that is reached by HTTP: the client's adapter of vault/vault.h, and signed
 * requests for what is not a vault row (docs/formats.md, section 9).
 *
 * Every request carries a VaultRequest signature of the present signer. A refusal of the node comes
 * back as the status it names, with its reason as the message. One thread at a time. */
#ifndef EHRD_VAULT_NODE_H
#define EHRD_VAULT_NODE_H

#include "base/sysio.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"
#include "net/http_client.h"
#include "vault/vault.h"

#define VAULT_NODE_URL 256u    /* bytes of a node's URL with the final NUL */
#define VAULT_NODE_AUTH 640u   /* bytes of an Authorization value */
#define VAULT_NODE_TARGET 512u /* bytes of a target */

struct vault_node_config {
    struct http_client *http; /* borrowed until vault_close */
    const char *url;          /* http(s)://host:port, no slash at the end */
    const char *origin;       /* as the node names itself in GET /node */
    struct netid net;
    const struct clock_src *clock;   /* borrowed until vault_close */
    const struct random_src *random; /* borrowed until vault_close */
};

/* Nothing is sent yet. OK | E_RANGE (url, origin) | E_NOMEM. */
status vault_node_open(const struct vault_node_config *cfg, struct vault **ret,
                       struct err *reterr) MUST_USE;
/* Who signs from now on; the key is borrowed until the next call or vault_close. NULL: nobody. */
void vault_node_sign_as(struct vault *v, const struct secp_key *key, addr20 addr);

/* Who signs what is below /api/v1/folders/{f}, when it is not the one of vault_node_sign_as. The
 * key stays until vault_close. */
struct vault_node_signers {
    status (*find)(void *ctx, const hash32 *folder, const struct secp_key **ret_key,
                   addr20 *ret_addr, struct err *reterr);
    void *ctx;
};
void vault_node_sign_folders(struct vault *v, const struct vault_node_signers *s);

/* The value of Authorization for a request whose body has this hash, appended to out.
 * OK | E_AUTH (nobody signs) | E_IO | buf statuses. */
status vault_node_authorize(struct vault *v, const char *method, const char *target,
                            const hash32 *body_sha256, struct buf *out,
                            struct err *reterr) MUST_USE;

/* One request with a small body. target: path and query. media: NULL means JSON. Answer bytes are
 * appended to ret; ret_etag (may be NULL) gets the number of an ETag "n", else 0. signed_: with an
 * Authorization. once: as in http_call. OK (2xx) | the node's refusal | E_UNAVAILABLE … */
struct vault_node_request {
    const char *method;
    const char *target;
    const char *media;
    slice body;
    bool is_unsigned;
    bool once;
    bool has_if_match;
    uint64_t if_match;
    unsigned total_ms;      /* 0: the client's */
    uint64_t *ret_left_out; /* may be NULL: the answer's Ehrd-Left-Out, 0 without one */
};
status vault_node_call(struct vault *v, const struct vault_node_request *r, struct buf *ret,
                       uint64_t *ret_etag, struct err *reterr) MUST_USE;

/* The status that an answer's code and error text stand for, with its reason in reterr. */
status vault_node_refusal(int http_code, slice body, struct err *reterr);
/* URL of the node, for other adapters. Borrowed. */
const char *vault_node_url(const struct vault *v);

/* Parts of the adapter (vault/node_ops.c, vault/node_log.c). The log's leaves are as the node gave
 * them: the caller checks their chain. */
extern const struct vault_ops vault_node_ops;
status vault_node_log(struct vault *v, const hash32 *folder, uint64_t after, size_t limit,
                      struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                      struct vault_log_head *ret_head, struct err *reterr) MUST_USE;

#endif

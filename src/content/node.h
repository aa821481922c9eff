/* SPDX-License-Identifier: Apache-2.0 */
/* Content adapter: the bodies of one folder at a node that is reached by HTTP
 * (docs/formats.md, section 9).
 *
 * An upload is kept aside until its end, since its hash is signed before it is sent; a download is
 * kept aside until its CID is checked. Pins and sweeping are the node's own business:
 * E_UNSUPPORTED. */
#ifndef EHRD_CONTENT_NODE_H
#define EHRD_CONTENT_NODE_H

#include "content/content.h"
#include "net/http_client.h"

/* Who signs requests and understands refusals (vault/node.h). */
struct content_node_gate {
    /* Append the value of Authorization. */
    status (*authorize)(void *ctx, const char *method, const char *target,
                        const hash32 *body_sha256, struct buf *out, struct err *reterr);
    /* The status of an answer that is not 2xx. */
    status (*refusal)(void *ctx, int code, slice body, struct err *reterr);
    void *ctx;
};

struct content_node_config {
    struct http_client *http; /* borrowed until content_close, as the strings */
    const char *url;          /* http(s)://host:port */
    const char *spool_dir;    /* for bodies over 4 MiB */
    struct content_node_gate gate;
    hash32 folder;
};

/* Nothing is sent yet. OK | E_NOMEM. */
status content_node_open(const struct content_node_config *cfg, struct content **ret,
                         struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* All engines of one node, opened, checked and wired together. */
#ifndef EHRD_APP_EHRD_NODE_H
#define EHRD_APP_EHRD_NODE_H

#include "api/api.h"
#include "api/endpoint.h"
#include "app/ehrd_local.h"
#include "app/ehrd_options.h"

struct ehrd_node {
    struct netid net;
    struct ehrd_local local; /* the embedded chain */
    struct ledger *ledger;
    struct vault *vault;
    struct content *content;
    struct index *index;
    struct page *page;         /* NULL: the embedded one */
    struct relay *relay;       /* NULL when the node does not relay */
    struct endpoint *endpoint; /* Ethereum JSON-RPC */
    struct api *api;
    struct http_server *server;
    struct buf tls_cert; /* PEM texts that the server borrows */
    struct buf tls_key;
};

/* Open the stores, check ledger and contracts, and start serving. ret: zeroed by the caller, to be
 * released with ehrd_node_close, also on failure.
 * OK | E_UNAVAILABLE (ledger) | E_MISMATCH (another chain, no registry there, another forwarder) |
 * E_BUSY (another process has the data folder) | … */
status ehrd_node_open(const struct ehrd_options *o, const char *version, struct ehrd_node *ret,
                      struct err *reterr) MUST_USE;
/* Stop accepting, wait for running requests, close everything. */
void ehrd_node_close(struct ehrd_node *n);

#endif

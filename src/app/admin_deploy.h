/* SPDX-License-Identifier: Apache-2.0 */
/* Deployment of forwarder, registry and proxy. */
#ifndef EHRD_APP_ADMIN_DEPLOY_H
#define EHRD_APP_ADMIN_DEPLOY_H

#include "app/admin_tx.h"
#include "codec/json.h"

struct deployment {
    addr20 admin; /* owns the ProxyAdmin, appoints registrars */
    addr20 registrar;
    addr20 forwarder;
    addr20 implementation;
    addr20 proxy;
    addr20 proxy_admin;
    uint64_t chain_id;
    uint64_t block;
};

/* d: admin and registrar are given, the rest is set. As admin_tx_create. */
status admin_deploy(struct admin_tx *t, struct deployment *d, struct err *reterr) MUST_USE;
/* Its members, within an object. */
void admin_deployment_put(const struct deployment *d, struct jw *w);
/* As a JSON file. OK | errors of the file. */
status admin_deployment_save(const struct deployment *d, const char *path,
                             struct err *reterr) MUST_USE;

#endif

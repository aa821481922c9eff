/* SPDX-License-Identifier: Apache-2.0 */
/* Deployment of forwarder, registry and proxy. */
#ifndef EHRD_APP_ADMIN_DEPLOY_H
#define EHRD_APP_ADMIN_DEPLOY_H

#include "app/admin_tx.h"
#include "app/out_file.h"
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

struct deployment_file {
    struct out_file out;
    bool open;
};

/* d: admin and registrar are given, the rest is set. As admin_tx_create. */
status admin_deploy(struct admin_tx *t, struct deployment *d, struct err *reterr) MUST_USE;
/* Its members, within an object. */
void admin_deployment_put(const struct deployment *d, struct jw *w);
/* Where the deployment is to be kept, opened before anything is sent, for what is deployed cannot
 * be taken back. path NULL: nowhere. OK | errors of the file. */
status admin_deployment_open(struct deployment_file *f, const char *path,
                             struct err *reterr) MUST_USE;
/* As JSON, when the deployment succeeded (st); nothing stays of it otherwise. Ends f.
 * OK | st | errors of the file. */
status admin_deployment_save(struct deployment_file *f, const struct deployment *d, status st,
                             struct err *reterr) MUST_USE;

#endif

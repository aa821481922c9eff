/* SPDX-License-Identifier: Apache-2.0 */
/* The three contracts, one after the other. */
#include "app/admin_deploy.h"

#include <sys/stat.h>

#include "contract/registry_abi.h"

#define CODE_BYTES ((size_t)256 << 10)

static status deploy_forwarder(struct admin_tx *t, struct deployment *d, struct err *reterr)
{
    struct buf code;
    buf_init(&code, CODE_BYTES);
    status put = forwarder_put_deploy(&code, SLICE_LIT("ehrd forwarder"));
    status st = admin_tx_create(t, put, &code, &d->forwarder, &d->block, reterr);
    buf_done(&code);
    return st == OK ? OK : err_prefix(reterr, st, "forwarder");
}

static status deploy_registry(struct admin_tx *t, struct deployment *d, struct err *reterr)
{
    struct buf code;
    buf_init(&code, CODE_BYTES);
    status put = registry_put_deploy(&code, d->forwarder);
    status st = admin_tx_create(t, put, &code, &d->implementation, NULL, reterr);
    buf_done(&code);
    return st == OK ? OK : err_prefix(reterr, st, "registry");
}

static status deploy_proxy(struct admin_tx *t, struct deployment *d, struct err *reterr)
{
    struct buf code;
    struct buf init;
    buf_init(&code, CODE_BYTES);
    buf_init(&init, CODE_BYTES);
    status put = registry_put_initialize(&init, d->admin, d->registrar);
    if (put == OK)
        put = proxy_put_deploy(&code, d->implementation, d->admin, buf_slice(&init));
    status st = admin_tx_create(t, put, &code, &d->proxy, NULL, reterr);
    if (st == OK)
        st = admin_slot_addr(t, &d->proxy, ADMIN_SLOT_ADMIN, &d->proxy_admin, reterr);
    buf_done(&code);
    buf_done(&init);
    return st == OK ? OK : err_prefix(reterr, st, "proxy");
}

static void put_addr(struct jw *w, const char *key, const addr20 *a)
{
    jw_key(w, key), jw_hex(w, slice_of(a->b, sizeof a->b));
}

void admin_deployment_put(const struct deployment *d, struct jw *w)
{
    jw_key(w, "chainId"), jw_printf(w, "%llu", (unsigned long long)d->chain_id);
    put_addr(w, "proxy", &d->proxy);
    put_addr(w, "forwarder", &d->forwarder);
    put_addr(w, "implementation", &d->implementation);
    put_addr(w, "proxyAdmin", &d->proxy_admin);
    put_addr(w, "admin", &d->admin);
    put_addr(w, "registrar", &d->registrar);
    jw_key(w, "firstBlock"), jw_u64(w, d->block);
}

status admin_deployment_open(struct deployment_file *f, const char *path, struct err *reterr)
{
    status st = path != NULL ? out_file_open(&f->out, path, 0644, reterr) : OK;
    f->open = path != NULL && st == OK;
    if (f->open && f->out.temporary) /* addresses are for everybody, whatever the umask */
        (void)fchmod(f->out.fd, 0644);
    return st;
}

status admin_deployment_save(struct deployment_file *f, const struct deployment *d, status st,
                             struct err *reterr)
{
    struct buf text;
    struct jw w;
    if (!f->open)
        return st;
    f->open = false;
    buf_init(&text, 4096);
    jw_init(&w, &text);
    jw_object(&w);
    admin_deployment_put(d, &w);
    jw_end(&w);
    if (st == OK)
        st = jw_done(&w, reterr);
    if (st == OK)
        st = out_file_write(&f->out, buf_slice(&text), reterr);
    if (st == OK)
        st = out_file_commit(&f->out, reterr);
    else
        out_file_abort(&f->out);
    buf_done(&text);
    return st;
}

status admin_deploy(struct admin_tx *t, struct deployment *d, struct err *reterr)
{
    status st = ledger_chain_id(t->ledger, &d->chain_id, reterr);
    if (st == OK)
        st = deploy_forwarder(t, d, reterr);
    if (st == OK)
        st = deploy_registry(t, d, reterr);
    return st == OK ? deploy_proxy(t, d, reterr) : st;
}

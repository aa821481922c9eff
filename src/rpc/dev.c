/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of a node for development. */
#include "rpc/dev.h"

#include <stdlib.h>

#include "rpc/dev_impl.h"
#include "rpc/param.h"

status rpc_dev_new(const struct secp_key *keys, size_t n, struct rpc_dev **ret)
{
    struct rpc_dev *d = n <= RPC_DEV_ACCOUNTS_MAX ? calloc(1, sizeof *d) : NULL;
    if (d == NULL)
        return n <= RPC_DEV_ACCOUNTS_MAX ? E_NOMEM : E_RANGE;
    (void)pthread_mutex_init(&d->sending, NULL);
    (void)pthread_mutex_init(&d->lock, NULL);
    d->key = calloc(n + 1, sizeof *d->key);
    d->addr = calloc(n + 1, sizeof *d->addr);
    status st = d->key != NULL && d->addr != NULL ? OK : E_NOMEM;
    for (; st == OK && d->n < n; d->n++) {
        d->key[d->n] = keys[d->n];
        st = secp_key_addr(&keys[d->n], &d->addr[d->n]);
    }
    if (st != OK) {
        rpc_dev_free(d);
        return st;
    }
    *ret = d;
    return OK;
}

void rpc_dev_free(struct rpc_dev *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->n && d->key != NULL; i++)
        secp_key_done(&d->key[i]);
    (void)pthread_mutex_destroy(&d->sending);
    (void)pthread_mutex_destroy(&d->lock);
    free(d->key);
    free(d->addr);
    free(d->impersonated);
    free(d);
}

size_t rpc_dev_accounts(const struct rpc_dev *d)
{
    return d->n;
}

addr20 rpc_dev_account(const struct rpc_dev *d, size_t i)
{
    return d->addr[i];
}

const struct secp_key *rpc_dev_key(const struct rpc_dev *d, const addr20 *a)
{
    for (size_t i = 0; i < d->n; i++)
        if (addr20_eq(d->addr[i], *a))
            return &d->key[i];
    return NULL;
}

/* Its place, or n_impersonated; the lock is held. */
static size_t find(const struct rpc_dev *d, const addr20 *a)
{
    size_t i = 0;
    while (i < d->n_impersonated && !addr20_eq(d->impersonated[i], *a))
        i++;
    return i;
}

bool rpc_dev_may_impersonate(struct rpc_dev *d, const addr20 *a)
{
    pthread_mutex_lock(&d->lock);
    bool may = d->anybody || find(d, a) < d->n_impersonated;
    pthread_mutex_unlock(&d->lock);
    return may;
}

status rpc_dev_impersonate(struct rpc_dev *d, const addr20 *a)
{
    status st = OK;
    pthread_mutex_lock(&d->lock);
    size_t i = find(d, a);
    if (i == d->n_impersonated) {
        addr20 *more = i < RPC_DEV_IMPERSONATED_MAX
                           ? reallocarray(d->impersonated, i + 1, sizeof *more)
                           : NULL;
        st = more != NULL ? OK : i < RPC_DEV_IMPERSONATED_MAX ? E_NOMEM : E_RATE;
        if (st == OK) {
            d->impersonated = more;
            more[d->n_impersonated++] = *a;
        }
    }
    pthread_mutex_unlock(&d->lock);
    return st;
}

bool rpc_dev_forget(struct rpc_dev *d, const addr20 *a)
{
    pthread_mutex_lock(&d->lock);
    size_t i = find(d, a);
    bool found = i < d->n_impersonated;
    if (found)
        d->impersonated[i] = d->impersonated[--d->n_impersonated];
    pthread_mutex_unlock(&d->lock);
    return found;
}

void rpc_dev_set_anybody(struct rpc_dev *d, bool anybody)
{
    pthread_mutex_lock(&d->lock);
    d->anybody = anybody;
    pthread_mutex_unlock(&d->lock);
}

status rpc_dev_number(struct rpc_req *q, size_t i, uint64_t *ret)
{
    struct json v = q->param[i];
    slice text;
    u256 n;
    if (json_type(v) == JSON_NUMBER) {
        if (json_u64(v, ret, NULL) == OK)
            return OK;
        return rpc_bad_param(q, i, "a whole number is needed");
    }
    status st = json_str(v, &text, NULL);
    if (st == OK && text.n > 1 && text.p[1] == 'x') {
        while (text.n > 3 && text.p[2] == '0') { /* "0x0010" */
            text = slice_after(text, 1);
            uint8_t *p = arena_alloc(q->a, text.n);
            if (p == NULL)
                return E_NOMEM;
            memcpy(p, text.p, text.n);
            p[0] = '0';
            p[1] = 'x';
            text.p = p;
        }
        st = u256_read_hex(text, &n);
    } else if (st == OK) {
        st = u256_read_dec(text, &n);
    }
    if (st != OK || !u256_fits_u64(n))
        return rpc_bad_param(q, i, "a whole number is needed");
    *ret = n.w[0];
    return OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of what filters and subscriptions keep in memory. */
#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "rpc/criteria.h"

struct row {
    struct rpc_client client;
    struct rpc_share has;
};

struct rpc_budget {
    pthread_mutex_t lock;
    struct row *row; /* of clients that have something */
    size_t n;
    size_t max;
    struct rpc_share all;
};

status rpc_budget_new(struct rpc_budget **ret)
{
    struct rpc_budget *b = calloc(1, sizeof *b);
    if (b == NULL || pthread_mutex_init(&b->lock, NULL) != 0) {
        free(b);
        return E_NOMEM;
    }
    *ret = b;
    return OK;
}

void rpc_budget_free(struct rpc_budget *b)
{
    if (b == NULL)
        return;
    free(b->row);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

static struct rpc_client of_family(uint8_t family, const uint8_t *a, size_t n)
{
    struct rpc_client c = {.b = {family}};
    memcpy(c.b + 1, a, n);
    return c;
}

/* At a socket of both families an IPv4 peer is ::ffff:a.b.c.d. */
struct rpc_client rpc_client_of(const char *remote)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr a;
    if (remote == NULL)
        return (struct rpc_client){{0}};
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(remote, "%"), remote); /* no scope */
    if (inet_pton(AF_INET, text, &a) == 1)
        return of_family(4, a.s6_addr, 4);
    if (inet_pton(AF_INET6, text, &a) != 1)
        return (struct rpc_client){{0}};
    return IN6_IS_ADDR_V4MAPPED(&a) ? of_family(4, a.s6_addr + 12, 4) : of_family(6, a.s6_addr, 8);
}

/* lock is held. Its place among the rows, or n. */
static size_t find(const struct rpc_budget *b, const struct rpc_client *c)
{
    size_t i = 0;
    while (i < b->n && memcmp(&b->row[i].client, c, sizeof *c) != 0)
        i++;
    return i;
}

/* The same, with room for one more row. */
static status reserve(struct rpc_budget *b)
{
    if (b->n < b->max)
        return OK;
    size_t max = b->max > 0 ? 2 * b->max : 16;
    struct row *row = reallocarray(b->row, max, sizeof *row);
    if (row == NULL)
        return E_NOMEM;
    b->row = row;
    b->max = max;
    return OK;
}

static status refuse_filters(struct rpc_req *q, const char *whose, size_t max)
{
    return rpc_fail(q, RPC_LIMIT, "too many filters%s (max %zu)", whose, max);
}

static status refuse_bytes(struct rpc_req *q, const char *whose, size_t max)
{
    return rpc_fail(q, RPC_LIMIT, "filters and subscriptions%s hold too much (max %zu bytes)",
                    whose, max);
}

/* Neither sum comes near an overflow: n is of one request. */
static status check(struct rpc_req *q, struct rpc_share all, struct rpc_share has,
                    struct rpc_share n)
{
    const struct rpc_config *c = &q->rpc->cfg;
    if (has.filters + n.filters > c->filters_client)
        return refuse_filters(q, " of one client", c->filters_client);
    if (all.filters + n.filters > RPC_FILTERS_MAX)
        return refuse_filters(q, "", RPC_FILTERS_MAX);
    if (has.bytes + n.bytes > c->criteria_client)
        return refuse_bytes(q, " of one client", c->criteria_client);
    if (all.bytes + n.bytes > c->criteria_all)
        return refuse_bytes(q, "", c->criteria_all);
    return OK;
}

status rpc_budget_take(struct rpc_req *q, struct rpc_share n)
{
    struct rpc_budget *b = q->rpc->budget;
    (void)pthread_mutex_lock(&b->lock);
    size_t i = find(b, &q->client);
    status s = check(q, b->all, i < b->n ? b->row[i].has : (struct rpc_share){0}, n);
    if (s == OK)
        s = reserve(b);
    if (s == OK) {
        if (i == b->n)
            b->row[b->n++] = (struct row){.client = q->client};
        b->row[i].has.bytes += n.bytes;
        b->row[i].has.filters += n.filters;
        b->all.bytes += n.bytes;
        b->all.filters += n.filters;
    }
    (void)pthread_mutex_unlock(&b->lock);
    return s;
}

void rpc_budget_give(struct rpc_budget *b, const struct rpc_client *c, struct rpc_share n)
{
    (void)pthread_mutex_lock(&b->lock);
    size_t i = find(b, c);
    assert(i < b->n && b->row[i].has.bytes >= n.bytes && b->row[i].has.filters >= n.filters);
    b->row[i].has.bytes -= n.bytes;
    b->row[i].has.filters -= n.filters;
    b->all.bytes -= n.bytes;
    b->all.filters -= n.filters;
    if (b->row[i].has.bytes == 0 && b->row[i].has.filters == 0)
        b->row[i] = b->row[--b->n];
    (void)pthread_mutex_unlock(&b->lock);
}

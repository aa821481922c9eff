/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as a request's caller sees them. */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "rpc/method.h"

/* JSON wants UTF-8, and messages may quote anything. */
static void make_printable(uint8_t *p, size_t n)
{
    if (utf8_is_valid(slice_of(p, n)))
        return;
    for (size_t i = 0; i < n; i++)
        if (p[i] >= 0x80)
            p[i] = '?';
}

static status fail_v(struct rpc_req *q, int code, const char *prefix, const char *fmt, va_list ap)
    PRINTF_LIKE(4, 0);
static status fail_v(struct rpc_req *q, int code, const char *prefix, const char *fmt, va_list ap)
{
    char text[RPC_TEXT_MAX];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", prefix);
    int more = vsnprintf(text + n, sizeof text - n, fmt, ap);
    n += more > 0 ? (size_t)more : 0;
    if (n >= sizeof text)
        n = sizeof text - 1;
    make_printable((uint8_t *)text, n);
    q->error = (struct rpc_error){.code = code, .text = arena_dup(q->a, slice_of(text, n))};
    return q->error.text.p != NULL ? E_RANGE : E_NOMEM;
}

status rpc_fail(struct rpc_req *q, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    status s = fail_v(q, code, "", fmt, ap);
    va_end(ap);
    return s;
}

status rpc_bad_param(struct rpc_req *q, size_t i, const char *fmt, ...)
{
    char prefix[40];
    va_list ap;
    (void)snprintf(prefix, sizeof prefix, "invalid argument %zu: ", i);
    va_start(ap, fmt);
    status s = fail_v(q, RPC_INVALID_PARAMS, prefix, fmt, ap);
    va_end(ap);
    return s;
}

status rpc_refuse(struct rpc_req *q, status s, const struct err *e)
{
    return s > 0 ? rpc_fail(q, RPC_SERVER_ERROR, "%s", e->msg) : s;
}

status rpc_view(struct rpc_req *q)
{
    if (q->has_view)
        return OK;
    status s = chain_view_open(q->rpc->cfg.chain, &q->view, NULL);
    q->has_view = s == OK;
    return s;
}

status rpc_check_time(struct rpc_req *q, const char *what)
{
    const struct rpc_config *c = &q->rpc->cfg;
    if (clock_mono_ms(c->clock) - q->begun_ms <= c->call_ms)
        return OK;
    return rpc_fail(q, RPC_SERVER_ERROR, "%s aborted (timeout = %ums)", what, c->call_ms);
}

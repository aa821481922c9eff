/* SPDX-License-Identifier: Apache-2.0 */
/* Growth, capping and appending of struct buf. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hex.h"
#include "base/secret.h"
#include "base/wipe.h"

void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap};
}

void buf_init_secret(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap, .secret = true};
}

void buf_done(struct buf *b)
{
    if (b->secret)
        secret_free(b->p, b->max);
    else
        free(b->p);
    *b = (struct buf){.cap = b->cap, .secret = b->secret};
}

void buf_clear(struct buf *b)
{
    if (b->secret && b->p != NULL)
        wipe(b->p, b->max);
    b->n = 0;
}

static uint8_t *grow(const struct buf *b, size_t want)
{
    if (!b->secret)
        return realloc(b->p, want);
    uint8_t *p = secret_alloc_bulk(want);
    if (p == NULL)
        return NULL;
    if (b->n > 0)
        memcpy(p, b->p, b->n);
    secret_free(b->p, b->max);
    return p;
}

/* One byte more than asked is kept, so that buf_cstr rarely has to grow. */
status buf_reserve(struct buf *b, size_t more)
{
    size_t need;
    if (!size_add(b->n, more, &need) || need > b->cap)
        return E_TOO_LONG;
    if (need < b->max)
        return OK;
    size_t want = b->max < 64 ? 64 : b->max;
    while (want <= need) {
        if (want > SIZE_MAX / 2)
            return E_NOMEM;
        want *= 2;
    }
    uint8_t *p = grow(b, want);
    if (p == NULL)
        return E_NOMEM;
    b->p = p;
    b->max = want;
    return OK;
}

status buf_put(struct buf *b, slice s)
{
    if (s.n == 0)
        return OK;
    bool inside = b->p != NULL && s.p >= b->p && s.p < b->p + b->max;
    size_t off = inside ? (size_t)(s.p - b->p) : 0;
    status st = buf_reserve(b, s.n);
    if (st != OK)
        return st;
    memmove(b->p + b->n, inside ? b->p + off : s.p, s.n);
    b->n += s.n;
    return OK;
}

status buf_put_mem(struct buf *b, const void *p, size_t n)
{
    return buf_put(b, slice_of(p, n));
}

status buf_put_str(struct buf *b, const char *s)
{
    return buf_put(b, slice_str(s));
}

status buf_put_u8(struct buf *b, uint8_t v)
{
    return buf_put_mem(b, &v, 1);
}

status buf_put_be32(struct buf *b, uint32_t v)
{
    uint8_t t[4];
    be32_write(t, v);
    return buf_put_mem(b, t, sizeof t);
}

status buf_put_be64(struct buf *b, uint64_t v)
{
    uint8_t t[8];
    be64_write(t, v);
    return buf_put_mem(b, t, sizeof t);
}

status buf_put_zero(struct buf *b, size_t n)
{
    status st = buf_reserve(b, n);
    if (st != OK)
        return st;
    if (n > 0)
        memset(b->p + b->n, 0, n);
    b->n += n;
    return OK;
}

status buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    status st = n < 0 ? E_INTERNAL : buf_reserve(b, (size_t)n);
    if (st == OK) {
        (void)vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    return st;
}

status buf_put_hex(struct buf *b, slice s)
{
    size_t twice;
    if (!size_add(s.n, s.n, &twice))
        return E_TOO_LONG;
    status st = buf_reserve(b, twice);
    if (st != OK)
        return st;
    hex_write(s, (char *)b->p + b->n);
    b->n += twice;
    return OK;
}

const char *buf_cstr(struct buf *b)
{
    if (b->n == b->max) {
        size_t cap = b->cap;
        b->cap = SIZE_MAX; /* the NUL does not count against the cap */
        status st = buf_reserve(b, 1);
        b->cap = cap;
        if (st != OK)
            return NULL;
    }
    b->p[b->n] = 0;
    return (const char *)b->p;
}

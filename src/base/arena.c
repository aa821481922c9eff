/* SPDX-License-Identifier: Apache-2.0 */
/* The bump allocator. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/secret.h"

#define BLOCK_MIN ((size_t)8192)
#define ALIGNMENT alignof(max_align_t)

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size; /* bytes in data */
    alignas(ALIGNMENT) uint8_t data[];
};

void arena_init(struct arena *a, size_t cap, bool secret)
{
    *a = (struct arena){.cap = cap, .secret = secret};
}

void arena_done(struct arena *a)
{
    struct arena_block *b = a->head;
    while (b != NULL) {
        struct arena_block *next = b->next;
        if (a->secret)
            secret_free(b, sizeof *b + b->size);
        else
            free(b);
        b = next;
    }
    a->head = NULL;
    a->total = 0;
}

static struct arena_block *block_new(size_t need, bool secret)
{
    size_t size = need < BLOCK_MIN ? BLOCK_MIN : need;
    size_t bytes;
    if (!size_add(size, sizeof(struct arena_block), &bytes))
        return NULL;
    struct arena_block *b = secret ? secret_alloc_bulk(bytes) : malloc(bytes);
    if (b != NULL)
        *b = (struct arena_block){.size = size};
    return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t need;
    if (!size_add(n, ALIGNMENT - 1, &need))
        return NULL;
    need &= ~(ALIGNMENT - 1);
    if (need > a->cap - a->total)
        return NULL;
    struct arena_block *b = a->head;
    if (b == NULL || b->size - b->used < need) {
        b = block_new(need, a->secret);
        if (b == NULL)
            return NULL;
        b->next = a->head;
        a->head = b;
    }
    void *p = b->data + b->used;
    b->used += need;
    a->total += need;
    memset(p, 0, need);
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    return size_mul(count, size, &n) ? arena_alloc(a, n) : NULL;
}

slice arena_dup(struct arena *a, slice s)
{
    if (s.n == 0)
        return SLICE_EMPTY;
    uint8_t *p = arena_alloc(a, s.n);
    if (p == NULL)
        return SLICE_EMPTY;
    memcpy(p, s.p, s.n);
    return slice_of(p, s.n);
}

char *arena_cstr(struct arena *a, slice s)
{
    size_t n;
    if (!size_add(s.n, 1, &n))
        return NULL;
    char *p = arena_alloc(a, n);
    if (p != NULL && s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p != NULL)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

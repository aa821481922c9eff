/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator for the life of one request or one parse. One thread owns it.
 *
 * Memory is freed all at once by arena_done; an arena made with secret = true wipes it first. */
#ifndef EHRD_BASE_ARENA_H
#define EHRD_BASE_ARENA_H

#include "base/slice.h"
#include "base/status.h"

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t total; /* bytes handed out */
    size_t cap;   /* hard limit of total */
    bool secret;
};

void arena_init(struct arena *a, size_t cap, bool secret);
void arena_done(struct arena *a);

/* n zeroed bytes aligned for any type; NULL when the cap or memory is exhausted. n may be 0. */
void *arena_alloc(struct arena *a, size_t n) MUST_USE;
/* count * size with overflow check. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_USE;
/* A copy of s; .p is NULL on failure unless s is empty. arena_cstr adds a final NUL, NULL on
 * failure. */
slice arena_dup(struct arena *a, slice s) MUST_USE;
char *arena_cstr(struct arena *a, slice s) MUST_USE;
char *arena_printf(struct arena *a, const char *fmt, ...) MUST_USE PRINTF_LIKE(2, 3);

#endif

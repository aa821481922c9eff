/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of locked pages, cut into runs of 64-byte granules, first fit. What is known of a chunk
 * stands outside of it, so a run that is written past its end spoils no list. */
#include "base/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/wipe.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define GRANULE ((size_t)64)
#define CHUNK ((size_t)64 << 10) /* what the smallest usual RLIMIT_MEMLOCK allows once */
#define BULK_MAX ((size_t)256 << 10)
#define RUN_MAX (CHUNK / 2) /* larger blocks get a chunk of their own */

struct chunk {
    struct chunk *next;
    uint8_t *base; /* after the first guard page */
    size_t size;
    size_t free;    /* granules */
    bool is_single; /* holds one block, and goes with it */
    /* Granules of the run that begins here; 0: free. Of a single chunk not used. */
    uint16_t run[CHUNK / GRANULE];
};

static struct {
    pthread_mutex_t lock;
    struct chunk *chunks;
    size_t total;    /* bytes of all chunks */
    size_t unlocked; /* ever */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t page_bytes(void)
{
    long n = sysconf(_SC_PAGESIZE);
    return n > 0 ? (size_t)n : 4096;
}

/* size: whole pages. NULL: no memory. */
static uint8_t *pages_map(size_t size, bool *ret_locked)
{
    size_t page = page_bytes();
    uint8_t *p = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (mprotect(p + page, size, PROT_READ | PROT_WRITE) != 0) {
        (void)munmap(p, size + 2 * page);
        return NULL;
    }
    (void)madvise(p + page, size, MADV_DONTDUMP);
    (void)madvise(p + page, size, MADV_WIPEONFORK);
    *ret_locked = mlock(p + page, size) == 0;
    return p + page;
}

static void pages_unmap(uint8_t *p, size_t size)
{
    size_t page = page_bytes();
    (void)munmap(p - page, size + 2 * page);
}

static struct chunk *chunk_new(size_t size, bool is_single)
{
    bool locked = false;
    struct chunk *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->base = pages_map(size, &locked);
    if (c->base == NULL) {
        free(c);
        return NULL;
    }
    c->size = size;
    c->free = is_single ? 0 : size / GRANULE;
    c->is_single = is_single;
    c->next = pool.chunks;
    pool.chunks = c;
    pool.total += size;
    if (!locked)
        pool.unlocked += size;
    return c;
}

static void chunk_free(struct chunk *c)
{
    struct chunk **at = &pool.chunks;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    pool.total -= c->size;
    pages_unmap(c->base, c->size);
    free(c);
}

/* A run of n granules, or NULL. */
static uint8_t *run_take(struct chunk *c, size_t n)
{
    size_t found = 0; /* free granules before i */
    for (size_t i = 0; i < CHUNK / GRANULE && c->free >= n;) {
        if (c->run[i] != 0) {
            i += c->run[i];
            found = 0;
            continue;
        }
        i++;
        if (++found == n) {
            c->run[i - n] = (uint16_t)n;
            c->free -= n;
            return c->base + (i - n) * GRANULE;
        }
    }
    return NULL;
}

static void *alloc_single(size_t n, size_t max_total)
{
    size_t page = page_bytes();
    size_t size;
    if (!size_add(n, page - 1, &size) || size > SIZE_MAX / 2)
        return NULL;
    size -= size % page;
    struct chunk *c =
        size <= max_total && pool.total <= max_total - size ? chunk_new(size, true) : NULL;
    return c != NULL ? c->base : NULL;
}

static void *alloc_run(size_t n, size_t max_total)
{
    size_t granules = (n + GRANULE - 1) / GRANULE;
    for (struct chunk *c = pool.chunks; c != NULL; c = c->next) {
        uint8_t *p = c->is_single ? NULL : run_take(c, granules);
        if (p != NULL)
            return p;
    }
    struct chunk *c = pool.total + CHUNK <= max_total ? chunk_new(CHUNK, false) : NULL;
    return c != NULL ? run_take(c, granules) : NULL;
}

/* The chunk that holds p, or NULL. */
static struct chunk *chunk_of(const void *p)
{
    uintptr_t at = (uintptr_t)p;
    for (struct chunk *c = pool.chunks; c != NULL; c = c->next)
        if (at >= (uintptr_t)c->base && at - (uintptr_t)c->base < c->size)
            return c;
    return NULL;
}

/* Runs are zero when they are free: fresh pages are, and secret_free wipes. */
static void *alloc_locked(size_t n, size_t max_total)
{
    pthread_mutex_lock(&pool.lock);
    void *p = n > RUN_MAX ? alloc_single(n, max_total) : alloc_run(n, max_total);
    pthread_mutex_unlock(&pool.lock);
    return p;
}

void *secret_alloc(size_t n)
{
    if (n == 0)
        return NULL;
    return SANITIZED ? calloc(1, n) : alloc_locked(n, SIZE_MAX);
}

void *secret_alloc_bulk(size_t n)
{
    if (n == 0)
        return NULL;
    void *p = !SANITIZED && n <= RUN_MAX ? alloc_locked(n, BULK_MAX) : NULL;
    return p != NULL ? p : malloc(n);
}

/* False: p is no memory of a chunk. */
static bool run_give(void *p)
{
    struct chunk *c = chunk_of(p);
    if (c == NULL)
        return false;
    if (c->is_single) {
        wipe(p, c->size);
        chunk_free(c);
        return true;
    }
    size_t i = (size_t)((uint8_t *)p - c->base) / GRANULE;
    wipe(p, (size_t)c->run[i] * GRANULE);
    c->free += c->run[i];
    c->run[i] = 0;
    return true;
}

void secret_free(void *p, size_t n)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&pool.lock);
    bool given = run_give(p);
    pthread_mutex_unlock(&pool.lock);
    if (given)
        return;
    wipe(p, n);
    free(p);
}

size_t secret_unlocked(void)
{
    pthread_mutex_lock(&pool.lock);
    size_t n = pool.unlocked;
    pthread_mutex_unlock(&pool.lock);
    return n;
}

bool secret_is_inside(const void *p, size_t n)
{
    pthread_mutex_lock(&pool.lock);
    const struct chunk *c = chunk_of(p);
    bool inside = c != NULL && n <= c->size - (size_t)((const uint8_t *)p - c->base);
    pthread_mutex_unlock(&pool.lock);
    return inside;
}

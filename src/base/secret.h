/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for secrets: pages of their own between guard pages, locked against swapping, left out of
 * core dumps and of child processes, wiped when freed. Thread-safe.
 *
 * Where the host does not allow that much locked memory (RLIMIT_MEMLOCK) the memory is usable all
 * the same; secret_unlocked tells, and the program says so. Under the sanitizers, which make mlock
 * a no-op, blocks come from malloc, so that overruns and leaks are found. */
#ifndef EHRD_BASE_SECRET_H
#define EHRD_BASE_SECRET_H

#include "base/slice.h"
#include "base/status.h"

/* n zeroed bytes aligned for any type; NULL when memory is exhausted or n is 0. */
void *secret_alloc(size_t n) MUST_USE;
/* For what comes in bulk (secret buffers and arenas): locked memory as long as the share set aside
 * for that lasts and n is small, otherwise plain memory. Not zeroed. */
void *secret_alloc_bulk(size_t n) MUST_USE;
/* Wipe the n bytes that were asked for and give them back. NULL is fine. */
void secret_free(void *p, size_t n);

/* Bytes of such memory that could not be locked, since the program began. */
size_t secret_unlocked(void);
/* True if all n bytes at p lie in memory of secret_alloc (never under the sanitizers). */
bool secret_is_inside(const void *p, size_t n);

#endif

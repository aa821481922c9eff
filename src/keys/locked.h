/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for long-lived secrets: whole pages, locked against swapping, left out of core dumps and
 * of child processes, wiped when freed. */
#ifndef EHRD_KEYS_LOCKED_H
#define EHRD_KEYS_LOCKED_H

#include "base/status.h"
#include "crypto/secp256k1.h"

/* n zeroed bytes. *ret_locked (may be NULL) is false when the host does not allow locking
 * (RLIMIT_MEMLOCK); the memory is usable all the same. OK | E_NOMEM. */
status locked_new(size_t n, void **ret, bool *ret_locked) MUST_USE;
void locked_free(void *p, size_t n); /* wipes; NULL is fine */

/* A secp256k1 key in such memory. */
struct locked_key {
    struct secp_key *key;
    addr20 addr;
};
/* Copies key; the caller wipes its own. OK | E_NOMEM | E_RANGE (no valid key). */
status locked_key_init(struct locked_key *k, const struct secp_key *key) MUST_USE;
void locked_key_done(struct locked_key *k);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of their own for secrets. */
#include "keys/locked.h"

#include <sys/mman.h>

#include "base/wipe.h"

status locked_new(size_t n, void **ret, bool *ret_locked)
{
    void *p = mmap(NULL, n > 0 ? n : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return E_NOMEM;
    (void)madvise(p, n, MADV_DONTDUMP);
    (void)madvise(p, n, MADV_WIPEONFORK);
    bool is_locked = mlock(p, n) == 0;
    if (ret_locked != NULL)
        *ret_locked = is_locked;
    *ret = p;
    return OK;
}

void locked_free(void *p, size_t n)
{
    if (p == NULL)
        return;
    wipe(p, n);
    (void)munmap(p, n > 0 ? n : 1);
}

status locked_key_init(struct locked_key *k, const struct secp_key *key)
{
    addr20 addr;
    status s = secp_key_addr(key, &addr);
    if (s != OK)
        return s;
    void *p = NULL;
    s = locked_new(sizeof *k->key, &p, NULL);
    if (s != OK)
        return s;
    memcpy(p, key, sizeof *key);
    *k = (struct locked_key){.key = p, .addr = addr};
    return OK;
}

void locked_key_done(struct locked_key *k)
{
    locked_free(k->key, sizeof *k->key);
    k->key = NULL;
}

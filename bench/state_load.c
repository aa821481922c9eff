/* SPDX-License-Identifier: Apache-2.0 */
#include "state_load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crypto/keccak.h"

/* --- numbers, addresses, keys ----------------------------------------------------------------- */

uint64_t big_random(struct big_state *b)
{
    b->x += 0x9e3779b97f4a7c15u;
    uint64_t z = b->x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

u256 big_random_word(struct big_state *b)
{
    return (u256){{big_random(b), big_random(b), big_random(b), big_random(b) | 1}};
}

uint64_t big_slot_to_change(struct big_state *b, size_t i)
{
    return i % 3 == 2 ? b->slots + big_random(b) : big_random(b) % b->slots;
}

addr20 big_address(const struct big_state *b, uint64_t account)
{
    addr20 a = {{0}};
    if (account > 0 && account <= b->named_n)
        return b->named[account - 1];
    for (unsigned k = 0; k < 8; k++)
        a.b[19 - k] = (uint8_t)(account >> 8 * k);
    return a;
}

hash32 big_account_key(const struct big_state *b, uint64_t account)
{
    hash32 h;
    addr20 a = big_address(b, account);
    keccak256(slice_of(a.b, sizeof a.b), &h);
    return h;
}

hash32 big_slot_key(uint64_t slot)
{
    hash32 h;
    uint8_t be[32];
    u256_to_be(u256_from_u64(slot), be);
    keccak256(slice_of(be, sizeof be), &h);
    return h;
}

static struct store_change account_of(hash32 key)
{
    return (struct store_change){.key = key,
                                 .exists = true,
                                 .nonce = 1,
                                 .balance = u256_from_u64(1000000000000000000u),
                                 .code_hash = trie_empty_code};
}

struct store_change big_account(const struct big_state *b, uint64_t account)
{
    struct store_change c = account_of(big_account_key(b, account));
    if (account == 0 && b->code.n > 0) {
        c.code = b->code;
        keccak256(b->code, &c.code_hash);
    }
    return c;
}

/* --- loading --------------------------------------------------------------------------------- */

struct source {
    struct store_source base;
    struct big_state *b;
    hash32 *account;
    hash32 *slot;
    hash32 holder; /* of the storage */
    uint64_t account_at;
    uint64_t slot_at;
    bool holds;
};

static status next_account(struct store_source *base, struct store_change *ret, struct err *reterr)
{
    struct source *s = (struct source *)base;
    (void)reterr;
    if (s->account_at == s->b->accounts)
        return E_NOT_FOUND;
    hash32 key = s->account[s->account_at++];
    s->holds = hash32_eq(key, s->holder);
    *ret = s->holds ? big_account(s->b, 0) : account_of(key);
    return OK;
}

static status next_slot(struct store_source *base, struct store_slot *ret, struct err *reterr)
{
    struct source *s = (struct source *)base;
    (void)reterr;
    if (!s->holds || s->slot_at == s->b->slots)
        return E_NOT_FOUND;
    *ret = (struct store_slot){s->slot[s->slot_at++], big_random_word(s->b)};
    return OK;
}

static int hash_cmp(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hash32));
}

status big_load(struct big_state *b, const struct store *s, hash32 *ret_root, struct err *reterr)
{
    struct source src = {.base = {next_account, next_slot}, .b = b};
    src.holder = big_account_key(b, 0);
    src.account = calloc(b->accounts, sizeof(hash32));
    src.slot = calloc(b->slots, sizeof(hash32));
    status r = E_NOMEM;
    if (src.account != NULL && src.slot != NULL) {
        for (uint64_t i = 0; i < b->accounts; i++)
            src.account[i] = big_account_key(b, i);
        for (uint64_t i = 0; i < b->slots; i++)
            src.slot[i] = big_slot_key(i);
        qsort(src.account, b->accounts, sizeof(hash32), hash_cmp);
        qsort(src.slot, b->slots, sizeof(hash32), hash_cmp);
        r = OK;
    }
    double t = now_ms();
    r = r == OK ? store_load(s, 0, &src.base, ret_root, reterr) : ERR(reterr, r, "keys of a state");
    t = now_ms() - t;
    free(src.account);
    free(src.slot);
    if (r == OK)
        printf("load                      %9.1f s  %9.0f slots/s\n", t / 1e3,
               (double)b->slots / t * 1e3);
    return r;
}

void big_forget(const char *dir)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
        perror(path);
    (void)close(fd);
}

/* --- figures --------------------------------------------------------------------------------- */

double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ms_cmp(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *ms, size_t n)
{
    qsort(ms, n, sizeof *ms, ms_cmp);
    return ms[n / 2];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Row keys in a file: EHRDROWK || u32 version || u32 slot size, slot i at 4096 + 32 i. */
#include "vault/rowkeys.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/wipe.h"

#define VERSION 1u
#define GROW_SLOTS 1024u /* at least so many at once: 32 KiB */

struct rowkeys {
    int fd;
    uint64_t count; /* guarded by lock */
    const struct random_src *random;
    pthread_mutex_t lock;
};

static status io_error(const char *what, struct err *reterr)
{
    status st = errno == ENOSPC || errno == EDQUOT ? E_NO_SPACE : E_IO;
    return ERR(reterr, st, "row keys: %s: errno %d", what, errno);
}

static status write_at(int fd, const uint8_t *p, size_t n, uint64_t at, struct err *reterr)
{
    return file_write_at(fd, "row keys", slice_of(p, n), at, reterr);
}

static status read_at(int fd, uint8_t *p, size_t n, uint64_t at, struct err *reterr)
{
    size_t got;
    status st = file_read_at(fd, "row keys", p, n, at, &got, reterr);
    if (st == OK && got < n)
        return ERR(reterr, E_CORRUPT, "row keys: file ends too early");
    return st;
}

static status sync_file(int fd, struct err *reterr)
{
    return fdatasync(fd) == 0 ? OK : io_error("sync", reterr);
}

static void header_write(uint8_t out[16])
{
    memcpy(out, "EHRDROWK", 8);
    be32_write(out + 8, VERSION);
    be32_write(out + 12, ROWKEYS_KEY);
}

/* A new file gets its header; an old one is checked. A length that is no whole slot is what a crash
 * while growing left: the part is not counted. */
static status header_check(struct rowkeys *k, uint64_t size, struct err *reterr)
{
    uint8_t want[16];
    uint8_t got[16];
    header_write(want);
    if (size < ROWKEYS_DATA) {
        if (size > 0 && ftruncate(k->fd, 0) != 0)
            return io_error("truncate", reterr);
        status st = write_at(k->fd, want, sizeof want, 0, reterr);
        if (st == OK && ftruncate(k->fd, ROWKEYS_DATA) != 0)
            st = io_error("truncate", reterr);
        return st == OK ? sync_file(k->fd, reterr) : st;
    }
    status st = read_at(k->fd, got, sizeof got, 0, reterr);
    if (st != OK)
        return st;
    if (memcmp(got, want, 8) != 0)
        return ERR(reterr, E_CORRUPT, "row keys: not such a file");
    if (memcmp(got, want, sizeof want) != 0)
        return ERR(reterr, E_UNSUPPORTED, "row keys: version or slot size of another program");
    k->count = (size - ROWKEYS_DATA) / ROWKEYS_KEY;
    return OK;
}

status rowkeys_open(const char *path, const struct random_src *random, struct rowkeys **ret,
                    struct err *reterr)
{
    struct stat sb;
    struct rowkeys *k = calloc(1, sizeof *k);
    if (k == NULL)
        return ERR(reterr, E_NOMEM, "row keys");
    k->random = random;
    k->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    pthread_mutex_init(&k->lock, NULL);
    status st = k->fd < 0 ? io_error(path, reterr) : OK;
    if (st == OK && fstat(k->fd, &sb) != 0)
        st = io_error("stat", reterr);
    if (st == OK)
        st = header_check(k, (uint64_t)sb.st_size, reterr);
    if (st != OK) {
        rowkeys_close(k);
        return st;
    }
    *ret = k;
    return OK;
}

void rowkeys_close(struct rowkeys *k)
{
    if (k == NULL)
        return;
    if (k->fd >= 0)
        close(k->fd);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* Fill slots from..from+n-1 with random bytes. */
static status fill(struct rowkeys *k, uint64_t from, uint64_t n, struct err *reterr)
{
    uint8_t block[128 * ROWKEYS_KEY];
    status st = OK;
    while (n > 0 && st == OK) {
        uint64_t some = n < 128 ? n : 128;
        size_t bytes = (size_t)some * ROWKEYS_KEY;
        st = random_fill(k->random, block, bytes);
        if (st != OK)
            st = ERR(reterr, st, "row keys: no random bytes");
        else
            st = write_at(k->fd, block, bytes, ROWKEYS_DATA + from * ROWKEYS_KEY, reterr);
        from += some;
        n -= some;
    }
    wipe(block, sizeof block);
    return st;
}

status rowkeys_grow(struct rowkeys *k, uint64_t count, struct err *reterr)
{
    status st = OK;
    pthread_mutex_lock(&k->lock);
    if (count > k->count) {
        uint64_t more = count - k->count;
        if (more < GROW_SLOTS)
            more = GROW_SLOTS;
        st = fill(k, k->count, more, reterr);
        if (st == OK)
            st = sync_file(k->fd, reterr);
        if (st == OK)
            k->count += more;
    }
    pthread_mutex_unlock(&k->lock);
    return st;
}

uint64_t rowkeys_count(struct rowkeys *k)
{
    pthread_mutex_lock(&k->lock);
    uint64_t n = k->count;
    pthread_mutex_unlock(&k->lock);
    return n;
}

status rowkeys_read(struct rowkeys *k, uint64_t slot, uint8_t ret[ROWKEYS_KEY], struct err *reterr)
{
    if (slot >= rowkeys_count(k))
        return ERR(reterr, E_RANGE, "row keys: no slot %llu", (unsigned long long)slot);
    return read_at(k->fd, ret, ROWKEYS_KEY, ROWKEYS_DATA + slot * ROWKEYS_KEY, reterr);
}

status rowkeys_destroy(struct rowkeys *k, const uint64_t *slots, size_t n, struct err *reterr)
{
    status st = OK;
    uint64_t count = rowkeys_count(k);
    for (size_t i = 0; i < n && st == OK; i++) {
        if (slots[i] >= count)
            return ERR(reterr, E_RANGE, "row keys: no slot %llu", (unsigned long long)slots[i]);
        st = fill(k, slots[i], 1, reterr);
    }
    return st == OK && n > 0 ? sync_file(k->fd, reterr) : st;
}

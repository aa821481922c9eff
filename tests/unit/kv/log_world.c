/* SPDX-License-Identifier: Apache-2.0 */
/* The world of the tests of the log. */
#include "log_world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tmpdir.h"

const struct kv_options lw_options = {
    .app = "log-test", .schema = 1, .map_bytes = FILE_MAX, .log = true};

uint64_t lw_rnd(struct world *w, uint64_t below)
{
    w->x += 0x9e3779b97f4a7c15u;
    uint64_t z = w->x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

/* --- files ---------------------------------------------------------------------------------- */

struct bytes lw_get_file(const char *dir, const char *name)
{
    char path[256];
    struct err e;
    struct buf b;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    buf_init(&b, FILE_MAX);
    status s = file_read(path, &b, &e);
    if (s != E_NOT_FOUND)
        assert_ok(s, &e);
    return (struct bytes){b.p, b.n};
}

void lw_put_file(const char *dir, const char *name, struct bytes f)
{
    char path[256];
    struct err e;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(file_replace(path, slice_of(f.p, f.n), 0600, &e), &e);
}

static const char *const names[FILES] = {"data.mdb", "wal.0", "wal.1", "wal.2"};
const char *const *const lw_logs = names + 1;

static struct world *watched; /* whose files' syncs are noted */

static pthread_mutex_t noting = PTHREAD_MUTEX_INITIALIZER;

static void note_file(struct world *w, size_t i)
{
    free(w->durable[i].p);
    w->durable[i] = lw_get_file(w->dir, names[i]);
}

static void note_name(struct world *w, size_t i, bool is_there)
{
    w->listed[i] = is_there;
    if (is_there)
        return;
    free(w->durable[i].p);
    w->durable[i] = (struct bytes){NULL, 0};
}

static void note_sync(int fd)
{
    pthread_mutex_lock(&noting);
    struct stat st;
    struct stat of;
    char path[256];
    for (size_t i = 0; watched != NULL && i < FILES && fstat(fd, &st) == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", watched->dir, names[i]);
        bool is_there = stat(path, &of) == 0;
        if (is_there && of.st_ino == st.st_ino)
            note_file(watched, i);
        if (stat(watched->dir, &of) == 0 && of.st_ino == st.st_ino)
            note_name(watched, i, is_there);
    }
    pthread_mutex_unlock(&noting);
}

void lw_watch(struct world *w)
{
    watched = w;
}

/* In place of the C library's, for LMDB, too: what a file holds at its sync is what is on the disk.
 */
bool lw_syncs_fail;

static bool is_untold[1024]; /* by descriptor */

void lw_fail_writing_back(void)
{
    for (int fd = 0; fd < (int)(sizeof is_untold / sizeof is_untold[0]); fd++)
        is_untold[fd] = fcntl(fd, F_GETFD) >= 0;
}

static bool is_told_now(int fd)
{
    bool ret = fd >= 0 && fd < (int)(sizeof is_untold / sizeof is_untold[0]) && is_untold[fd];
    if (ret)
        is_untold[fd] = false;
    return ret;
}

static int sync_one(int fd)
{
    if (lw_syncs_fail || is_told_now(fd)) {
        errno = EIO;
        return -1;
    }
    note_sync(fd);
    return 0;
}

int fdatasync(int fd)
{
    return sync_one(fd);
}

int fsync(int fd)
{
    return sync_one(fd);
}

int lw_unlinks_left = -1;

int unlinkat(int dir, const char *name, int flags)
{
    if (lw_unlinks_left == 0) {
        errno = EIO;
        return -1;
    }
    lw_unlinks_left -= lw_unlinks_left > 0;
    return (int)syscall(SYS_unlinkat, dir, name, flags);
}

static void copy_logs(const char *from, const char *to)
{
    for (size_t i = 0; i < WAL_FILES; i++) {
        struct bytes f = lw_get_file(from, lw_logs[i]);
        if (f.n > 0)
            lw_put_file(to, lw_logs[i], f);
        free(f.p);
    }
}

/* Each sector of the file as it was or as it became. */
static struct bytes mixed(struct world *w, struct bytes old, struct bytes new)
{
    struct bytes f = {calloc(1, new.n > old.n ? new.n : old.n), new.n > old.n ? new.n : old.n};
    assert_non_null(f.p);
    for (size_t at = 0; at < f.n; at += SECTOR) {
        struct bytes from = lw_rnd(w, 2) == 0 ? old : new;
        if (at + SECTOR <= from.n)
            memcpy(f.p + at, from.p + at, SECTOR);
    }
    return f;
}

/* --- the store ------------------------------------------------------------------------------ */

static slice key_of(size_t i, uint8_t out[24])
{
    int n = snprintf((char *)out, 24, "key %zu", i * 7919 % KEYS);
    return slice_of(out, (size_t)n);
}

static size_t value_of(uint32_t gen, uint8_t out[VALUE_MAX])
{
    size_t n = gen % 17 == 0 ? VALUE_MAX - gen % 1000 : gen % 200;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(gen * 31 + i);
    return n;
}

void lw_open_at(struct world *w, const char *dir)
{
    assert_ok(kv_open(dir, &lw_options, &w->kv, &w->e), &w->e);
    assert_ok(kv_table_open(w->kv, "first", &w->t[0], &w->e), &w->e);
    assert_ok(kv_table_open(w->kv, "second", &w->t[1], &w->e), &w->e);
}

int lw_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    const char *seed = getenv("EHRD_TEST_SEED");
    w->x = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)getpid() * 1000003u;
    print_message("EHRD_TEST_SEED=%llu\n", (unsigned long long)w->x);
    tmpdir_make(w->dir, sizeof w->dir);
    (void)snprintf(w->crash, sizeof w->crash, "%s-crash", w->dir);
    watched = w;
    lw_open_at(w, w->dir);
    log_thread_end(w->kv->log); /* checkpoints begin and end where the test says so */
    *state = w;
    return 0;
}

int lw_teardown(void **state)
{
    struct world *w = *state;
    watched = NULL;
    memset(is_untold, 0, sizeof is_untold);
    kv_close(w->kv);
    tmpdir_remove(w->dir);
    tmpdir_remove(w->crash);
    for (size_t i = 0; i < FILES; i++)
        free(w->durable[i].p);
    free(w);
    return 0;
}

static void put_row(struct world *w, struct kv_txn *txn, size_t t, size_t i)
{
    uint8_t k[24];
    uint8_t v[VALUE_MAX];
    uint8_t *room;
    slice key = key_of(i, k);
    uint32_t gen = ++w->next_gen;
    size_t n = value_of(gen, v);
    if (gen % 3 == 0) {
        assert_ok(kv_put_room(txn, w->t[t], key, n, &room, &w->e), &w->e);
        if (n > 0)
            memcpy(room, v, n);
    } else {
        assert_ok(kv_put(txn, w->t[t], key, slice_of(v, n), &w->e), &w->e);
    }
    w->now.gen[t][i] = gen;
}

static void delete_row(struct world *w, struct kv_txn *txn, size_t t, size_t i)
{
    uint8_t k[24];
    struct kv_iter it;
    slice key = key_of(i, k);
    if (lw_rnd(w, 2) == 0) {
        status s = kv_delete(txn, w->t[t], key, &w->e);
        assert_status(s, w->now.gen[t][i] != 0 ? OK : E_NOT_FOUND);
    } else if (w->now.gen[t][i] != 0) {
        assert_ok(kv_iter_init(&it, txn, w->t[t], key, SLICE_EMPTY, KV_FORWARD, &w->e), &w->e);
        assert_ok(kv_iter_next(&it, &key, NULL, &w->e), &w->e);
        assert_ok(kv_iter_delete(&it, &w->e), &w->e);
        kv_iter_done(&it);
    }
    w->now.gen[t][i] = 0;
}

/* "key 1" begins "key 10": what kv_iter_delete is tried on must be the row itself. */
static bool is_first_of_prefix(size_t i)
{
    uint8_t k[24];
    return key_of(i, k).n > 0 && i * 7919 % KEYS >= KEYS / 10;
}

void lw_run_txn(struct world *w)
{
    struct kv_txn *txn = NULL;
    size_t rows = 1 + lw_rnd(w, 40);
    struct model kept = w->now;
    assert_ok(kv_write_begin(w->kv, &txn, &w->e), &w->e);
    for (size_t r = 0; r < rows; r++) {
        size_t t = lw_rnd(w, TABLES);
        size_t i = lw_rnd(w, KEYS);
        if (lw_rnd(w, 3) == 0 && is_first_of_prefix(i))
            delete_row(w, txn, t, i);
        else
            put_row(w, txn, t, i);
    }
    if (lw_rnd(w, 8) == 0) {
        kv_abort(txn);
        w->now = kept;
        return;
    }
    uint64_t records = w->kv->log->wal.count;
    assert_ok(kv_commit(txn, &w->e), &w->e);
    if (w->kv->log->wal.count != records) /* else it changed nothing */
        w->before = kept;
}

void lw_check_rows(struct world *w, const struct model *want)
{
    struct kv_txn *txn = NULL;
    assert_ok(kv_read_begin(w->kv, &txn, &w->e), &w->e);
    for (size_t t = 0; t < TABLES; t++) {
        uint64_t rows = 0;
        uint64_t n = 0;
        for (size_t i = 0; i < KEYS; i++) {
            uint8_t k[24];
            uint8_t v[VALUE_MAX];
            slice got = SLICE_EMPTY;
            status s = kv_get(txn, w->t[t], key_of(i, k), &got, &w->e);
            assert_status(s, want->gen[t][i] != 0 ? OK : E_NOT_FOUND);
            if (s == OK)
                assert_slice(got, slice_of(v, value_of(want->gen[t][i], v)));
            rows += s == OK;
        }
        assert_ok(kv_count(txn, w->t[t], &n, &w->e), &w->e);
        assert_int_equal(n, rows);
    }
    kv_abort(txn);
}

/* --- losses of power ------------------------------------------------------------------------ */

/* The folder as a loss of power may leave it now. */
void lw_make_crash(struct world *w)
{
    tmpdir_remove(w->crash);
    assert_int_equal(mkdir(w->crash, 0700), 0);
    for (size_t i = 0; i < FILES; i++) {
        struct bytes new = lw_get_file(w->dir, names[i]);
        bool removed = new.p == NULL;
        struct bytes f = mixed(w, w->durable[i], removed ? w->durable[i] : new);
        if (removed == !w->listed[i] ? !removed : lw_rnd(w, 2) == 0)
            lw_put_file(w->crash, names[i], f);
        free(new.p);
        free(f.p);
    }
}

static struct bytes copy_of(struct bytes f)
{
    struct bytes ret = {malloc(f.n + 1), f.n};
    assert_non_null(ret.p);
    if (f.n > 0)
        memcpy(ret.p, f.p, f.n);
    return ret;
}

void lw_copy_killed(struct world *w, struct world *to)
{
    *to = (struct world){.x = w->x, .now = w->now, .before = w->before, .next_gen = w->next_gen};
    assert_true((size_t)snprintf(to->dir, sizeof to->dir, "%s-k", w->dir) < sizeof to->dir);
    (void)snprintf(to->crash, sizeof to->crash, "%s-crash", to->dir);
    tmpdir_remove(to->dir);
    assert_int_equal(mkdir(to->dir, 0700), 0);
    for (size_t i = 0; i < FILES; i++) {
        struct bytes f = lw_get_file(w->dir, names[i]);
        if (f.p != NULL)
            lw_put_file(to->dir, names[i], f);
        free(f.p);
        to->durable[i] = copy_of(w->durable[i]);
        to->listed[i] = w->listed[i];
    }
}

void lw_drop_killed(struct world *w)
{
    tmpdir_remove(w->dir);
    tmpdir_remove(w->crash);
    for (size_t i = 0; i < FILES; i++)
        free(w->durable[i].p);
}

/* Part of the last record did not reach the disk. */
bool lw_tear_last_record(struct world *w)
{
    const struct wal *log = &w->kv->log->wal;
    const char *name = lw_logs[log->head.number % WAL_FILES];
    if (log->count == 0)
        return false;
    struct bytes f = lw_get_file(w->crash, name);
    size_t n = be32_read(f.p + log->last + 4) + 56u;
    size_t at = (size_t)log->last + (size_t)lw_rnd(w, n);
    f.p[at] ^= (uint8_t)(1 + lw_rnd(w, 255));
    memset(f.p + at + 1, 0, (size_t)lw_rnd(w, f.n - at));
    lw_put_file(w->crash, name, f);
    free(f.p);
    return true;
}

/* Opened anew, the crashed folder has `want`; so it has when power fails once more while the log is
 * redone, and when the program is killed after it. */
void lw_check_crash(struct world *w, const struct model *want)
{
    struct world c = {.x = w->x};
    struct bytes old = lw_get_file(w->crash, "data.mdb");
    char again[200];
    (void)snprintf(again, sizeof again, "%s/again", w->crash);
    assert_int_equal(mkdir(again, 0700), 0);
    copy_logs(w->crash, again);
    lw_open_at(&c, w->crash);
    lw_check_rows(&c, want);
    struct bytes new = lw_get_file(w->crash, "data.mdb");
    kv_close(c.kv);
    for (size_t i = 0; i < WAL_FILES; i++)
        assert_int_equal(lw_get_file(w->crash, lw_logs[i]).n, 0);
    lw_open_at(&c, w->crash);
    lw_check_rows(&c, want);
    kv_close(c.kv);

    struct bytes f = mixed(w, old, new);
    lw_put_file(again, "data.mdb", f);
    lw_open_at(&c, again);
    lw_check_rows(&c, want);
    kv_close(c.kv);
    free(old.p);
    free(new.p);
    free(f.p);
}

void lw_lock(struct world *w)
{
    pthread_mutex_lock(&w->kv->log->writer);
}

void lw_unlock(struct world *w)
{
    pthread_mutex_unlock(&w->kv->log->writer);
}

void lw_begin_checkpoint(struct world *w)
{
    lw_lock(w);
    if (w->kv->log->next == NULL)
        assert_ok(log_checkpoint_begin(w->kv->log, false, &w->e), &w->e);
    lw_unlock(w);
}

void lw_end_checkpoint(struct world *w)
{
    lw_lock(w);
    if (w->kv->log->next != NULL)
        assert_ok(log_checkpoint_end(w->kv->log, &w->e), &w->e);
    lw_unlock(w);
}

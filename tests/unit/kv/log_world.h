/* SPDX-License-Identifier: Apache-2.0 */
/* A store with a log whose power fails when a test says so. The C library's fsync, fdatasync and
 * unlinkat are the test's own: what a file holds at its sync is what is on the disk, and which
 * files there are is when the folder is synced. */
#ifndef EHRD_TESTS_KV_LOG_WORLD_H
#define EHRD_TESTS_KV_LOG_WORLD_H

#include "test.h"

#include "base/checked.h"
#include "kv/kv_priv.h"
#include "kv/wal_priv.h"

#define KEYS 300u
#define TABLES 2u
#define VALUE_MAX 6000u /* some rows need pages of their own */
#define SECTOR 512u
#define FILE_MAX ((size_t)64 << 20)
#define FILES (1u + WAL_FILES)

/* What the store should hold: the generation of each row's value, 0 where there is none. */
struct model {
    uint32_t gen[TABLES][KEYS];
};

struct bytes {
    uint8_t *p;
    size_t n;
};

struct world {
    char dir[128];
    char crash[160];
    struct kv *kv;
    struct kv_table t[TABLES];
    struct model now;
    struct model before;         /* the last transaction */
    struct bytes durable[FILES]; /* the files as they were when last synced */
    bool listed[FILES];          /* by the folder, when that was last synced */
    uint32_t next_gen;
    uint64_t x;
    struct err e;
};

extern const struct kv_options lw_options;
extern const char *const *const lw_logs; /* names of the log's files */
extern bool lw_syncs_fail;               /* as a broken device's */
extern int lw_unlinks_left;              /* before the program is cut off; -1: it is not */

int lw_setup(void **state);
int lw_teardown(void **state);
/* A random number below `below`; EHRD_TEST_SEED repeats a run. */
uint64_t lw_rnd(struct world *w, uint64_t below);
struct bytes lw_get_file(const char *dir, const char *name);
void lw_put_file(const char *dir, const char *name, struct bytes f);
void lw_open_at(struct world *w, const char *dir);
/* From now on the syncs of w's files are noted, in place of another world's. */
void lw_watch(struct world *w);
/* w's files go on in `to` as a killed program leaves them: all that was written is there, on the
 * disk is what was synced. */
void lw_copy_killed(struct world *w, struct world *to);
void lw_drop_killed(struct world *w);
/* Writing back fails, which the next sync of each descriptor that is open is told, once. */
void lw_fail_writing_back(void);
/* A random transaction, committed as a rule. */
void lw_run_txn(struct world *w);
/* The store has exactly these rows. */
void lw_check_rows(struct world *w, const struct model *want);
/* The folder as a loss of power may leave it now. */
void lw_make_crash(struct world *w);
/* Part of the last record did not reach the disk. */
bool lw_tear_last_record(struct world *w);
/* Opened anew, the crashed folder has `want`; so it has when power fails once more while the log is
 * redone, and when the program is killed after it. */
void lw_check_crash(struct world *w, const struct model *want);
void lw_lock(struct world *w);
void lw_unlock(struct world *w);
void lw_begin_checkpoint(struct world *w);
void lw_end_checkpoint(struct world *w);

#endif

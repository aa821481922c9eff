/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing the vault's folder. */
#include "vault/lmdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/file.h"
#include "vault/lmdb_rows.h"

#define SCHEMA 3u
#define SHARE_BYTES ((size_t)32 << 10) /* what one small write changes, roughly */
#define PATH_MAX_BYTES 4096

static status share_begin(void *ctx, struct err *reterr)
{
    struct vtxn *t = ctx;
    return vtxn_begin(t->v, t, reterr);
}

static status share_commit(void *ctx, struct err *reterr)
{
    return vtxn_commit(ctx, reterr);
}

static void share_abort(void *ctx)
{
    vtxn_abort(ctx);
}

status vtxn_share(struct vault_lmdb *v, kv_group_write *write, void *arg, struct err *reterr)
{
    return kv_group_run(&v->group, SHARE_BYTES, write, arg, reterr);
}

static const char *const table_names[T_COUNT] = {
    [T_CARD] = "card",   [T_STATE] = "state", [T_FKEY] = "fkey",   [T_WRAP] = "wrap",
    [T_ENV] = "env",     [T_CMAP] = "cmap",   [T_INBOX] = "inbox", [T_LOG] = "log",
    [T_NONCE] = "nonce", [T_BODY] = "body",   [T_PEND] = "pend",   [T_SLOT] = "slot",
    [T_REG] = "reg",     [T_BREF] = "bref",   [T_CERT] = "cert",   [T_CKEY] = "ckey",
};

static void lmdb_close(struct vault *b)
{
    struct vault_lmdb *v = vault_lmdb_of(b);
    kv_close(v->kv);
    rowkeys_close(v->keys);
    if (v->dir_fd >= 0)
        (void)close(v->dir_fd);
    pthread_mutex_destroy(&v->lock);
    kv_group_done(&v->group);
    free(v->unused.p);
    free(v);
}

const struct vault_ops vault_lmdb_ops = {
    .card_put = lmdb_card_put,
    .card_get = lmdb_card_get,
    .cards = lmdb_cards,
    .state_put = lmdb_state_put,
    .state_get = lmdb_state_get,
    .fkey_put = lmdb_fkey_put,
    .fkeys = lmdb_fkeys,
    .wrap_put = lmdb_wrap_put,
    .wrap_get = lmdb_wrap_get,
    .wrap_delete = lmdb_wrap_delete,
    .envelopes_put = lmdb_envelopes_put,
    .envelope_get = lmdb_envelope_get,
    .envelopes_get = lmdb_envelopes_get,
    .note_put = lmdb_note_put,
    .notes = lmdb_notes,
    .note_get = lmdb_note_get,
    .note_delete = lmdb_note_delete,
    .cert_put = lmdb_cert_put,
    .cert_get = lmdb_cert_get,
    .cert_delete = lmdb_cert_delete,
    .log = lmdb_log,
    .close = lmdb_close,
};

static status path_of(const char *dir, const char *name, char out[PATH_MAX_BYTES],
                      struct err *reterr)
{
    int n = snprintf(out, PATH_MAX_BYTES, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX_BYTES)
        return ERR(reterr, E_TOO_LONG, "vault: path of the folder is too long");
    return OK;
}

static status tables_open(struct vault_lmdb *v, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; i < T_COUNT && st == OK; i++) {
        v->table[i].name = table_names[i];
        st = kv_table_open(v->kv, table_names[i], &v->table[i].t, reterr);
    }
    return st;
}

/* Destroy the keys of all slots that erased rows left, so that they can be used again. */
static status slots_load(struct vault_lmdb *v, struct kv_txn *txn, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice value;
    uint64_t next = 0;
    status st =
        kv_iter_init(&it, txn, v->table[T_SLOT].t, SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &value, reterr)) == OK) {
        if (key.n == 8)
            st = slots_push(&v->unused, be64_read(key.p));
        else if (value.n == 8)
            next = be64_read(value.p);
    }
    kv_iter_done(&it);
    if (st != E_NOT_FOUND)
        return st;
    if (next > rowkeys_count(v->keys))
        return ERR(reterr, E_MISMATCH, "vault: rowkeys lacks slots that rows need");
    return rowkeys_destroy(v->keys, v->unused.p, v->unused.n, reterr);
}

static status stamp(struct vault_lmdb *v, struct err *reterr)
{
    struct kv_txn *w;
    status st = kv_write_begin(v->kv, &w, reterr);
    if (st != OK)
        return st;
    st = kv_schema_set(v->kv, w, SCHEMA, reterr);
    if (st == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}

static status parts_open(struct vault_lmdb *v, const struct vault_lmdb_config *cfg,
                         struct err *reterr)
{
    char path[PATH_MAX_BYTES];
    struct kv_txn *txn;
    struct kv_options o = {.app = "ehrd-vault", .schema = SCHEMA, .map_bytes = cfg->map_bytes};
    status st = file_mkdirs(cfg->dir, 0700, reterr);
    if (st == OK && (v->dir_fd = open(cfg->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        st = ERR(reterr, E_IO, "vault: %s cannot be opened", cfg->dir);
    if (st == OK)
        st = path_of(cfg->dir, "vault", path, reterr);
    if (st == OK)
        st = kv_open(path, &o, &v->kv, reterr);
    if (st == OK)
        st = tables_open(v, reterr);
    if (st == OK)
        st = path_of(cfg->dir, "rowkeys", path, reterr);
    if (st == OK)
        st = rowkeys_open(path, v->random, &v->keys, reterr);
    if (st == OK)
        st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = slots_load(v, txn, reterr);
    kv_abort(txn);
    if (st == OK && kv_schema(v->kv) < 2)
        return refs_migrate(v, SCHEMA, reterr);
    /* Schema 3: rows of table reg that programs of before cannot read. */
    return st == OK && kv_schema(v->kv) < SCHEMA ? stamp(v, reterr) : st;
}

status vault_lmdb_open(const struct vault_lmdb_config *cfg, struct vault **ret, struct err *reterr)
{
    struct vault_lmdb *v = calloc(1, sizeof *v);
    if (v == NULL)
        return ERR(reterr, E_NOMEM, "vault");
    v->base.ops = &vault_lmdb_ops;
    v->net = cfg->net;
    v->clock = cfg->clock;
    v->uncommitted_s = cfg->uncommitted_s > UNCOMMITTED_S ? cfg->uncommitted_s : UNCOMMITTED_S;
    v->random = cfg->random;
    v->dir_fd = -1;
    pthread_mutex_init(&v->lock, NULL);
    v->group_txn.v = v;
    kv_group_init(&v->group,
                  &(struct kv_group_ops){share_begin, share_commit, share_abort, &v->group_txn});
    status st = parts_open(v, cfg, reterr);
    if (st != OK) {
        lmdb_close(&v->base);
        return st;
    }
    *ret = &v->base;
    return OK;
}

status vault_lmdb_room(struct vault *b, unsigned part, struct err *reterr)
{
    const struct vault_lmdb *v = vault_lmdb_of(b);
    return file_room(v->dir_fd, "vault", v->reserve, part, reterr);
}

void vault_lmdb_reserve(struct vault *b, uint64_t bytes)
{
    vault_lmdb_of(b)->reserve = bytes;
}

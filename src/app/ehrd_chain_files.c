/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd chain export", "import" and "verify". */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ehrd_chain.h"
#include "app/out_stream.h"
#include "base/checked.h"
#include "base/file.h"

#define PATH_MAX_BYTES 4096u
#define SEAL_ROW (8u + 32u + SECP_SIG) /* number, hash, signature */
#define BLOCK_MAX ((size_t)256 << 20)  /* of one block in a file */

static status open_file(const char *path, FILE **ret, struct err *reterr)
{
    *ret = fopen(path, "rb");
    return *ret != NULL ? OK : ERR(reterr, E_IO, "%s: %s", path, strerror(errno));
}

static status put_file(FILE *f, const void *p, size_t n, struct err *reterr)
{
    if (n == 0 || fwrite(p, n, 1, f) == 1)
        return OK;
    return ERR(reterr, errno == ENOSPC ? E_NO_SPACE : E_IO, "writing: %s", strerror(errno));
}

/* --- export ---------------------------------------------------------------------------------- */

static status export_block(struct chain_view *v, uint64_t n, FILE *blocks, FILE *seals,
                           uint64_t *n_seals, struct err *reterr)
{
    struct chain_block b;
    uint8_t row[SEAL_ROW];
    status st = chain_view_block(v, n, &b, reterr);
    if (st == OK)
        st = put_file(blocks, b.block.raw.p, b.block.raw.n, reterr);
    if (st != OK || !b.has_seal)
        return st;
    be64_write(row, n);
    memcpy(row + 8, b.block.hash.b, 32);
    memcpy(row + 40, b.seal, SECP_SIG);
    ++*n_seals;
    return put_file(seals, row, sizeof row, reterr);
}

static status export_all(struct chain_cmd *c, struct chain_view *v, FILE *blocks, FILE *seals,
                         struct err *reterr)
{
    uint64_t n_seals = 0;
    status st = OK;
    for (uint64_t n = 0; st == OK && n <= v->head; n++) {
        st = export_block(v, n, blocks, seals, &n_seals, reterr);
        chain_cmd_progress("exported", n, v->head);
    }
    if (st == OK) {
        chain_cmd_say_u64(c, "blocks", v->head + 1);
        chain_cmd_say_u64(c, "seals", n_seals);
        chain_cmd_say_hex(c, "hash", slice_of(v->head_hash.b, 32));
    }
    return st;
}

/* FILE.seals. */
static status seals_path(const char *file, char out[PATH_MAX_BYTES], struct err *reterr)
{
    int n = snprintf(out, PATH_MAX_BYTES, "%s.seals", file);
    return n > 0 && n < (int)PATH_MAX_BYTES ? OK
                                            : ERR(reterr, E_USAGE, "FILE: its name is too long");
}

struct export_files {
    struct out_stream blocks;
    struct out_stream seals;
};

/* Both or neither: what stood there before is replaced when the new ones are complete. */
static status export_open(struct export_files *e, const char *file, struct err *reterr)
{
    char path[PATH_MAX_BYTES];
    if (strcmp(file, "-") == 0)
        return ERR(reterr, E_USAGE, "FILE: none, but signatures are to stand beside it");
    status st = seals_path(file, path, reterr);
    if (st == OK)
        st = out_stream_open(&e->blocks, file, reterr);
    if (st == OK)
        st = out_stream_open(&e->seals, path, reterr);
    return st;
}

/* The signatures first: more than there are blocks do no harm to an import. */
static status export_close(struct export_files *e, status st, struct err *reterr)
{
    st = out_stream_finish(&e->blocks, st, reterr);
    st = out_stream_finish(&e->seals, st, reterr);
    st = out_stream_end(&e->seals, st, reterr);
    return out_stream_end(&e->blocks, st, reterr);
}

status chain_cmd_export(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    struct chain_view v;
    struct export_files e = {.blocks = {.f = NULL}, .seals = {.f = NULL}};
    status st = chain_cmd_open(c, &chain, reterr);
    if (st == OK)
        st = export_open(&e, c->file, reterr);
    if (st == OK && (st = chain_view_open(chain, &v, reterr)) == OK) {
        st = export_all(c, &v, e.blocks.f, e.seals.f, reterr);
        chain_view_close(&v);
    }
    st = export_close(&e, st, reterr);
    chain_close(chain);
    return st;
}

/* --- import ---------------------------------------------------------------------------------- */

/* How many bytes the item that begins with these has in all; 0: no list, or too large. */
static size_t item_size(const uint8_t *head, size_t n)
{
    if (n < 1 || head[0] < 0xc0)
        return 0;
    if (head[0] <= 0xf7)
        return 1u + (head[0] - 0xc0u);
    size_t of_len = head[0] - 0xf7u;
    size_t len = 0;
    if (of_len > 4 || n < 1 + of_len)
        return 0;
    for (size_t i = 0; i < of_len; i++)
        len = len << 8 | head[1 + i];
    return len < BLOCK_MAX ? 1 + of_len + len : 0;
}

/* The next block's bytes in *b. OK | E_NOT_FOUND (the file's end) | E_SYNTAX | E_TRUNCATED. */
static status next_block(FILE *f, struct buf *b, struct err *reterr)
{
    uint8_t head[5];
    buf_clear(b);
    size_t got = fread(head, 1, 1, f);
    if (got == 0)
        return ferror(f) != 0 ? ERR(reterr, E_IO, "reading: %s", strerror(errno)) : E_NOT_FOUND;
    size_t more = head[0] > 0xf7 && head[0] <= 0xfb ? head[0] - 0xf7u : 0;
    got += fread(head + 1, 1, more, f);
    size_t size = item_size(head, got);
    if (size == 0)
        return ERR(reterr, E_SYNTAX, "no block of RLP");
    status st = buf_put_mem(b, head, got);
    if (st == OK)
        st = buf_reserve(b, size - got);
    if (st != OK)
        return ERR(reterr, st, "block");
    if (fread(b->p + b->n, 1, size - got, f) != size - got)
        return ERR(reterr, E_TRUNCATED, "the last block is cut short");
    b->n = size;
    return OK;
}

struct importing {
    struct chain *chain;
    FILE *blocks;
    FILE *seals; /* NULL: none */
    uint64_t added;
    uint64_t known;
    struct buf raw;
    uint8_t row[SEAL_ROW]; /* not used yet */
    bool has_row;
};

/* The signature of a block, if the next row of the file is its. */
static const uint8_t *seal_for(struct importing *m, const struct block *b)
{
    if (m->seals != NULL && !m->has_row)
        m->has_row = fread(m->row, sizeof m->row, 1, m->seals) == 1;
    if (!m->has_row || be64_read(m->row) != b->header.number ||
        memcmp(m->row + 8, b->hash.b, 32) != 0)
        return NULL;
    m->has_row = false;
    return m->row + 40;
}

static status import_one(struct importing *m, struct err *reterr)
{
    struct block b;
    status st = block_read(buf_slice(&m->raw), &b, reterr);
    if (st != OK)
        return st;
    const uint8_t *seal = seal_for(m, &b);
    if (m->seals != NULL && ferror(m->seals) != 0)
        return ERR(reterr, E_IO, "reading the signatures: %s", strerror(errno));
    if (b.header.number == 0) {
        hash32 own = chain_genesis_hash(m->chain);
        m->known++;
        if (!hash32_eq(own, b.hash))
            return ERR(reterr, E_MISMATCH, "the file is of another genesis");
        return seal != NULL ? chain_genesis_seal(m->chain, seal, reterr) : OK;
    }
    st = chain_import(m->chain, buf_slice(&m->raw), seal, reterr);
    if (st == E_DUPLICATE) {
        m->known++;
        return OK;
    }
    m->added += st == OK ? 1 : 0;
    chain_cmd_progress("imported up to block", b.header.number, 0);
    return st;
}

static status import_all(struct importing *m, struct err *reterr)
{
    status st = OK;
    buf_init(&m->raw, BLOCK_MAX + 16);
    while (st == OK && (st = next_block(m->blocks, &m->raw, reterr)) == OK)
        st = import_one(m, reterr);
    buf_done(&m->raw);
    return st == E_NOT_FOUND ? OK : st;
}

status chain_cmd_import(struct chain_cmd *c, struct err *reterr)
{
    struct importing m = {.chain = NULL};
    struct chain_news news;
    char path[PATH_MAX_BYTES];
    status st = seals_path(c->file, path, reterr);
    if (st == OK)
        st = chain_cmd_open(c, &m.chain, reterr);
    if (st == OK)
        st = open_file(c->file, &m.blocks, reterr);
    if (st == OK && file_exists(path))
        st = open_file(path, &m.seals, reterr);
    if (st == OK)
        st = import_all(&m, reterr);
    if (st == OK) {
        chain_news_get(m.chain, &news);
        chain_cmd_say_u64(c, "added", m.added);
        chain_cmd_say_u64(c, "known", m.known);
        chain_cmd_say_u64(c, "head", news.head);
        chain_cmd_say_hex(c, "hash", slice_of(news.hash.b, 32));
    }
    if (m.blocks != NULL)
        (void)fclose(m.blocks);
    if (m.seals != NULL)
        (void)fclose(m.seals);
    chain_close(m.chain);
    return st;
}

/* --- verify ---------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb;
    (void)type;
    (void)ftw;
    return remove(path);
}

static status replay_block(struct chain_view *v, struct chain *replay, uint64_t n,
                           struct err *reterr)
{
    struct chain_block b;
    struct chain_view w;
    status st = chain_view_block(v, n, &b, reterr);
    if (st == OK && chain_genesis(v->chain)->has_authority && !b.has_seal)
        return ERR(reterr, E_MISMATCH, "block %llu is not signed", (unsigned long long)n);
    if (st == OK)
        st = chain_import(replay, b.block.raw, b.has_seal ? b.seal : NULL, reterr);
    if (st == OK)
        st = chain_view_open(replay, &w, reterr);
    if (st != OK)
        return st > 0 ? ERR(reterr, E_MISMATCH, "block %llu cannot be executed again",
                            (unsigned long long)n)
                      : st;
    st = chain_view_same(v, &w, n, reterr);
    chain_view_close(&w);
    return st;
}

/* A folder that no key was there to open since an older program made it has no signature of block
 * 0. */
static status replay_genesis(struct chain_view *v, struct chain *replay, struct err *reterr)
{
    struct chain_block b;
    status st = chain_view_block(v, 0, &b, reterr);
    return st == OK && b.has_seal ? chain_genesis_seal(replay, b.seal, reterr) : st;
}

static status replay_all(struct chain_cmd *c, struct chain *chain, struct chain *replay,
                         struct err *reterr)
{
    struct chain_view v;
    status st = chain_view_open(chain, &v, reterr);
    if (st != OK)
        return st;
    st = replay_genesis(&v, replay, reterr);
    for (uint64_t n = 1; st == OK && n <= v.head; n++) {
        struct err e = {0};
        st = replay_block(&v, replay, n, &e);
        if (st != OK)
            (void)ERR(reterr, st, "block %llu: %s", (unsigned long long)n, e.msg);
        chain_cmd_progress("verified", n, v.head);
    }
    if (st == OK) {
        chain_cmd_say_u64(c, "verified", v.head);
        chain_cmd_say_hex(c, "hash", slice_of(v.head_hash.b, 32));
    }
    chain_view_close(&v);
    return st;
}

static status verify_in(struct chain_cmd *c, struct chain *chain, const char *dir,
                        struct err *reterr)
{
    struct chain *replay = NULL;
    hash32 hash;
    hash32 want = chain_genesis_hash(chain);
    const struct chain_options o = {.dir = dir, .sealing = CHAIN_SEAL_MANUAL};
    status st = chain_create(dir, json_raw(chain_genesis(chain)->root), false, &hash, reterr);
    if (st == OK && !hash32_eq(hash, want))
        st = ERR(reterr, E_MISMATCH, "the genesis is another");
    if (st == OK)
        st = chain_open(&o, &replay, reterr);
    if (st == OK)
        st = replay_all(c, chain, replay, reterr);
    chain_close(replay);
    return st;
}

status chain_cmd_verify(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    char dir[PATH_MAX_BYTES];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(dir, sizeof dir, "%s/ehrd-verify-XXXXXX", tmp != NULL ? tmp : "/tmp");
    status st = chain_cmd_open(c, &chain, reterr);
    if (st == OK && chain_is_dev(chain))
        st = ERR(reterr, E_UNSUPPORTED, "a chain for development cannot be executed again");
    if (st == OK && mkdtemp(dir) == NULL)
        st = ERR(reterr, E_IO, "%s: %s", dir, strerror(errno));
    else if (st == OK) {
        st = verify_in(c, chain, dir, reterr);
        (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    chain_close(chain);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr content": add, get, stat and verify. */
#include "app/cmd_content_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/out_file.h"
#include "app/std_out.h"
#include "base/file.h"
#include "base/sysio.h"
#include "content/local.h"
#include "crypto/sha2.h"
#include "ipfs/import.h"

#define READ_BYTES ((size_t)4 << 20) /* whole chunks, so that the importer copies nothing */
#define PROGRESS_MS 200
#define PIN_OWNER "ehr content"

/* A line on the terminal's standard error, renewed now and then. */
struct progress {
    bool on;
    const char *verb;
    uint64_t bytes;
    uint64_t begun_ms;
    uint64_t shown_ms;
};

static struct progress progress_begin(const char *verb)
{
    uint64_t now = clock_mono_ms(&clock_system);
    return (struct progress){isatty(STDERR_FILENO) != 0, verb, 0, now, now};
}

static void progress_add(struct progress *p, size_t n)
{
    p->bytes += n;
    if (!p->on)
        return;
    uint64_t now = clock_mono_ms(&clock_system);
    if (now - p->shown_ms < PROGRESS_MS)
        return;
    p->shown_ms = now;
    uint64_t rate = p->bytes / (now - p->begun_ms) / 1000; /* MB/s */
    (void)fprintf(stderr, "\r%s %llu MB, %llu MB/s ", p->verb,
                  (unsigned long long)(p->bytes / 1000000), (unsigned long long)rate);
}

static void progress_end(const struct progress *p)
{
    if (p->on && p->shown_ms != p->begun_ms)
        (void)fputs("\r\033[K", stderr);
}

/* may_make: only what adds makes a store; elsewhere a wrong path would be an empty one. */
static status open_store(const struct cmd_content *c, bool may_make, struct content **ret,
                         struct err *reterr)
{
    char path[PATH_MAX];
    if (!may_make && (snprintf(path, sizeof path, "%s/data.mdb", c->store) >= (int)sizeof path ||
                      !file_exists(path)))
        return ERR(reterr, E_NOT_FOUND, "%s: there is no store", c->store);
    return content_local_open(c->store, 0, &clock_system, ret, reterr);
}

static status read_cid(const struct cmd_content *c, struct cid *ret, struct err *reterr)
{
    status s = cid_read_text(slice_str(c->what), ret, reterr);
    return s == OK ? OK : err_prefix(reterr, s, c->what);
}

/* Where the bytes of an added file go: the store, or only through the hash. */
struct adder {
    struct content_upload *upload;
    struct import *import;
    struct progress progress;
};

static status adder_write(struct adder *a, slice bytes, struct err *reterr)
{
    progress_add(&a->progress, bytes.n);
    return a->upload != NULL ? content_put_write(a->upload, bytes, reterr)
                             : import_write(a->import, bytes, reterr);
}

/* Fill the buffer as far as the file goes. */
static status fill(int fd, const char *name, uint8_t *p, size_t *ret_n, struct err *reterr)
{
    size_t n = 0;
    while (n < READ_BYTES) {
        ssize_t got = read(fd, p + n, READ_BYTES - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR(reterr, E_IO, "%s: %s", name, strerror(errno));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret_n = n;
    return OK;
}

static status add_fd(struct adder *a, int fd, const char *name, struct err *reterr)
{
    uint8_t *p = malloc(READ_BYTES);
    size_t n = READ_BYTES;
    status s = p != NULL ? OK : ERR(reterr, E_NOMEM, "buffer");
    while (s == OK && n == READ_BYTES) {
        s = fill(fd, name, p, &n, reterr);
        if (s == OK)
            s = adder_write(a, slice_of(p, n), reterr);
    }
    free(p);
    progress_end(&a->progress);
    return s;
}

static status add_path(struct adder *a, const char *path, struct err *reterr)
{
    if (strcmp(path, "-") == 0)
        return add_fd(a, STDIN_FILENO, "standard input", reterr);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR(reterr, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s: %s", path, strerror(errno));
    status s = add_fd(a, fd, path, reterr);
    (void)close(fd);
    return s;
}

static status hash_file(const struct cmd_content *c, struct content_info *ret, struct err *reterr)
{
    const struct block_sink nowhere = {0};
    struct adder a = {.progress = progress_begin("hashed")};
    struct import_result r;
    status s = import_new(&import_v1_2025, &nowhere, &a.import, reterr);
    if (s == OK)
        s = add_path(&a, c->what, reterr);
    if (s == OK)
        s = import_finish(a.import, &r, reterr);
    if (s == OK)
        *ret = (struct content_info){r.cid, r.size, r.block_size};
    import_free(a.import);
    return s;
}

/* What is added here is wanted until its owner says otherwise, so it is pinned. */
static status pin(struct content *store, const struct cid *cid, struct err *reterr)
{
    hash32 owner;
    status s = sha256(SLICE_LIT(PIN_OWNER), &owner);
    return s == OK ? content_pin(store, &owner, cid, reterr) : ERR(reterr, s, "SHA-256");
}

static status store_file(const struct cmd_content *c, struct content_info *ret, struct err *reterr)
{
    struct adder a = {.progress = progress_begin("stored")};
    struct content *store = NULL;
    status s = open_store(c, true, &store, reterr);
    if (s == OK)
        s = content_put_begin(store, &a.upload, reterr);
    if (s == OK)
        s = add_path(&a, c->what, reterr);
    if (s == OK) {
        s = content_put_finish(a.upload, ret, reterr);
        a.upload = NULL;
    }
    if (s == OK)
        s = pin(store, &ret->cid, reterr);
    content_put_abort(a.upload);
    content_close(store);
    return s;
}

static void print_json(const struct content_info *info)
{
    char text[CID_TEXT_MAX];
    (void)printf("{\"cid\":\"%s\",\"size\":%llu,\"blockSize\":%llu}\n", cid_text(&info->cid, text),
                 (unsigned long long)info->size, (unsigned long long)info->block_size);
}

status cmd_content_add(const struct cmd_content *c, struct err *reterr)
{
    struct content_info info;
    char text[CID_TEXT_MAX];
    status s = c->only_hash ? hash_file(c, &info, reterr) : store_file(c, &info, reterr);
    if (s != OK)
        return s;
    if (c->json)
        print_json(&info);
    else
        (void)printf("%s\n", cid_text(&info.cid, text));
    return std_out_flush(reterr);
}

struct getter {
    struct out_file out;
    struct progress progress;
};

static status write_out(void *ctx, slice bytes, struct err *reterr)
{
    struct getter *g = ctx;
    progress_add(&g->progress, bytes.n);
    return out_file_write(&g->out, bytes, reterr);
}

static status get_to(const struct cmd_content *c, struct content *store, const struct cid *cid,
                     struct getter *g, struct err *reterr)
{
    const struct content_sink sink = {write_out, g};
    uint64_t len = c->to == CONTENT_TO_END ? CONTENT_TO_END : c->to - c->from + 1;
    status s = out_file_open(&g->out, c->output, 0666, reterr);
    if (s != OK)
        return s;
    g->progress = progress_begin("read");
    s = content_get(store, cid, c->from, len, &sink, reterr);
    progress_end(&g->progress);
    if (s == OK)
        return out_file_commit(&g->out, reterr);
    out_file_abort(&g->out);
    return s;
}

status cmd_content_get(const struct cmd_content *c, struct err *reterr)
{
    struct content *store = NULL;
    struct getter *g = calloc(1, sizeof *g);
    struct cid cid;
    char text[CID_TEXT_MAX];
    status s = g != NULL ? read_cid(c, &cid, reterr) : ERR(reterr, E_NOMEM, "file");
    if (s == OK)
        s = open_store(c, false, &store, reterr);
    if (s == OK)
        s = get_to(c, store, &cid, g, reterr);
    if (s == OK && c->json)
        (void)printf("{\"cid\":\"%s\",\"bytes\":%llu}\n", cid_text(&cid, text),
                     (unsigned long long)g->progress.bytes);
    content_close(store);
    free(g);
    return s == OK ? std_out_flush(reterr) : s;
}

status cmd_content_stat(const struct cmd_content *c, struct err *reterr)
{
    struct content *store = NULL;
    struct content_info info;
    struct cid cid;
    char text[CID_TEXT_MAX];
    status s = read_cid(c, &cid, reterr);
    if (s == OK)
        s = open_store(c, false, &store, reterr);
    if (s == OK)
        s = content_stat(store, &cid, &info, reterr);
    content_close(store);
    if (s != OK)
        return s;
    if (c->json)
        print_json(&info);
    else
        (void)printf("cid:        %s\nsize:       %llu\nblock size: %llu\n",
                     cid_text(&info.cid, text), (unsigned long long)info.size,
                     (unsigned long long)info.block_size);
    return std_out_flush(reterr);
}

static status print_damage(void *ctx, const struct cid *cid, const char *why)
{
    char text[CID_TEXT_MAX];
    (void)ctx;
    (void)fprintf(stderr, "damaged: %s: %s\n", cid_text(cid, text), why);
    return OK;
}

static status verify_store(const struct cmd_content *c, struct content_verified *ret,
                           struct err *reterr)
{
    const struct content_report report = {print_damage, NULL};
    struct content *store = NULL;
    struct cid cid;
    status s = c->what != NULL ? read_cid(c, &cid, reterr) : OK;
    if (s == OK)
        s = open_store(c, false, &store, reterr);
    if (s == OK)
        s = content_local_verify(store, c->what != NULL ? &cid : NULL, &report, ret, reterr);
    content_close(store);
    return s;
}

status cmd_content_verify(const struct cmd_content *c, struct err *reterr)
{
    struct content_verified v;
    status s = verify_store(c, &v, reterr);
    if (s != OK)
        return s;
    (void)printf(c->json ? "{\"blocks\":%llu,\"bytes\":%llu,\"damaged\":%llu}\n"
                         : "%llu blocks, %llu bytes, %llu damaged\n",
                 (unsigned long long)v.blocks, (unsigned long long)v.bytes,
                 (unsigned long long)v.bad);
    s = std_out_flush(reterr);
    if (s == OK && v.bad > 0)
        s = ERR(reterr, E_CORRUPT, "the store is damaged; add the files anew to mend it");
    return s;
}

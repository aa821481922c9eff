/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the files of the page and finding them by path. */
#include "api/page.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hex.h"
#include "crypto/sha2.h"

#define DEPTH_MAX 4u
#define PATH_CAP ((size_t)4096)
#define HASH_IN_NAME 8u /* "main-ABCDEFGH.js" */

struct page {
    struct page_file *files; /* sorted by path once loaded */
    size_t n;
    size_t bytes;
    size_t dir_len;
    const struct page_file *index;
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static const char *media_of(const char *path)
{
    static const struct {
        const char *end, *media;
    } table[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".webp", "image/webp"},
        {".json", "application/json"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (ends_with(path, table[i].end))
            return table[i].media;
    return "application/octet-stream";
}

/* "name-XXXXXXXX.js" or .css with X of base64url. */
static bool has_hash_in_name(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot == NULL || (strcmp(dot, ".js") != 0 && strcmp(dot, ".css") != 0) ||
        (size_t)(dot - path) < HASH_IN_NAME + 2 || dot[-1 - (int)HASH_IN_NAME] != '-')
        return false;
    for (const char *c = dot - HASH_IN_NAME; c < dot; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    return true;
}

/* Take the content of b over. */
static slice taken(struct buf *b)
{
    slice s = buf_slice(b);
    *b = (struct buf){0};
    return s;
}

static status etag_set(struct page_file *f, struct err *reterr)
{
    hash32 sum;
    status st = sha256(f->bytes, &sum);
    if (st != OK)
        return ERR(reterr, st, "hash of a file of the page");
    f->etag[0] = '"';
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(f->etag + 1 + 2 * i, 3, "%02x", sum.b[i]);
    f->etag[33] = '"';
    f->etag[34] = '\0';
    return OK;
}

static status file_add(struct page *p, const char *full, struct err *reterr)
{
    struct buf content;
    if (p->n == PAGE_FILES_MAX)
        return ERR(reterr, E_TOO_LONG, "%s: more than %u files", full, PAGE_FILES_MAX);
    buf_init(&content, PAGE_BYTES_MAX - p->bytes);
    status st = file_read(full, &content, reterr);
    if (st == OK && content.p == NULL) /* an empty file has bytes to own, too */
        st = buf_reserve(&content, 1);
    if (st != OK) {
        buf_done(&content);
        return st;
    }
    struct page_file *f = &p->files[p->n++];
    p->bytes += content.n;
    *f = (struct page_file){.bytes = taken(&content)};
    f->path = strdup(full + p->dir_len + 1);
    if (f->path == NULL)
        return ERR(reterr, E_NOMEM, "page");
    f->media = media_of(f->path);
    f->immutable = has_hash_in_name(f->path);
    return etag_set(f, reterr);
}

static status folder_add(struct page *p, struct buf *path, unsigned depth, struct err *reterr);

static status entry_add(struct page *p, struct buf *path, const char *name, unsigned depth,
                        struct err *reterr)
{
    struct stat info;
    size_t before = path->n;
    status st = buf_printf(path, "/%s", name);
    const char *full = st == OK ? buf_cstr(path) : NULL;
    if (full == NULL)
        return ERR(reterr, E_TOO_LONG, "path of a file of the page");
    if (name[0] != '.' && lstat(full, &info) == 0) {
        if (S_ISREG(info.st_mode))
            st = file_add(p, full, reterr);
        else if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
            st = folder_add(p, path, depth + 1, reterr);
    }
    path->n = before;
    return st;
}

static status folder_add(struct page *p, struct buf *path, unsigned depth, struct err *reterr)
{
    const char *name = buf_cstr(path);
    DIR *d = name != NULL ? opendir(name) : NULL;
    if (d == NULL)
        return ERR(reterr, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s: cannot be opened",
                   name != NULL ? name : "page");
    status st = OK;
    for (const struct dirent *e; st == OK && (e = readdir(d)) != NULL;) /* one thread, at start */
        st = entry_add(p, path, e->d_name, depth, reterr);
    (void)closedir(d);
    return st;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct page_file *)a)->path, ((const struct page_file *)b)->path);
}

/* FILE.gz becomes the other form of FILE, where there is FILE. */
static void gzip_link(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct page_file *z = &p->files[i];
        size_t len = strlen(z->path);
        if (!ends_with(z->path, ".gz"))
            continue;
        const struct page_file *plain = page_find(p, slice_of(z->path, len - 3));
        if (plain != NULL)
            p->files[plain - p->files].gzip = z->bytes;
    }
}

status page_load(const char *dir, struct page **ret, struct err *reterr)
{
    struct buf path;
    struct page *p = calloc(1, sizeof *p);
    if (p == NULL || (p->files = calloc(PAGE_FILES_MAX, sizeof *p->files)) == NULL) {
        free(p);
        return ERR(reterr, E_NOMEM, "page");
    }
    buf_init(&path, PATH_CAP);
    p->dir_len = strlen(dir);
    status st = buf_put_str(&path, dir);
    st = st == OK ? folder_add(p, &path, 1, reterr) : ERR(reterr, st, "path of the page");
    buf_done(&path);
    if (st == OK) {
        qsort(p->files, p->n, sizeof *p->files, by_path);
        gzip_link(p);
        p->index = page_find(p, SLICE_LIT("index.html"));
        if (p->index == NULL)
            st = ERR(reterr, E_NOT_FOUND, "%s: no index.html", dir);
    }
    if (st != OK) {
        page_free(p);
        return st;
    }
    *ret = p;
    return OK;
}

void page_free(struct page *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++) {
        free((void *)(uintptr_t)p->files[i].bytes.p);
        free(p->files[i].path);
    }
    free(p->files);
    free(p);
}

const struct page_file *page_find(const struct page *p, slice path)
{
    size_t low = 0;
    size_t high = p->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        slice have = slice_str(p->files[mid].path);
        size_t n = have.n < path.n ? have.n : path.n;
        int order = n > 0 ? memcmp(have.p, path.p, n) : 0;
        if (order == 0 && have.n == path.n)
            return &p->files[mid];
        if (order < 0 || (order == 0 && have.n < path.n))
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct page_file *page_index(const struct page *p)
{
    return p->index;
}

static bool begins_with_segment(slice path, const char *segment)
{
    size_t n = strlen(segment);
    return path.n >= n && memcmp(path.p, segment, n) == 0 && (path.n == n || path.p[n] == '/');
}

bool page_is_place(slice path)
{
    static const char *const roots[] = {"api",  "rpc",     "ipfs",   "fhir",
                                        "ipns", "healthz", "readyz", "metrics"};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        if (begins_with_segment(path, roots[i]))
            return false;
    for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--)
        if (path.p[i - 1] == '.')
            return false;
    return true;
}

bool page_takes_gzip(slice accept)
{
    static const char name[] = "gzip";
    const size_t n = sizeof name - 1;
    for (size_t i = 0; i + n <= accept.n; i++) {
        if (memcmp(accept.p + i, name, n) != 0)
            continue;
        slice rest = slice_after(accept, i + n);
        while (rest.n > 0 && rest.p[0] == ' ')
            rest = slice_after(rest, 1);
        /* "gzip;q=0" and "gzip;q=0.000" say no */
        return !(rest.n >= 4 && memcmp(rest.p, ";q=0", 4) == 0 &&
                 (rest.n == 4 || rest.p[4] != '.' || rest.n < 6 || rest.p[5] == '0'));
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the built web page, read once at start and served from memory. */
#ifndef EHRD_API_PAGE_H
#define EHRD_API_PAGE_H

#include "base/slice.h"
#include "base/status.h"

#define PAGE_FILES_MAX 1024u               /* files of a page */
#define PAGE_BYTES_MAX ((size_t)128 << 20) /* all of them together */
#define PAGE_NONCE "EHRD-NONCE"            /* what the nonce of each answer replaces */
#define PAGE_NONCE_LEN 32u                 /* hex digits */

struct page;

/* One file. All borrowed until the page is freed. */
struct page_file {
    char *path;        /* without leading '/', '/' between folders */
    const char *media; /* Content-Type */
    slice bytes;
    slice gzip; /* of FILE.gz beside it; .p NULL: there is none */
    char etag[2 + 32 + 1];
    bool immutable; /* its name holds a hash of its content */
};

/* Read the folder dir (regular files, at most 4 levels deep, FILE.gz as the other form of FILE).
 * OK | E_NOT_FOUND (no index.html there) | E_TOO_LONG | E_IO | E_NOMEM. */
status page_load(const char *dir, struct page **ret, struct err *reterr) MUST_USE;
void page_free(struct page *p); /* NULL is fine */

/* The file at path, or NULL. */
const struct page_file *page_find(const struct page *p, slice path);
/* index.html: what every path gets that is no file and no route. */
const struct page_file *page_index(const struct page *p);
/* Whether path (no file of the page) is a place inside the page, which index.html answers: none of
 * the node's own roots, and no file name at its end. */
bool page_is_place(slice path);
/* Whether a GET of path (with its leading '/') is answered by the page; false for NULL. */
bool page_answers(const struct page *page, slice path);
/* Whether the Accept-Encoding header takes gzip. */
bool page_takes_gzip(slice accept);

#endif

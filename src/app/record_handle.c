/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving of record handles. */
#include "app/record_handle.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/hex.h"
#include "fhir/meta.h"

#define PREFIX_MIN 8u

/* 1 to n; 0: no number of the list. */
static size_t number_of(const char *text, size_t n)
{
    char *end;
    unsigned long v = strtoul(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == 0 && v >= 1 && v <= n ? (size_t)v : 0;
}

/* The hex digits of text into id; 0 when it is not PREFIX_MIN..64 hex digits. */
static unsigned prefix_of(const char *text, hash32 *id)
{
    char padded[65];
    size_t n = strlen(text);
    if (n < PREFIX_MIN || n > 64)
        return 0;
    memset(padded, '0', sizeof padded);
    memcpy(padded, text, n);
    return hex_read(slice_of(padded, 64), id->b, sizeof id->b) == OK ? (unsigned)n : 0;
}

static bool title_fits(const struct read_record *r, const char *title)
{
    struct arena a;
    struct fhir_meta m;
    if (r->st != OK)
        return false;
    arena_init(&a, (size_t)8 << 20, true);
    bool fits = fhir_meta_read(buf_slice(&r->view.meta), &a, &m, NULL) == OK &&
                slice_eq_str(m.title, title);
    arena_done(&a);
    return fits;
}

/* A record that cannot be proved may be the one that is looked for: it is not passed over in
 * silence. */
static status unproved(const struct read_record *read, size_t n, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        if (read[i].st == OK)
            continue;
        if (reterr != NULL)
            *reterr = read[i].err;
        return err_prefix(reterr, read[i].st, "a record of the list");
    }
    return OK;
}

/* How many records fit; *ret is the last of them. */
static status by_title(struct cli *c, const struct folder_access *f, const char *text,
                       struct told_record *list, size_t n, struct arena *a, struct told_record *ret,
                       size_t *ret_hits, struct err *reterr)
{
    struct ledger_block block;
    bool vouched;
    struct read_record *read = calloc(n > 0 ? n : 1, sizeof *read);
    if (read == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = flow_check(&c->client, f, list, n, a, read, &block, &vouched, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        if (title_fits(&read[i], text)) {
            *ret = list[i];
            (*ret_hits)++;
        }
    }
    if (st == OK) {
        if (*ret_hits == 0)
            st = unproved(read, n, reterr);
        flow_read_done(read, n);
    }
    free(read);
    return st;
}

/* By number or title: both need the whole list. */
static status by_list(struct cli *c, const hash32 *folder, const struct folder_access *f,
                      const char *text, struct arena *a, struct told_record *ret, size_t *ret_hits,
                      struct err *reterr)
{
    struct told_record *list;
    struct folder_access own = {0};
    size_t n;
    status st = flow_list(&c->client, folder, a, &list, &n, reterr);
    if (st != OK)
        return st;
    size_t number = number_of(text, n);
    if (number > 0) {
        *ret = list[number - 1];
        *ret_hits = 1;
        return OK;
    }
    if (f == NULL)
        st = folder_access_open(&c->client, folder, &own, reterr);
    if (st == OK)
        st = by_title(c, f != NULL ? f : &own, text, list, n, a, ret, ret_hits, reterr);
    folder_access_done(&own);
    return st;
}

status record_handle_find(struct cli *c, const hash32 *folder, const struct folder_access *f,
                          const char *text, struct arena *a, struct told_record *ret,
                          struct err *reterr)
{
    hash32 id;
    size_t hits = 0;
    status st = OK;
    unsigned digits = prefix_of(strncmp(text, "0x", 2) == 0 ? text + 2 : text, &id);
    if (digits > 0)
        st = flow_find(&c->client, folder, &id, digits, a, ret, &hits, reterr);
    if (st == OK && hits == 0)
        st = by_list(c, folder, f, text, a, ret, &hits, reterr);
    if (st == OK && hits == 0)
        st = ERR(reterr, E_NOT_FOUND, "no record \"%.100s\" in this folder", text);
    if (st == OK && hits > 1)
        st = ERR(reterr, E_CONFLICT,
                 "\"%.100s\" fits several records: use the number or more of the id", text);
    return st;
}

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

static bool is_prefix(const char *text)
{
    size_t n = 0;
    for (; text[n] != 0; n++)
        if (!isxdigit((unsigned char)text[n]))
            return false;
    return n >= PREFIX_MIN && n <= 64;
}

static bool prefix_fits(const char *text, const hash32 *id)
{
    char hex[67];
    hex_0x(slice_of(id->b, sizeof id->b), hex);
    return strncasecmp(hex + 2, text, strlen(text)) == 0;
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

static status by_title(struct cli *c, const hash32 *folder, const char *text,
                       struct told_record *list, size_t n, struct arena *a, struct told_record *ret,
                       size_t *ret_hits, struct err *reterr)
{
    struct folder_access f;
    struct ledger_block block;
    bool vouched;
    struct read_record *read = calloc(n > 0 ? n : 1, sizeof *read);
    if (read == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    status st = folder_access_open(&c->client, folder, &f, reterr);
    if (st == OK) {
        st = flow_check(&c->client, &f, list, n, a, read, &block, &vouched, reterr);
        for (size_t i = 0; st == OK && i < n; i++) {
            if (title_fits(&read[i], text)) {
                *ret = list[i];
                (*ret_hits)++;
            }
        }
        if (st == OK)
            flow_read_done(read, n);
        folder_access_done(&f);
    }
    free(read);
    return st;
}

status record_handle_find(struct cli *c, const hash32 *folder, const char *text, struct arena *a,
                          struct told_record *ret, struct err *reterr)
{
    struct told_record *list;
    size_t n;
    size_t hits = 0;
    status st = flow_list(&c->client, folder, a, &list, &n, reterr);
    if (st != OK)
        return st;
    const char *hex = strncmp(text, "0x", 2) == 0 ? text + 2 : text;
    size_t number = number_of(text, n);
    if (number > 0) {
        *ret = list[number - 1];
        return OK;
    }
    for (size_t i = 0; is_prefix(hex) && i < n; i++) {
        if (prefix_fits(hex, &list[i].record)) {
            *ret = list[i];
            hits++;
        }
    }
    if (hits == 0)
        st = by_title(c, folder, text, list, n, a, ret, &hits, reterr);
    if (st == OK && hits == 0)
        st = ERR(reterr, E_NOT_FOUND, "no record \"%.100s\" in this folder", text);
    if (st == OK && hits > 1)
        st = ERR(reterr, E_CONFLICT,
                 "\"%.100s\" fits %zu records: use the number or more of the id", text, hits);
    return st;
}

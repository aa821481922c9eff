/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions urn:ehrd:… of a meta; each has one valueString. */
#include "fhir/meta_ext.h"

#include <inttypes.h>

#include "base/checked.h"
#include "base/hex.h"

enum ext { EXT_SHA256, EXT_SIZE, EXT_AUTHOR, EXT_AUTHOR_CARD, EXT_CERTIFICATE, EXT_N };

static const char *const ext_urls[EXT_N] = {
    [EXT_SHA256] = "urn:ehrd:sha256",
    [EXT_SIZE] = "urn:ehrd:size",
    [EXT_AUTHOR] = "urn:ehrd:author",
    [EXT_AUTHOR_CARD] = "urn:ehrd:author-card",
    [EXT_CERTIFICATE] = "urn:ehrd:author-certificate",
};

static void ext_begin(struct jw *w, enum ext which)
{
    jw_object(w);
    jw_key(w, "url");
    jw_cstr(w, ext_urls[which]);
    jw_key(w, "valueString");
}

void meta_ext_put(struct jw *w, const struct fhir_meta *m)
{
    char hex[2 * sizeof m->sha256.b];
    hex_write(slice_of(m->sha256.b, sizeof m->sha256.b), hex);
    jw_key(w, "extension");
    jw_array(w);
    ext_begin(w, EXT_SHA256);
    jw_str(w, slice_of(hex, sizeof hex));
    jw_end(w);
    ext_begin(w, EXT_SIZE);
    jw_printf(w, "%" PRIu64, m->size);
    jw_end(w);
    ext_begin(w, EXT_AUTHOR);
    jw_hex(w, slice_of(m->author_account.b, sizeof m->author_account.b));
    jw_end(w);
    ext_begin(w, EXT_AUTHOR_CARD);
    jw_hex(w, slice_of(m->author_card.b, sizeof m->author_card.b));
    jw_end(w);
    if (m->author_certificate.n > 0) {
        ext_begin(w, EXT_CERTIFICATE);
        jw_str(w, m->author_certificate);
        jw_end(w);
    }
    jw_end(w);
}

/* Decimal digits without leading zeros. */
static status size_read(slice text, uint64_t *ret)
{
    uint64_t v = 0;
    if (text.n == 0 || (text.n > 1 && text.p[0] == '0'))
        return E_SYNTAX;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return E_SYNTAX;
        if (!u64_mul(v, 10, &v) || !u64_add(v, (uint64_t)(text.p[i] - '0'), &v))
            return E_RANGE;
    }
    *ret = v;
    return OK;
}

static bool has_0x(slice s)
{
    return slice_has_prefix(s, SLICE_LIT("0x"));
}

static status ext_value(enum ext which, slice text, struct fhir_meta *m)
{
    switch (which) {
    case EXT_SHA256:
        return has_0x(text) ? E_SYNTAX : hex_read(text, m->sha256.b, sizeof m->sha256.b);
    case EXT_SIZE:
        return size_read(text, &m->size);
    case EXT_AUTHOR:
        return has_0x(text) ? hex_read_addr(text, &m->author_account) : E_SYNTAX;
    case EXT_AUTHOR_CARD:
        return has_0x(text) ? hex_read_hash(text, &m->author_card) : E_SYNTAX;
    case EXT_CERTIFICATE:
        m->author_certificate = text;
        return text.n <= FHIR_META_CERTIFICATE ? OK : E_RANGE;
    case EXT_N:
        break;
    }
    return E_INTERNAL;
}

static status ext_find(struct json resource, enum ext which, struct fhir_meta *m,
                       struct err *reterr)
{
    struct json_iter it = json_iter(json_get(resource, "extension"));
    bool found = false;
    while (json_next(&it)) {
        slice text;
        if (!json_eq(json_get(it.value, "url"), ext_urls[which]))
            continue;
        if (found)
            return ERR(reterr, E_DUPLICATE, "meta: %s is given twice", ext_urls[which]);
        status s = json_str(json_get(it.value, "valueString"), &text, reterr);
        if (s != OK)
            return s;
        s = ext_value(which, text, m);
        if (s != OK)
            return ERR(reterr, s, "meta: %s is malformed", ext_urls[which]);
        found = true;
    }
    return found || which == EXT_CERTIFICATE
               ? OK
               : ERR(reterr, E_MISSING, "meta: %s is missing", ext_urls[which]);
}

status meta_ext_read(struct json resource, struct fhir_meta *m, struct err *reterr)
{
    status s = OK;
    for (int i = 0; i < EXT_N && s == OK; i++)
        s = ext_find(resource, (enum ext)i, m, reterr);
    return s;
}

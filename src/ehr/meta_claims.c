/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of the extensions by which meta is bound to the plaintext. */
#include "ehr/meta_claims.h"

#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"

/* Decimal digits of a size. */
static status size_read(slice text, uint64_t *ret)
{
    uint64_t n = 0;
    if (text.n == 0 || text.n > 18)
        return E_RANGE;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return E_RANGE;
        n = n * 10 + (uint64_t)(text.p[i] - '0');
    }
    *ret = n;
    return OK;
}

/* valueString of the extension with this URL; absent: E_MISSING. */
static status extension_get(struct json doc, const char *url, slice *ret, struct err *reterr)
{
    for (struct json_iter it = json_iter(json_get(doc, "extension")); json_next(&it);)
        if (json_eq(json_get(it.value, "url"), url))
            return json_str(json_get(it.value, "valueString"), ret, reterr);
    return ERR(reterr, E_MISSING, "meta: no extension %s", url);
}

static status claims_of(struct json doc, uint64_t *ret_size, hash32 *ret_sha, struct err *reterr)
{
    slice text;
    uint64_t size = 0;
    hash32 sha;
    if (!json_eq(json_get(doc, "resourceType"), "DocumentReference"))
        return ERR(reterr, E_TYPE, "meta: not a DocumentReference");
    status st = extension_get(doc, "urn:ehrd:size", &text, reterr);
    if (st == OK && size_read(text, &size) != OK)
        st = ERR(reterr, E_RANGE, "meta: urn:ehrd:size is no size");
    if (st == OK)
        st = extension_get(doc, "urn:ehrd:sha256", &text, reterr);
    if (st == OK && hex_read_hash(text, &sha) != OK)
        st = ERR(reterr, E_SYNTAX, "meta: urn:ehrd:sha256 is no hash");
    if (st != OK)
        return st;
    *ret_size = size;
    *ret_sha = sha;
    return OK;
}

status meta_claims_read(slice meta, uint64_t *ret_size, hash32 *ret_sha256, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, LIMIT_META_BYTES * 16, true);
    status st = json_read(meta, &a, &doc, reterr);
    if (st != OK)
        st = err_prefix(reterr, st, "meta");
    if (st == OK)
        st = claims_of(json_root(&doc), ret_size, ret_sha256, reterr);
    arena_done(&a);
    return st;
}

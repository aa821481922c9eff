/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of members and texts of signed JSON objects. */
#include "ehr/members.h"

#include "base/utf8.h"

status members_check(struct json v, const char *const *names, size_t n, struct err *reterr)
{
    status st = json_want_object(v, reterr);
    if (st != OK)
        return st;
    for (struct json_iter it = json_iter(v); json_next(&it);) {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || json_eq(it.key, names[i]);
        if (!known)
            return json_err(reterr, E_SYNTAX, it.value, "unknown member");
    }
    return OK;
}

status members_text(slice s, char *out, size_t max)
{
    if (s.n >= max)
        return E_RANGE;
    if (!utf8_is_plain(s))
        return E_RANGE;
    if (s.n > 0)
        memcpy(out, s.p, s.n);
    out[s.n] = 0;
    return OK;
}

status members_text_read(struct json v, char *out, size_t max, struct err *reterr)
{
    slice s;
    status st = json_str(v, &s, reterr);
    if (st == OK && members_text(s, out, max) != OK)
        st = json_err(reterr, E_RANGE, v, "too long, or holds control characters");
    return st;
}

status members_number(struct json v, uint64_t max, uint64_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    status st = json_u64(v, &n, reterr);
    if (st == OK && n > max)
        st = json_err(reterr, E_RANGE, v, "too large");
    if (st == OK)
        *ret = n;
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Signed JSON objects have their members and no others. */
#ifndef EHRD_EHR_MEMBERS_H
#define EHRD_EHR_MEMBERS_H

#include "codec/json.h"

/* v is an object and each of its members is one of names[n]. OK | E_MISSING | E_TYPE | E_SYNTAX. */
status members_check(struct json v, const char *const *names, size_t n,
                     struct err *reterr) MUST_USE;
/* A text of at most max - 1 bytes that is safe to show (utf8_is_plain), into out with a NUL.
 * OK | E_RANGE. */
status members_text(slice s, char *out, size_t max) MUST_USE;
/* The same of a JSON string. */
status members_text_read(struct json v, char *out, size_t max, struct err *reterr) MUST_USE;

/* A whole number that every program reads exactly. OK | E_MISSING | E_TYPE | E_RANGE (more than
 * max). */
#define MEMBERS_NUMBER_MAX ((1ull << 53) - 1)
status members_number(struct json v, uint64_t max, uint64_t *ret, struct err *reterr) MUST_USE;
/* A time of the chain, which takes any, as a state may hold it. */
static inline uint64_t members_time(uint64_t t)
{
    return t < MEMBERS_NUMBER_MAX ? t : MEMBERS_NUMBER_MAX;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The lexical rules of FHIR dateTime and instant. */
#include "fhir/meta.h"

/* Two digits between lo and hi at s[at]; false otherwise. */
static bool two(slice s, size_t at, int lo, int hi)
{
    if (s.n < at + 2 || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return false;
    int v = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return v >= lo && v <= hi;
}

static bool is_at(slice s, size_t at, char c)
{
    return s.n > at && s.p[at] == (uint8_t)c;
}

/* "Z", "+hh:mm" or "-hh:mm", and nothing after. */
static bool is_zone(slice s)
{
    if (s.n == 1)
        return s.p[0] == 'Z';
    return s.n == 6 && (s.p[0] == '+' || s.p[0] == '-') && two(s, 1, 0, 14) && is_at(s, 3, ':') &&
           two(s, 4, 0, 59);
}

/* "Thh:mm:ss[.fraction]zone" */
static bool is_time(slice s)
{
    size_t i = 9;
    if (!is_at(s, 0, 'T') || !two(s, 1, 0, 23) || !is_at(s, 3, ':') || !two(s, 4, 0, 59) ||
        !is_at(s, 6, ':') || !two(s, 7, 0, 60))
        return false;
    if (is_at(s, i, '.')) {
        size_t from = ++i;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
            i++;
        if (i == from)
            return false;
    }
    return is_zone(slice_after(s, i));
}

bool fhir_is_datetime(slice s)
{
    if (!two(s, 0, 0, 99) || !two(s, 2, 0, 99))
        return false;
    if (s.n == 4)
        return true;
    if (!is_at(s, 4, '-') || !two(s, 5, 1, 12))
        return false;
    if (s.n == 7)
        return true;
    if (!is_at(s, 7, '-') || !two(s, 8, 1, 31))
        return false;
    return s.n == 10 || is_time(slice_after(s, 10));
}

bool fhir_is_instant(slice s)
{
    return s.n > 10 && fhir_is_datetime(s);
}

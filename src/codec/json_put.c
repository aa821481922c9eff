/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "codec/json.h"

/* What may follow inside the innermost container. */
enum level {
    ARRAY_FIRST, /* an element, or the end */
    ARRAY_NEXT,
    OBJECT_FIRST, /* a key, or the end */
    OBJECT_NEXT,
    OBJECT_VALUE /* the value of the key just written */
};

#define PRINTF_MAX 1024

static void fail(struct jw *w, status s)
{
    if (w->st == OK)
        w->st = s;
}

static void put(struct jw *w, slice s)
{
    if (w->st == OK)
        w->st = buf_put(w->out, s);
}

void jw_init(struct jw *w, struct buf *out)
{
    *w = (struct jw){.out = out, .start = out->n};
}

/* Comma and state before a value; false if none may stand here. */
static bool before_value(struct jw *w)
{
    if (w->depth == 0) {
        if (w->has_root)
            fail(w, E_INTERNAL);
        w->has_root = true;
        return w->st == OK;
    }
    uint8_t *level = &w->level[w->depth - 1];
    if (*level == ARRAY_NEXT)
        put(w, SLICE_LIT(","));
    else if (*level == OBJECT_FIRST || *level == OBJECT_NEXT)
        fail(w, E_INTERNAL);
    *level = *level == OBJECT_VALUE ? OBJECT_NEXT : ARRAY_NEXT;
    return w->st == OK;
}

static void value(struct jw *w, slice text)
{
    if (before_value(w))
        put(w, text);
}

static void open_container(struct jw *w, slice bracket, enum level first)
{
    if (!before_value(w))
        return;
    if (w->depth == LIMIT_JSON_DEPTH) {
        fail(w, E_TOO_DEEP);
        return;
    }
    put(w, bracket);
    w->level[w->depth++] = (uint8_t)first;
}

void jw_object(struct jw *w)
{
    open_container(w, SLICE_LIT("{"), OBJECT_FIRST);
}

void jw_array(struct jw *w)
{
    open_container(w, SLICE_LIT("["), ARRAY_FIRST);
}

void jw_end(struct jw *w)
{
    if (w->st != OK)
        return;
    if (w->depth == 0 || w->level[w->depth - 1] == OBJECT_VALUE) {
        fail(w, E_INTERNAL);
        return;
    }
    uint8_t level = w->level[--w->depth];
    put(w, level == ARRAY_FIRST || level == ARRAY_NEXT ? SLICE_LIT("]") : SLICE_LIT("}"));
}

static void put_escape(struct jw *w, uint8_t c)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *at = c != 0 ? strchr(from, c) : NULL;
    char text[8];
    int n = at != NULL ? snprintf(text, sizeof text, "\\%c", to[at - from])
                       : snprintf(text, sizeof text, "\\u%04x", c);
    put(w, slice_of(text, (size_t)n));
}

static void put_string(struct jw *w, slice s)
{
    if (!utf8_is_valid(s))
        fail(w, E_SYNTAX);
    put(w, SLICE_LIT("\""));
    while (s.n > 0 && w->st == OK) {
        size_t plain = 0;
        while (plain < s.n && s.p[plain] >= 0x20 && s.p[plain] != '"' && s.p[plain] != '\\')
            plain++;
        put(w, slice_first(s, plain));
        if (plain < s.n)
            put_escape(w, s.p[plain++]);
        s = slice_after(s, plain);
    }
    put(w, SLICE_LIT("\""));
}

void jw_key_slice(struct jw *w, slice key)
{
    uint8_t *level = w->depth > 0 ? &w->level[w->depth - 1] : NULL;
    if (level == NULL || (*level != OBJECT_FIRST && *level != OBJECT_NEXT)) {
        fail(w, E_INTERNAL);
        return;
    }
    if (*level == OBJECT_NEXT)
        put(w, SLICE_LIT(","));
    put_string(w, key);
    put(w, SLICE_LIT(":"));
    *level = OBJECT_VALUE;
}

void jw_key(struct jw *w, const char *key)
{
    jw_key_slice(w, slice_str(key));
}

void jw_str(struct jw *w, slice text)
{
    if (before_value(w))
        put_string(w, text);
}

void jw_cstr(struct jw *w, const char *text)
{
    jw_str(w, slice_str(text));
}

void jw_printf(struct jw *w, const char *fmt, ...)
{
    char text[PRINTF_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= PRINTF_MAX)
        fail(w, E_TOO_LONG);
    else
        jw_str(w, slice_of(text, (size_t)n));
}

void jw_bool(struct jw *w, bool v)
{
    value(w, v ? SLICE_LIT("true") : SLICE_LIT("false"));
}

void jw_null(struct jw *w)
{
    value(w, SLICE_LIT("null"));
}

void jw_u64(struct jw *w, uint64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, v);
    value(w, slice_of(text, (size_t)n));
}

void jw_i64(struct jw *w, int64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, v);
    value(w, slice_of(text, (size_t)n));
}

static size_t digits(slice s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
        n++;
    return n;
}

/* RFC 8259, section 6. */
static bool is_number(slice s)
{
    size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0;
    size_t whole = digits(s, i);
    if (whole == 0 || (whole > 1 && s.p[i] == '0'))
        return false;
    i += whole;
    if (i < s.n && s.p[i] == '.') {
        size_t fraction = digits(s, i + 1);
        if (fraction == 0)
            return false;
        i += 1 + fraction;
    }
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
            i++;
        size_t exponent = digits(s, i);
        if (exponent == 0)
            return false;
        i += exponent;
    }
    return i == s.n;
}

void jw_num(struct jw *w, slice text)
{
    if (is_number(text))
        value(w, text);
    else
        fail(w, E_SYNTAX);
}

void jw_hex(struct jw *w, slice bytes)
{
    if (!before_value(w))
        return;
    put(w, SLICE_LIT("\"0x"));
    if (w->st == OK)
        w->st = buf_put_hex(w->out, bytes);
    put(w, SLICE_LIT("\""));
}

void jw_hex_u256(struct jw *w, u256 v)
{
    char text[U256_HEX_MAX];
    (void)u256_hex(v, text);
    jw_cstr(w, text);
}

void jw_hex_u64(struct jw *w, uint64_t v)
{
    jw_hex_u256(w, u256_from_u64(v));
}

void jw_raw(struct jw *w, slice text)
{
    if (before_value(w))
        put(w, text);
}

void jw_json(struct jw *w, struct json v)
{
    if (json_is_absent(v))
        fail(w, E_INTERNAL);
    else
        value(w, json_raw(v));
}

status jw_done(struct jw *w, struct err *reterr)
{
    if (w->depth != 0 || !w->has_root)
        fail(w, E_INTERNAL);
    if (w->st == OK)
        return OK;
    w->out->n = w->start;
    return ERR(reterr, w->st, "json: cannot write: %s", status_text(w->st));
}

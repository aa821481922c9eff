/* SPDX-License-Identifier: Apache-2.0 */
/* .io files, and the comparison of answers. */
#include <stdio.h>

#include "rpctest.h"

#define SPEC_ONLY "speconly:"

static slice take_line(slice *text)
{
    const uint8_t *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
    size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
    slice line = slice_first(*text, n);
    *text = slice_after(*text, n + 1);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool is_blank(slice line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ' && line.p[i] != '\t')
            return false;
    return true;
}

static bool holds(slice line, const char *what)
{
    return memmem(line.p, line.n, what, strlen(what)) != NULL;
}

status io_read(slice text, struct io_case *ret, struct err *reterr)
{
    struct io_case c = {.n = 0};
    bool open = false;
    for (size_t at = 1; text.n > 0; at++) {
        slice line = take_line(&text);
        if (is_blank(line))
            continue;
        if (slice_has_prefix(line, SLICE_LIT("//"))) {
            c.spec_only |= holds(line, SPEC_ONLY);
        } else if (slice_has_prefix(line, SLICE_LIT(">> ")) && !open) {
            if (c.n == IO_STEPS_MAX)
                return ERR(reterr, E_TOO_LONG, "more than %u requests", IO_STEPS_MAX);
            c.step[c.n].request = slice_after(line, 3);
            open = true;
        } else if (slice_has_prefix(line, SLICE_LIT("<< ")) && open) {
            c.step[c.n++].answer = slice_after(line, 3);
            open = false;
        } else {
            return ERR(reterr, E_SYNTAX, "line %zu: neither comment, request nor its answer", at);
        }
    }
    if (open || c.n == 0)
        return ERR(reterr, E_MISSING, open ? "a request without an answer" : "no request");
    *ret = c;
    return OK;
}

/* --- comparing -------------------------------------------------------------------------------- */

struct cmp {
    bool spec_only;
    char *why;
    size_t why_n;
    char path[512];
};

static bool differ(struct cmp *c, const char *what, struct json want, struct json have)
{
    slice w = json_is_absent(want) ? SLICE_LIT("nothing") : json_raw(want);
    slice h = json_is_absent(have) ? SLICE_LIT("nothing") : json_raw(have);
    (void)snprintf(c->why, c->why_n, "%s: %s: want %.*s, have %.*s", c->path, what,
                   (int)(w.n < 160 ? w.n : 160), (const char *)w.p, (int)(h.n < 160 ? h.n : 160),
                   (const char *)h.p);
    return false;
}

static bool compare(struct cmp *c, struct json want, struct json have);

/* The path with one more part, during a comparison. */
static bool compare_at(struct cmp *c, const char *part, struct json want, struct json have)
{
    size_t n = strlen(c->path);
    (void)snprintf(c->path + n, sizeof c->path - n, "%s", part);
    bool same = compare(c, want, have);
    c->path[n] = '\0';
    return same;
}

/* Keys of maps (addresses, hashes, nonces), and members that the specification leaves out at will:
 * of shapes, which of these there are is not judged. */
static bool may_lack(slice key)
{
    return slice_has_prefix(key, SLICE_LIT("0x")) || (key.p[0] >= '0' && key.p[0] <= '9') ||
           slice_eq_str(key, "deleteStrategy");
}

static bool compare_objects(struct cmp *c, struct json want, struct json have)
{
    struct json_iter it = json_iter(want);
    while (json_next(&it)) {
        slice key;
        char name[128];
        char part[130];
        if (json_str(it.key, &key, NULL) != OK || key.n == 0 || key.n >= sizeof name)
            return differ(c, "key", want, have);
        memcpy(name, key.p, key.n);
        name[key.n] = '\0';
        (void)snprintf(part, sizeof part, ".%s", name);
        struct json member = json_get(have, name);
        if (json_is_absent(member) && c->spec_only && may_lack(key))
            continue;
        if (!compare_at(c, part, it.value, member))
            return false;
    }
    if (!c->spec_only && json_count(want) != json_count(have))
        return differ(c, "other members", want, have);
    return true;
}

/* Of a shape, all elements are like the first. */
static bool compare_shapes(struct cmp *c, struct json want, struct json have)
{
    struct json_iter it = json_iter(have);
    if (json_count(want) == 0)
        return true;
    if (json_count(have) == 0)
        return differ(c, "empty", want, have);
    struct json first = json_at(want, 0);
    while (json_next(&it))
        if (json_type(first) != json_type(it.value) && json_type(it.value) != JSON_NULL)
            return differ(c, "kind of an element", first, it.value);
    return compare_at(c, "[0]", first, json_at(have, 0));
}

static bool compare_arrays(struct cmp *c, struct json want, struct json have)
{
    struct json_iter w = json_iter(want);
    struct json_iter h = json_iter(have);
    if (c->spec_only)
        return compare_shapes(c, want, have);
    if (json_count(want) != json_count(have))
        return differ(c, "number of elements", want, have);
    for (size_t i = 0; json_next(&w) && json_next(&h); i++) {
        char part[24];
        (void)snprintf(part, sizeof part, "[%zu]", i);
        if (!compare_at(c, part, w.value, h.value))
            return false;
    }
    return true;
}

static bool is_hex(struct json v)
{
    slice s;
    return json_str(v, &s, NULL) == OK && slice_has_prefix(s, SLICE_LIT("0x"));
}

static bool compare(struct cmp *c, struct json want, struct json have)
{
    slice w;
    slice h;
    if (json_type(want) != json_type(have))
        return differ(c, "kind", want, have);
    switch (json_type(want)) {
    case JSON_OBJECT:
        return compare_objects(c, want, have);
    case JSON_ARRAY:
        return compare_arrays(c, want, have);
    case JSON_STRING:
        if (c->spec_only)
            return is_hex(want) == is_hex(have) || differ(c, "kind of text", want, have);
        return (json_str(want, &w, NULL) == OK && json_str(have, &h, NULL) == OK &&
                slice_eq(w, h)) ||
               differ(c, "text", want, have);
    case JSON_NUMBER:
        return c->spec_only || slice_eq(json_raw(want), json_raw(have)) ||
               differ(c, "number", want, have);
    default:
        return true;
    }
}

static bool compare_errors(struct cmp *c, struct json want, struct json have)
{
    struct json code = json_get(want, "code");
    struct json data = json_get(want, "data");
    if (json_is_absent(have))
        return differ(c, "no error", want, have);
    if (json_type(json_get(have, "message")) != JSON_STRING)
        return differ(c, "no message", want, have);
    if (!slice_eq(json_raw(code), json_raw(json_get(have, "code"))))
        return differ(c, "code", code, have);
    return json_is_absent(data) || compare_at(c, ".data", data, json_get(have, "data"));
}

bool io_matches(struct json want, struct json have, bool spec_only, char *why, size_t why_n)
{
    struct cmp c = {.spec_only = spec_only, .why = why, .why_n = why_n, .path = "answer"};
    struct json error = json_get(want, "error");
    why[0] = '\0';
    if (json_type(have) != JSON_OBJECT)
        return differ(&c, "no object", want, have);
    if (!json_eq(json_get(have, "jsonrpc"), "2.0") ||
        !slice_eq(json_raw(json_get(want, "id")), json_raw(json_get(have, "id"))))
        return differ(&c, "jsonrpc or id", want, have);
    if (!json_is_absent(error))
        return compare_errors(&c, error, json_get(have, "error"));
    if (!json_is_absent(json_get(have, "error")))
        return differ(&c, "error", json_get(want, "result"), json_get(have, "error"));
    return compare_at(&c, ".result", json_get(want, "result"), json_get(have, "result"));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* JSON parser: one pass over the text, without recursion. */
#include "codec/json.h"

#include <endian.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "codec/json_node.h"

#define DUP_PAIRWISE 16u /* up to so many keys are compared pair by pair, more are sorted */

enum step { STEP_VALUE, STEP_KEY, STEP_AFTER, STEP_DONE, STEP_FAILED };

struct parser {
    const uint8_t *base;
    const uint8_t *p;
    const uint8_t *end;
    struct json_node *node; /* on the heap while it grows, then copied into the arena */
    uint32_t n;
    uint32_t max;     /* rows allocated */
    size_t row_bytes; /* what the arena has room for */
    unsigned depth;
    uint32_t open[LIMIT_JSON_DEPTH]; /* rows of the enclosing containers */
    struct err *err;
    status st;
};

static enum step refuse_at(struct parser *ps, status s, const uint8_t *at, const char *what)
{
    ps->st = ERR(ps->err, s, "json: offset %zu: %s", (size_t)(at - ps->base), what);
    return STEP_FAILED;
}

static enum step refuse(struct parser *ps, const char *what)
{
    if (ps->p == ps->end)
        return refuse_at(ps, E_TRUNCATED, ps->p, "text ends too early");
    return refuse_at(ps, E_SYNTAX, ps->p, what);
}

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

static inline uint64_t load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static inline bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline void skip_space(struct parser *ps)
{
    const uint8_t *p = ps->p;
    const uint8_t *end = ps->end;
    while (p < end && is_space(*p)) {
        p++;
        while (end - p >= 8 && load8(p) == ONES * ' ')
            p += 8;
    }
    ps->p = p;
}

/* First byte at or after p that is a quote, a backslash, a control character or not ASCII. Eight
 * at a time: each test marks the high bit of a byte that is hit, and is exact up to the first. */
static inline const uint8_t *plain_end(const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 8) {
        uint64_t v = load8(p);
        uint64_t quote = v ^ ONES * '"';
        uint64_t slash = v ^ ONES * '\\';
        uint64_t hit = ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | (v - ONES * 0x20);
        hit = ((hit & ~v) | v) & HIGHS;
        if (hit != 0)
            return p + __builtin_ctzll(hit) / 8;
        p += 8;
    }
    while (p < end && *p != '"' && *p != '\\' && *p >= 0x20 && *p < 0x80)
        p++;
    return p;
}

static int hex4(const uint8_t *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = p[i];
        int low = c | 0x20;
        if (c >= '0' && c <= '9')
            v = v << 4 | (c - '0');
        else if (low >= 'a' && low <= 'f')
            v = v << 4 | (low - 'a' + 10);
        else
            return -1;
    }
    return v;
}

/* p at a backslash. Returns the end of the escape, or NULL and leaves ps->p where it is wrong. */
static const uint8_t *escape_end(struct parser *ps, const uint8_t *p)
{
    ps->p = p;
    if (ps->end - p < 2) {
        ps->p = ps->end;
        return NULL;
    }
    if (p[1] != 'u')
        return memchr("\"\\/bfnrt", p[1], 8) != NULL ? p + 2 : NULL;
    if (ps->end - p < 6) {
        ps->p = ps->end;
        return NULL;
    }
    int v = hex4(p + 2);
    if (v < 0 || (v >= 0xdc00 && v <= 0xdfff))
        return NULL;
    if (v < 0xd800 || v > 0xdbff)
        return p + 6;
    if (ps->end - p < 12) {
        ps->p = ps->end;
        return NULL;
    }
    int low = p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
    return low >= 0xdc00 && low <= 0xdfff ? p + 12 : NULL;
}

static inline struct json_node *add_row(struct parser *ps, enum json_type type, const uint8_t *at)
{
    struct json_node *n = &ps->node[ps->n++];
    n->off = (uint32_t)(at - ps->base);
    n->next = ps->n;
    n->info = type;
    return n;
}

/* ps->p at the opening quote. */
static enum step string(struct parser *ps)
{
    struct json_node *n = add_row(ps, JSON_STRING, ps->p);
    const uint8_t *start = ps->p + 1;
    const uint8_t *p = plain_end(start, ps->end);
    bool is_ascii = true;
    while (p < ps->end && *p != '"') {
        if (*p == '\\') {
            n->info |= NODE_ESCAPED;
            p = escape_end(ps, p);
            if (p == NULL)
                return refuse(ps, "no escape of JSON");
        } else if (*p < 0x20) {
            return refuse_at(ps, E_SYNTAX, p, "control character in a string");
        } else {
            is_ascii = false;
            p++;
        }
        p = plain_end(p, ps->end);
    }
    ps->p = p;
    if (p == ps->end)
        return refuse(ps, "");
    if (!is_ascii && !utf8_is_valid(slice_of(start, (size_t)(p - start))))
        return refuse_at(ps, E_SYNTAX, start, "string is not UTF-8");
    ps->p = p + 1;
    n->end = (uint32_t)(ps->p - ps->base);
    return STEP_AFTER;
}

static inline bool digits(struct parser *ps)
{
    const uint8_t *start = ps->p;
    while (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9')
        ps->p++;
    return ps->p > start;
}

static inline bool take(struct parser *ps, uint8_t c)
{
    if (ps->p == ps->end || *ps->p != c)
        return false;
    ps->p++;
    return true;
}

static enum step number(struct parser *ps)
{
    struct json_node *n = add_row(ps, JSON_NUMBER, ps->p);
    (void)take(ps, '-');
    if (!take(ps, '0') && !digits(ps))
        return refuse(ps, "digit expected");
    if (take(ps, '.') && !digits(ps))
        return refuse(ps, "digit expected");
    if (ps->p < ps->end && (*ps->p | 0x20) == 'e') {
        ps->p++;
        if (!take(ps, '+'))
            (void)take(ps, '-');
        if (!digits(ps))
            return refuse(ps, "digit expected");
    }
    n->end = (uint32_t)(ps->p - ps->base);
    return STEP_AFTER;
}

static enum step literal(struct parser *ps, enum json_type type, const char *word, size_t len)
{
    struct json_node *n = add_row(ps, type, ps->p);
    for (size_t i = 0; i < len; i++)
        if (!take(ps, (uint8_t)word[i]))
            return refuse(ps, "no value of JSON");
    n->end = (uint32_t)(ps->p - ps->base);
    return STEP_AFTER;
}

static int slice_order(const void *x, const void *y)
{
    const slice *a = x;
    const slice *b = y;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return memcmp(a->p, b->p, a->n);
}

/* Decoded keys of an object, in scratch; NULL if there is no memory. */
static slice *keys_decoded(const struct parser *ps, const struct json_node *obj,
                           struct arena *scratch)
{
    slice text = {ps->base, (size_t)(ps->end - ps->base)};
    uint32_t count = node_count(obj);
    slice *keys = arena_array(scratch, count, sizeof *keys);
    const struct json_node *key = obj + 1;
    for (uint32_t i = 0; keys != NULL && i < count; i++, key = &ps->node[key[1].next]) {
        keys[i] = node_str(text, key);
        if ((key->info & NODE_ESCAPED) != 0 && !json_decode(keys[i], scratch, &keys[i]))
            return NULL;
    }
    return keys;
}

/* For objects with many or with escaped keys: sort, compare neighbours. */
static bool keys_differ_sorted(struct parser *ps, const struct json_node *obj)
{
    uint32_t count = node_count(obj);
    struct arena scratch;
    arena_init(&scratch, SIZE_MAX, false);
    slice *keys = keys_decoded(ps, obj, &scratch);
    if (keys == NULL) {
        ps->st = ERR(ps->err, E_NOMEM, "json: no memory to compare %u keys", count);
    } else {
        qsort(keys, count, sizeof *keys, slice_order);
        for (uint32_t i = 1; ps->st == OK && i < count; i++)
            if (slice_eq(keys[i - 1], keys[i]))
                (void)refuse_at(ps, E_DUPLICATE, ps->base + obj->off, "a member is named twice");
    }
    arena_done(&scratch);
    return ps->st == OK;
}

static bool keys_differ(struct parser *ps, const struct json_node *obj)
{
    const struct json_node *keys[DUP_PAIRWISE];
    uint32_t count = node_count(obj);
    if (count > DUP_PAIRWISE)
        return keys_differ_sorted(ps, obj);
    const struct json_node *key = obj + 1;
    for (uint32_t i = 0; i < count; i++, key = &ps->node[key[1].next]) {
        if ((key->info & NODE_ESCAPED) != 0)
            return keys_differ_sorted(ps, obj);
        keys[i] = key;
        uint32_t len = key->end - key->off;
        for (uint32_t j = 0; j < i; j++)
            if (keys[j]->end - keys[j]->off == len &&
                memcmp(ps->base + keys[j]->off, ps->base + key->off, len) == 0) {
                (void)refuse_at(ps, E_DUPLICATE, ps->base + key->off, "member named before");
                return false;
            }
    }
    return true;
}

/* ps->p at the closing bracket of the innermost container. */
static enum step close_container(struct parser *ps)
{
    struct json_node *n = &ps->node[ps->open[--ps->depth]];
    ps->p++;
    n->end = (uint32_t)(ps->p - ps->base);
    n->next = ps->n;
    if (node_type(n) == JSON_OBJECT && node_count(n) > 1 && !keys_differ(ps, n))
        return STEP_FAILED;
    return STEP_AFTER;
}

static enum step open_container(struct parser *ps, enum json_type type)
{
    if (ps->depth == LIMIT_JSON_DEPTH)
        return refuse_at(ps, E_TOO_DEEP, ps->p, "nested too deep");
    ps->open[ps->depth++] = ps->n;
    (void)add_row(ps, type, ps->p++);
    skip_space(ps);
    if (ps->p < ps->end && *ps->p == (type == JSON_ARRAY ? ']' : '}'))
        return close_container(ps);
    return type == JSON_ARRAY ? STEP_VALUE : STEP_KEY;
}

static inline enum step value(struct parser *ps)
{
    skip_space(ps);
    if (ps->depth > 0)
        ps->node[ps->open[ps->depth - 1]].info += NODE_COUNT_ONE;
    switch (ps->p < ps->end ? *ps->p : 0) {
    case '{':
        return open_container(ps, JSON_OBJECT);
    case '[':
        return open_container(ps, JSON_ARRAY);
    case '"':
        return string(ps);
    case 't':
        return literal(ps, JSON_TRUE, "true", 4);
    case 'f':
        return literal(ps, JSON_FALSE, "false", 5);
    case 'n':
        return literal(ps, JSON_NULL, "null", 4);
    default:
        return number(ps);
    }
}

static inline enum step key(struct parser *ps)
{
    skip_space(ps);
    if (ps->p == ps->end || *ps->p != '"')
        return refuse(ps, "member name expected");
    if (string(ps) == STEP_FAILED)
        return STEP_FAILED;
    skip_space(ps);
    return take(ps, ':') ? STEP_VALUE : refuse(ps, "':' expected");
}

static inline enum step after(struct parser *ps)
{
    skip_space(ps);
    if (ps->depth == 0)
        return STEP_DONE;
    bool is_object = node_type(&ps->node[ps->open[ps->depth - 1]]) == JSON_OBJECT;
    if (take(ps, ','))
        return is_object ? STEP_KEY : STEP_VALUE;
    if (ps->p < ps->end && *ps->p == (is_object ? '}' : ']'))
        return close_container(ps);
    return refuse(ps, "',' or the end of the container expected");
}

/* Room for one more row. The rows of a text of n bytes are at most n / 2 + 1. */
static bool grow(struct parser *ps)
{
    size_t max = ps->max == 0 ? (size_t)(ps->end - ps->base) / 16 + 16 : 2 * (size_t)ps->max;
    if (max * sizeof *ps->node > ps->row_bytes)
        max = ps->row_bytes / sizeof *ps->node;
    struct json_node *node = max > ps->max ? realloc(ps->node, max * sizeof *node) : NULL;
    if (node == NULL) {
        ps->st = ERR(ps->err, E_NOMEM, "json: no memory for more than %u values", ps->n);
        return false;
    }
    ps->node = node;
    ps->max = (uint32_t)max;
    return true;
}

static status parse(struct parser *ps)
{
    enum step step = STEP_VALUE;
    while (step < STEP_DONE) {
        if (step != STEP_AFTER && ps->n == ps->max && !grow(ps))
            return ps->st;
        step = step == STEP_VALUE ? value(ps) : step == STEP_KEY ? key(ps) : after(ps);
    }
    if (step == STEP_DONE && ps->p != ps->end)
        (void)refuse_at(ps, E_TRAILING, ps->p, "bytes after the value");
    return ps->st;
}

status json_read(slice text, struct arena *arena, struct json_doc *ret, struct err *reterr)
{
    if (text.n > LIMIT_JSON_BYTES)
        return ERR(reterr, E_TOO_LONG, "json: %zu bytes, at most %zu are allowed", text.n,
                   LIMIT_JSON_BYTES);
    if (text.n == 0)
        return ERR(reterr, E_TRUNCATED, "json: empty text");
    struct parser ps = {.base = text.p, .p = text.p, .end = text.p + text.n, .err = reterr};
    ps.row_bytes = arena->cap - arena->total;
    status s = parse(&ps);
    if (s != OK)
        goto out;
    struct json_node *node = arena_array(arena, ps.n, sizeof *node);
    if (node == NULL) {
        s = ERR(reterr, E_NOMEM, "json: no memory for %u values", ps.n);
        goto out;
    }
    memcpy(node, ps.node, ps.n * sizeof *node);
    *ret = (struct json_doc){.text = text, .node = node, .n = ps.n, .arena = arena};
out:
    free(ps.node);
    return s;
}

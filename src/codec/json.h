/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259): strict reader into an arena, numbers kept as text.
 *
 * The reader makes one flat table of 16 bytes per value and copies no text: the input must outlive
 * the document. Refused: duplicate keys, depth over LIMIT_JSON_DEPTH, size over LIMIT_JSON_BYTES,
 * bytes that are not UTF-8, lone surrogates, a byte order mark. Errors of the accessors name the
 * path of the field, for example "entry[3].resource.id: missing".
 *
 * A struct json is a value of a document, passed by value; json_is_absent tells that there is none,
 * and every accessor takes an absent value and answers E_MISSING. */
#ifndef EHRD_CODEC_JSON_H
#define EHRD_CODEC_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "num/u256.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_ABSENT /* no value at all */
};

struct json_node; /* one row of the table */

struct json_doc {
    slice text;                   /* borrowed */
    const struct json_node *node; /* in the arena; node[0] is the root */
    uint32_t n;
    struct arena *arena; /* borrowed; holds the table and decoded strings */
};

struct json {
    const struct json_doc *doc; /* NULL: absent */
    uint32_t i;
    const char *key; /* of an absent member: the key asked for */
    uint32_t parent; /* of an absent member: the object that lacks it */
};

/* Parse exactly one value and white space. doc borrows text and arena.
 * OK | E_SYNTAX | E_TRUNCATED | E_TRAILING | E_TOO_DEEP | E_TOO_LONG | E_DUPLICATE | E_NOMEM (the
 * arena's cap). The message gives the byte offset. */
status json_read(slice text, struct arena *arena, struct json_doc *ret,
                 struct err *reterr) MUST_USE;
struct json json_root(const struct json_doc *doc);

/* Looking around: never fails. */
enum json_type json_type(struct json v);
static inline bool json_is_absent(struct json v)
{
    return v.doc == NULL || v.key != NULL;
}
/* The value's own bytes in the text, verbatim; empty if absent. json_offset: where they begin. */
slice json_raw(struct json v);
size_t json_offset(struct json v);
/* Number of elements of an array or members of an object; 0 for anything else. */
size_t json_count(struct json v);
/* Member of an object. Absent if there is none, or v is no object or absent. key must outlive the
 * answer. */
struct json json_get(struct json v, const char *key);
/* i-th element, in linear time: use json_iter for loops. Absent if there is none. */
struct json json_at(struct json v, size_t i);

/* Elements of an array or members of an object, in order:
 *     for (struct json_iter it = json_iter(v); json_next(&it);) use(it.key, it.value);
 * Empty for any other value. it.key is a string value for members, absent for elements. */
struct json_iter {
    struct json key;
    struct json value;
    uint32_t next;
    uint32_t end;
    bool is_object;
    const struct json_doc *doc;
};
struct json_iter json_iter(struct json v);
bool json_next(struct json_iter *it);

/* Decoded text of a string: borrows from the text, or from the arena if it holds escapes.
 * OK | E_MISSING | E_TYPE | E_NOMEM. */
status json_str(struct json v, slice *ret, struct err *reterr) MUST_USE;
/* True if v is a string of exactly this text. */
bool json_eq(struct json v, const char *text);
/* Number as written: "0.010". OK | E_MISSING | E_TYPE. */
status json_num(struct json v, slice *ret, struct err *reterr) MUST_USE;
/* Whole number without sign, fraction or exponent. OK | E_MISSING | E_TYPE | E_RANGE. */
status json_u64(struct json v, uint64_t *ret, struct err *reterr) MUST_USE;
status json_bool(struct json v, bool *ret, struct err *reterr) MUST_USE;
/* Checks of kind. OK | E_MISSING | E_TYPE. */
status json_want_object(struct json v, struct err *reterr) MUST_USE;
status json_want_array(struct json v, struct err *reterr) MUST_USE;

/* v is an object without members other than those named: signed objects refuse unknown ones.
 * OK | E_MISSING | E_TYPE | E_UNSUPPORTED (names the path). */
status json_want_only(struct json v, const char *const *keys, size_t n,
                      struct err *reterr) MUST_USE;

/* Strings of "0x" and hex digits, as Ethereum writes them.
 * OK | E_MISSING | E_TYPE | E_SYNTAX | E_RANGE. */
status json_hex_fixed(struct json v, uint8_t *out, size_t n, struct err *reterr) MUST_USE;
status json_hex_addr(struct json v, addr20 *ret, struct err *reterr) MUST_USE;
status json_hex_hash(struct json v, hash32 *ret, struct err *reterr) MUST_USE;
status json_hex_u64(struct json v, uint64_t *ret, struct err *reterr) MUST_USE;
status json_hex_u256(struct json v, u256 *ret, struct err *reterr) MUST_USE;
/* Any even number of digits; the bytes are in the arena. */
status json_hex_bytes(struct json v, slice *ret, struct err *reterr) MUST_USE;

/* Where v stands: "entry[3].resource.id" and a NUL, cut to n. Returns out. */
char *json_path(struct json v, char *out, size_t n);
/* ERR with the path before the message: json_err(reterr, E_RANGE, v, "must be below %u", max). */
status json_err_set(struct err *reterr, status s, struct json v, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
#define json_err(reterr, s, ...) ((void)json_err_set((reterr), (s), __VA_ARGS__), (s))

/* Writer. It cannot leave malformed text behind a jw_done that says OK: the first failure (a value
 * where a key must stand, text that is not UTF-8, no memory, the buf's cap …) is kept, all later
 * calls do nothing, and jw_done returns it and cuts the buf back. Output has no white space.
 *
 *     struct jw w;
 *     jw_init(&w, &out);
 *     jw_object(&w);
 *     jw_key(&w, "id"), jw_str(&w, id);
 *     jw_end(&w);
 *     return jw_done(&w, err); */
struct jw {
    struct buf *out; /* borrowed */
    size_t start;    /* out->n at jw_init */
    status st;
    bool has_root; /* the one value was begun */
    unsigned depth;
    uint8_t level[LIMIT_JSON_DEPTH]; /* what may follow at each depth */
};

void jw_init(struct jw *w, struct buf *out);
void jw_object(struct jw *w);
void jw_array(struct jw *w);
void jw_end(struct jw *w); /* of the innermost object or array */
void jw_key(struct jw *w, const char *key);
void jw_key_slice(struct jw *w, slice key);
void jw_str(struct jw *w, slice text);
void jw_cstr(struct jw *w, const char *text);
void jw_printf(struct jw *w, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a string below 1 KiB */
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_u64(struct jw *w, uint64_t v);
void jw_i64(struct jw *w, int64_t v);
void jw_num(struct jw *w, slice text);     /* number text, checked */
void jw_hex(struct jw *w, slice bytes);    /* "0x…" */
void jw_hex_u64(struct jw *w, uint64_t v); /* "0x…" without leading zeros */
void jw_hex_u256(struct jw *w, u256 v);
void jw_json(struct jw *w, struct json v); /* a parsed value, verbatim */
void jw_raw(struct jw *w, slice text);     /* the caller's own text of one whole value */
/* OK if exactly one whole value was written; otherwise the first failure (E_INTERNAL for wrong
 * use, E_SYNTAX for text that is not UTF-8 or no number, E_TOO_DEEP, or a buf status). */
status jw_done(struct jw *w, struct err *reterr) MUST_USE;

#endif

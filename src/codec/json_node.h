/* SPDX-License-Identifier: Apache-2.0 */
/* The table rows of a JSON document, shared by parser and accessors.
 *
 * Rows stand in the order of the text: a container is followed by its elements, an object's by
 * key and value in turn. next skips over all that is nested. */
#ifndef EHRD_CODEC_JSON_NODE_H
#define EHRD_CODEC_JSON_NODE_H

#include "codec/json.h"

struct json_node {
    uint32_t off;  /* first byte of the value in the text; of strings: the opening quote */
    uint32_t end;  /* one past its last byte */
    uint32_t next; /* row after this value and everything in it */
    uint32_t info; /* type, NODE_ESCAPED, and the number of elements or members */
};

#define NODE_TYPE 7u
#define NODE_ESCAPED 8u
#define NODE_COUNT_SHIFT 4
#define NODE_COUNT_ONE (1u << NODE_COUNT_SHIFT)

static inline enum json_type node_type(const struct json_node *n)
{
    return (enum json_type)(n->info & NODE_TYPE);
}

static inline uint32_t node_count(const struct json_node *n)
{
    return n->info >> NODE_COUNT_SHIFT;
}

/* Text of a string row between its quotes, escapes as written. */
static inline slice node_str(slice text, const struct json_node *n)
{
    return (slice){text.p + n->off + 1, n->end - n->off - 2};
}

/* Decode the next character or escape of a checked string body at *p into out; returns its bytes.
 * An escape gives its UTF-8; anything else is taken as one byte. */
size_t json_unescape(const uint8_t **p, uint8_t out[4]);

/* The decoded text of a checked string body, in arena. False if there is no memory. */
bool json_decode(slice raw, struct arena *arena, slice *ret);

#endif

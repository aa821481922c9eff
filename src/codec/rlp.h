/* SPDX-License-Identifier: Apache-2.0 */
/* RLP (Yellow Paper, appendix B): strict reader without copies, and a writer into a buf.
 *
 * Only the canonical encoding is read: shortest length form, single bytes below 0x80 as
 * themselves, integers without leading zeros.
 *
 *     struct rlp_list l;
 *     TRY rlp_read_list(in, &l, err);  rlp_next_u64(&l, &nonce, err);  …  rlp_list_end(&l, err); */
#ifndef EHRD_CODEC_RLP_H
#define EHRD_CODEC_RLP_H

#include "base/buf.h"
#include "num/u256.h"

struct rlp_item {
    bool is_list;
    slice body; /* payload of the string or list; borrowed from the input */
    slice raw;  /* header and payload */
};

/* The items of a list that are not read yet. */
struct rlp_list {
    slice rest; /* borrowed from the input */
};

/* Read the first item of in. A list's own items are not looked at.
 * ret_rest: what follows the item; may be NULL.
 * OK | E_TRUNCATED | E_TOO_LONG (length >= 2^32) | E_NOT_CANONICAL. */
status rlp_read(slice in, struct rlp_item *ret_item, slice *ret_rest, struct err *reterr) MUST_USE;
/* The same, and nothing may follow: E_TRAILING. */
status rlp_read_one(slice in, struct rlp_item *ret_item, struct err *reterr) MUST_USE;
/* in is exactly one list. Also E_TYPE. */
status rlp_read_list(slice in, struct rlp_list *ret, struct err *reterr) MUST_USE;
/* Check in and everything nested in it: exactly one canonical item, no deeper than
 * LIMIT_RLP_DEPTH. As above | E_TRAILING | E_TOO_DEEP. */
status rlp_check(slice in, struct err *reterr) MUST_USE;

static inline bool rlp_list_is_empty(const struct rlp_list *l)
{
    return l->rest.n == 0;
}

/* Take the next item of a list; on failure the list is left as it was.
 * As rlp_read | E_MISSING (no item left) | E_TYPE (string for list or the reverse) |
 * E_RANGE (other length; number too large) | E_NOT_CANONICAL (leading zero of a number). */
status rlp_next(struct rlp_list *l, struct rlp_item *ret, struct err *reterr) MUST_USE;
status rlp_next_bytes(struct rlp_list *l, slice *ret, struct err *reterr) MUST_USE;
status rlp_next_fixed(struct rlp_list *l, uint8_t *out, size_t n, struct err *reterr) MUST_USE;
status rlp_next_u64(struct rlp_list *l, uint64_t *ret, struct err *reterr) MUST_USE;
status rlp_next_u256(struct rlp_list *l, u256 *ret, struct err *reterr) MUST_USE;
status rlp_next_list(struct rlp_list *l, struct rlp_list *ret, struct err *reterr) MUST_USE;
/* OK | E_TRAILING (items are left). */
status rlp_list_end(const struct rlp_list *l, struct err *reterr) MUST_USE;

/* Writer. Statuses are those of buf_put. */
status rlp_put_bytes(struct buf *b, slice s) MUST_USE;
status rlp_put_u64(struct buf *b, uint64_t v) MUST_USE;
status rlp_put_u256(struct buf *b, u256 v) MUST_USE;
/* A list: begin, put its items, end with the same mark. Lists nest. */
status rlp_put_list_begin(struct buf *b, size_t *ret_mark) MUST_USE;
status rlp_put_list_end(struct buf *b, size_t mark) MUST_USE;

#endif

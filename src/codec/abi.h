/* SPDX-License-Identifier: Apache-2.0 */
/* Solidity contract ABI: words, dynamic bytes and strings, arrays and tuples.
 *
 * Writer: abi_begin fixes the number of head words; each put takes the next ones, dynamic values
 * go to the tail and their offset into the head; abi_end checks that all were used.
 *
 *     TRY abi_begin(&e, &out, selector, 2);   (function f(bytes32,bytes))
 *     TRY abi_put_hash(&e, &id);
 *     TRY abi_put_bytes(&e, data);
 *     TRY abi_end(&e);
 *
 * Arrays and dynamic tuples open a nested writer; finish it before the next put of the outer one.
 * Puts: OK | E_INTERNAL (more words than announced) | buf statuses. */
#ifndef EHRD_CODEC_ABI_H
#define EHRD_CODEC_ABI_H

#include "base/buf.h"
#include "num/u256.h"

#define ABI_WORD 32u

struct abi_enc {
    struct buf *b; /* borrowed */
    size_t base;   /* offsets count from here */
    size_t next;   /* head word to be written, as position in b */
    size_t end;    /* end of the head */
};

/* selector: 4 bytes or NULL. words: head words of all arguments (1 for each dynamic one). */
status abi_begin(struct abi_enc *e, struct buf *b, const uint8_t *selector, size_t words) MUST_USE;
status abi_end(const struct abi_enc *e) MUST_USE;

status abi_put_word(struct abi_enc *e, const uint8_t word[ABI_WORD]) MUST_USE;
status abi_put_hash(struct abi_enc *e, const hash32 *h) MUST_USE;
status abi_put_addr(struct abi_enc *e, addr20 a) MUST_USE;
status abi_put_u64(struct abi_enc *e, uint64_t v) MUST_USE;
status abi_put_u256(struct abi_enc *e, u256 v) MUST_USE;
status abi_put_bool(struct abi_enc *e, bool v) MUST_USE;
/* bytes1 to bytes32: s.n bytes, then zeros. Also E_RANGE. */
status abi_put_bytes_n(struct abi_enc *e, slice s) MUST_USE;
static inline status abi_put_bytes26(struct abi_enc *e, const uint8_t b[26])
{
    return abi_put_bytes_n(e, slice_of(b, 26));
}
status abi_put_bytes(struct abi_enc *e, slice s) MUST_USE;  /* bytes */
status abi_put_string(struct abi_enc *e, slice s) MUST_USE; /* string; the same encoding */
/* T[] of n elements with elem_words head words each. */
status abi_put_array(struct abi_enc *e, size_t n, size_t elem_words,
                     struct abi_enc *ret_elems) MUST_USE;
/* Dynamic tuple (one with a dynamic member). A static tuple is just its words. */
status abi_put_tuple(struct abi_enc *e, size_t words, struct abi_enc *ret_members) MUST_USE;
status abi_put_bytes_array(struct abi_enc *e, const slice *items, size_t n) MUST_USE; /* bytes[] */

/* Reader: data is the arguments without selector; index counts head words. Bounds are exact,
 * padding must be there and be zero.
 * OK | E_TRUNCATED | E_RANGE (number too large, offset or length outside) |
 * E_NOT_CANONICAL (padding). */
status abi_read_word(slice data, size_t index, uint8_t ret[ABI_WORD]) MUST_USE;
status abi_read_hash(slice data, size_t index, hash32 *ret) MUST_USE;
status abi_read_addr(slice data, size_t index, addr20 *ret) MUST_USE;
status abi_read_u64(slice data, size_t index, uint64_t *ret) MUST_USE;
status abi_read_u256(slice data, size_t index, u256 *ret) MUST_USE;
status abi_read_bool(slice data, size_t index, bool *ret) MUST_USE;
status abi_read_bytes_n(slice data, size_t index, uint8_t *ret, size_t n) MUST_USE;
/* bytes or string; borrows from data. */
status abi_read_bytes(slice data, size_t index, slice *ret) MUST_USE;
/* T[]: number of elements, and the data of the elements to read with index 0, elem_words, … */
status abi_read_array(slice data, size_t index, size_t elem_words, size_t *ret_n,
                      slice *ret_elems) MUST_USE;
/* Dynamic tuple: the data of its members. */
status abi_read_tuple(slice data, size_t index, slice *ret_members) MUST_USE;

/* First 4 bytes of keccak256 of a signature such as "grant(bytes32,address)". */
void abi_selector(const char *signature, uint8_t ret[4]);

#endif

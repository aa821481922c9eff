/* SPDX-License-Identifier: Apache-2.0 */
/* ABI writer: heads are reserved, tails appended, offsets filled in. */
#include "codec/abi.h"

#include "base/checked.h"
#include "crypto/keccak.h"

void abi_selector(const char *signature, uint8_t ret[4])
{
    hash32 h;
    keccak256(slice_str(signature), &h);
    memcpy(ret, h.b, 4);
}

/* A head of words zeros at the end of b. */
static status head(struct abi_enc *e, struct buf *b, size_t words)
{
    size_t bytes;
    if (!size_mul(words, ABI_WORD, &bytes))
        return E_TOO_LONG;
    size_t base = b->n;
    status s = buf_put_zero(b, bytes);
    if (s == OK)
        *e = (struct abi_enc){.b = b, .base = base, .next = base, .end = base + bytes};
    return s;
}

status abi_begin(struct abi_enc *e, struct buf *b, const uint8_t *selector, size_t words)
{
    size_t start = b->n;
    status s = selector != NULL ? buf_put_mem(b, selector, 4) : OK;
    if (s == OK)
        s = head(e, b, words);
    if (s != OK)
        b->n = start;
    return s;
}

status abi_end(const struct abi_enc *e)
{
    return e->next == e->end ? OK : E_INTERNAL;
}

status abi_put_word(struct abi_enc *e, const uint8_t word[ABI_WORD])
{
    if (e->end - e->next < ABI_WORD)
        return E_INTERNAL;
    memcpy(e->b->p + e->next, word, ABI_WORD);
    e->next += ABI_WORD;
    return OK;
}

status abi_put_hash(struct abi_enc *e, const hash32 *h)
{
    return abi_put_word(e, h->b);
}

status abi_put_addr(struct abi_enc *e, addr20 a)
{
    uint8_t word[ABI_WORD] = {0};
    memcpy(word + 12, a.b, sizeof a.b);
    return abi_put_word(e, word);
}

status abi_put_u256(struct abi_enc *e, u256 v)
{
    uint8_t word[ABI_WORD];
    u256_to_be(v, word);
    return abi_put_word(e, word);
}

status abi_put_u64(struct abi_enc *e, uint64_t v)
{
    return abi_put_u256(e, u256_from_u64(v));
}

status abi_put_bool(struct abi_enc *e, bool v)
{
    return abi_put_u64(e, v);
}

status abi_put_bytes_n(struct abi_enc *e, slice s)
{
    uint8_t word[ABI_WORD] = {0};
    if (s.n > ABI_WORD)
        return E_RANGE;
    if (s.n > 0)
        memcpy(word, s.p, s.n);
    return abi_put_word(e, word);
}

/* The head word that says where the tail to be written now begins. */
static status put_offset(struct abi_enc *e)
{
    return abi_put_u64(e, e->b->n - e->base);
}

static status put_length(struct buf *b, size_t n)
{
    uint8_t word[ABI_WORD];
    u256_to_be(u256_from_u64(n), word);
    return buf_put_mem(b, word, sizeof word);
}

status abi_put_bytes(struct abi_enc *e, slice s)
{
    if (s.n > SIZE_MAX - 2 * (size_t)ABI_WORD)
        return E_TOO_LONG;
    status st = buf_reserve(e->b, ABI_WORD + s.n + ABI_WORD - 1);
    if (st == OK)
        st = put_offset(e);
    if (st == OK)
        st = put_length(e->b, s.n);
    if (st == OK)
        st = buf_put(e->b, s);
    if (st == OK)
        st = buf_put_zero(e->b, (ABI_WORD - s.n % ABI_WORD) % ABI_WORD);
    return st;
}

status abi_put_string(struct abi_enc *e, slice s)
{
    return abi_put_bytes(e, s);
}

status abi_put_array(struct abi_enc *e, size_t n, size_t elem_words, struct abi_enc *ret_elems)
{
    size_t words;
    if (!size_mul(n, elem_words, &words))
        return E_TOO_LONG;
    status s = put_offset(e);
    if (s == OK)
        s = put_length(e->b, n);
    if (s == OK)
        s = head(ret_elems, e->b, words);
    return s;
}

status abi_put_tuple(struct abi_enc *e, size_t words, struct abi_enc *ret_members)
{
    status s = put_offset(e);
    if (s == OK)
        s = head(ret_members, e->b, words);
    return s;
}

status abi_put_bytes_array(struct abi_enc *e, const slice *items, size_t n)
{
    struct abi_enc elems;
    status s = abi_put_array(e, n, 1, &elems);
    for (size_t i = 0; s == OK && i < n; i++)
        s = abi_put_bytes(&elems, items[i]);
    return s;
}

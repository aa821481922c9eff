/* SPDX-License-Identifier: Apache-2.0 */
/* ABI reader. */
#include "base/checked.h"
#include "codec/abi.h"

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

/* The word at index, in place. */
static status word_at(slice data, size_t index, const uint8_t **ret)
{
    if (index >= data.n / ABI_WORD)
        return E_TRUNCATED;
    *ret = data.p + index * ABI_WORD;
    return OK;
}

status abi_read_word(slice data, size_t index, uint8_t ret[ABI_WORD])
{
    const uint8_t *w;
    status s = word_at(data, index, &w);
    if (s == OK)
        memcpy(ret, w, ABI_WORD);
    return s;
}

status abi_read_hash(slice data, size_t index, hash32 *ret)
{
    return abi_read_word(data, index, ret->b);
}

status abi_read_addr(slice data, size_t index, addr20 *ret)
{
    const uint8_t *w;
    status s = word_at(data, index, &w);
    if (s != OK)
        return s;
    if (!is_zero(w, 12))
        return E_RANGE;
    memcpy(ret->b, w + 12, sizeof ret->b);
    return OK;
}

status abi_read_u256(slice data, size_t index, u256 *ret)
{
    const uint8_t *w;
    status s = word_at(data, index, &w);
    if (s == OK)
        *ret = u256_from_be(w);
    return s;
}

status abi_read_u64(slice data, size_t index, uint64_t *ret)
{
    u256 v;
    status s = abi_read_u256(data, index, &v);
    if (s != OK)
        return s;
    if (!u256_fits_u64(v))
        return E_RANGE;
    *ret = v.w[0];
    return OK;
}

status abi_read_bool(slice data, size_t index, bool *ret)
{
    uint64_t v;
    status s = abi_read_u64(data, index, &v);
    if (s != OK)
        return s;
    if (v > 1)
        return E_RANGE;
    *ret = v == 1;
    return OK;
}

status abi_read_bytes_n(slice data, size_t index, uint8_t *ret, size_t n)
{
    const uint8_t *w;
    if (n > ABI_WORD)
        return E_RANGE;
    status s = word_at(data, index, &w);
    if (s != OK)
        return s;
    if (!is_zero(w + n, ABI_WORD - n))
        return E_NOT_CANONICAL;
    memcpy(ret, w, n);
    return OK;
}

/* What stands at the offset that the head word index gives. */
static status follow(slice data, size_t index, slice *ret)
{
    uint64_t offset;
    status s = abi_read_u64(data, index, &offset);
    if (s != OK)
        return s;
    if (offset > data.n)
        return E_RANGE;
    *ret = slice_of(data.p + offset, data.n - (size_t)offset);
    return OK;
}

/* The same, with the length word before it. */
static status follow_counted(slice data, size_t index, uint64_t *ret_n, slice *ret)
{
    slice at;
    status s = follow(data, index, &at);
    if (s == OK)
        s = abi_read_u64(at, 0, ret_n);
    if (s == OK)
        *ret = slice_after(at, ABI_WORD);
    return s;
}

status abi_read_bytes(slice data, size_t index, slice *ret)
{
    uint64_t n;
    slice at;
    status s = follow_counted(data, index, &n, &at);
    if (s != OK)
        return s;
    if (n > at.n)
        return E_RANGE;
    size_t padding = (ABI_WORD - (size_t)n % ABI_WORD) % ABI_WORD;
    if (at.n - n < padding)
        return E_TRUNCATED;
    if (padding > 0 && !is_zero(at.p + n, padding))
        return E_NOT_CANONICAL;
    *ret = slice_first(at, (size_t)n);
    return OK;
}

status abi_read_array(slice data, size_t index, size_t elem_words, size_t *ret_n, slice *ret_elems)
{
    uint64_t n;
    slice at;
    status s = follow_counted(data, index, &n, &at);
    if (s != OK)
        return s;
    if (elem_words == 0 || n > at.n / ABI_WORD / elem_words)
        return E_RANGE;
    *ret_n = (size_t)n;
    *ret_elems = at;
    return OK;
}

status abi_read_tuple(slice data, size_t index, slice *ret_members)
{
    return follow(data, index, ret_members);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Revert data of the contracts as text. */
#include "contract/errors.h"

#include "codec/abi.h"

#define STRING_SHOWN 120u /* bytes of a string or bytes argument that are shown */

const struct contract_error *contract_error_find(slice revert_data)
{
    if (revert_data.n < 4)
        return NULL;
    for (size_t i = 0; i < contract_errors_n; i++) {
        if (memcmp(contract_errors[i].selector, revert_data.p, 4) == 0)
            return &contract_errors[i];
    }
    return NULL;
}

bool contract_error_is(slice revert_data, const char *name)
{
    const struct contract_error *e = contract_error_find(revert_data);
    return e != NULL && strcmp(e->name, name) == 0;
}

static status put_hex(struct buf *out, slice s)
{
    status st = buf_put_str(out, "0x");
    return st == OK ? buf_put_hex(out, s) : st;
}

static status put_number(struct buf *out, slice data, size_t index)
{
    u256 v;
    char text[U256_DEC_MAX];
    if (abi_read_u256(data, index, &v) != OK)
        return buf_put_str(out, "?");
    (void)u256_dec(v, text);
    return buf_put_str(out, text);
}

static status put_address(struct buf *out, slice data, size_t index)
{
    addr20 a;
    if (abi_read_addr(data, index, &a) != OK)
        return buf_put_str(out, "?");
    return put_hex(out, slice_of(a.b, sizeof a.b));
}

static status put_word(struct buf *out, slice data, size_t index)
{
    hash32 h;
    if (abi_read_hash(data, index, &h) != OK)
        return buf_put_str(out, "?");
    return put_hex(out, slice_of(h.b, sizeof h.b));
}

/* Whatever a contract says reaches a terminal: only printable ASCII passes. */
static status put_string(struct buf *out, slice data, size_t index)
{
    slice s;
    if (abi_read_bytes(data, index, &s) != OK)
        return buf_put_str(out, "?");
    status st = buf_put_u8(out, '"');
    for (size_t i = 0; st == OK && i < s.n && i < STRING_SHOWN; i++) {
        bool plain = s.p[i] >= 0x20 && s.p[i] < 0x7f && s.p[i] != '"' && s.p[i] != '\\';
        st = plain ? buf_put_u8(out, s.p[i]) : buf_printf(out, "\\x%02x", s.p[i]);
    }
    if (st == OK && s.n > STRING_SHOWN)
        st = buf_put_str(out, "...");
    return st == OK ? buf_put_u8(out, '"') : st;
}

static status put_value(struct buf *out, slice type, slice data, size_t index)
{
    if (slice_has_prefix(type, SLICE_LIT("uint")))
        return put_number(out, data, index);
    if (slice_eq_str(type, "address"))
        return put_address(out, data, index);
    if (slice_eq_str(type, "string"))
        return put_string(out, data, index);
    return put_word(out, data, index);
}

/* Cut the part before the first sep (or the end) from *rest. */
static slice cut(slice *rest, char sep)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != (uint8_t)sep)
        n++;
    slice part = slice_first(*rest, n);
    *rest = slice_after(*rest, n + 1);
    return part;
}

static status put_arguments(struct buf *out, const struct contract_error *e, slice data)
{
    slice rest = slice_str(e->args);
    status st = buf_put_u8(out, '(');
    for (size_t i = 0; st == OK && rest.n > 0; i++) {
        slice name = cut(&rest, ',');
        slice type = cut(&name, ' ');
        if (i > 0)
            st = buf_put_str(out, ", ");
        if (st == OK)
            st = buf_put(out, name);
        if (st == OK)
            st = buf_put_u8(out, '=');
        if (st == OK)
            st = put_value(out, type, data, i);
    }
    return st == OK ? buf_put_u8(out, ')') : st;
}

static status put_text(struct buf *out, slice revert_data)
{
    const struct contract_error *e = contract_error_find(revert_data);
    if (e != NULL) {
        status st = buf_put_str(out, e->name);
        return st == OK ? put_arguments(out, e, slice_after(revert_data, 4)) : st;
    }
    if (revert_data.n == 0)
        return buf_put_str(out, "reverted without a reason");
    status st = buf_put_str(out, "unknown error ");
    return st == OK ? put_hex(out, slice_first(revert_data, 4)) : st;
}

status contract_error_text(slice revert_data, struct buf *ret_text)
{
    struct buf line;
    buf_init(&line, CONTRACT_ERROR_TEXT_MAX);
    status st = put_text(&line, revert_data);
    if (st == OK)
        st = buf_put(ret_text, buf_slice(&line));
    buf_done(&line);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-55: a digit a-f is upper case where the hash of the lower-case text has its high bit. */
#include "crypto/addr.h"

#include "base/hex.h"
#include "crypto/keccak.h"

char *addr_text(addr20 a, char out[ADDR_TEXT])
{
    hash32 h;
    (void)hex_0x(slice_of(a.b, sizeof a.b), out);
    keccak256(slice_of(out + 2, 40), &h);
    for (size_t i = 0; i < 40; i++) {
        unsigned nibble = i % 2 == 0 ? h.b[i / 2] >> 4 : h.b[i / 2] & 15u;
        if (nibble >= 8 && out[2 + i] >= 'a')
            out[2 + i] = (char)(out[2 + i] - 'a' + 'A');
    }
    return out;
}

static bool has_char_between(slice s, char lo, char hi)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= lo && s.p[i] <= hi)
            return true;
    return false;
}

status addr_read(slice text, addr20 *ret)
{
    addr20 a;
    char want[ADDR_TEXT];
    if (text.n != ADDR_TEXT - 1 || text.p[0] != '0' || text.p[1] != 'x')
        return E_SYNTAX;
    slice digits = slice_after(text, 2);
    if (hex_read(digits, a.b, sizeof a.b) != OK)
        return E_SYNTAX;
    bool is_mixed = has_char_between(digits, 'a', 'f') && has_char_between(digits, 'A', 'F');
    if (is_mixed && !slice_eq_str(text, addr_text(a, want)))
        return E_MISMATCH;
    *ret = a;
    return OK;
}

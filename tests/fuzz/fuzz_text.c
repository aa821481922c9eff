/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes, after one that says which, as the small encodings: hex, base64, multibase, base 32,
 * varint, numbers, percent-encoding, a Cookie header. What is read must come out the same again. */
#include <stdlib.h>

#include "api/session.h"
#include "base/hex.h"
#include "codec/base64.h"
#include "codec/multibase.h"
#include "codec/varint.h"
#include "net/http_target.h"
#include "num/u256.h"

#define CAP ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void read_hex(slice in)
{
    struct buf b;
    struct buf text;
    buf_init(&b, CAP);
    buf_init(&text, CAP);
    if (hex_read_buf(in, &b) == OK) {
        struct buf again;
        buf_init(&again, CAP);
        expect(buf_put_hex(&text, buf_slice(&b)) == OK);
        expect(hex_read_buf(buf_slice(&text), &again) == OK);
        expect(slice_eq(buf_slice(&b), buf_slice(&again)));
        buf_done(&again);
    }
    buf_done(&b);
    buf_done(&text);
}

static void read_base64(slice in)
{
    for (int i = 0; i < 2; i++) {
        enum base64_pad pad = i == 0 ? BASE64_PADDED : BASE64_RAW;
        struct buf b;
        struct buf text;
        buf_init(&b, CAP);
        buf_init(&text, CAP);
        if (base64_read_buf(in, pad, &b) == OK) {
            expect(base64_put(&text, buf_slice(&b), pad) == OK);
            expect(slice_eq(buf_slice(&text), in)); /* strict: one text for each content */
        }
        buf_done(&b);
        buf_done(&text);
    }
}

static void read_multibase(slice in)
{
    struct buf b;
    struct buf text;
    struct buf again;
    buf_init(&b, CAP);
    buf_init(&text, CAP);
    buf_init(&again, CAP);
    if (multibase_read(in, &b) == OK && multibase_put(&text, in.p[0], buf_slice(&b)) == OK) {
        expect(multibase_read(buf_slice(&text), &again) == OK);
        expect(slice_eq(buf_slice(&b), buf_slice(&again)));
    }
    buf_done(&b);
    buf_done(&text);
    buf_done(&again);
}

static void read_varint(slice in)
{
    uint64_t v;
    slice rest;
    struct buf b;
    buf_init(&b, 16);
    if (varint_read(in, &v, &rest) == OK) {
        expect(varint_put(&b, v) == OK);
        expect(slice_eq(buf_slice(&b), slice_first(in, in.n - rest.n)));
    }
    buf_done(&b);
}

static void read_numbers(slice in)
{
    u256 v;
    u256 w;
    status dec = u256_read_dec(in, &v);
    status hex = u256_read_hex(in, &w);
    expect(dec >= 0 && hex >= 0); /* the input's fault, never ours */
}

static void read_percent(slice in)
{
    struct arena a;
    slice out;
    arena_init(&a, CAP, false);
    if (http_percent_decode(in, true, &a, &out) == OK)
        expect(out.n <= in.n);
    arena_done(&a);
}

static void read_cookie(slice in)
{
    uint8_t token[SESSION_TOKEN];
    status st = session_cookie_read(in, token);
    expect(st == OK || st == E_AUTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const reader[])(slice) = {read_hex,     read_base64,  read_multibase, read_varint,
                                            read_numbers, read_percent, read_cookie};
    if (size > 0)
        reader[data[0] % 7](slice_of(data + 1, size - 1));
    return 0;
}

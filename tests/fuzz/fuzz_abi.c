/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as ABI data: every reader at every word, nested arrays and tuples. */
#include <stdlib.h>

#include "codec/abi.h"

#define DEPTH 2
#define WORDS 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any answer is fine; a crash is not. */
static void may_fail(status s)
{
    (void)s;
}

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void inside(slice outer, slice part)
{
    expect(part.n == 0 || (part.p >= outer.p && part.p + part.n <= outer.p + outer.n));
}

static void read_values(slice data, size_t i)
{
    hash32 h;
    addr20 a;
    uint64_t n;
    bool flag;
    uint8_t b[32];
    if (abi_read_hash(data, i, &h) != OK)
        return;
    if (abi_read_u64(data, i, &n) != OK)
        expect(abi_read_bool(data, i, &flag) != OK);
    may_fail(abi_read_addr(data, i, &a));
    may_fail(abi_read_bytes_n(data, i, b, 26));
}

/* bytes that are read are written the same way again. */
static void read_bytes(slice data, size_t i)
{
    slice got;
    slice back;
    struct buf b;
    struct abi_enc e;
    if (abi_read_bytes(data, i, &got) != OK)
        return;
    inside(data, got);
    buf_init(&b, got.n + 128);
    expect(abi_begin(&e, &b, NULL, 1) == OK && abi_put_bytes(&e, got) == OK && abi_end(&e) == OK);
    expect(abi_read_bytes(buf_slice(&b), 0, &back) == OK && slice_eq(got, back));
    buf_done(&b);
}

static void walk(slice data, int depth)
{
    for (size_t i = 0; i < WORDS; i++) {
        size_t n;
        slice part;
        read_values(data, i);
        read_bytes(data, i);
        if (depth == 0)
            continue;
        if (abi_read_tuple(data, i, &part) == OK) {
            inside(data, part);
            walk(part, depth - 1);
        }
        if (abi_read_array(data, i, 2, &n, &part) == OK) {
            inside(data, part);
            expect(n <= part.n / ABI_WORD / 2);
            walk(part, depth - 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(slice_of(data, size), DEPTH);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as Bech32, which must come out the same when it is taken; any bytes there and back. */
#include <stdlib.h>

#include "codec/bech32.h"

#define MAX ((size_t)4096)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool has_upper(slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static void check_text(slice text, const char *hrp, size_t n)
{
    uint8_t out[64];
    struct buf again;
    if (bech32_read(text, hrp, out, n) != OK)
        return;
    buf_init(&again, MAX);
    expect(bech32_put(&again, hrp, slice_of(out, n), has_upper(text)) == OK);
    expect(slice_eq(buf_slice(&again), text));
    buf_done(&again);
}

static void check_bytes(slice bytes, bool upper)
{
    struct buf text;
    uint8_t *back = malloc(bytes.n + 1);
    buf_init(&text, 2 * MAX);
    expect(back != NULL && bech32_put(&text, "x1", bytes, upper) == OK);
    expect(bech32_read(buf_slice(&text), "x1", back, bytes.n) == OK);
    expect(slice_eq(slice_of(back, bytes.n), bytes));
    text.p[text.n / 2] ^= 1;
    expect(bech32_read(buf_slice(&text), "x1", back, bytes.n) != OK);
    buf_done(&text);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    if (size > MAX)
        return 0;
    check_text(in, "age", 32);
    check_text(in, "age-secret-key-", 32);
    check_text(in, "a", 0);
    check_text(in, "abcdef", 20);
    check_bytes(in, size % 2 == 1);
    return 0;
}

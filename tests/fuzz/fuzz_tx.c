/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a raw transaction: what is taken must be written again byte for byte. */
#include <stdlib.h>

#include "codec/tx.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tx t;
    struct err e;
    struct buf b;
    addr20 sender;
    hash32 digest;
    uint64_t gas;
    slice in = slice_of(data, size);
    if (tx_read(in, &t, &e) != OK)
        return 0;
    buf_init(&b, size + 16);
    expect(tx_put_raw(&t, &b) == OK);
    expect(slice_eq(buf_slice(&b), in));
    expect(tx_sign_digest(&t, &digest) == OK);
    status s = tx_sender(&t, &sender);
    expect(s == OK || s == E_SIGNATURE);
    may_fail(tx_intrinsic_gas(&t, &gas, &e));
    buf_done(&b);
    return 0;
}

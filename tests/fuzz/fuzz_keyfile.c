/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a key file, up to the key derivation, which is slow on purpose. */
#include "keys/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any answer is fine; a crash is not. */
static void may_fail(status s)
{
    (void)s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    addr20 addr;
    struct err e;
    may_fail(keyfile_addr(slice_of(data, size), &addr, &e));
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a sign-in message: what is taken has its parts within the text, and times that are
 * read stay in their range. */
#include <stdlib.h>

#include "codec/siwe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool is_within(slice part, slice whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct siwe m;
    struct err e;
    uint64_t at;
    slice in = slice_of(data, size);
    if (rfc3339_read(in, &at) == OK)
        expect(at < UINT64_C(253402387200)); /* the year 10000, and a day for the offset */
    if (siwe_read(in, &m, &e) != OK)
        return 0;
    expect(size <= SIWE_MAX && m.domain.n > 0 && m.uri.n > 0 && m.nonce.n >= SIWE_NONCE_MIN);
    expect(is_within(m.scheme, in) && is_within(m.domain, in) && is_within(m.statement, in) &&
           is_within(m.uri, in) && is_within(m.nonce, in) && is_within(m.request_id, in));
    return 0;
}

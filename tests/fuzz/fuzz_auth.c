/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the value of an Authorization header: what is taken must come out the same, up to
 * the case of hex digits. */
#include <ctype.h>
#include <stdlib.h>

#include "api/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool same_text(slice a, slice b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++)
        if (tolower(a.p[i]) != tolower(b.p[i]))
            return false;
    return a.n == b.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct auth_header h;
    struct err e;
    struct buf out;
    slice in = slice_of(data, size);
    if (auth_header_read(in, &h, &e) != OK)
        return 0;
    buf_init(&out, 4096);
    expect(auth_header_put(&h, &out) == OK);
    expect(same_text(buf_slice(&out), in));
    buf_done(&out);
    struct auth_target t = {SLICE_LIT("http://node"), SLICE_LIT("GET"), SLICE_LIT("/")};
    status s = auth_check(&net, &t, &h, h.issued, &e);
    expect(s == OK || s == E_SIGNATURE);
    return 0;
}

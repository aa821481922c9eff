/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an envelope and as a wrap note: what is taken must come out the same. */
#include <stdlib.h>

#include "base/limits.h"
#include "ehr/envelope.h"
#include "ehr/wrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void same(const struct buf *out, slice in)
{
    expect(slice_eq(buf_slice(out), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope env;
    struct wrap_note note;
    struct err e;
    struct buf out;
    slice in = slice_of(data, size);
    buf_init(&out, LIMIT_ENVELOPE_BYTES + 4096);
    if (envelope_read(in, &env, &e) == OK) {
        expect(envelope_put(&env, &out, &e) == OK);
        same(&out, in);
    }
    buf_clear(&out);
    if (wrap_note_read(in, &note, &e) == OK) {
        expect(wrap_note_put(&note, &out, &e) == OK);
        same(&out, in);
    }
    buf_done(&out);
    return 0;
}

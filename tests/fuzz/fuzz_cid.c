/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a CID in binary and in text: what is taken must come out the same. */
#include <stdlib.h>

#include "codec/cid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void check_text(const struct cid *c)
{
    char text[CID_TEXT_MAX];
    struct cid again;
    struct err e;
    expect(cid_read_text(slice_str(cid_text(c, text)), &again, &e) == OK);
    expect(cid_eq(c, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cid c;
    struct err e;
    slice rest;
    uint8_t bin[CID_BIN_MAX];
    slice in = slice_of(data, size);
    if (cid_read(in, &c, &rest, &e) == OK) {
        expect(slice_eq(slice_of(bin, cid_write(&c, bin)), slice_first(in, size - rest.n)));
        check_text(&c);
        status s = cid_verify(&c, rest, &e);
        expect(s == OK || s == E_MISMATCH);
    }
    if (cid_read_text(in, &c, &e) == OK)
        check_text(&c);
    return 0;
}

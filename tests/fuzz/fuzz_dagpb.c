/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a dag-pb block: what is taken must be written again byte for byte. */
#include <stdlib.h>

#include "codec/dagpb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dagpb_node node;
    struct dagpb_link link;
    struct err e;
    struct buf out;
    slice in = slice_of(data, size);
    if (dagpb_read(in, &node, &e) != OK)
        return 0;
    buf_init(&out, size);
    size_t n = 0;
    for (slice rest = node.links; dagpb_link_next(&rest, &link); n++)
        expect(dagpb_put_link(&out, &link) == OK);
    expect(n == node.n_links);
    if (node.has_data)
        expect(dagpb_put_data(&out, node.data) == OK);
    expect(slice_eq(buf_slice(&out), in));
    buf_done(&out);
    return 0;
}

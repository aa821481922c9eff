/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a node of a file: what is taken keeps its own rules. */
#include <stdlib.h>

#include "ipfs/unixfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const hash32 none = {{0}};
    struct cid cid = cid_of_digest(CID_DAG_PB, &none);
    struct unixfs_node node;
    struct cid child;
    struct err e;
    uint64_t child_size = 0;
    uint64_t sum = 0;
    size_t n = 0;
    if (unixfs_node_read(&cid, slice_of(data, size), &node, &e) != OK)
        return 0;
    expect(node.n_children == 0 || node.data.n == 0);
    size_t children = node.n_children;
    for (; unixfs_child_next(&node, &child, &child_size); n++)
        sum += child_size;
    expect(n == children);
    expect(node.size == sum + node.data.n);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as a genesis in geth's format, and as typed data to be signed (EIP-712). */
#include <stdlib.h>

#include "chain/genesis.h"
#include "codec/eip712_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct json_doc doc;
    struct genesis g;
    struct buf block;
    struct err e;
    hash32 digest;
    arena_init(&a, (size_t)16 << 20, false);
    buf_init(&block, (size_t)1 << 20);
    if (json_read(slice_of(data, size), &a, &doc, &e) == OK) {
        if (genesis_read(&doc, &g, &e) == OK)
            expect(genesis_put(&g.header, &block) == OK && block.n > 0);
        if (eip712_json_digest(json_root(&doc), &a, &digest, &e) == OK) {
            hash32 again;
            expect(eip712_json_digest(json_root(&doc), &a, &again, &e) == OK);
            expect(hash32_eq(digest, again));
        }
    }
    buf_done(&block);
    arena_done(&a);
    return 0;
}

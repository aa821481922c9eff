/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a node: the first byte picks the request, the rest is the JSON of its result, or of
 * its error when the byte's top bit is set. */
#include "ledger/remote_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const hash32 slots[2];
    struct arena doc_arena;
    struct arena out_arena;
    struct json_doc doc;
    if (size == 0)
        return 0;
    struct ledger_req req = {.kind = (enum ledger_kind)((data[0] & 0x7f) % (LEDGER_PROOF + 1))};
    if (req.kind == LEDGER_PROOF) {
        req.in.proof.slots = slots;
        req.in.proof.slots_n = 2;
    }
    if (req.kind == LEDGER_LOGS)
        req.in.filter.to = UINT64_MAX;
    arena_init(&doc_arena, (size_t)64 << 20, false);
    arena_init(&out_arena, (size_t)16 << 20, false);
    if (json_read(slice_of(data + 1, size - 1), &doc_arena, &doc, NULL) == OK) {
        struct json root = json_root(&doc);
        struct remote_answer ans[3];
        for (size_t i = 0; i < 3; i++) {
            bool list = json_type(root) == JSON_ARRAY && remote_put_count(&req) > 1;
            struct json v = list ? json_at(root, i) : root;
            ans[i] = (struct remote_answer){.seen = true, .result = v};
            if ((data[0] & 0x80) != 0)
                ans[i] = (struct remote_answer){.seen = true, .error = v};
        }
        remote_read(&req, ans, 1700000000, &out_arena);
    }
    arena_done(&doc_arena);
    arena_done(&out_arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON-RPC pass-through: the first line is the caller's request, the rest the node's answer.
 * The reply is nothing or JSON; what the node sees is JSON with allowed methods only. */
#include <stdlib.h>

#include "codec/json.h"
#include "rpc/passthrough.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_call(struct json v)
{
    slice method;
    check(json_str(json_get(v, "method"), &method, NULL) == OK && rpc_is_allowed(method));
}

static void check_json(slice text, bool calls)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, (size_t)64 << 20, false);
    check(json_read(text, &a, &doc, NULL) == OK);
    struct json root = json_root(&doc);
    if (calls && json_type(root) == JSON_OBJECT)
        check_call(root);
    for (struct json_iter it = json_iter(root);
         calls && json_type(root) == JSON_ARRAY && json_next(&it);)
        check_call(it.value);
    arena_done(&a);
}

static status post(void *ctx, slice request, struct buf *ret, struct err *reterr)
{
    const slice *answer = ctx;
    (void)reterr;
    check_json(request, true);
    return buf_put(ret, *answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
    slice request = slice_first(in, nl != NULL ? (size_t)(nl - data) : size);
    slice answer = slice_after(in, request.n + 1);
    const struct rpc_upstream up = {.post = post, .ctx = &answer};
    struct buf reply;
    buf_init(&reply, (size_t)1 << 20);
    check(rpc_passthrough(&up, request, &reply, NULL) == OK);
    if (reply.n > 0)
        check_json(buf_slice(&reply), false);
    buf_done(&reply);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the text of an access request: what is read must survive being written and read. */
#include <stdlib.h>

#include "ehr/access_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct access_request r;
    struct access_request again;
    struct err e;
    struct buf out;
    buf_init(&out, ACCESS_REQUEST_TEXT);
    if (access_request_read(slice_of(data, size), &r, &e) == OK) {
        expect(access_request_put(&r, &out, &e) == OK);
        expect(slice_eq(buf_slice(&out), slice_of(data, size)));
        buf_clear(&out);
    } else if (access_request_text_read(slice_of(data, size), &r, &e) != OK) {
        buf_done(&out);
        return 0;
    }
    expect(access_request_text_put(&r, "http://n", &out, &e) == OK);
    expect(access_request_text_read(buf_slice(&out), &again, &e) == OK);
    expect(memcmp(&r, &again, sizeof r) == 0);
    status st = access_request_verify(&net, &r, (addr20){{2}}, 0, &e);
    expect(st == OK || st == E_SIGNATURE || st == E_EXPIRED);
    buf_done(&out);
    return 0;
}

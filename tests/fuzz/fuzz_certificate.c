/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a member certificate: what is read must survive being written and read again. */
#include <stdlib.h>

#include "ehr/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct certificate c;
    struct certificate again;
    struct err e;
    struct buf out;
    if (certificate_read(slice_of(data, size), &c, &e) != OK)
        return 0;
    buf_init(&out, CERTIFICATE_BYTES);
    expect(certificate_put(&c, &out, &e) == OK);
    expect(certificate_read(buf_slice(&out), &again, &e) == OK);
    expect(addr20_eq(c.account, again.account) && addr20_eq(c.member, again.member));
    expect(hash32_eq(c.card_hash, again.card_hash) && c.not_after == again.not_after);
    expect(memcmp(c.cert_sig65, again.cert_sig65, SECP_SIG) == 0);
    expect(memcmp(c.member_sig65, again.member_sig65, SECP_SIG) == 0);
    struct certificate_want want = {c.account, c.card_hash, c.member, 0};
    status st = certificate_verify(&net, &c, &want, &e);
    expect(st == OK || st == E_SIGNATURE);
    buf_done(&out);
    return 0;
}

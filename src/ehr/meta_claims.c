/* SPDX-License-Identifier: Apache-2.0 */
/* What binds meta to the plaintext. */
#include "ehr/meta_claims.h"

#include "base/limits.h"
#include "fhir/meta.h"

status meta_claims_read(slice meta, uint64_t *ret_size, hash32 *ret_sha256, struct err *reterr)
{
    struct arena a;
    struct fhir_meta m;
    arena_init(&a, LIMIT_META_BYTES * 20, true);
    status st = fhir_meta_read(meta, &a, &m, reterr);
    if (st == OK) {
        *ret_size = m.size;
        *ret_sha256 = m.sha256;
    } else {
        st = err_prefix(reterr, st, "meta");
    }
    arena_done(&a);
    return st;
}

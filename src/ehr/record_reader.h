/* SPDX-License-Identifier: Apache-2.0 */
/* The plaintext of a record as a source that is pulled, for sealing it again. Memory is constant in
 * its size; only ciphertext is kept aside (content/spool.h). */
#ifndef EHRD_EHR_RECORD_READER_H
#define EHRD_EHR_RECORD_READER_H

#include "age/age.h"
#include "content/content.h"
#include "content/spool.h"
#include "ehr/record_open.h"

struct record_reader {
    struct spool spool;
    struct age_reader age;
    uint64_t at;
};

/* Fetch the body, checked against its CID, and open it: header and last chunk are verified here,
 * the other chunks as they are read; size is compared with meta, the hash is for the caller, who
 * reads everything. ret must stay where it is until record_reader_done.
 * OK | E_MISMATCH (header, CID, size) | E_NOT_FOUND (body) | E_DECRYPT, E_TRUNCATED (last chunk).
 */
status record_reader_open(const struct record_view *v, const struct folder_ring *ring,
                          struct content *c, const char *spool_dir, struct record_reader *ret,
                          struct err *reterr) MUST_USE;
/* r is borrowed. */
struct age_src record_reader_src(struct record_reader *r);
void record_reader_done(struct record_reader *r); /* wipes */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A patient with a folder, a physician and a stranger on a world's chain, and records made of bytes
 * that stand for sealed ones: the node cannot tell the difference. */
#ifndef EHRD_TESTS_CLINIC_H
#define EHRD_TESTS_CLINIC_H

#include "codec/cid.h"
#include "codec/domain_hash.h"
#include "world.h"

struct clinic {
    struct world w;
    struct secp_key admin_key;
    struct secp_key patient_key; /* anvil's account 1, owner of the folder */
    struct secp_key doctor_key;  /* anvil's account 2 */
    struct secp_key stranger_key;
    struct ledger_sender *patient;
    struct ledger_sender *doctor;
    hash32 folder;
    hash32 key_hash;
    char folder_path[128]; /* /api/v1/folders/0x… */
    size_t header_n;       /* bytes of header and meta of samples made from now on; 0: a few */
    size_t meta_n;
};

/* The folder is open; nobody has a grant. False when there is no anvil. */
bool clinic_start(struct clinic *c);
void clinic_stop(struct clinic *c);

uint64_t clinic_now(struct clinic *c); /* of the head */
void clinic_grant(struct clinic *c, uint8_t permissions, uint64_t not_before, uint64_t not_after);
void clinic_revoke(struct clinic *c);
void clinic_suspend(struct clinic *c, const struct secp_key *who, bool suspend);

/* Target below the folder, in storage of the clinic; four may be used at the same time. */
const char *below(struct clinic *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *hex_of(struct clinic *c, slice s); /* the same storage */

/* A body and the envelope that refers to it, as one record. */
struct sample {
    hash32 record;
    hash32 inner;
    struct cid cid;
    char cid_text[CID_TEXT_MAX];
    struct buf body;
    struct buf envelope;
    struct buf post; /* body of POST /envelopes */
};
void sample_make(struct clinic *c, const struct secp_key *author, uint32_t version, slice body,
                 struct sample *ret);
void sample_make_epoch(struct clinic *c, const struct secp_key *author, uint32_t version,
                       uint32_t epoch, slice body, struct sample *ret);
/* The same around a body that is somewhere else: none is kept in ret. record: NULL: a new one. */
void sample_make_around(struct clinic *c, const struct secp_key *author, const hash32 *record,
                        uint32_t epoch, const struct cid *cid, struct sample *ret);
void sample_done(struct sample *s);
/* Upload body and envelope; expects success. */
void sample_upload(struct clinic *c, const struct secp_key *who, struct sample *s);
void sample_add_to_chain(struct clinic *c, struct ledger_sender *who, struct sample *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Adding and amending of records, and setting their status. */
#ifndef EHRD_EHR_FLOW_ADD_H
#define EHRD_EHR_FLOW_ADD_H

#include "ehr/folder_access.h"
#include "ehr/record_seal.h"

#define FLOW_BATCH_MAX 200u /* records sealed before they are announced */
#define FLOW_MULTICALL 40u  /* records of one forward request */

/* One document to be added, or to amend a record. */
struct add_item {
    hash32 record;    /* zero: a new one; set by the flow */
    uint32_t version; /* present version that is amended or resealed; 0: add */
    bool reseal;      /* the version stays: the same content under a new key */
    /* The plaintext, from its start each time; close is called after each open that succeeded.
     * Different items are opened and read by several threads at once. */
    status (*open)(void *ctx, struct age_src *ret, struct err *reterr);
    void (*close)(void *ctx);
    struct record_meta_src meta;
    void *ctx; /* of open and close */
};

struct add_done {
    uint64_t size; /* plaintext bytes */
    uint64_t body_size;
    struct client_sent sent;
};

/* Told after each batch that is confirmed. */
struct add_progress {
    void (*step)(void *ctx, size_t done, size_t n);
    void *ctx;
};

/* Seal, upload, announce, and confirm against slots proved on the chain. A folder that was rotated
 * meanwhile is sealed for again. What a failure leaves: earlier batches are added, of the failed
 * one nothing is visible. ret: n results, filled as far as ret_n tells.
 * OK | E_MISMATCH (the chain does not hold what was sent) | E_REVERTED | E_FORBIDDEN … */
status flow_add(struct client *c, const hash32 *folder, struct add_item *items, size_t n,
                const struct add_progress *progress, struct add_done *ret, size_t *ret_n,
                struct err *reterr) MUST_USE;

struct status_done {
    struct client_sent sent;
    enum record_status now; /* proved: a mark that is taken back may uncover another */
};

/* Set a record's status; version: the one the caller has seen.
 * OK | E_MISMATCH (the chain does not hold it) | E_REVERTED … */
status flow_status(struct client *c, const hash32 *folder, const hash32 *record, uint32_t version,
                   enum record_status to, struct status_done *ret, struct err *reterr) MUST_USE;

#endif

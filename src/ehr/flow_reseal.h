/* SPDX-License-Identifier: Apache-2.0 */
/* Old records sealed again for a folder's present key, so that the keys of former grantees open
 * nothing that the node still holds. */
#ifndef EHRD_EHR_FLOW_RESEAL_H
#define EHRD_EHR_FLOW_RESEAL_H

#include "ehr/folder_access.h"

#define RESEAL_BATCH 40u /* records between two steps of progress */

struct reseal_progress {
    /* Told at the start and after each batch that is confirmed; false: stop here. */
    bool (*step)(void *ctx, size_t done, size_t n);
    void *ctx;
};

struct reseal_done {
    size_t n;        /* records that were sealed for an older key */
    size_t resealed; /* of these, sealed again now */
    size_t bad;      /* left as they are: they could not be proved or opened */
    size_t erased;   /* old envelopes erased at the node, those of earlier tries included */
    bool stopped;    /* the progress callback said so; calling again goes on */
};

/* Present versions of records that are not removed, batch by batch: the plaintext is sealed with a
 * new file key for the present epoch, the contract's resealRecord takes the new commitment, then
 * the node erases the old envelope and lets go of the old body. Earlier versions of an amended
 * record stay as they were sealed. What a try that ended early left is taken up again.
 * OK, also when some were bad or it was stopped | E_FORBIDDEN (not the owner) | E_REVERTED … */
status flow_reseal(struct client *c, const hash32 *folder, const struct reseal_progress *progress,
                   struct reseal_done *ret, struct err *reterr) MUST_USE;

#endif

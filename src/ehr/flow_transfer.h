/* SPDX-License-Identifier: Apache-2.0 */
/* Moving everything from an identity that was stolen to a new one. */
#ifndef EHRD_EHR_FLOW_TRANSFER_H
#define EHRD_EHR_FLOW_TRANSFER_H

#include "ehr/flow_folder.h"

struct transferred {
    size_t n;        /* folders of the old identity at the start */
    size_t moved;    /* of these, done now */
    size_t notified; /* grantees that were told */
    size_t untold;   /* grantees whose note the node refused; their grants and wraps stay */
    bool stopped;    /* the progress callback said so; calling again goes on */
};

struct transfer_progress {
    /* Told before each folder and at the end; false: stop here. */
    bool (*step)(void *ctx, size_t done, size_t n);
    /* Told of each grantee whom no note reached: granting again sends one. */
    void (*untold)(void *ctx, const char *folder, const char *name, const struct err *why);
    void *ctx;
};

/* Two sessions of the same person: `from` with the old account and identity, which must still be
 * active, `to` with the new ones, registered and with a key card. Folder by folder: the new state
 * gets it with a new owner address; the chain's transferFolder; folder keys signed by the new
 * owner; a new folder key that the old identity never had; wraps and notes for all who have grants;
 * then the old state forgets it. owner_name: on the new card. What a try that ended early left is
 * taken up again. A folder that is refused does not stop the others; its refusal is told at the
 * end. OK, also when stopped | E_MISMATCH (a folder is somebody else's) | E_REVERTED … */
status flow_transfer(struct client *from, struct client *to, const char *owner_name,
                     const struct transfer_progress *progress, struct transferred *ret,
                     struct err *reterr) MUST_USE;

#endif

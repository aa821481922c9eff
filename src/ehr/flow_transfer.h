/* SPDX-License-Identifier: Apache-2.0 */
/* Moving everything from an identity that was stolen to a new one. */
#ifndef EHRD_EHR_FLOW_TRANSFER_H
#define EHRD_EHR_FLOW_TRANSFER_H

#include "ehr/flow_folder.h"

/* What of a grant in the old state is not so: whoever stole the identity wrote that state, too. */
enum {
    TRANSFER_NO_CARD = 1,         /* the account has no key card: the grant cannot go on */
    TRANSFER_OTHER_CARD = 2,      /* it was granted by another card than the present one */
    TRANSFER_OTHER_RECIPIENT = 4, /* it was sealed for somebody else than the card says */
};

/* A grant that the chain has, too. */
struct transfer_grant {
    hash32 folder;
    char folder_name[STATE_NAME + 1];
    struct state_grant grant; /* as far as state and chain allow it; card and recipient anew */
    hash32 card;              /* the account's now */
    char card_name[CARD_NAME + 1];
    unsigned doubts; /* TRANSFER_… */
    bool goes_on;    /* the person's word; to begin with: there is no doubt */
};
struct transfer_plan {
    struct transfer_grant *list;
    size_t n;
};
/* Which grants could go on; asked before anything is moved. Whether a holder's address is of the
 * account that is named beside it only the account could tell: so all get a new one of its card.
 * OK | E_USAGE (from and to are the same) | … */
status flow_transfer_plan(struct client *from, struct client *to, struct transfer_plan *ret,
                          struct err *reterr) MUST_USE;
void transfer_plan_done(struct transfer_plan *p);
/* NULL: none. */
const struct transfer_grant *transfer_plan_find(const struct transfer_plan *p, const hash32 *folder,
                                                const addr20 *holder);

/* End the grants of a moved folder that the node names and the state does not: whoever stole the
 * identity may have granted them. One that the node keeps to itself is not found. */
status flow_transfer_rest(struct client *c, const hash32 *folder, struct err *reterr) MUST_USE;

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
 * owner; a new holder for each grant of the plan that goes on, and the end of all others that the
 * old state names; a new folder key that the old identity never had; wraps and notes for who has a
 * grant; then the old state forgets it. owner_name: on the new card. What a try that ended early
 * left is taken up again. A folder that is refused does not stop the others; its refusal is told at
 * the end. OK, also when stopped | E_MISMATCH (a folder is somebody else's) | E_REVERTED … */
status flow_transfer(struct client *from, struct client *to, const struct transfer_plan *plan,
                     const char *owner_name, const struct transfer_progress *progress,
                     struct transferred *ret, struct err *reterr) MUST_USE;

#endif

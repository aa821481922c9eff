/* SPDX-License-Identifier: Apache-2.0 */
/* What an account has of a folder: its facts on the chain, its checked keys, the identities. */
#ifndef EHRD_EHR_FOLDER_ACCESS_H
#define EHRD_EHR_FOLDER_ACCESS_H

#include "ehr/client.h"

struct folder_access {
    struct folder_facts facts;
    struct folder_key *keys; /* epochs 1..keys_n, checked */
    size_t keys_n;
    struct epoch_key *ids; /* secret; none for who may only add */
    size_t ids_n;
    size_t ids_max;            /* room */
    const struct actor *actor; /* who acts for me here; of the client */
    bool mine;
    status no_ids; /* why there are no identities: E_FORBIDDEN … */
    char no_ids_why[ERR_MSG_MAX];
};

/* Load and check facts and folder keys, and the identities from the owner state or from the wrap:
 * its note must be signed by the folder's owner and made for me, and each identity must belong to
 * the folder key of its epoch. A refused wrap is no failure here: see no_ids.
 * OK | E_NOT_FOUND | E_SIGNATURE | E_MISMATCH | vault and ledger statuses. */
status folder_access_open(struct client *c, const hash32 *folder, struct folder_access *ret,
                          struct err *reterr) MUST_USE;
void folder_access_done(struct folder_access *f); /* wipes */

/* The folder key that new records are sealed to: that of the present epoch. */
const struct folder_key *folder_access_key(const struct folder_access *f);
/* The identities, or the refusal when there are none. */
status folder_access_ring(const struct folder_access *f, struct folder_ring *ret,
                          struct err *reterr) MUST_USE;

#endif

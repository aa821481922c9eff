/* SPDX-License-Identifier: Apache-2.0 */
/* Finding again what belongs to an identity: what the owner state lacks is taken from the chain and
 * from what the vault holds for the owner. */
#ifndef EHRD_EHR_FLOW_RECOVER_H
#define EHRD_EHR_FLOW_RECOVER_H

#include "ehr/folder_access.h"

#define RECOVER_GAP                                                                                \
    20u /* owner indices without a folder, in a row, after which the search ends                   \
         */

struct recovered {
    size_t folders; /* of the owner state, those found included */
    size_t found;   /* by owner addresses: the owner state did not know them */
    size_t keyless; /* of these, without keys: the owner's own wrap is not there */
    size_t grants;  /* live ones of one's own folders */
    size_t shared;  /* by others */
};

/* Derive owner addresses until RECOVER_GAP in a row have no folder; a folder that the state does
 * not know is put into it as "recovered-N", with the keys of the owner's own wrap and the grants
 * that the node lists. A folder that was given away is passed over. Inbox notes are taken, too.
 * May be repeated. OK | ledger and vault statuses. */
status flow_recover(struct client *c, struct recovered *ret, struct err *reterr) MUST_USE;

#endif

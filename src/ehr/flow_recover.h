/* SPDX-License-Identifier: Apache-2.0 */
/* Finding again what belongs to an identity: what the owner state lacks is taken from the chain and
 * from what the vault holds for the owner. */
#ifndef EHRD_EHR_FLOW_RECOVER_H
#define EHRD_EHR_FLOW_RECOVER_H

#include "ehr/folder_access.h"

#define RECOVER_GAP                                                                                \
    20u /* owner indices without a folder, in a row, after which the search ends                   \
         */

#define RECOVER_NAMES 16u

struct recovered {
    size_t folders; /* of the owner state, those found included */
    size_t found;   /* by owner addresses: the owner state did not know them */
    size_t keyless; /* of these, without keys: the owner's own wrap is not there */
    size_t grants;  /* live ones of one's own folders */
    size_t shared;  /* by others */
    bool adopted;   /* the state was one that nothing proves; what of it could not be checked: */
    size_t doubted_keys;
    size_t doubted_grants;
    size_t doubted_folders; /* one's own and those of others; the first of them by name: */
    char doubted_names[RECOVER_NAMES][STATE_NAME + 1];
};

/* Take over an owner state that nothing proves, if it is one, as far as the chain and signatures
 * do: one's own folders with the keys that the chain has, live grants to whom their wraps' notes
 * name, and the notes of others that verify. The rest is dropped, but nothing while the ledger does
 * not agree with itself. May be repeated. OK | ledger and vault statuses. */
status flow_adopt(struct client *c, struct recovered *out, struct err *reterr) MUST_USE;
/* Who is behind a holder: account, card and name by the owner's own signed note on the wrap.
 * OK | E_NOT_FOUND (no wrap, no card) | E_MISMATCH (the wrap of another) | E_SIGNATURE … */
status flow_grantee_find(struct client *c, const struct folder_facts *f, struct state_grant *g,
                         struct err *reterr) MUST_USE;
/* Put the live grants of an own folder into the owner state where it lacks them. */
status flow_regrant(struct client *c, const hash32 *folder, struct err *reterr) MUST_USE;

/* Derive owner addresses until RECOVER_GAP in a row have no folder; a folder that the state does
 * not know is put into it as "recovered-N", with the keys of the owner's own wrap and the grants
 * that the node lists. A folder that was given away is passed over. Inbox notes are taken, too.
 * With c->accept_state an owner state that nothing proves is taken first (flow_adopt).
 * May be repeated. OK | ledger and vault statuses. */
status flow_recover(struct client *c, struct recovered *ret, struct err *reterr) MUST_USE;

#endif

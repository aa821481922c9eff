/* SPDX-License-Identifier: Apache-2.0 */
/* Flows on cards, folders and grants. Each is safe to repeat after a crash: what is needed to go on
 * is in the owner state before the chain changes. */
#ifndef EHRD_EHR_FLOW_FOLDER_H
#define EHRD_EHR_FLOW_FOLDER_H

#include "ehr/folder_access.h"

/* Put the card into the vault and its hash on the chain. OK | E_REVERTED … */
status flow_card_publish(struct client *c, const struct card *card, struct client_sent *ret,
                         struct err *reterr) MUST_USE;

/* Open a folder: its first key is made and kept in the owner state, then the chain is told. A
 * folder of this name that was begun and not opened is taken up again.
 * OK | E_DUPLICATE (there is an open folder of this name) | E_RANGE (name) | E_REVERTED … */
status flow_folder_new(struct client *c, const char *name, hash32 *ret_id,
                       struct err *reterr) MUST_USE;
/* A new key for new records; those who stay get it. ret_epoch: the new epoch. */
status flow_folder_rotate(struct client *c, const hash32 *folder, uint32_t *ret_epoch,
                          struct err *reterr) MUST_USE;

struct flow_grant {
    hash32 folder;
    addr20 account;   /* the grantee; the holder is made of its card, or is it (wallet mode) */
    const char *name; /* what the owner calls the grantee; at most STATE_NAME bytes */
    const hash32 *pinned_card; /* hash seen before, or NULL: then the present one is taken */
    const char *owner_name;    /* as the grantee will see it */
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    bool is_moving; /* the caller makes a new key and sends the notes afterwards */
};
/* Wrap and grant note into the vault, the grant on the chain. ret_card: hash of the grantee's card,
 * to be pinned. OK | E_MISMATCH (the card is not the pinned one) | E_NOT_FOUND (no card) | … */
status flow_grant(struct client *c, const struct flow_grant *g, hash32 *ret_card,
                  struct err *reterr) MUST_USE;
/* Revoke and rotate in one call, wrap the new key for those who stay, delete the wrap. who: the
 * grantee's account, or the holder. ret_kept: how many stay. OK | E_NOT_FOUND (never granted) |
 * E_REVERTED … */
status flow_revoke(struct client *c, const hash32 *folder, const addr20 *who, size_t *ret_kept,
                   struct err *reterr) MUST_USE;

/* Accept the grant notes of the inbox that the chain confirms, keep requests for access that can be
 * believed, and forget them all there. */
struct inbox_taken {
    size_t grants;
    size_t requests; /* in the owner state now, to be answered */
    size_t moved;    /* left there: another account owns a known folder now (accept_moved) */
    size_t bad;      /* thrown away */
};
status flow_inbox(struct client *c, struct inbox_taken *ret, struct err *reterr) MUST_USE;
/* Whether a note that was accepted before, of a state that nothing proves, is of the folder's owner
 * and signed by the certifier of the owner's card; then its owner is called as on the card, since
 * nothing signs that name. OK | ledger and vault statuses (then it is not known). */
status flow_note_check(struct client *c, struct grant_note *n, bool *ret_believed,
                       struct err *reterr) MUST_USE;

/* Give up a folder of somebody else's: the node erases the certificate of my holder there, which
 * alone told it that the holder is me, and the owner state no longer names the folder. Records and
 * access logs stay as they are. OK | E_NOT_FOUND (no such folder is shared with me) | … */
status flow_forget(struct client *c, const hash32 *folder, struct err *reterr) MUST_USE;

#endif

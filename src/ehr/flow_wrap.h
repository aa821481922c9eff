/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that flows on folders and grants share. */
#ifndef EHRD_EHR_FLOW_WRAP_H
#define EHRD_EHR_FLOW_WRAP_H

#include "ehr/folder_access.h"

/* Send the one call in data as `who`, if building it worked; releases data. */
status flow_send_one(struct client *c, const struct actor *who, status put, struct buf *data,
                     struct client_sent *ret, struct err *reterr) MUST_USE;
/* The same as the one who acts for me in a folder. */
status flow_send_in(struct client *c, const hash32 *folder, status put, struct buf *data,
                    struct client_sent *ret, struct err *reterr) MUST_USE;
/* The key of the next epoch: the one that the owner state holds from an unfinished try, or a new
 * one, kept there; its public half is in the vault. Secret. */
status flow_next_epoch(struct client *c, const struct folder_facts *facts, struct state_epoch *ret,
                       struct err *reterr) MUST_USE;
/* Sign and store the folder key of an epoch that is in the owner state. */
status flow_key_store(struct client *c, const hash32 *folder, uint32_t epoch,
                      struct err *reterr) MUST_USE;
/* Told of each grantee whose note the node refused, as of a suspended one, or a full inbox. */
struct notes_untold {
    void (*tell)(void *ctx, const struct state_folder *f, const struct state_grant *g,
                 const struct err *why);
    void *ctx;
};
/* Send the grant note anew to all who have a live grant, signed by the folder's present owner.
 * ret_n: how many; a refused note does not stop the others. */
status flow_notes_again(struct client *c, const hash32 *folder, const char *owner_name,
                        const struct notes_untold *untold, size_t *ret_n,
                        struct err *reterr) MUST_USE;
/* Put the wrap of all epochs up to this one for one grantee of the owner state. OK | E_NO_KEY (the
 * state lacks the key of this epoch) | … */
status flow_wrap_put(struct client *c, const struct state_folder *f, uint32_t epoch,
                     const struct state_grant *g, struct err *reterr) MUST_USE;
/* The same up to the chain's present epoch, whose key another device may have made. */
status flow_wrap_now(struct client *c, const hash32 *folder, const addr20 *holder,
                     uint32_t *ret_epoch, struct err *reterr) MUST_USE;
/* The same for the owner itself, under its own address: a folder found by derivation opens without
 * the owner state. */
status flow_wrap_self(struct client *c, const struct state_folder *f, uint32_t epoch,
                      struct err *reterr) MUST_USE;
/* The same for the owner and for all grantees who may view by the chain; ret_kept: how many. The
 * state is loaded anew: what points into it ends. */
status flow_rewrap(struct client *c, const hash32 *folder, size_t *ret_kept,
                   struct err *reterr) MUST_USE;
/* The same, unless they have the present key: also when an earlier try, of this grant or of
 * another, was cut between the chain and the wraps. */
status flow_wraps_follow(struct client *c, const hash32 *folder, struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The holders that an account has in a folder of mine: one, unless something came in between. A
 * change of its grant leaves one. */
#ifndef EHRD_EHR_HOLDERS_H
#define EHRD_EHR_HOLDERS_H

#include "contract/registry_abi.h"
#include "ehr/client.h"

#define HOLDERS_MAX 32u

struct holder_now {
    addr20 holder;
    bool ended;     /* by the state */
    bool is_silent; /* holder_is_silent() */
    struct registry_grant now;
};

/* What goes on by the state or by the chain. */
struct holders {
    struct holder_now list[HOLDERS_MAX];
    size_t n;
};

/* Made for the account, but the announcement was lost with the state: no note can tell the account
 * that it is theirs. */
bool holder_is_silent(const struct state_folder *f, const struct state_grant *g);
/* Of the state that is loaded. OK | E_TOO_LONG (more than HOLDERS_MAX) | ledger statuses. */
status holders_read(struct client *c, const hash32 *folder, const addr20 *account,
                    struct holders *ret, struct err *reterr) MUST_USE;
/* The one whose grant a change replaces: on the chain, or else begun; NULL: there is none, since
 * after a revoke there is a new one. */
const struct holder_now *holders_changed(const struct holders *h);
const struct holder_now *holders_find(const struct holders *h, const addr20 *holder);
bool holder_is_active(const struct holder_now *h);
bool holder_may_view(const struct holder_now *h); /* by the chain, now or later */
/* After the change, which left `kept`: note in the state that the others have ended.
 * OK | E_CONFLICT (one of them came to the chain meanwhile) | … */
status holders_end(struct client *c, const hash32 *folder, const addr20 *account,
                   const addr20 *kept, struct err *reterr) MUST_USE;

#endif

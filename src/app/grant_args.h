/* SPDX-License-Identifier: Apache-2.0 */
/* What "ehr grant" and "ehr request" share. */
#ifndef EHRD_APP_GRANT_ARGS_H
#define EHRD_APP_GRANT_ARGS_H

#include "app/cli.h"
#include "ehr/flow_folder.h"

#define GRANT_MAY 32 /* room for "view add amend remove " */

/* Take --view, --add, --amend and --remove away. */
unsigned grant_permissions_take(struct args *a);
void grant_may(unsigned permissions, char out[GRANT_MAY]);
/* Tell what the account has by now, and ask where some of it is taken away. OK | E_CANCELLED | of
 * the ledger. */
status grant_replaces(struct cli *c, const struct flow_grant *g, struct err *reterr) MUST_USE;
/* "30d", "12h", "45s" from now, or a date: the end of that day (UTC). OK | E_USAGE. */
status grant_until_read(const char *option, const char *text, uint64_t now, uint64_t *ret,
                        struct err *reterr) MUST_USE;
/* The later of clock and head, as the contract judges by the head. */
status grant_now(struct cli *c, uint64_t *ret, struct err *reterr) MUST_USE;
/* The name on one's own key card. */
status grant_own_name(struct cli *c, char out[CARD_NAME + 1], struct err *reterr) MUST_USE;
/* The first card seen is pinned in the book. */
status grant_pin(struct cli *c, struct person *p, const hash32 *card, struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Which grants go on when folders move from a stolen identity: shown, and asked where the old
 * identity's state says what is not so. */
#ifndef EHRD_APP_TRANSFER_ASK_H
#define EHRD_APP_TRANSFER_ASK_H

#include "app/cli.h"
#include "ehr/flow_transfer.h"

/* Sets goes_on in each grant of the plan. accept: people or addresses, comma-separated, whose
 * grants go on in spite of doubts; NULL: nobody's. --yes answers only where there are none.
 * OK | E_USAGE, E_NOT_FOUND (accept) | E_CANCELLED. */
status transfer_ask(struct cli *c, struct transfer_plan *p, const char *accept,
                    struct err *reterr) MUST_USE;

#endif

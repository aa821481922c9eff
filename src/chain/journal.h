/* SPDX-License-Identifier: Apache-2.0 */
/* The undo log of a state: for chain/state.c only. */
#ifndef EHRD_CHAIN_JOURNAL_H
#define EHRD_CHAIN_JOURNAL_H

#include "chain/state.h"

/* Each notes what is about to be changed. */
void journal_head(struct state *st, struct account *a);
void journal_warm(struct state *st, struct account *a);
void journal_slot(struct state *st, struct account *a, struct slot *s); /* a NULL: transient */
void journal_warm_slot(struct state *st, struct slot *s);
/* Takes the table of slots: the account is left with none. */
void journal_storage(struct state *st, struct account *a);
void journal_done(struct state *st);

void state_fail(struct state *st, status s);

#endif

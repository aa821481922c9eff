/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the registry's storage, proved against the header of the head block. When the ledger has
 * a second source, the block's hash must be vouched for by it. No block is older than that of a
 * proof before, or than one that a call was mined in (ledger_saw). */
#ifndef EHRD_EHR_SLOT_PROVE_H
#define EHRD_EHR_SLOT_PROVE_H

#include "ehr/record_slot.h"
#include "ledger/ledger.h"

/* n words, at most LEDGER_SLOTS_MAX, in the arena; ret_vouched: there was a second source.
 * OK | E_TOO_LONG | E_STALE (the head went back) | E_MISMATCH (proof, header, other hash at the
 * second source) | E_UNAVAILABLE (also when the ledger has no such block or state) | ledger
 * statuses but E_NOT_FOUND. */
status slots_prove(struct ledger *l, const addr20 *proxy, const hash32 *keys, size_t n,
                   struct arena *a, const hash32 **ret_words, struct ledger_block *ret_block,
                   bool *ret_vouched, struct err *reterr) MUST_USE;

struct proved_grant {
    hash32 scope; /* a record's id, or zero */
    addr20 holder;
    struct registry_grant now; /* status 0: there never was one */
};
/* Fill `now` of n grants of a folder, however many; ret_block: the head when it was begun.
 * As slots_prove. */
status grants_prove(struct ledger *l, const addr20 *proxy, const hash32 *folder,
                    struct proved_grant *list, size_t n, struct arena *a,
                    struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr) MUST_USE;

#endif

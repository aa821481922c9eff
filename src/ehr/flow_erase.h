/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing what the node holds of records: envelopes, and with the last one that names it a body. */
#ifndef EHRD_EHR_FLOW_ERASE_H
#define EHRD_EHR_FLOW_ERASE_H

#include "ehr/flow_read.h"

/* One envelope of a folder of the user's own: one that a reseal replaced, or of a removed record.
 * ret_erased: false when it was gone already. OK | E_CONFLICT (neither) | E_FORBIDDEN … */
status flow_envelope_erase(struct client *c, const hash32 *folder, const hash32 *inner,
                           bool *ret_erased, struct err *reterr) MUST_USE;

/* All versions of a removed record, for good: nobody can open it any more. The chain keeps its
 * commitments and that it was removed. When it is cut short, calling again goes on.
 * OK | E_FORBIDDEN (not the owner) | E_CONFLICT (the record is not removed) | the node's. */
status flow_erase(struct client *c, const hash32 *folder, const struct told_record *r,
                  size_t *ret_erased, struct err *reterr) MUST_USE;

#endif

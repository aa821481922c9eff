/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for access to somebody's folder, and answering. */
#ifndef EHRD_EHR_FLOW_REQUEST_H
#define EHRD_EHR_FLOW_REQUEST_H

#include "ehr/access_request.h"
#include "ehr/flow_folder.h"

/* Sign a request of my own: account, card, nonce and signature are filled in.
 * OK | E_NOT_FOUND (no card of mine) | E_RANGE. */
status flow_request_new(struct client *c, struct access_request *io, struct err *reterr) MUST_USE;
/* Leave it sealed in a patient's inbox. */
status flow_request_send(struct client *c, const struct access_request *r, const addr20 *to,
                         struct err *reterr) MUST_USE;

/* Believe a request as far as the chain does: its account is active and of this card, which signed
 * it. ret_card: the asker's. OK | E_SIGNATURE | E_EXPIRED | E_MISMATCH | E_FORBIDDEN (account). */
status flow_request_check(struct client *c, const struct access_request *r, struct card *ret_card,
                          struct err *reterr) MUST_USE;
/* Keep it in the owner state with this answer (enum state_answer). */
status flow_request_note(struct client *c, const struct access_request *r, unsigned answer,
                         struct err *reterr) MUST_USE;
/* Grant what was asked for, or less, and keep the answer. g: folder, names, permissions and times;
 * the account is the asker's. OK | E_FORBIDDEN (wider or longer than asked for) | as flow_grant and
 * flow_request_check. */
status flow_request_accept(struct client *c, const struct access_request *r, struct flow_grant *g,
                           hash32 *ret_card, struct err *reterr) MUST_USE;

#endif

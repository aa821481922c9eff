/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the route table, by file. Each gets a request whose signer may use the route
 * and fills the answer. */
#ifndef EHRD_API_ROUTES_H
#define EHRD_API_ROUTES_H

#include "api/call.h"
#include "base/limits.h"

#define API_BODY_CAP ((uint64_t)LIMIT_RECORD_BYTES + ((uint64_t)64 << 20)) /* a sealed record */

/* page_serve.c: the page, or what stands in for it */
status get_page(struct api_call *c, struct err *reterr);

/* node.c */
status get_node(struct api_call *c, struct err *reterr);
status get_openapi(struct api_call *c, struct err *reterr);
status get_healthz(struct api_call *c, struct err *reterr);
status get_readyz(struct api_call *c, struct err *reterr);
status get_metrics(struct api_call *c, struct err *reterr);
status post_rpc(struct api_call *c, struct err *reterr);

/* sign_in.c: sessions of browsers */
status get_session_nonce(struct api_call *c, struct err *reterr);
status post_session(struct api_call *c, struct err *reterr);
status get_session(struct api_call *c, struct err *reterr);
status delete_session(struct api_call *c, struct err *reterr);

/* cards.c: cards, directory, owner state */
status put_card(struct api_call *c, struct err *reterr);
status get_card(struct api_call *c, struct err *reterr);
status get_directory(struct api_call *c, struct err *reterr);
status put_state(struct api_call *c, struct err *reterr);
status get_state(struct api_call *c, struct err *reterr);

/* folders.c: folder keys, wraps, grants, access log */
status put_folder_key(struct api_call *c, struct err *reterr);
status get_folder_keys(struct api_call *c, struct err *reterr);
status put_wrap(struct api_call *c, struct err *reterr);
status get_wrap(struct api_call *c, struct err *reterr);
status delete_wrap(struct api_call *c, struct err *reterr);
status get_grants(struct api_call *c, struct err *reterr);
status get_log(struct api_call *c, struct err *reterr);

/* bodies.c */
extern const struct api_stream body_upload;
status post_body(struct api_call *c, struct err *reterr);
status get_body(struct api_call *c, struct err *reterr);
/* Row and pin of a body that the store has, and the answer that names it. */
status body_answer(struct api_call *c, const struct content_info *info, struct err *reterr);

/* pieces.c: bodies in pieces */
extern const struct api_stream piece_upload;
status post_upload(struct api_call *c, struct err *reterr);
status get_upload(struct api_call *c, struct err *reterr);
status patch_upload(struct api_call *c, struct err *reterr);
status post_upload_finish(struct api_call *c, struct err *reterr);
status delete_upload(struct api_call *c, struct err *reterr);

/* envelopes.c, records.c */
status post_envelopes(struct api_call *c, struct err *reterr);
status delete_envelope(struct api_call *c, struct err *reterr);
status query_envelopes(struct api_call *c, struct err *reterr);
status get_records(struct api_call *c, struct err *reterr);
status get_record(struct api_call *c, struct err *reterr);
/* Wait a moment until the index holds the head that the request is judged at.
 * OK | E_STALE (it does not). */
status index_at_head(struct api_call *c, struct err *reterr) MUST_USE;

/* registrations.c */
status post_registration(struct api_call *c, struct err *reterr);
status get_registrations(struct api_call *c, struct err *reterr);
status get_registration(struct api_call *c, struct err *reterr);
status delete_registration(struct api_call *c, struct err *reterr);

/* certificates.c */
status put_certificate(struct api_call *c, struct err *reterr);
status get_certificate(struct api_call *c, struct err *reterr);
status delete_certificate(struct api_call *c, struct err *reterr);

/* inbox.c, relaying.c */
status post_note(struct api_call *c, struct err *reterr);
status get_notes(struct api_call *c, struct err *reterr);
status get_note(struct api_call *c, struct err *reterr);
status delete_note(struct api_call *c, struct err *reterr);
status post_relay(struct api_call *c, struct err *reterr);

/* room.c: has the disk room for what the route may write? OK | E_NO_SPACE | E_IO. */
status room_check(struct api_call *c, struct err *reterr) MUST_USE;
/* Count bytes that stay against the quota of the signer's account, or of another. OK | E_RATE. */
status upload_count(struct api_call *c, size_t n, struct err *reterr) MUST_USE;
status upload_count_of(struct api_call *c, const addr20 *account, size_t n,
                       struct err *reterr) MUST_USE;
/* A body that declares more than is left of the quota is refused before any of it is counted. */
status upload_fits(struct api_call *c, struct err *reterr) MUST_USE;
/* The same of entries in access logs, which have a share of their own: whoever uploaded much may
 * still read. */
#define LOG_ENTRY_BYTES ((size_t)1 << 10)   /* one takes about so much in the vault */
#define LOG_BYTES_A_DAY ((uint64_t)4 << 30) /* four million of them */
/* Instead of both when the disk is nearly full, so that no account alone takes the last of it from
 * those who revoke; some thousand wraps. */
#define LAST_BYTES_A_DAY ((uint64_t)4 << 20)
status log_count(struct api_call *c, size_t entries, struct err *reterr) MUST_USE;

#endif

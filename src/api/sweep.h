/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by upload, sweep and erasing: bodies and their pins. */
#ifndef EHRD_API_SWEEP_H
#define EHRD_API_SWEEP_H

#include "api/call.h"
#include "vault/lmdb.h"

/* sha256(folderId || CID). OK | E_NOMEM | E_INTERNAL. */
status body_pin_owner(const hash32 *folder, slice cid, hash32 *ret) MUST_USE;
/* Forget a body that no envelope refers to and that was uploaded before `before`, with its pin; one
 * that is in use or gone is left alone. The caller holds body_lock for writing. */
status body_drop_locked(struct api *a, const struct vault_body *b, uint64_t before,
                        struct err *reterr) MUST_USE;
/* Erase certificates that are over at now, but for those whose account is barred: what runs out
 * meanwhile still says that its address is, too. *ret_n is raised by their number. */
status certs_sweep(struct api *a, uint64_t now, uint64_t *ret_n, struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by upload and sweep: who a body's pin belongs to. */
#ifndef EHRD_API_SWEEP_H
#define EHRD_API_SWEEP_H

#include "base/slice.h"
#include "base/status.h"

/* sha256(folderId || CID). OK | E_NOMEM | E_INTERNAL. */
status body_pin_owner(const hash32 *folder, slice cid, hash32 *ret) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Content adapter: the node's own IPFS-compatible store in a folder. */
#ifndef EHRD_CONTENT_LOCAL_H
#define EHRD_CONTENT_LOCAL_H

#include "base/sysio.h"
#include "content/content.h"

/* Open the store in dir, making it if absent. clock is borrowed until content_close.
 * map_bytes: as in kv_options. OK | as kv_open. */
status content_local_open(const char *dir, uint64_t map_bytes, const struct clock_src *clock,
                          struct content **ret, struct err *reterr) MUST_USE;

/* Uploads end with E_NO_SPACE while the file system has less than bytes free, so that they cannot
 * take the last of it from access log, nonces and chain. Before it is called: 512 MiB, or a
 * twentieth of the file system when that is less. */
void content_local_reserve(struct content *c, uint64_t bytes);

/* Read every block (or, with root, every block of one file) and check it against its name.
 * report (may be NULL) is called for each damaged block and returns OK to go on.
 * OK (read *ret.bad) | E_NOT_FOUND | E_IO. */
struct content_verified {
    uint64_t blocks;
    uint64_t bytes;
    uint64_t bad;
};
struct content_report {
    status (*damaged)(void *ctx, const struct cid *cid, const char *why);
    void *ctx;
};
status content_local_verify(struct content *c, const struct cid *root,
                            const struct content_report *report, struct content_verified *ret,
                            struct err *reterr) MUST_USE;

#endif

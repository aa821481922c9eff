/* SPDX-License-Identifier: Apache-2.0 */
/* The file of row keys: fixed slots of 32 random bytes, overwritten in place when a row is erased.
 *
 * Slots that no row uses hold fresh random bytes already on the disk, so taking one needs no sync.
 * Which slots are used is kept by the caller (in the commit that holds the rows). Thread-safe.
 */
#ifndef EHRD_VAULT_ROWKEYS_H
#define EHRD_VAULT_ROWKEYS_H

#include "base/sysio.h"

#define ROWKEYS_KEY 32u
#define ROWKEYS_DATA 4096u /* offset of slot 0 */

struct rowkeys;

/* Open the file, making it (0600) when absent. random is borrowed until rowkeys_close.
 * OK | E_CORRUPT (not a file of row keys) | E_UNSUPPORTED (version, slot size) | E_IO | E_NO_SPACE.
 */
status rowkeys_open(const char *path, const struct random_src *random, struct rowkeys **ret,
                    struct err *reterr) MUST_USE;
void rowkeys_close(struct rowkeys *k); /* NULL is fine */

/* Make sure that slots 0..count-1 are there, the new ones filled and synced. */
status rowkeys_grow(struct rowkeys *k, uint64_t count, struct err *reterr) MUST_USE;
/* The key of a slot. OK | E_RANGE (no such slot) | E_IO. */
status rowkeys_read(struct rowkeys *k, uint64_t slot, uint8_t ret[ROWKEYS_KEY],
                    struct err *reterr) MUST_USE;
/* Overwrite n slots with fresh random bytes and sync: the old keys are gone. */
status rowkeys_destroy(struct rowkeys *k, const uint64_t *slots, size_t n,
                       struct err *reterr) MUST_USE;
/* Slots in the file. */
uint64_t rowkeys_count(struct rowkeys *k);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The keys a node uses: its own, and the relayer's. */
#ifndef EHRD_APP_EHRD_KEYS_H
#define EHRD_APP_EHRD_KEYS_H

#include "crypto/secp256k1.h"

/* The key in dir/node.key (64 hex digits, mode 0600), made when the file is absent.
 * OK | E_CORRUPT | E_FORBIDDEN (others may read the file) | E_IO. */
status ehrd_node_key(const char *dir, const struct random_src *rnd, struct secp_key *ret,
                     struct err *reterr) MUST_USE;
/* The authority's key of an embedded chain, in dir/authority.key; *ret_has false: there is none,
 * the chain can be read but not sealed. As ehrd_node_key. */
status ehrd_authority_key(const char *dir, struct secp_key *ret, bool *ret_has,
                          struct err *reterr) MUST_USE;
/* Make it unless it is there. */
status ehrd_authority_key_make(const char *dir, const struct random_src *rnd,
                               struct err *reterr) MUST_USE;
/* Open a key file with the passphrase on the first line of another file.
 * OK | as keyfile_read | errors of the files. */
status ehrd_relayer_key(const char *path, const char *passphrase_path, struct secp_key *ret,
                        struct err *reterr) MUST_USE;

#endif

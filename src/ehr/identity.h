/* SPDX-License-Identifier: Apache-2.0 */
/* An identity: the random root a person's keys come from, and the file it is kept in
 * (docs/formats.md, section 2). */
#ifndef EHRD_EHR_IDENTITY_H
#define EHRD_EHR_IDENTITY_H

#include "age/age.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"

#define IDENTITY_NODE_MAX 256u /* bytes of a node's URL with the final NUL */

/* Secret. Wipe with identity_done. */
struct identity {
    uint8_t root[32];
    struct netid net;
    char node[IDENTITY_NODE_MAX]; /* where it is at home: http(s)://host:port */
};

/* A new random root. OK | E_IO | E_RANGE (node is too long). */
status identity_generate(const struct netid *net, const char *node, const struct random_src *rnd,
                         struct identity *ret, struct err *reterr) MUST_USE;
void identity_done(struct identity *id); /* wipes */

/* The age key of a generation; the first is 0. OK | E_INTERNAL. */
status identity_age(const struct identity *id, uint32_t generation,
                    struct age_identity *ret) MUST_USE;
/* The scalars with the labels "spend", "view", "cert" and "account". OK | E_INTERNAL. */
status identity_scalar(const struct identity *id, const char *label, struct secp_key *ret) MUST_USE;
/* The i-th owner address's key (label "owner"). OK | E_INTERNAL. */
status identity_owner(const struct identity *id, uint32_t i, struct secp_key *ret) MUST_USE;

/* Its address. OK | E_INTERNAL. */
status identity_owner_addr(const struct identity *id, uint32_t i, addr20 *ret) MUST_USE;
/* The key that the owner state is authenticated with (label "state"). Secret. OK | E_INTERNAL. */
status identity_state_key(const struct identity *id, uint8_t ret[32]) MUST_USE;

/* Append the identity file: its JSON sealed for a passphrase with scrypt work factor 2^log_n (0:
 * age's own). OK | errors of age_seal. */
status identity_seal(const struct identity *id, slice passphrase, unsigned log_n,
                     const struct random_src *rnd, struct buf *out, struct err *reterr) MUST_USE;
/* Open one. OK | errors of age_open (E_NO_KEY: wrong passphrase) | JSON statuses. */
status identity_open(slice file, slice passphrase, struct identity *ret,
                     struct err *reterr) MUST_USE;

#endif

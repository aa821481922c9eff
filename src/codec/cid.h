/* SPDX-License-Identifier: Apache-2.0 */
/* Content identifiers (github.com/multiformats/cid): binary and text, versions 0 and 1.
 *
 * Only the multihashes identity (digest of up to 128 bytes) and sha2-256 (32 bytes) are taken:
 * every CID that passes cid_read can be checked against bytes. Varints must be of minimal length.
 */
#ifndef EHRD_CODEC_CID_H
#define EHRD_CODEC_CID_H

#include "base/buf.h"

#define CID_RAW 0x55u      /* codec: bytes without structure */
#define CID_DAG_PB 0x70u   /* codec: MerkleDAG protobuf */
#define CID_IDENTITY 0x00u /* multihash: the digest is the content */
#define CID_SHA2_256 0x12u
#define CID_DIGEST_MAX 128u
#define CID_BIN_MAX (1 + 9 + 1 + 2 + CID_DIGEST_MAX) /* bytes of the binary form */
#define CID_TEXT_MAX 240u                            /* characters of cid_text with its NUL */

/* A checked CID. Fields are read freely; made by the functions below only. */
struct cid {
    uint8_t version;  /* 0 or 1 */
    uint8_t mh;       /* CID_IDENTITY or CID_SHA2_256 */
    uint8_t digest_n; /* bytes of digest in use; the rest is zero */
    uint64_t codec;   /* multicodec; CID_DAG_PB in version 0 */
    uint8_t digest[CID_DIGEST_MAX];
};

/* The CIDv1 of content that hashes to digest. */
struct cid cid_of_digest(uint64_t codec, const hash32 *digest);
/* Hash content and make its CIDv1 (sha2-256). OK | E_INTERNAL (hash). */
status cid_of_content(uint64_t codec, slice content, struct cid *ret) MUST_USE;

/* Read the CID at the start of in; ret_rest (may be NULL: then in must end with it) gets what
 * follows. OK | E_TRUNCATED | E_TRAILING | E_NOT_CANONICAL (varint) | E_UNSUPPORTED (version,
 * multihash) | E_RANGE (digest length). */
status cid_read(slice in, struct cid *ret, slice *ret_rest, struct err *reterr) MUST_USE;
/* Append the binary form. */
status cid_put(struct buf *b, const struct cid *c) MUST_USE;
/* The same into out; returns the number of bytes. */
size_t cid_write(const struct cid *c, uint8_t out[CID_BIN_MAX]);

/* Read text: "Qm…" for version 0, else any multibase prefix and encoding (no path, no "ipfs://").
 * OK | E_SYNTAX (characters, multibase) | as cid_read. */
status cid_read_text(slice text, struct cid *ret, struct err *reterr) MUST_USE;
/* Canonical text: base58btc for version 0, lower-case base32 for version 1, and a NUL. Returns out.
 */
char *cid_text(const struct cid *c, char out[CID_TEXT_MAX]);

/* True when the versions, codecs and multihashes are equal. */
bool cid_eq(const struct cid *a, const struct cid *b);
/* Check content against the CID's multihash. OK | E_MISMATCH | E_INTERNAL. */
status cid_verify(const struct cid *c, slice content, struct err *reterr) MUST_USE;

#endif

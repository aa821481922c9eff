/* SPDX-License-Identifier: Apache-2.0 */
/* Every hard cap of the program in one place, in bytes unless the name says otherwise. */
#ifndef EHRD_BASE_LIMITS_H
#define EHRD_BASE_LIMITS_H

#define LIMIT_JSON_DEPTH 64u /* nesting of a JSON text */
#define LIMIT_JSON_BYTES                                                                           \
    ((size_t)128 << 20)                        /* one JSON text (a Synthea Bundle has up to 60 MB) \
                                                */
#define LIMIT_RLP_DEPTH 32u                    /* nesting of an RLP item */
#define LIMIT_KEYFILE_BYTES ((size_t)64 << 10) /* a Web3 Secret Storage file */
#define LIMIT_KEYFILE_MEMORY ((size_t)1 << 30) /* scrypt memory of a key file */
#define LIMIT_KEYFILE_SCRYPT_WORK (1ull << 23) /* n * r * p of a key file: 4 times geth's */
#define LIMIT_KEYFILE_ITERATIONS 10000000u     /* PBKDF2 iterations of a key file */
#define LIMIT_AGE_HEADER_BYTES ((size_t)256 << 10) /* header of an age file */
#define LIMIT_AGE_STANZAS 1024u                    /* recipient stanzas of an age file */
#define LIMIT_AGE_SCRYPT_LOGN 20u                  /* work factor a reader accepts */
#define LIMIT_IPFS_BLOCK ((size_t)2 << 20)      /* UnixFS specification, section "Block limits" */
#define LIMIT_IPFS_LINKS 16384u                 /* links of one file node */
#define LIMIT_IPFS_DEPTH 32u                    /* levels of a file, trickle layouts included */
#define LIMIT_IPFS_DAG_BLOCKS ((size_t)4 << 20) /* different blocks of one pinned DAG */
#define LIMIT_HTTP_HEADER ((size_t)16 << 10)    /* all header lines of one request */
#define LIMIT_HTTP_BODY_SMALL ((size_t)1 << 20) /* JSON and envelope requests */
#define LIMIT_HTTP_TARGET ((size_t)8 << 10)     /* path and query of a request */
#define LIMIT_HTTP_HEADERS 100u                 /* header fields of one request */
#define LIMIT_HTTP_ANSWER ((size_t)64 << 20)    /* buffered body of an answer */
#define LIMIT_HTTP_DRAIN ((size_t)1 << 20)      /* refused body read so that the refusal arrives */
#define LIMIT_WS_MESSAGE ((size_t)5 << 20)      /* one WebSocket message received (geth's) */
#define LIMIT_ENVELOPE_BYTES ((size_t)1 << 20)  /* a sealed envelope: header and meta.age */
#define LIMIT_META_BYTES ((size_t)256 << 10)    /* clear meta of a record */
#define LIMIT_META_AGE ((size_t)264 << 10)      /* the same sealed, as a node takes it */
#define LIMIT_BODY_HEADER ((size_t)4 << 10)     /* age header of a body, likewise */
#define LIMIT_RECORD_BYTES ((size_t)4 << 30)    /* plaintext of one record */
#define LIMIT_RPC_ANSWER ((size_t)64 << 20)     /* answer of an Ethereum node */

/* Bytes of a file system that are kept free, or a twentieth of it when that is less: what clients
 * send must not take the last of it from access log, nonces and chain. */
#define LIMIT_FREE_SPACE ((uint64_t)512 << 20)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening of one chunk. */
#include "age/chunk.h"

#include "base/checked.h"
#include "base/wipe.h"
#include "crypto/kdf.h"

/* 11-byte big-endian counter, then 1 for the last chunk. Bodies stay far below 2^64 chunks. */
static void chunk_nonce(uint64_t number, bool last, uint8_t ret[12])
{
    memset(ret, 0, 3);
    be64_write(ret + 3, number);
    ret[11] = last ? 1 : 0;
}

status age_chunk_key(struct aead *a, const struct age_file_key *fk, const uint8_t nonce[AGE_NONCE])
{
    uint8_t key[32];
    status st = hkdf_sha256(slice_of(fk->k, sizeof fk->k), slice_of(nonce, AGE_NONCE),
                            SLICE_LIT("payload"), key, sizeof key);
    if (st == OK)
        st = aead_init(a, key);
    wipe(key, sizeof key);
    return st;
}

status age_chunk_seal(struct aead *a, uint64_t number, bool last, slice plain, uint8_t *out)
{
    uint8_t nonce[12];
    chunk_nonce(number, last, nonce);
    return aead_seal(a, nonce, plain, out);
}

static status open_as(struct aead *a, uint64_t number, bool last, slice sealed, uint8_t *out)
{
    uint8_t nonce[12];
    chunk_nonce(number, last, nonce);
    return aead_open(a, nonce, sealed, out);
}

status age_chunk_open(struct aead *a, uint64_t number, bool last, slice sealed, uint8_t *out,
                      size_t *ret_n, struct err *reterr)
{
    *ret_n = 0;
    if (sealed.n < AEAD_TAG)
        return ERR(reterr, E_TRUNCATED, "ends inside chunk %llu", (unsigned long long)number);
    size_t n = sealed.n - AEAD_TAG;
    status st = open_as(a, number, last, sealed, out);
    if (st == OK && n == 0 && number > 0)
        return ERR(reterr, E_NOT_CANONICAL, "the final chunk is empty");
    if (st == OK) {
        *ret_n = n;
        return OK;
    }
    if (st != E_DECRYPT)
        return ERR(reterr, st, "chunk %llu: %s", (unsigned long long)number, status_text(st));
    /* A whole chunk may be genuine but not where a chunk of its kind must be. */
    if (sealed.n == AGE_SEALED && open_as(a, number, !last, sealed, out) == OK) {
        *ret_n = n;
        return last ? ERR(reterr, E_TRUNCATED, "ends without a final chunk")
                    : ERR(reterr, E_TRAILING, "bytes follow the final chunk");
    }
    return ERR(reterr, E_DECRYPT, "chunk %llu was changed, cut, or belongs to another file",
               (unsigned long long)number);
}

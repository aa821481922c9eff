/* SPDX-License-Identifier: Apache-2.0 */
/* Master keys and private child keys (BIP-32, "Specification: Key derivation"). */
#include "keys/bip32.h"

#include "base/checked.h"
#include "base/wipe.h"
#include "crypto/sha2.h"

status bip32_master(slice seed, struct bip32_key *ret)
{
    uint8_t i[64];
    struct bip32_key k;
    if (seed.n < 16 || seed.n > 64)
        return E_RANGE;
    status st = hmac_sha512(SLICE_LIT("Bitcoin seed"), seed, i);
    if (st != OK)
        return st;
    memcpy(k.key.b, i, 32);
    memcpy(k.chain, i + 32, 32);
    if (secp_key_is_valid(&k.key))
        *ret = k;
    else
        st = E_RANGE;
    bip32_key_done(&k);
    wipe(i, sizeof i);
    return st;
}

/* What is hashed for a child: 00 || key when hardened, else the public key; then the index. */
static status child_data(const struct bip32_key *k, uint32_t index, uint8_t out[37])
{
    status st = OK;
    if (index >= BIP32_HARDENED) {
        out[0] = 0;
        memcpy(out + 1, k->key.b, 32);
    } else {
        st = secp_public33(&k->key, out);
    }
    be32_write(out + 33, index);
    return st;
}

/* CKDpriv: replaces *k by its child. */
static status child(struct bip32_key *k, uint32_t index)
{
    uint8_t data[37];
    uint8_t i[64];
    hash32 left;
    status st = child_data(k, index, data);
    if (st == OK)
        st = hmac_sha512(slice_of(k->chain, sizeof k->chain), slice_of(data, sizeof data), i);
    if (st == OK) {
        memcpy(left.b, i, sizeof left.b);
        st = secp_key_add(&k->key, &left);
        memcpy(k->chain, i + 32, sizeof k->chain);
    }
    wipe(data, sizeof data);
    wipe(i, sizeof i);
    wipe(&left, sizeof left);
    return st;
}

status bip32_derive(const struct bip32_key *parent, const uint32_t *path, size_t n,
                    struct bip32_key *ret)
{
    struct bip32_key k = *parent;
    status st = OK;
    for (size_t i = 0; st == OK && i < n; i++)
        st = child(&k, path[i]);
    if (st == OK)
        *ret = k;
    bip32_key_done(&k);
    return st;
}

void bip32_key_done(struct bip32_key *k)
{
    wipe(k, sizeof *k);
}

status bip32_ethereum(slice seed, uint32_t index, struct secp_key *ret)
{
    const uint32_t path[] = {BIP32_HARDENED | 44u, BIP32_HARDENED | 60u, BIP32_HARDENED, 0, index};
    struct bip32_key k;
    if (index >= BIP32_HARDENED)
        return E_RANGE;
    status st = bip32_master(seed, &k);
    if (st != OK)
        return st;
    st = bip32_derive(&k, path, sizeof path / sizeof path[0], &k);
    if (st == OK)
        *ret = k.key;
    bip32_key_done(&k);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The owner state as it is stored: a mac and an age file (docs/formats.md, section 8). Anybody can
 * seal to the recipient of a key card; the mac says that the identity wrote it, as this version. */
#include "base/wipe.h"
#include "crypto/sha2.h"
#include "ehr/state.h"

#define MAC_BYTES 32u
#define DOMAIN "ehrd/owner-state/v2"

static bool is_unproved(slice blob)
{
    return slice_has_prefix(blob, SLICE_LIT("age-encryption.org/"));
}

status state_mac(const struct state_place *at, slice file, hash32 *ret)
{
    struct buf text;
    uint8_t key[32];
    buf_init(&text, file.n + 64);
    status st = buf_put_str(&text, DOMAIN);
    if (st == OK)
        st = buf_put(&text, slice_of(at->account.b, sizeof at->account.b));
    if (st == OK)
        st = buf_put_be64(&text, at->version);
    if (st == OK)
        st = buf_put(&text, file);
    if (st == OK)
        st = identity_state_key(at->id, key);
    if (st == OK)
        st = hmac_sha256(slice_of(key, sizeof key), buf_slice(&text), ret);
    wipe(key, sizeof key);
    buf_done(&text);
    return st;
}

status state_seal(const struct owner_state *s, const struct age_identity *own,
                  const struct state_place *at, const struct random_src *rnd, struct buf *out,
                  struct err *reterr)
{
    struct buf plain;
    struct buf file;
    hash32 mac;
    struct age_to dest = {.r = &own->recipient, .n = 1};
    buf_init_secret(&plain, STATE_BYTES);
    buf_init(&file, STATE_BYTES);
    status st = state_put(s, &plain, reterr);
    if (st == OK)
        st = age_seal(&file, &dest, buf_slice(&plain), rnd, reterr);
    if (st == OK) {
        st = state_mac(at, buf_slice(&file), &mac);
        if (st == OK)
            st = buf_put(out, slice_of(mac.b, sizeof mac.b));
        if (st == OK)
            st = buf_put(out, buf_slice(&file));
        if (st != OK)
            st = ERR(reterr, st, "owner state: %s", status_text(st));
    }
    buf_done(&plain);
    buf_done(&file);
    return st;
}

hash32 state_blob_mac(slice blob)
{
    hash32 mac = {{0}};
    if (blob.n >= MAC_BYTES && !is_unproved(blob))
        memcpy(mac.b, blob.p, MAC_BYTES);
    return mac;
}

/* The age file in a blob. */
static status proved(slice blob, const struct state_place *at, slice *ret, struct err *reterr)
{
    hash32 mac;
    if (blob.n < MAC_BYTES)
        return ERR(reterr, E_MISMATCH, "owner state: %zu bytes are none", blob.n);
    *ret = slice_after(blob, MAC_BYTES);
    status st = state_mac(at, *ret, &mac);
    if (st != OK)
        return ERR(reterr, st, "owner state: %s", status_text(st));
    if (!ct_eq(mac.b, blob.p, MAC_BYTES))
        return ERR(reterr, E_MISMATCH,
                   "owner state: not written by this identity for this account as version %llu",
                   (unsigned long long)at->version);
    return OK;
}

status state_open(slice blob, const struct age_identity *own, const struct state_place *at,
                  bool unproved, struct owner_state *ret, struct err *reterr)
{
    struct buf plain;
    struct age_keys keys = {.ids = own, .n_ids = 1};
    slice file = blob;
    if (is_unproved(blob) && !unproved)
        return ERR(reterr, E_MISMATCH,
                   "owner state: nothing proves that this identity wrote it: a program of before "
                   "did, or the node; \"ehr recover NAME --accept-state\" takes it over");
    status st = is_unproved(blob) ? OK : proved(blob, at, &file, reterr);
    buf_init_secret(&plain, STATE_BYTES);
    if (st == OK)
        st = age_open(&plain, &keys, file, reterr);
    if (st == OK)
        st = state_read(buf_slice(&plain), ret, reterr);
    if (st == OK)
        ret->unproved = is_unproved(blob);
    buf_done(&plain);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Signing, reading and checking of folder keys and their chain. */
#include "ehr/folder_key.h"

#include "codec/domain_hash.h"
#include "codec/eip712.h"
#include "ehr/members.h"

static const char *const members[] = {"folderId", "epoch", "recipient", "prevKeyHash", "signature"};

static void digest_of(const struct netid *net, const struct folder_key *k, hash32 *ret)
{
    struct eip712_folder_key t = {
        .folder_id = k->folder,
        .epoch = k->epoch,
        .recipient = slice_str(k->recipient_text),
        .prev_key_hash = k->prev,
    };
    eip712_folder_key_digest(net, &t, ret);
}

status folder_key_sign(const struct netid *net, const struct secp_key *owner, const hash32 *folder,
                       uint32_t epoch, const struct age_recipient *recipient, const hash32 *prev,
                       struct folder_key *ret, struct err *reterr)
{
    struct folder_key k = {
        .folder = *folder, .epoch = epoch, .recipient = *recipient, .prev = *prev};
    hash32 digest;
    if (epoch == 0)
        return ERR(reterr, E_RANGE, "folder key: epochs count from 1");
    status st = age_recipient_write(recipient, k.recipient_text);
    if (st == OK) {
        digest_of(net, &k, &digest);
        st = secp_sign(owner, &digest, k.sig65);
    }
    if (st != OK)
        return ERR(reterr, st, "folder key: cannot be signed");
    *ret = k;
    return OK;
}

void folder_key_hash_of(const struct netid *net, const struct folder_key *k, hash32 *ret)
{
    folder_key_hash(net, &k->folder, k->epoch, slice_str(k->recipient_text), &k->prev, ret);
}

status folder_key_put(const struct folder_key *k, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "folderId"), jw_hex(&w, slice_of(k->folder.b, sizeof k->folder.b));
    jw_key(&w, "epoch"), jw_u64(&w, k->epoch);
    jw_key(&w, "recipient"), jw_cstr(&w, k->recipient_text);
    jw_key(&w, "prevKeyHash"), jw_hex(&w, slice_of(k->prev.b, sizeof k->prev.b));
    jw_key(&w, "signature"), jw_hex(&w, slice_of(k->sig65, sizeof k->sig65));
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status read_recipient(struct json v, struct folder_key *k, struct err *reterr)
{
    slice text;
    status st = json_str(v, &text, reterr);
    if (st == OK)
        st = age_recipient_read(text, &k->recipient, reterr);
    if (st == OK && age_recipient_write(&k->recipient, k->recipient_text) != OK)
        st = ERR(reterr, E_INTERNAL, "recipient");
    if (st == OK && !slice_eq_str(text, k->recipient_text))
        st = ERR(reterr, E_NOT_CANONICAL, "recipient");
    return st;
}

status folder_key_read_value(struct json v, struct folder_key *ret, struct err *reterr)
{
    struct folder_key k = {0};
    uint64_t epoch = 0;
    status st = members_check(v, members, sizeof members / sizeof members[0], reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "folderId"), &k.folder, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "epoch"), &epoch, reterr);
    if (st == OK && (epoch == 0 || epoch > UINT32_MAX))
        st = ERR(reterr, E_RANGE, "epoch: out of range");
    if (st == OK)
        st = read_recipient(json_get(v, "recipient"), &k, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "prevKeyHash"), &k.prev, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "signature"), k.sig65, sizeof k.sig65, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "folder key");
    k.epoch = (uint32_t)epoch;
    *ret = k;
    return OK;
}

status folder_key_read(slice json, struct folder_key *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    if (json.n > FOLDER_KEY_BYTES)
        return ERR(reterr, E_TOO_LONG, "folder key: more than %zu bytes", FOLDER_KEY_BYTES);
    arena_init(&a, (size_t)64 << 10, false);
    status st = json_read(json, &a, &doc, reterr);
    if (st == OK)
        st = folder_key_read_value(json_root(&doc), ret, reterr);
    arena_done(&a);
    return st;
}

status folder_key_verify(const struct netid *net, const struct folder_key *k, addr20 owner,
                         struct err *reterr)
{
    hash32 digest;
    digest_of(net, k, &digest);
    if (secp_verify_addr(&digest, slice_of(k->sig65, sizeof k->sig65), owner) != OK)
        return ERR(reterr, E_SIGNATURE, "folder key of epoch %u: not signed by the folder's owner",
                   k->epoch);
    return OK;
}

status folder_keys_verify(const struct netid *net, const struct folder_key *keys, size_t n,
                          const struct folder_facts *facts, struct err *reterr)
{
    hash32 prev = {{0}};
    if (n == 0)
        return ERR(reterr, E_MISSING, "folder keys: there is none");
    for (size_t i = 0; i < n; i++) {
        if (!hash32_eq(keys[i].folder, facts->folder) || keys[i].epoch != i + 1)
            return ERR(reterr, E_MISMATCH, "folder key %zu: of another folder or epoch", i + 1);
        if (!hash32_eq(keys[i].prev, prev))
            return ERR(reterr, E_MISMATCH, "folder key of epoch %u: breaks the chain of key hashes",
                       keys[i].epoch);
        status st = folder_key_verify(net, &keys[i], facts->owner, reterr);
        if (st != OK)
            return st;
        folder_key_hash_of(net, &keys[i], &prev);
    }
    if (n != facts->epoch || !hash32_eq(prev, facts->key_hash))
        return ERR(reterr, E_MISMATCH,
                   "folder key of epoch %zu: its hash is not the one on the chain (epoch %u)", n,
                   facts->epoch);
    return OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Grant notes: what a grantee is told of a grant, sealed for the grantee. */
#include "codec/eip712.h"
#include "codec/json.h"
#include "ehr/members.h"
#include "ehr/wrap.h"

#define NOTE_TAG "grant-note/v1"

static void digest_of(const struct netid *net, const struct grant_note *n, hash32 *ret)
{
    struct eip712_grant_note t = {.folder_id = n->folder,
                                  .owner = n->owner,
                                  .holder = n->holder,
                                  .account = n->account,
                                  .owner_account = n->owner_account,
                                  .owner_card_hash = n->owner_card_hash,
                                  .folder_name = slice_str(n->folder_name),
                                  .permissions = n->permissions,
                                  .not_before = n->not_before,
                                  .not_after = n->not_after,
                                  .issued = n->issued};
    eip712_grant_note_digest(net, &t, ret);
}

status grant_note_sign(const struct netid *net, const struct secp_key *owner,
                       const struct secp_key *cert, struct grant_note *n, struct err *reterr)
{
    hash32 digest;
    digest_of(net, n, &digest);
    status st = secp_sign(owner, &digest, n->owner_sig65);
    if (st == OK)
        st = secp_sign(cert, &digest, n->cert_sig65);
    return st == OK ? OK : ERR(reterr, st, "grant note: cannot be signed");
}

status grant_note_verify(const struct netid *net, const struct grant_note *n, addr20 cert_key,
                         struct err *reterr)
{
    hash32 digest;
    digest_of(net, n, &digest);
    if (secp_verify_addr(&digest, slice_of(n->owner_sig65, SECP_SIG), n->owner) != OK)
        return ERR(reterr, E_SIGNATURE, "grant note: not signed by the folder's owner");
    if (secp_verify_addr(&digest, slice_of(n->cert_sig65, SECP_SIG), cert_key) != OK)
        return ERR(reterr, E_SIGNATURE, "grant note: not signed by the account it is of");
    return OK;
}

void grant_note_write(const struct grant_note *n, struct jw *w)
{
    jw_object(w);
    jw_key(w, "ehrd"), jw_cstr(w, NOTE_TAG);
    jw_key(w, "folderId"), jw_hex(w, slice_of(n->folder.b, sizeof n->folder.b));
    jw_key(w, "holder"), jw_hex(w, slice_of(n->holder.b, sizeof n->holder.b));
    jw_key(w, "owner"), jw_hex(w, slice_of(n->owner.b, sizeof n->owner.b));
    jw_key(w, "account"), jw_hex(w, slice_of(n->account.b, sizeof n->account.b));
    jw_key(w, "ownerAccount"), jw_hex(w, slice_of(n->owner_account.b, sizeof n->owner_account.b));
    jw_key(w, "ownerCardHash"),
        jw_hex(w, slice_of(n->owner_card_hash.b, sizeof n->owner_card_hash.b));
    jw_key(w, "ownerName"), jw_cstr(w, n->owner_name);
    jw_key(w, "folderName"), jw_cstr(w, n->folder_name);
    jw_key(w, "permissions"), jw_u64(w, n->permissions);
    jw_key(w, "notBefore"), jw_u64(w, n->not_before);
    jw_key(w, "notAfter"), jw_u64(w, n->not_after);
    jw_key(w, "issued"), jw_u64(w, n->issued);
    if (n->is_stealth) {
        jw_key(w, "ephemeral"), jw_hex(w, slice_of(n->ephemeral, sizeof n->ephemeral));
        jw_key(w, "viewTag"), jw_u64(w, n->view_tag);
    }
    jw_key(w, "ownerSignature"), jw_hex(w, slice_of(n->owner_sig65, SECP_SIG));
    jw_key(w, "certSignature"), jw_hex(w, slice_of(n->cert_sig65, SECP_SIG));
    jw_end(w);
}

static status read_ids(struct json v, struct grant_note *n, struct err *reterr)
{
    status st = json_hex_hash(json_get(v, "folderId"), &n->folder, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "holder"), &n->holder, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "owner"), &n->owner, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "ownerAccount"), &n->owner_account, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "ownerCardHash"), &n->owner_card_hash, reterr);
    return st;
}

static status read_u8(struct json v, uint8_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    status st = members_number(v, UINT8_MAX, &n, reterr);
    *ret = (uint8_t)n;
    return st;
}

static status read_number(struct json v, uint64_t *ret, struct err *reterr)
{
    return members_number(v, MEMBERS_NUMBER_MAX, ret, reterr);
}

static status read_announcement(struct json v, struct grant_note *n, struct err *reterr)
{
    n->is_stealth = !json_is_absent(json_get(v, "ephemeral"));
    if (!n->is_stealth)
        return json_is_absent(json_get(v, "viewTag"))
                   ? OK
                   : ERR(reterr, E_MISSING, "a view tag without its ephemeral key");
    status st = json_hex_fixed(json_get(v, "ephemeral"), n->ephemeral, SECP_PUB33, reterr);
    return st == OK ? read_u8(json_get(v, "viewTag"), &n->view_tag, reterr) : st;
}

/* What notes of an owner state from before notes were signed do not have. Of an unsigned note the
 * signatures stay zero, and do not verify. */
static status read_signed(struct json v, struct grant_note *n, struct err *reterr)
{
    if (json_is_absent(json_get(v, "ownerSignature"))) {
        n->account = n->holder;
        return OK;
    }
    status st = json_hex_addr(json_get(v, "account"), &n->account, reterr);
    if (st == OK)
        st = read_number(json_get(v, "issued"), &n->issued, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "ownerSignature"), n->owner_sig65, SECP_SIG, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "certSignature"), n->cert_sig65, SECP_SIG, reterr);
    return st;
}

static status read_names(struct json v, struct grant_note *n, struct err *reterr)
{
    struct json folder = json_get(v, "folderName");
    status st =
        members_text_read(json_get(v, "ownerName"), n->owner_name, sizeof n->owner_name, reterr);
    if (st == OK)
        st = members_text_read(folder, n->folder_name, sizeof n->folder_name, reterr);
    if (st == OK &&
        (n->owner_name[0] == 0 || n->folder_name[0] == 0 || strchr(n->folder_name, '/') != NULL))
        st = json_err(reterr, E_RANGE, folder, "\"/\" in it, or a name is empty");
    return st;
}

status grant_note_read_value(struct json v, struct grant_note *ret, struct err *reterr)
{
    struct grant_note n = {0};
    if (!json_eq(json_get(v, "ehrd"), NOTE_TAG))
        return ERR(reterr, E_TYPE, "not a grant note of version 1");
    status st = read_ids(v, &n, reterr);
    if (st == OK)
        st = read_names(v, &n, reterr);
    if (st == OK)
        st = read_u8(json_get(v, "permissions"), &n.permissions, reterr);
    if (st == OK)
        st = read_number(json_get(v, "notBefore"), &n.not_before, reterr);
    if (st == OK)
        st = read_number(json_get(v, "notAfter"), &n.not_after, reterr);
    if (st == OK)
        st = read_announcement(v, &n, reterr);
    if (st == OK)
        st = read_signed(v, &n, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "grant note");
    *ret = n;
    return OK;
}

status grant_note_seal(const struct grant_note *n, const struct age_recipient *to,
                       const struct random_src *rnd, struct buf *out, struct err *reterr)
{
    struct buf plain;
    struct jw w;
    struct age_to dest = {.r = to, .n = 1};
    buf_init_secret(&plain, GRANT_NOTE_BYTES);
    jw_init(&w, &plain);
    grant_note_write(n, &w);
    status st = jw_done(&w, reterr);
    if (st == OK)
        st = age_seal(out, &dest, buf_slice(&plain), rnd, reterr);
    buf_done(&plain);
    return st == OK ? OK : err_prefix(reterr, st, "grant note");
}

status grant_note_open(slice file, const struct age_identity *id, struct grant_note *ret,
                       struct err *reterr)
{
    struct buf plain;
    struct arena a;
    struct json_doc doc;
    struct age_keys keys = {.ids = id, .n_ids = 1};
    if (file.n > GRANT_NOTE_BYTES)
        return ERR(reterr, E_TOO_LONG, "grant note: more than %zu bytes", GRANT_NOTE_BYTES);
    buf_init_secret(&plain, GRANT_NOTE_BYTES);
    arena_init(&a, (size_t)256 << 10, true);
    status st = age_open(&plain, &keys, file, reterr);
    if (st == OK)
        st = json_read(buf_slice(&plain), &a, &doc, reterr);
    if (st == OK)
        st = grant_note_read_value(json_root(&doc), ret, reterr);
    arena_done(&a);
    buf_done(&plain);
    return st;
}

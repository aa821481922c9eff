/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a folder as a whole: keys, wraps, grants, access log. */
#include "api/routes.h"
#include "codec/eip712.h"
#include "ehr/folder_key.h"
#include "ehr/wrap.h"
#include "vault/lmdb.h"

#define OCTETS "application/octet-stream"

/* --- folder keys ----------------------------------------------------------------------------- */

/* A new owner signs the keys of earlier epochs anew: what is stored stays the same but for that. */
static status key_fits_old(const struct api_call *c, const struct folder_key *k, struct err *reterr)
{
    struct arena a;
    struct vault_fkey *list;
    size_t n = 0;
    bool same = false;
    arena_init(&a, (size_t)64 << 20, false);
    status st = vault_fkeys(c->api->cfg.vault, &c->folder, &a, &list, &n, reterr);
    for (size_t i = 0; st == OK && i < n && !same; i++) {
        struct folder_key old;
        same = list[i].epoch == k->epoch && folder_key_read(list[i].json, &old, NULL) == OK &&
               age_recipient_eq(&old.recipient, &k->recipient) && hash32_eq(old.prev, k->prev);
    }
    arena_done(&a);
    if (st == OK && !same)
        st = ERR(reterr, E_MISMATCH, "the key is not the one that this epoch had");
    return st;
}

/* A key is of the present epoch, then its hash is on the chain, or of the next one, then it follows
 * from what is on the chain. */
static status key_fits(const struct api_call *c, const struct folder_key *k, struct err *reterr)
{
    const struct registry_folder *f = &c->facts.folder;
    hash32 hash;
    folder_key_hash_of(&c->api->cfg.net, k, &hash);
    if (k->epoch == f->epoch)
        return hash32_eq(hash, f->key_hash)
                   ? OK
                   : ERR(reterr, E_MISMATCH, "the key is not the one whose hash is on the chain");
    if (k->epoch < f->epoch)
        return key_fits_old(c, k, reterr);
    if (k->epoch != f->epoch + 1)
        return ERR(reterr, E_CONFLICT, "the folder's epoch is %u", f->epoch);
    return hash32_eq(k->prev, f->key_hash)
               ? OK
               : ERR(reterr, E_MISMATCH, "prevKeyHash is not the hash on the chain");
}

status put_folder_key(struct api_call *c, struct err *reterr)
{
    struct folder_key k;
    status st = folder_key_read(c->req->body, &k, reterr);
    if (st != OK)
        return st;
    if (!hash32_eq(k.folder, c->folder) || k.epoch != c->number)
        return ERR(reterr, E_MISMATCH, "the key is of another folder or epoch");
    st = folder_key_verify(&c->api->cfg.net, &k, c->facts.folder.owner, reterr);
    if (st == OK)
        st = key_fits(c, &k, reterr);
    if (st == OK)
        st = vault_fkey_put(c->api->cfg.vault, &c->folder, k.epoch, c->req->body, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

static status write_keys(struct api_call *c, const struct vault_fkey *list, size_t n, struct jw *w,
                         struct err *reterr)
{
    status st = OK;
    jw_key(w, "keys");
    jw_array(w);
    for (size_t i = 0; i < n && st == OK && list[i].epoch <= c->facts.folder.epoch; i++) {
        struct json_doc doc;
        st = json_read(list[i].json, &c->arena, &doc, reterr);
        if (st == OK)
            jw_json(w, json_root(&doc));
    }
    jw_end(w);
    return st;
}

status get_folder_keys(struct api_call *c, struct err *reterr)
{
    struct vault_fkey *list;
    size_t n;
    struct jw w;
    status st = vault_fkeys(c->api->cfg.vault, &c->folder, &c->arena, &list, &n, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_member_hash(&w, "folderId", &c->folder);
    jw_member_addr(&w, "owner", &c->facts.folder.owner);
    jw_member_u64(&w, "epoch", c->facts.folder.epoch);
    jw_member_hash(&w, "keyHash", &c->facts.folder.key_hash);
    st = write_keys(c, list, n, &w, reterr);
    return st == OK ? answer_end(&w, reterr) : st;
}

/* --- wraps ----------------------------------------------------------------------------------- */

status put_wrap(struct api_call *c, struct err *reterr)
{
    struct wrap_note note;
    status st = wrap_note_read(c->req->body, &note, reterr);
    if (st != OK)
        return st;
    if (!hash32_eq(note.folder, c->folder) || !addr20_eq(note.holder, c->address))
        return ERR(reterr, E_MISMATCH, "the wrap is of another folder or holder");
    st = wrap_note_verify(&c->api->cfg.net, &note, c->facts.folder.owner, reterr);
    if (st == OK)
        st = upload_count(c, c->req->body.n, reterr);
    if (st == OK)
        st = vault_wrap_put(c->api->cfg.vault, &c->folder, &c->address, c->req->body, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

status get_wrap(struct api_call *c, struct err *reterr)
{
    struct buf note;
    buf_init(&note, VAULT_WRAP_MAX);
    status st = vault_wrap_get(c->api->cfg.vault, &c->folder, &c->address, &note, reterr);
    if (st == OK)
        st = answer_bytes(c, OCTETS, buf_slice(&note), reterr);
    buf_done(&note);
    return st;
}

status delete_wrap(struct api_call *c, struct err *reterr)
{
    status st = vault_wrap_delete(c->api->cfg.vault, &c->folder, &c->address, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

/* --- grants ---------------------------------------------------------------------------------- */

static void write_grant(struct jw *w, const struct index_grant *g)
{
    jw_object(w);
    jw_member_hash(w, "scope", &g->scope);
    jw_member_addr(w, "holder", &g->holder);
    jw_member_u64(w, "permissions", g->permissions);
    jw_member_u64(w, "notBefore", g->not_before);
    jw_member_u64(w, "notAfter", g->not_after);
    jw_member_str(w, "status", g->revoked ? "revoked" : "active");
    jw_member_u64(w, "generation", g->generation);
    jw_member_u64(w, "block", g->when.block);
    jw_member_u64(w, "time", g->when.time);
    jw_end(w);
}

status get_grants(struct api_call *c, struct err *reterr)
{
    struct index_grant *list;
    size_t n;
    struct jw w;
    status st = index_at_head(c, reterr);
    if (st == OK)
        st = index_grants(c->api->cfg.index, &c->folder, &c->arena, &list, &n, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_key(&w, "grants");
    jw_array(&w);
    for (size_t i = 0; i < n; i++)
        write_grant(&w, &list[i]);
    jw_end(&w);
    return answer_end(&w, reterr);
}

/* --- access log ------------------------------------------------------------------------------ */

static status write_log_head(struct api_call *c, const struct vault_log_head *head, struct jw *w,
                             struct err *reterr)
{
    struct eip712_log_head h = {
        .folder_id = c->folder,
        .seq = head->seq,
        .leaf = head->leaf,
        .time = clock_unix_s(c->api->cfg.clock),
    };
    hash32 digest;
    uint8_t sig65[SECP_SIG];
    eip712_log_head_digest(&c->api->cfg.net, &h, &digest);
    status st = secp_sign(c->api->node_key, &digest, sig65);
    if (st != OK)
        return ERR(reterr, st, "signature of the log's head");
    jw_key(w, "head");
    jw_object(w);
    jw_member_u64(w, "seq", h.seq);
    jw_member_hash(w, "leaf", &h.leaf);
    jw_member_u64(w, "time", h.time);
    jw_key(w, "signature");
    jw_hex(w, slice_of(sig65, sizeof sig65));
    jw_end(w);
    return OK;
}

status get_log(struct api_call *c, struct err *reterr)
{
    uint64_t after = 0;
    struct vault_log_entry *list;
    size_t n;
    struct vault_log_head head;
    struct jw w;
    status st = query_u64(c, "after", UINT64_MAX / 2, &after, reterr);
    if (st == OK)
        st = vault_log(c->api->cfg.vault, &c->folder, after, VAULT_LOG_PAGE, &c->arena, &list, &n,
                       &head, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_key(&w, "entries");
    jw_array(&w);
    for (size_t i = 0; i < n; i++) {
        jw_object(&w);
        jw_member_u64(&w, "seq", list[i].seq);
        jw_member_hash(&w, "salt", &list[i].salt);
        jw_key(&w, "entry");
        jw_str(&w, list[i].json);
        jw_member_hash(&w, "leaf", &list[i].leaf);
        jw_end(&w);
    }
    jw_end(&w);
    st = write_log_head(c, &head, &w, reterr);
    return st == OK ? answer_end(&w, reterr) : st;
}

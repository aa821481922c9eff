/* SPDX-License-Identifier: Apache-2.0 */
/* The inbox: grant notes that wait for an account. */
#include "api/routes.h"
#include "crypto/sha2.h"

#define AGE_MAGIC SLICE_LIT("age-encryption.org/v1\n")

static status receiver_check(struct api_call *c, struct err *reterr)
{
    struct chain_ask ask = {.kind = CHAIN_ACCOUNT, .address = c->address};
    status st = chain_ask(c->api->chain, &c->facts.head, &ask, 1, reterr);
    if (st == OK && !chain_account_is_active(&ask.out.account, c->facts.head.now))
        st = ERR(reterr, E_NOT_FOUND, "the receiver is not an active account");
    return st;
}

/* So that nobody can fill another's inbox alone and shut out the notes of others. */
static status sender_check(struct api_call *c, struct err *reterr)
{
    uint8_t in[32 + 20 + 20];
    hash32 bucket;
    uint64_t missed;
    memcpy(in, c->api->throttle_salt.b, 32);
    memcpy(in + 32, c->account.b, 20);
    memcpy(in + 52, c->address.b, 20);
    status st = sha256(slice_of(in, sizeof in), &bucket);
    if (st != OK)
        return ERR(reterr, st, "inbox");
    if (!throttle_take(&c->api->notes, &bucket, clock_unix_s(c->api->cfg.clock), &missed))
        return ERR(reterr, E_RATE, "too many notes of yours to this account; one each %u s",
                   THROTTLE_NOTE_EACH_S);
    return OK;
}

status post_note(struct api_call *c, struct err *reterr)
{
    hash32 id;
    struct jw w;
    if (!slice_has_prefix(c->req->body, AGE_MAGIC))
        return ERR(reterr, E_TYPE, "a note is an age file");
    status st = receiver_check(c, reterr);
    if (st == OK)
        st = sender_check(c, reterr);
    if (st == OK)
        st = upload_count(c, c->req->body.n, reterr);
    if (st == OK)
        st = vault_note_put(c->api->cfg.vault, &c->address, c->req->body, &id, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    c->resp->code = 201;
    jw_member_hash(&w, "id", &id);
    return answer_end(&w, reterr);
}

status get_notes(struct api_call *c, struct err *reterr)
{
    struct vault_note *list;
    size_t n;
    struct jw w;
    status st = vault_notes(c->api->cfg.vault, &c->account, &c->arena, &list, &n, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_key(&w, "notes");
    jw_array(&w);
    for (size_t i = 0; i < n; i++) {
        jw_object(&w);
        jw_member_hash(&w, "id", &list[i].id);
        jw_member_u64(&w, "received", list[i].received);
        jw_member_u64(&w, "size", list[i].size);
        jw_end(&w);
    }
    jw_end(&w);
    return answer_end(&w, reterr);
}

status get_note(struct api_call *c, struct err *reterr)
{
    struct buf note;
    buf_init(&note, VAULT_NOTE_MAX);
    status st = vault_note_get(c->api->cfg.vault, &c->account, &c->id, &note, reterr);
    if (st == OK)
        st = answer_bytes(c, "application/octet-stream", buf_slice(&note), reterr);
    buf_done(&note);
    return st;
}

status delete_note(struct api_call *c, struct err *reterr)
{
    status st = vault_note_delete(c->api->cfg.vault, &c->account, &c->id, reterr);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a folder as the index and the vault know them together, and single envelopes. */
#include "api/routes.h"
#include "base/limits.h"
#include "ehr/envelope.h"
#include "vault/lmdb.h"

#define INDEX_WAIT_MS 3000u
#define RECORDS_DEFAULT 100u

status index_follow(struct api *a, const struct chain_head *head, uint32_t timeout_ms,
                    struct err *reterr)
{
    uint64_t behind = a->cfg.confirmations;
    uint64_t number = head->block.number;
    if (number < behind || index_wait(a->cfg.index, number - behind, timeout_ms) == OK)
        return OK;
    return ERR(reterr, E_STALE, "the index is behind the head");
}

status index_at_head(struct api_call *c, struct err *reterr)
{
    return index_follow(c->api, &c->facts.head, INDEX_WAIT_MS, reterr);
}

static const char *status_text_of(enum index_record_status s)
{
    switch (s) {
    case INDEX_REC_ACTIVE:
        return "active";
    case INDEX_REC_ERROR:
        return "entered-in-error";
    default:
        return "removed";
    }
}

static void write_version(struct jw *w, const struct index_version *v, const hash32 *inner)
{
    jw_member_u64(w, "version", v->version);
    jw_member_u64(w, "epoch", v->epoch);
    jw_member_addr(w, "author", &v->author);
    jw_key(w, "commitment");
    jw_hex(w, slice_of(v->commitment, sizeof v->commitment));
    jw_member_hash(w, "inner", inner);
    jw_member_u64(w, "block", v->when.block);
    jw_member_hash(w, "tx", &v->when.tx);
    jw_member_u64(w, "time", v->when.time);
}

static status inner_of(struct api_call *c, const struct index_version *v, hash32 *ret,
                       struct err *reterr)
{
    return vault_lmdb_inner(c->api->cfg.vault, &c->folder, v->commitment, ret, reterr);
}

/* Versions whose envelope is not here are left out of the history, too. */
static status write_history(struct api_call *c, const struct index_record *r, struct jw *w,
                            struct err *reterr)
{
    jw_key(w, "history");
    jw_array(w);
    for (size_t i = 0; i < r->n; i++) {
        hash32 inner;
        status st = inner_of(c, &r->versions[i], &inner, reterr);
        if (st == E_NOT_FOUND)
            continue;
        if (st != OK)
            return st;
        jw_object(w);
        write_version(w, &r->versions[i], &inner);
        jw_end(w);
    }
    jw_end(w);
    return OK;
}

/* Nothing is written when the node does not hold the present version's envelope. */
static status write_record(struct api_call *c, const struct index_record *r, struct jw *w,
                           struct err *reterr)
{
    hash32 inner;
    const struct index_version *last = &r->versions[r->n - 1];
    status st = inner_of(c, last, &inner, reterr);
    if (st != OK)
        return st == E_NOT_FOUND ? OK : st;
    jw_object(w);
    jw_member_hash(w, "recordId", &r->record_id);
    jw_member_str(w, "status", status_text_of(r->status));
    write_version(w, last, &inner);
    st = write_history(c, r, w, reterr);
    jw_end(w);
    return st;
}

status get_records(struct api_call *c, struct err *reterr)
{
    hash32 after;
    bool given = false;
    uint64_t limit = RECORDS_DEFAULT;
    struct index_record *list;
    size_t n;
    bool more;
    struct jw w;
    status st = query_hash(c, "after", &given, &after, reterr);
    if (st == OK)
        st = query_u64(c, "limit", INDEX_PAGE_MAX, &limit, reterr);
    if (st == OK)
        st = index_at_head(c, reterr);
    if (st == OK)
        st = index_records(c->api->cfg.index, &c->folder, given ? &after : NULL,
                           limit > 0 ? (size_t)limit : 1, &c->arena, &list, &n, &more, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_key(&w, "records");
    jw_array(&w);
    for (size_t i = 0; i < n && st == OK; i++)
        st = write_record(c, &list[i], &w, reterr);
    jw_end(&w);
    jw_key(&w, "next");
    if (more && n > 0)
        jw_hex(&w, slice_of(list[n - 1].record_id.b, sizeof list[n - 1].record_id.b));
    else
        jw_null(&w);
    return st == OK ? answer_end(&w, reterr) : st;
}

/* The last event of the version, or of all for 0: a reseal takes the place of what it resealed. */
static const struct index_version *version_find(const struct index_record *r, uint64_t version)
{
    for (size_t i = r->n; i > 0; i--) {
        if (version == 0 || r->versions[i - 1].version == version)
            return &r->versions[i - 1];
    }
    return NULL;
}

status get_record(struct api_call *c, struct err *reterr)
{
    uint64_t version = 0;
    struct index_record r;
    struct buf bytes;
    struct vault_ref ref = {.record = c->record};
    status st = query_u64(c, "version", UINT32_MAX, &version, reterr);
    if (st == OK)
        st = index_at_head(c, reterr);
    if (st == OK)
        st = index_record(c->api->cfg.index, &c->folder, &c->record, &c->arena, &r, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_NOT_FOUND, "no such record");
    if (st != OK)
        return st;
    const struct index_version *v = version_find(&r, version);
    if (v == NULL)
        return ERR(reterr, E_NOT_FOUND, "no such version");
    if (r.status == INDEX_REC_REMOVED && !c->facts.is_owner)
        return ERR(reterr, E_REMOVED, "the record was removed");
    st = inner_of(c, v, &ref.inner, reterr);
    buf_init(&bytes, VAULT_ENVELOPE_MAX);
    if (st == OK)
        st = vault_envelope_get(c->api->cfg.vault, &c->folder, &ref, &bytes, reterr);
    if (st == OK)
        st = answer_bytes(c, ENVELOPE_MEDIA, buf_slice(&bytes), reterr);
    else if (st == E_NOT_FOUND)
        st = ERR(reterr, E_NOT_FOUND, "the node does not hold this envelope");
    buf_done(&bytes);
    return st;
}

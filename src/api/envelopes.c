/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes by the batch: storing and asking for. */
#include "api/routes.h"
#include "api/sweep.h"
#include "base/limits.h"
#include "codec/rlp.h"
#include "ehr/envelope.h"
#include "vault/lmdb.h"

#include <stdio.h>

#define ENVELOPES_ANSWER ((size_t)32 << 20) /* what is left out behind it is asked for again */

/* Whoever reads a folder gets all its envelopes: none is longer than it has to be. */
static status size_check(const struct envelope *e, struct err *reterr)
{
    if (e->header.n > LIMIT_BODY_HEADER)
        return ERR(reterr, E_TOO_LONG, "the envelope's header is longer than %zu bytes",
                   LIMIT_BODY_HEADER);
    if (e->meta.n > LIMIT_META_AGE)
        return ERR(reterr, E_TOO_LONG, "the envelope's meta is longer than %zu bytes",
                   LIMIT_META_AGE);
    return OK;
}

/* Read one [inner, envelope] and check what the node can check: the folder, the author who must be
 * the signer, the commitment it will be known by. The reader checks the rest. */
static status pair_read(struct api_call *c, struct rlp_list *list, struct vault_envelope *ret,
                        hash32 *ret_record, struct err *reterr)
{
    struct rlp_list pair;
    struct envelope e;
    status st = rlp_next_list(list, &pair, reterr);
    if (st == OK)
        st = rlp_next_fixed(&pair, ret->inner.b, sizeof ret->inner.b, reterr);
    if (st == OK)
        st = rlp_next_bytes(&pair, &ret->bytes, reterr);
    if (st == OK)
        st = rlp_list_end(&pair, reterr);
    if (st == OK)
        st = envelope_read(ret->bytes, &e, reterr);
    if (st != OK)
        return st;
    if (!hash32_eq(e.folder, c->folder))
        return ERR(reterr, E_MISMATCH, "the envelope is of another folder");
    if (!addr20_eq(e.author, c->actor))
        return ERR(reterr, E_MISMATCH, "the envelope's author is not the signer");
    st = size_check(&e, reterr);
    if (st != OK)
        return st;
    ret->cid = e.cid_bin;
    ret->record = e.record;
    envelope_commitment(&c->api->cfg.net, &e, &ret->inner, ret->commitment);
    *ret_record = e.record;
    return OK;
}

static status touched_init(struct api_call *c, struct err *reterr)
{
    c->touched.records = arena_array(&c->arena, VAULT_ENVELOPES_MAX, sizeof(hash32));
    return c->touched.records != NULL ? OK : ERR(reterr, E_NOMEM, "envelopes");
}

/* Under body_lock: while a record is erased nothing begins to refer to its body. */
static status envelopes_keep(struct api_call *c, const struct vault_envelope *all, size_t n,
                             struct err *reterr)
{
    pthread_rwlock_rdlock(&c->api->body_lock);
    status st = vault_envelopes_put(c->api->cfg.vault, &c->folder, all, n, reterr);
    pthread_rwlock_unlock(&c->api->body_lock);
    return st;
}

status post_envelopes(struct api_call *c, struct err *reterr)
{
    struct rlp_list list;
    struct jw w;
    size_t n = 0;
    struct vault_envelope *all = arena_array(&c->arena, VAULT_ENVELOPES_MAX, sizeof *all);
    status st = all == NULL ? ERR(reterr, E_NOMEM, "envelopes") : touched_init(c, reterr);
    if (st == OK)
        st = rlp_read_list(c->req->body, &list, reterr);
    while (st == OK && !rlp_list_is_empty(&list)) {
        if (n == VAULT_ENVELOPES_MAX)
            return ERR(reterr, E_RANGE, "more than %u envelopes", VAULT_ENVELOPES_MAX);
        st = pair_read(c, &list, &all[n], &c->touched.records[n], reterr);
        n++;
    }
    if (st == OK)
        st = upload_count(c, c->req->body.n, reterr);
    if (st == OK && n > 1)
        st = log_count(c, n - 1, reterr);
    if (st == OK)
        st = envelopes_keep(c, all, n, reterr);
    if (st == E_NOT_FOUND)
        st = ERR(reterr, E_CONFLICT, "the body of an envelope was not uploaded to this folder");
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    c->touched.n = n;
    c->resp->code = 201;
    jw_member_u64(&w, "stored", n);
    return answer_end(&w, reterr);
}

/* A reseal took the envelope's place: the chain has a later commitment of the same version. Or the
 * record is removed. */
static status erasable(struct api_call *c, const struct envelope *e, const uint8_t *commitment,
                       bool *ret_removed, struct err *reterr)
{
    struct index_record r;
    bool found = false;
    status st = index_record(c->api->cfg.index, &c->folder, &e->record, &c->arena, &r, reterr);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    *ret_removed = st == OK && r.status == INDEX_REC_REMOVED;
    if (*ret_removed)
        return OK;
    for (size_t i = 0; st == OK && i < r.n; i++) {
        const struct index_version *v = &r.versions[i];
        if (found && v->version == e->version)
            return OK;
        found = found || memcmp(v->commitment, commitment, sizeof v->commitment) == 0;
    }
    return ERR(reterr, E_CONFLICT, "only what a reseal replaced or what is removed can be erased");
}

/* Erase an envelope that never reached the chain; any other is left alone. */
static status unknown_erase(struct api_call *c, const struct vault_ref *ref, size_t *ret_erased,
                            struct err *reterr)
{
    struct buf bytes;
    struct envelope e;
    uint8_t commitment[RECORD_COMMITMENT];
    buf_init(&bytes, VAULT_ENVELOPE_MAX);
    status st = vault_envelope_get(c->api->cfg.vault, &c->folder, ref, &bytes, reterr);
    if (st == OK)
        st = envelope_read(buf_slice(&bytes), &e, reterr);
    if (st == OK) {
        envelope_commitment(&c->api->cfg.net, &e, &ref->inner, commitment);
        if (index_has_commitment(c->api->cfg.index, &c->folder, commitment) == E_NOT_FOUND) {
            st = vault_lmdb_envelope_erase(c->api->cfg.vault, &c->folder, &ref->inner, commitment,
                                           reterr);
            *ret_erased += st == OK;
        }
    }
    buf_done(&bytes);
    return st == E_NOT_FOUND ? OK : st; /* erased already */
}

/* Whoever may add to the folder can post envelopes of a record that is removed, which no chain will
 * take any more; they must not hold its body. */
static status unknown_erase_all(struct api_call *c, const struct envelope *of, struct err *reterr)
{
    struct vault_ref refs[VAULT_BODY_REFS];
    size_t n = 0;
    size_t erased = 0;
    bool more = false;
    status st = OK;
    do {
        erased = 0;
        st = vault_lmdb_body_refs(c->api->cfg.vault, &c->folder, of->cid_bin, refs, &n, &more,
                                  reterr);
        for (size_t i = 0; st == OK && i < n; i++)
            if (hash32_eq(refs[i].record, of->record))
                st = unknown_erase(c, &refs[i], &erased, reterr);
    } while (st == OK && more && erased > 0);
    return st == E_NOT_FOUND ? OK : st;
}

/* Envelope and, unless others refer to it, body; the owner asks for it once the chain has the
 * reseal or the removal. */
static status envelope_drop(struct api_call *c, const struct envelope *e, const uint8_t *commitment,
                            bool removed, struct err *reterr)
{
    struct vault_body body = {c->folder, e->cid_bin};
    pthread_rwlock_wrlock(&c->api->body_lock);
    status st =
        vault_lmdb_envelope_erase(c->api->cfg.vault, &c->folder, &c->id, commitment, reterr);
    if (st == OK && removed)
        st = unknown_erase_all(c, e, reterr);
    if (st == OK)
        st = body_drop_locked(c->api, &body, UINT64_MAX, reterr);
    pthread_rwlock_unlock(&c->api->body_lock);
    return st;
}

status delete_envelope(struct api_call *c, struct err *reterr)
{
    struct buf bytes;
    struct envelope e;
    bool removed = false;
    uint8_t commitment[RECORD_COMMITMENT];
    struct vault_ref ref = {.inner = c->id};
    buf_init(&bytes, VAULT_ENVELOPE_MAX);
    status st = index_at_head(c, reterr);
    if (st == OK)
        st = vault_envelope_get(c->api->cfg.vault, &c->folder, &ref, &bytes, reterr);
    if (st == E_NOT_FOUND)
        st = ERR(reterr, E_NOT_FOUND, "the node does not hold this envelope");
    if (st == OK)
        st = envelope_read(buf_slice(&bytes), &e, reterr);
    if (st == OK) {
        envelope_commitment(&c->api->cfg.net, &e, &c->id, commitment);
        st = erasable(c, &e, commitment, &removed, reterr);
    }
    if (st == OK)
        st = envelope_drop(c, &e, commitment, removed, reterr);
    if (st == OK && (st = touched_init(c, reterr)) == OK)
        c->touched.records[c->touched.n++] = e.record;
    buf_done(&bytes);
    return st == OK ? answer_none(c, 204, reterr) : st;
}

/* inner of the record's present version; a removed record is for the owner only. */
static status present_inner(struct api_call *c, const hash32 *record, struct vault_ref *ret,
                            struct err *reterr)
{
    struct index_record r;
    status st = index_record(c->api->cfg.index, &c->folder, record, &c->arena, &r, reterr);
    if (st != OK)
        return st;
    if (r.status == INDEX_REC_REMOVED && !c->facts.is_owner)
        return ERR(reterr, E_NOT_FOUND, "removed");
    st = vault_lmdb_inner(c->api->cfg.vault, &c->folder, r.versions[r.n - 1].commitment,
                          &ret->inner, reterr);
    if (st == OK)
        ret->version = r.versions[r.n - 1].version;
    return st;
}

static bool is_named(const struct vault_ref *refs, size_t n, const hash32 *record)
{
    for (size_t i = 0; i < n; i++)
        if (hash32_eq(refs[i].record, *record))
            return true;
    return false;
}

/* All that are asked for, in order; missing ones are of version 0. */
static status refs_read(struct api_call *c, struct vault_ref *refs, size_t *ret_n,
                        struct err *reterr)
{
    struct json body = {0};
    hash32 record;
    size_t n = 0;
    status st = body_json(c, &body, reterr);
    struct json records = json_get(body, "records");
    if (st == OK)
        st = json_want_array(records, reterr);
    if (st != OK)
        return st;
    if (json_count(records) < 1 || json_count(records) > VAULT_ENVELOPES_MAX)
        return ERR(reterr, E_RANGE, "records: 1 to %u", VAULT_ENVELOPES_MAX);
    for (struct json_iter it = json_iter(records); json_next(&it);) {
        st = json_hex_hash(it.value, &record, reterr);
        if (st == OK && is_named(refs, n, &record))
            st = ERR(reterr, E_RANGE, "records: one is named twice");
        if (st != OK)
            return st;
        refs[n] = (struct vault_ref){.record = record};
        st = present_inner(c, &record, &refs[n++], reterr);
        if (st != OK && st != E_NOT_FOUND)
            return st;
    }
    *ret_n = n;
    return OK;
}

static status pair_put(const struct vault_envelope *e, struct buf *out, struct err *reterr)
{
    size_t pair;
    status st = rlp_put_list_begin(out, &pair);
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(e->inner.b, sizeof e->inner.b));
    if (st == OK)
        st = rlp_put_bytes(out, e->bytes);
    if (st == OK)
        st = rlp_put_list_end(out, pair);
    return st == OK ? OK : ERR(reterr, st, "envelopes of this answer");
}

/* Envelopes of refs, until the answer is long enough; *ret_n: of the refs that were looked at. */
static status pairs_put(struct api_call *c, const struct vault_ref *refs, size_t refs_n,
                        size_t *ret_n, struct err *reterr)
{
    struct buf *out = &c->resp->body;
    struct vault_envelope *one;
    size_t all;
    size_t found = 0;
    size_t i = 0;
    status st = rlp_put_list_begin(out, &all);
    if (st != OK)
        return ERR(reterr, st, "envelopes of this answer");
    for (; st == OK && i < refs_n && out->n < ENVELOPES_ANSWER; i++) {
        if (refs[i].version == 0)
            continue;
        st = vault_envelopes_get(c->api->cfg.vault, &c->folder, &refs[i], 1, &c->arena, &one,
                                 &found, reterr);
        if (st != OK || found == 0)
            continue;
        c->touched.records[c->touched.n++] = refs[i].record;
        st = pair_put(one, out, reterr);
    }
    *ret_n = i;
    if (st == OK && (st = rlp_put_list_end(out, all)) != OK)
        st = ERR(reterr, st, "envelopes of this answer");
    return st;
}

static status left_out_put(struct api_call *c, size_t n, struct err *reterr)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%zu", n);
    return n > 0 ? http_response_header(c->resp, "Ehrd-Left-Out", text, reterr) : OK;
}

status query_envelopes(struct api_call *c, struct err *reterr)
{
    size_t refs_n = 0;
    size_t n = 0;
    struct vault_ref *refs = arena_array(&c->arena, VAULT_ENVELOPES_MAX, sizeof *refs);
    status st = refs == NULL ? ERR(reterr, E_NOMEM, "envelopes") : touched_init(c, reterr);
    if (st == OK)
        st = index_at_head(c, reterr);
    if (st == OK)
        st = refs_read(c, refs, &refs_n, reterr);
    if (st == OK)
        st = answer_bytes(c, "application/octet-stream", SLICE_EMPTY, reterr);
    if (st == OK)
        st = pairs_put(c, refs, refs_n, &n, reterr);
    if (st == OK && c->touched.n > 1)
        st = log_count(c, c->touched.n - 1, reterr);
    return st == OK ? left_out_put(c, refs_n - n, reterr) : st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The access log: an entry for what was released, stored or refused. */
#include "api/routes.h"

#include <stdio.h>

#include "base/log.h"
#include "crypto/keccak.h"
#include "crypto/sha2.h"
#include "vault/lmdb.h"

#define ENTRY_CAP ((size_t)4 << 10)
#define TARGET_KEPT 256u

/* A target is as long as its sender likes. Of a long one the first part is written, and the hash
 * that the signature is over. */
static void target_put(const struct api_call *c, struct jw *w)
{
    slice raw = c->req->target.raw; /* ASCII */
    hash32 hash;
    jw_key(w, "target");
    jw_str(w, slice_first(raw, TARGET_KEPT));
    if (raw.n <= TARGET_KEPT)
        return;
    keccak256(raw, &hash);
    jw_member_hash(w, "targetHash", &hash);
}

static status entry_put(const struct api_call *c, const hash32 *record, const char *outcome,
                        const char *reason, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_member_u64(&w, "time", clock_unix_s(c->api->cfg.clock));
    jw_member_str(&w, "requestId", c->req->request_id);
    jw_member_addr(&w, "signer", &c->auth.signer);
    if (!addr20_is_zero(c->actor) && !addr20_eq(c->actor, c->auth.signer))
        jw_member_addr(&w, "account", &c->actor);
    jw_member_str(&w, "action", c->route->action);
    jw_member_str(&w, "method", c->req->method);
    target_put(c, &w);
    jw_key(&w, "record");
    if (record != NULL)
        jw_hex(&w, slice_of(record->b, sizeof record->b));
    else
        jw_null(&w);
    jw_member_str(&w, "outcome", outcome);
    jw_member_str(&w, "reason", reason);
    jw_member_hash(&w, "nonce", &c->auth.nonce);
    jw_member_u64(&w, "issued", c->auth.issued);
    jw_key(&w, "signature");
    jw_hex(&w, slice_of(c->auth.sig65, sizeof c->auth.sig65));
    jw_end(&w);
    return jw_done(&w, reterr);
}

/* One entry for each record, however often the request names it. */
static bool touched_before(const struct api_call *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (hash32_eq(c->touched.records[k], c->touched.records[i]))
            return true;
    return false;
}

static status entry_add(struct api_call *c, const hash32 *record, const char *outcome,
                        const char *reason, slice *ret, struct err *reterr)
{
    struct buf text;
    buf_init(&text, ENTRY_CAP);
    status st = entry_put(c, record, outcome, reason, &text, reterr);
    if (st == OK && (*ret = arena_dup(&c->arena, buf_slice(&text))).p == NULL)
        st = ERR(reterr, E_NOMEM, "access log");
    buf_done(&text);
    return st;
}

status access_log(struct api_call *c, const char *outcome, const char *reason, struct err *reterr)
{
    size_t n = 0;
    slice *entries = arena_array(&c->arena, c->touched.n + 1, sizeof *entries);
    status st = entries == NULL ? ERR(reterr, E_NOMEM, "access log") : OK;
    for (size_t i = 0; i < c->touched.n && st == OK; i++)
        if (!touched_before(c, i))
            st = entry_add(c, &c->touched.records[i], outcome, reason, &entries[n++], reterr);
    if (st == OK && n == 0)
        st =
            entry_add(c, c->has_record ? &c->record : NULL, outcome, reason, &entries[n++], reterr);
    return st == OK ? vault_lmdb_log_append(c->api->cfg.vault, &c->folder, entries, n, reterr) : st;
}

/* A request that was refused before the chain was asked: is there such a folder? */
static bool folder_is_open(struct api_call *c)
{
    struct chain_ask ask = {.kind = CHAIN_FOLDER, .folder = c->folder};
    if (!c->is_signed && chain_head(c->api->chain, &c->facts.head, NULL) == OK &&
        chain_ask(c->api->chain, &c->facts.head, &ask, 1, NULL) == OK)
        c->facts.folder = ask.out.folder;
    return c->facts.folder.status == REGISTRY_FOLDER_OPEN;
}

static bool is_registered(const struct api_call *c)
{
    return c->is_signed && c->facts.signer.status != REGISTRY_ACCOUNT_NONE;
}

/* Registered signers have a bucket each in each folder, so that nobody can hide a trespass behind a
 * flood of refusals; the others, who may be one person with many keys, share the folder's. The same
 * once more over all folders (folder NULL): their number does not multiply what is written. */
static status bucket_of(const struct api_call *c, const hash32 *folder, hash32 *ret)
{
    uint8_t in[32 + 32 + 20] = {0};
    memcpy(in, c->api->throttle_salt.b, 32);
    if (folder != NULL)
        memcpy(in + 32, folder->b, 32);
    if (is_registered(c))
        memcpy(in + 64, c->account.b, 20);
    return sha256(slice_of(in, sizeof in), ret);
}

/* May it be written? *ret_missed before it were not. */
static bool refusal_take(struct api_call *c, uint64_t *ret_missed)
{
    hash32 here;
    hash32 anywhere;
    uint64_t missed;
    uint64_t now = clock_unix_s(c->api->cfg.clock);
    if (bucket_of(c, &c->folder, &here) != OK || bucket_of(c, NULL, &anywhere) != OK ||
        !throttle_take(&c->api->refusals, &here, now, ret_missed))
        return false;
    if (throttle_take(&c->api->refusals_all, &anywhere, now, &missed))
        return true;
    throttle_miss(&c->api->refusals, &here, *ret_missed + 1);
    return false;
}

void access_log_refusal(struct api_call *c, const char *reason)
{
    struct err e = {0};
    char text[ERR_MSG_MAX + 64];
    char plain[ERR_MSG_MAX];
    uint64_t missed = 0;
    if (!c->is_claimed || !c->has_folder || !folder_is_open(c))
        return;
    atomic_fetch_add(&c->api->metrics.refused, 1);
    if (!refusal_take(c, &missed))
        return;
    if (missed > 0)
        (void)snprintf(text, sizeof text, "%s (%llu refusals before it were not written)",
                       plain_text(reason, plain), (unsigned long long)missed);
    else
        (void)snprintf(text, sizeof text, "%s", plain_text(reason, plain));
    c->touched.n = 0;
    status st = access_log(c, "refused", text, &e);
    if (st != OK)
        log_failure(LOG_ERROR, "access-log", c->req->request_id, st, &e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Owner state, views of the registry and cards. */
#include "ehr/client.h"
#include "ehr/slot_prove.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "content/node.h"
#include "contract/registry_abi.h"

#define STATE_TRIES 5
#define PROOF_BYTES ((size_t)4 << 20)

static status sign_below(void *ctx, const hash32 *folder, const struct secp_key **ret_key,
                         addr20 *ret_addr, struct err *reterr)
{
    const struct actor *a;
    status st = client_actor(ctx, folder, &a, reterr);
    if (st == OK) {
        *ret_key = &a->key;
        *ret_addr = a->addr;
    }
    return st;
}

void client_open(struct client *c)
{
    struct vault_node_signers s = {sign_below, c};
    (void)client_self(c);
    vault_node_sign_as(c->vault, &c->key, c->me);
    vault_node_sign_folders(c->vault, &s);
}

void client_done(struct client *c)
{
    client_actors_done(c);
    free(c->author_cards);
    state_done(&c->state);
    secp_key_done(&c->key);
    age_identity_done(&c->age);
    identity_done(&c->id);
}

status client_state_other(uint64_t n, struct err *reterr)
{
    return ERR(reterr, E_MISMATCH,
               "owner state: the node has another version %llu than the one that this device saw "
               "or wrote: it gives out one that was refused or never confirmed, or was set back to "
               "a backup and written since; ask who runs it; \"ehr recover NAME --accept-state\" "
               "goes on from what it has",
               (unsigned long long)n);
}

/* Of one number there is one version: a node may have kept another that it said it had refused. */
static status state_is_same(const struct client *c, const struct client_version *v,
                            struct err *reterr)
{
    if (v->n != c->state_seen.n || c->accept_state || hash32_is_zero(c->state_seen.mac) ||
        hash32_eq(v->mac, c->state_seen.mac))
        return OK;
    return client_state_other(v->n, reterr);
}

/* This version is what the account has now. */
static status state_saw(struct client *c, const struct client_version *v, struct err *reterr)
{
    if (v->n == c->state_seen.n && hash32_eq(v->mac, c->state_seen.mac))
        return OK;
    status st = c->pin != NULL ? c->pin->saw(c->pin->ctx, v, reterr) : OK;
    if (st == OK)
        c->state_seen = *v;
    return st;
}

/* A node may keep back what was stored since. */
static status state_is_new(const struct client *c, uint64_t version, struct err *reterr)
{
    if (version >= c->state_seen.n || c->accept_state)
        return OK;
    return ERR(reterr, E_MISMATCH,
               "owner state: the node has version %llu, this device saw %llu: it was set back to "
               "a backup, or keeps back what came since; \"ehr recover NAME --accept-state\" goes "
               "on from there",
               (unsigned long long)version, (unsigned long long)c->state_seen.n);
}

static status state_fetch(struct client *c, struct err *reterr)
{
    struct buf blob;
    struct owner_state s;
    struct state_place at = {.id = &c->id, .account = c->me};
    state_init(&s);
    buf_init(&blob, VAULT_STATE_MAX);
    status st = vault_state_get(c->vault, &c->me, &at.version, &blob, reterr);
    bool is_there = st == OK;
    if (st == E_NOT_FOUND)
        at.version = 0;
    if (st == OK || st == E_NOT_FOUND)
        st = state_is_new(c, at.version, reterr);
    if (st == OK && is_there)
        st = state_open(buf_slice(&blob), &c->age, &at, c->accept_state, &s, reterr);
    struct client_version seen = {at.version, state_blob_mac(buf_slice(&blob))};
    buf_done(&blob);
    if (st == OK)
        st = state_is_same(c, &seen, reterr);
    if (st == OK)
        st = state_saw(c, &seen, reterr);
    if (st != OK) {
        state_done(&s);
        return st;
    }
    s.version = at.version;
    c->state_unread = s.unread > c->state_unread ? s.unread : c->state_unread;
    state_done(&c->state);
    c->state = s;
    c->state_loaded = true;
    return OK;
}

status client_state(struct client *c, struct err *reterr)
{
    return c->state_loaded ? OK : state_fetch(c, reterr);
}

static status state_store(struct client *c, struct err *reterr)
{
    struct buf blob;
    uint64_t before = c->state.version;
    struct state_place at = {.id = &c->id, .account = c->me, .version = before + 1};
    buf_init(&blob, VAULT_STATE_MAX);
    status st = state_seal(&c->state, &c->age, &at, c->random, &blob, reterr);
    if (st == OK)
        st = vault_state_put(c->vault, &c->me, before, buf_slice(&blob), &at.version, reterr);
    struct client_version wrote = {at.version, state_blob_mac(buf_slice(&blob))};
    buf_done(&blob);
    if (st != OK)
        return st;
    c->state.version = at.version;
    return state_saw(c, &wrote, reterr);
}

status client_state_change(struct client *c, const struct client_change *change, struct err *reterr)
{
    status st = client_state(c, reterr);
    for (int i = 0; st == OK && i < STATE_TRIES; i++) {
        st = change->apply(change->ctx, &c->state, reterr);
        if (st != OK) {
            c->state_loaded = false; /* it may be half changed */
            return st;
        }
        st = state_store(c, reterr);
        if (st != E_CONFLICT)
            break;
        if (i + 1 < STATE_TRIES)
            st = state_fetch(c, reterr);
    }
    if (st != OK)
        c->state_loaded = false;
    return st == OK ? OK : err_prefix(reterr, st, "owner state");
}

status client_view(struct client *c, slice calldata, struct buf *ret, struct err *reterr)
{
    struct ledger_call call = {.to = c->net.proxy, .data = calldata};
    status st = ledger_call(c->ledger, &call, LEDGER_LATEST, ret, reterr);
    /* The ledger lacks the block or its state: that says nothing of what was asked for. */
    return st == E_NOT_FOUND ? err_prefix(reterr, E_UNAVAILABLE, "ledger") : st;
}

/* The words of n slots, proved. */
static status words_prove(struct client *c, const hash32 *keys, size_t n, hash32 *ret,
                          struct err *reterr)
{
    struct arena a;
    struct ledger_block block;
    const hash32 *words;
    bool vouched;
    arena_init(&a, PROOF_BYTES, false);
    status st =
        slots_prove(c->ledger, &c->net.proxy, keys, n, &a, &words, &block, &vouched, reterr);
    if (st == OK)
        memcpy(ret, words, n * sizeof *ret);
    arena_done(&a);
    return st;
}

status client_folder_facts(struct client *c, const hash32 *folder, struct folder_facts *ret,
                           struct err *reterr)
{
    hash32 words[2];
    hash32 keys[2];
    struct folder_facts f = {.folder = *folder};
    slot_of_folder(folder, keys);
    status st = words_prove(c, keys, 2, words, reterr);
    if (st == OK && !folder_slot_read(&words[0], &f.owner, &f.epoch))
        st = ERR(reterr, E_MISMATCH, "slot of a folder: not one of this contract");
    if (st == OK && addr20_is_zero(f.owner))
        st = ERR(reterr, E_NOT_FOUND, "the chain has no such folder");
    if (st != OK)
        return st;
    f.key_hash = words[1];
    *ret = f;
    return OK;
}

status client_grant_get(struct client *c, const hash32 *folder, const addr20 *holder,
                        struct registry_grant *ret, struct err *reterr)
{
    struct arena a;
    struct ledger_block block;
    bool vouched;
    struct proved_grant g = {.holder = *holder};
    arena_init(&a, PROOF_BYTES, false);
    status st = grants_prove(c->ledger, &c->net.proxy, folder, &g, 1, &a, &block, &vouched, reterr);
    arena_done(&a);
    if (st == OK)
        *ret = g.now;
    return st;
}

status client_account_get(struct client *c, const addr20 *account, struct registry_account *ret,
                          struct err *reterr)
{
    hash32 key;
    hash32 word;
    slot_of_account(account, &key);
    status st = words_prove(c, &key, 1, &word, reterr);
    if (st == OK && !account_slot_read(&word, ret))
        st = ERR(reterr, E_MISMATCH, "slot of an account: not one of this contract");
    return st;
}

status client_card_hash(struct client *c, const addr20 *account, hash32 *ret, struct err *reterr)
{
    hash32 key;
    slot_of_card(account, &key);
    return words_prove(c, &key, 1, ret, reterr);
}

status client_card(struct client *c, const addr20 *account, struct card *ret, hash32 *ret_hash,
                   struct err *reterr)
{
    struct buf json;
    hash32 want;
    status st = client_card_hash(c, account, &want, reterr);
    if (st != OK)
        return st;
    if (hash32_is_zero(want))
        return ERR(reterr, E_NOT_FOUND, "this account has published no key card");
    buf_init(&json, CARD_BYTES);
    st = vault_card_get(c->vault, account, &json, reterr);
    if (st == OK)
        st = card_open(&c->net, buf_slice(&json), &want, ret, reterr);
    if (st == OK && !addr20_eq(ret->account, *account))
        st = ERR(reterr, E_MISMATCH, "key card: of another account");
    buf_done(&json);
    if (st == OK)
        *ret_hash = want;
    return st;
}

static status gate_authorize(void *ctx, const char *method, const char *target,
                             const hash32 *body_sha256, struct buf *out, struct err *reterr)
{
    return vault_node_authorize(ctx, method, target, body_sha256, out, reterr);
}

static status gate_refusal(void *ctx, int code, slice body, struct err *reterr)
{
    (void)ctx;
    return vault_node_refusal(code, body, reterr);
}

status client_content(struct client *c, const hash32 *folder, struct content **ret,
                      struct err *reterr)
{
    struct content_node_config cfg = {.http = c->http,
                                      .url = vault_node_url(c->vault),
                                      .spool_dir = c->spool_dir,
                                      .gate = {gate_authorize, gate_refusal, c->vault},
                                      .folder = *folder};
    return content_node_open(&cfg, ret, reterr);
}

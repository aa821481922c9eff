/* SPDX-License-Identifier: Apache-2.0 */
/* The port's functions: size checks common to all adapters, then the adapter. */
#include "vault/vault.h"

static status within(slice s, size_t max, const char *what, struct err *reterr)
{
    if (s.n <= max)
        return OK;
    return ERR(reterr, E_TOO_LONG, "%s: %zu bytes, at most %zu are allowed", what, s.n, max);
}

void vault_close(struct vault *v)
{
    if (v != NULL)
        v->ops->close(v);
}

status vault_card_put(struct vault *v, const addr20 *account, slice json, struct err *reterr)
{
    status st = within(json, VAULT_CARD_MAX, "key card", reterr);
    return st != OK ? st : v->ops->card_put(v, account, json, reterr);
}

status vault_card_get(struct vault *v, const addr20 *account, struct buf *ret, struct err *reterr)
{
    return v->ops->card_get(v, account, ret, reterr);
}

status vault_cards(struct vault *v, struct arena *a, struct vault_card **ret, size_t *ret_n,
                   struct err *reterr)
{
    return v->ops->cards(v, a, ret, ret_n, reterr);
}

status vault_state_put(struct vault *v, const addr20 *account, uint64_t expected, slice blob,
                       uint64_t *ret_version, struct err *reterr)
{
    status st = within(blob, VAULT_STATE_MAX, "owner state", reterr);
    return st != OK ? st : v->ops->state_put(v, account, expected, blob, ret_version, reterr);
}

status vault_state_get(struct vault *v, const addr20 *account, uint64_t *ret_version,
                       struct buf *ret, struct err *reterr)
{
    return v->ops->state_get(v, account, ret_version, ret, reterr);
}

status vault_fkey_put(struct vault *v, const hash32 *folder, uint32_t epoch, slice json,
                      struct err *reterr)
{
    status st = within(json, VAULT_FKEY_MAX, "folder key", reterr);
    return st != OK ? st : v->ops->fkey_put(v, folder, epoch, json, reterr);
}

status vault_fkeys(struct vault *v, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                   size_t *ret_n, struct err *reterr)
{
    return v->ops->fkeys(v, folder, a, ret, ret_n, reterr);
}

status vault_wrap_put(struct vault *v, const hash32 *folder, const addr20 *holder, slice note,
                      struct err *reterr)
{
    status st = within(note, VAULT_WRAP_MAX, "wrap note", reterr);
    return st != OK ? st : v->ops->wrap_put(v, folder, holder, note, reterr);
}

status vault_wrap_get(struct vault *v, const hash32 *folder, const addr20 *holder, struct buf *ret,
                      struct err *reterr)
{
    return v->ops->wrap_get(v, folder, holder, ret, reterr);
}

status vault_wrap_delete(struct vault *v, const hash32 *folder, const addr20 *holder,
                         struct err *reterr)
{
    return v->ops->wrap_delete(v, folder, holder, reterr);
}

static status envelope_count(size_t n, struct err *reterr)
{
    if (n >= 1 && n <= VAULT_ENVELOPES_MAX)
        return OK;
    return ERR(reterr, E_RANGE, "%zu envelopes at once, 1 to %u are allowed", n,
               VAULT_ENVELOPES_MAX);
}

status vault_envelopes_put(struct vault *v, const hash32 *folder, const struct vault_envelope *list,
                           size_t n, struct err *reterr)
{
    status st = envelope_count(n, reterr);
    for (size_t i = 0; i < n && st == OK; i++)
        st = within(list[i].bytes, VAULT_ENVELOPE_MAX, "envelope", reterr);
    return st != OK ? st : v->ops->envelopes_put(v, folder, list, n, reterr);
}

status vault_envelope_get(struct vault *v, const hash32 *folder, const struct vault_ref *ref,
                          struct buf *ret, struct err *reterr)
{
    return v->ops->envelope_get(v, folder, ref, ret, reterr);
}

status vault_envelopes_get(struct vault *v, const hash32 *folder, const struct vault_ref *refs,
                           size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                           struct err *reterr)
{
    status st = envelope_count(n, reterr);
    return st != OK ? st : v->ops->envelopes_get(v, folder, refs, n, a, ret, ret_n, reterr);
}

status vault_note_put(struct vault *v, const addr20 *account, slice note, hash32 *ret_id,
                      struct err *reterr)
{
    status st = within(note, VAULT_NOTE_MAX, "grant note", reterr);
    return st != OK ? st : v->ops->note_put(v, account, note, ret_id, reterr);
}

status vault_notes(struct vault *v, const addr20 *account, struct arena *a, struct vault_note **ret,
                   size_t *ret_n, struct err *reterr)
{
    return v->ops->notes(v, account, a, ret, ret_n, reterr);
}

status vault_note_get(struct vault *v, const addr20 *account, const hash32 *id, struct buf *ret,
                      struct err *reterr)
{
    return v->ops->note_get(v, account, id, ret, reterr);
}

status vault_note_delete(struct vault *v, const addr20 *account, const hash32 *id,
                         struct err *reterr)
{
    return v->ops->note_delete(v, account, id, reterr);
}

status vault_cert_put(struct vault *v, const addr20 *member, const struct vault_cert *c,
                      struct err *reterr)
{
    status st = within(c->json, VAULT_CERT_MAX, "certificate", reterr);
    return st != OK ? st : v->ops->cert_put(v, member, c, reterr);
}

status vault_cert_get(struct vault *v, const addr20 *member, struct vault_cert *ret,
                      struct buf *ret_json, struct err *reterr)
{
    return v->ops->cert_get(v, member, ret, ret_json, reterr);
}

status vault_cert_delete(struct vault *v, const addr20 *member, struct err *reterr)
{
    return v->ops->cert_delete(v, member, reterr);
}

status vault_log(struct vault *v, const hash32 *folder, uint64_t after, size_t limit,
                 struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                 struct vault_log_head *ret_head, struct err *reterr)
{
    size_t n = limit < VAULT_LOG_PAGE ? limit : VAULT_LOG_PAGE;
    return v->ops->log(v, folder, after, n, a, ret, ret_n, ret_head, reterr);
}

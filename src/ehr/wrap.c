/* SPDX-License-Identifier: Apache-2.0 */
/* Wraps and the signed notes they travel in. */
#include "ehr/wrap.h"

#include "base/hex.h"
#include "base/wipe.h"
#include "codec/eip712.h"
#include "codec/rlp.h"
#include "crypto/sha2.h"

#define WRAP_TAG "ehrd/wrap/v1"

status wrap_text_put(const hash32 *folder, const struct epoch_key *keys, size_t n, struct buf *out,
                     struct err *reterr)
{
    char id[67];
    char secret[AGE_IDENTITY_TEXT];
    status st = OK;
    hex_0x(slice_of(folder->b, sizeof folder->b), id);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = age_identity_write(&keys[i].id, secret);
        if (st == OK)
            st = buf_printf(out, "# folder %s epoch %u\n%s\n", id, keys[i].epoch, secret);
    }
    wipe(secret, sizeof secret);
    return st == OK ? OK : ERR(reterr, st, "wrap: %s", status_text(st));
}

/* "# folder 0x… epoch N" */
static status comment_read(slice line, const hash32 *folder, uint32_t *ret_epoch,
                           struct err *reterr)
{
    static const char mid[] = " epoch ";
    hash32 got;
    uint64_t n = 0;
    size_t digits = 9 + 66 + sizeof mid - 1;
    if (line.n <= digits || line.n > digits + 9 || memcmp(line.p, "# folder ", 9) != 0 ||
        memcmp(line.p + 9 + 66, mid, sizeof mid - 1) != 0)
        return ERR(reterr, E_SYNTAX, "wrap: a key without \"# folder … epoch …\" before it");
    if (hex_read_hash(slice_of(line.p + 9, 66), &got) != OK || !hash32_eq(got, *folder))
        return ERR(reterr, E_MISMATCH, "wrap: the key of another folder");
    for (size_t i = digits; i < line.n; i++) {
        if (line.p[i] < '0' || line.p[i] > '9')
            return ERR(reterr, E_SYNTAX, "wrap: epoch");
        n = n * 10 + (uint64_t)(line.p[i] - '0');
    }
    *ret_epoch = (uint32_t)n;
    return OK;
}

/* Take a line without its end. False at the end of the text. */
static bool line_next(slice *rest, slice *ret)
{
    if (rest->n == 0)
        return false;
    const uint8_t *nl = memchr(rest->p, '\n', rest->n);
    size_t n = nl == NULL ? rest->n : (size_t)(nl - rest->p);
    *ret = slice_first(*rest, n);
    *rest = slice_after(*rest, nl == NULL ? n : n + 1);
    return true;
}

status wrap_text_read(slice text, const hash32 *folder, struct epoch_key *keys, size_t max,
                      size_t *ret_n, struct err *reterr)
{
    slice comment;
    slice key;
    size_t n = 0;
    while (line_next(&text, &comment)) {
        uint32_t epoch = 0;
        if (n == max)
            return ERR(reterr, E_TOO_LONG, "wrap: more than %zu keys", max);
        status st = comment_read(comment, folder, &epoch, reterr);
        if (st != OK)
            return st;
        if (!line_next(&text, &key))
            return ERR(reterr, E_TRUNCATED, "wrap: ends before a key");
        if (epoch == 0 || (n > 0 && epoch <= keys[n - 1].epoch))
            return ERR(reterr, E_RANGE, "wrap: epochs are not in order");
        st = age_identity_read(key, &keys[n].id, reterr);
        if (st != OK)
            return err_prefix(reterr, st, "wrap");
        keys[n++].epoch = epoch;
    }
    if (n == 0)
        return ERR(reterr, E_MISSING, "wrap: holds no key");
    *ret_n = n;
    return OK;
}

static status digest_of(const struct netid *net, const struct wrap_note *n, hash32 *ret)
{
    struct eip712_wrap_note t = {.folder_id = n->folder,
                                 .holder = n->holder,
                                 .account = n->account,
                                 .card_hash = n->card_hash};
    status st = sha256(n->wrap, &t.wrap_sha256);
    if (st == OK)
        eip712_wrap_note_digest(net, &t, ret);
    return st;
}

status wrap_note_sign(const struct netid *net, const struct secp_key *owner, struct wrap_note *n,
                      struct err *reterr)
{
    hash32 digest;
    status st = digest_of(net, n, &digest);
    if (st == OK)
        st = secp_sign(owner, &digest, n->sig65);
    return st == OK ? OK : ERR(reterr, st, "wrap note: cannot be signed");
}

status wrap_note_put(const struct wrap_note *n, struct buf *out, struct err *reterr)
{
    size_t mark;
    status st = rlp_put_list_begin(out, &mark);
    if (st == OK)
        st = rlp_put_bytes(out, SLICE_LIT(WRAP_TAG));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(n->folder.b, sizeof n->folder.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(n->holder.b, sizeof n->holder.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(n->account.b, sizeof n->account.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(n->card_hash.b, sizeof n->card_hash.b));
    if (st == OK)
        st = rlp_put_bytes(out, n->wrap);
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(n->sig65, sizeof n->sig65));
    if (st == OK)
        st = rlp_put_list_end(out, mark);
    return st == OK ? OK : ERR(reterr, st, "wrap note: %s", status_text(st));
}

static status note_items(struct rlp_list *l, struct wrap_note *n, struct err *reterr)
{
    slice tag;
    status st = rlp_next_bytes(l, &tag, reterr);
    if (st == OK && !slice_eq_str(tag, WRAP_TAG))
        st = ERR(reterr, E_TYPE, "not of version 1");
    if (st == OK)
        st = rlp_next_fixed(l, n->folder.b, sizeof n->folder.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, n->holder.b, sizeof n->holder.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, n->account.b, sizeof n->account.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, n->card_hash.b, sizeof n->card_hash.b, reterr);
    if (st == OK)
        st = rlp_next_bytes(l, &n->wrap, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, n->sig65, sizeof n->sig65, reterr);
    if (st == OK)
        st = rlp_list_end(l, reterr);
    return st;
}

status wrap_note_read(slice in, struct wrap_note *ret, struct err *reterr)
{
    struct rlp_list l;
    struct wrap_note n = {0};
    if (in.n > WRAP_NOTE_BYTES)
        return ERR(reterr, E_TOO_LONG, "wrap note: more than %zu bytes", WRAP_NOTE_BYTES);
    status st = rlp_read_list(in, &l, reterr);
    if (st == OK)
        st = note_items(&l, &n, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "wrap note");
    *ret = n;
    return OK;
}

status wrap_note_verify(const struct netid *net, const struct wrap_note *n, addr20 owner,
                        struct err *reterr)
{
    hash32 digest;
    status st = digest_of(net, n, &digest);
    if (st != OK)
        return ERR(reterr, st, "wrap note: cannot be hashed");
    if (secp_verify_addr(&digest, slice_of(n->sig65, sizeof n->sig65), owner) != OK)
        return ERR(reterr, E_SIGNATURE, "wrap note: not signed by the folder's owner");
    return OK;
}

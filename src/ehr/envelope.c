/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and reading of envelopes. */
#include "ehr/envelope.h"

#include "base/limits.h"
#include "codec/rlp.h"

#define ENVELOPE_TAG "ehrd/envelope/v1"

static status put_place(const struct envelope *e, struct buf *out)
{
    status st = rlp_put_bytes(out, SLICE_LIT(ENVELOPE_TAG));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(e->folder.b, sizeof e->folder.b));
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(e->record.b, sizeof e->record.b));
    if (st == OK)
        st = rlp_put_u64(out, e->version);
    if (st == OK)
        st = rlp_put_u64(out, e->epoch);
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(e->author.b, sizeof e->author.b));
    return st;
}

status envelope_put(const struct envelope *e, struct buf *out, struct err *reterr)
{
    size_t mark;
    size_t start = out->n;
    status st = rlp_put_list_begin(out, &mark);
    if (st == OK)
        st = put_place(e, out);
    if (st == OK)
        st = rlp_put_bytes(out, e->cid_bin);
    if (st == OK)
        st = rlp_put_bytes(out, slice_of(e->salt.b, sizeof e->salt.b));
    if (st == OK)
        st = rlp_put_bytes(out, e->header);
    if (st == OK)
        st = rlp_put_bytes(out, e->meta);
    if (st == OK)
        st = rlp_put_list_end(out, mark);
    if (st == OK && out->n - start > LIMIT_ENVELOPE_BYTES)
        st = E_TOO_LONG;
    return st == OK ? OK : ERR(reterr, st, "envelope: %s", status_text(st));
}

static status number_read(struct rlp_list *l, const char *what, uint32_t *ret, struct err *reterr)
{
    uint64_t n;
    status st = rlp_next_u64(l, &n, reterr);
    if (st != OK)
        return err_prefix(reterr, st, what);
    if (n == 0 || n > UINT32_MAX)
        return ERR(reterr, E_RANGE, "%s: out of range", what);
    *ret = (uint32_t)n;
    return OK;
}

static status read_place(struct rlp_list *l, struct envelope *e, struct err *reterr)
{
    slice tag;
    status st = rlp_next_bytes(l, &tag, reterr);
    if (st == OK && !slice_eq_str(tag, ENVELOPE_TAG))
        st = ERR(reterr, E_TYPE, "not of version 1");
    if (st == OK)
        st = rlp_next_fixed(l, e->folder.b, sizeof e->folder.b, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, e->record.b, sizeof e->record.b, reterr);
    if (st == OK)
        st = number_read(l, "version", &e->version, reterr);
    if (st == OK)
        st = number_read(l, "epoch", &e->epoch, reterr);
    if (st == OK)
        st = rlp_next_fixed(l, e->author.b, sizeof e->author.b, reterr);
    return st;
}

static status read_cid(struct rlp_list *l, struct envelope *e, struct err *reterr)
{
    status st = rlp_next_bytes(l, &e->cid_bin, reterr);
    if (st == OK)
        st = cid_read(e->cid_bin, &e->cid, NULL, reterr);
    if (st == OK && e->cid.version != 1)
        st = ERR(reterr, E_UNSUPPORTED, "CID of version %u", e->cid.version);
    return st;
}

status envelope_read(slice in, struct envelope *ret, struct err *reterr)
{
    struct rlp_list l;
    struct envelope e = {0};
    if (in.n > LIMIT_ENVELOPE_BYTES)
        return ERR(reterr, E_TOO_LONG, "envelope: more than %zu bytes", LIMIT_ENVELOPE_BYTES);
    status st = rlp_read_list(in, &l, reterr);
    if (st == OK)
        st = read_place(&l, &e, reterr);
    if (st == OK)
        st = read_cid(&l, &e, reterr);
    if (st == OK)
        st = rlp_next_fixed(&l, e.salt.b, sizeof e.salt.b, reterr);
    if (st == OK)
        st = rlp_next_bytes(&l, &e.header, reterr);
    if (st == OK)
        st = rlp_next_bytes(&l, &e.meta, reterr);
    if (st == OK)
        st = rlp_list_end(&l, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "envelope");
    *ret = e;
    return OK;
}

void envelope_commitment(const struct netid *net, const struct envelope *e, const hash32 *inner,
                         uint8_t ret[RECORD_COMMITMENT])
{
    struct record_place at = {.folder = e->folder,
                              .record = e->record,
                              .version = e->version,
                              .epoch = e->epoch,
                              .author = e->author};
    record_commitment(net, &at, inner, ret);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plaintext and meta of documents. */
#include "app/record_doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "fhir/category.h"
#include "fhir/sniff.h"

#define HEAD_BYTES 8192u

/* Of the address that writes in a folder, when it is not the account's. */
static status certificate_load(struct cli *c, const hash32 *folder, struct doc_author *ret,
                               struct err *reterr)
{
    const struct actor *who;
    struct buf json;
    status st = client_actor(&c->client, folder, &who, reterr);
    ret->certificate[0] = 0;
    if (st != OK || who->is_account)
        return st;
    buf_init(&json, FHIR_META_CERTIFICATE);
    st = client_actor_certificate(&c->client, who, &json, reterr);
    if (st == OK) {
        memcpy(ret->certificate, json.p, json.n);
        ret->certificate[json.n] = 0;
    }
    buf_done(&json);
    return st;
}

status doc_author_load(struct cli *c, const hash32 *folder, struct doc_author *ret,
                       struct err *reterr)
{
    struct card card;
    status st = client_card(&c->client, &c->client.me, &card, &ret->card, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, E_NOT_FOUND, "publish a key card first: ehr card publish --name NAME");
    if (st != OK)
        return st;
    ret->account = c->client.me;
    (void)snprintf(ret->name, sizeof ret->name, "%s", card.name);
    return certificate_load(c, folder, ret, reterr);
}

static status fd_read(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct doc *d = ctx;
    ssize_t r;
    do
        r = read(d->fd, p, n);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return ERR(reterr, E_IO, "%s: %s", d->path, strerror(errno));
    *ret_n = (size_t)r;
    return OK;
}

static status file_open(void *ctx, struct age_src *ret, struct err *reterr)
{
    struct doc *d = ctx;
    d->fd = open(d->path, O_RDONLY | O_CLOEXEC);
    if (d->fd < 0)
        return ERR(reterr, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s: %s", d->path,
                   strerror(errno));
    *ret = (struct age_src){fd_read, d};
    return OK;
}

static void file_close(void *ctx)
{
    struct doc *d = ctx;
    (void)close(d->fd);
    d->fd = -1;
}

static status part_open(void *ctx, struct age_src *ret, struct err *reterr)
{
    struct doc *d = ctx;
    buf_init_secret(&d->bytes, LIMIT_JSON_BYTES);
    status st = fhir_split_put(d->split, d->part, &d->bytes, reterr);
    if (st != OK) {
        buf_done(&d->bytes);
        return st;
    }
    d->rest = buf_slice(&d->bytes);
    *ret = age_src_slice(&d->rest);
    return OK;
}

static void part_close(void *ctx)
{
    struct doc *d = ctx;
    buf_done(&d->bytes);
}

static status meta_put(void *ctx, uint64_t size, const hash32 *sha256, struct buf *out,
                       struct err *reterr)
{
    struct doc *d = ctx;
    d->meta.size = size;
    d->meta.sha256 = *sha256;
    return fhir_meta_put(&d->meta, out, reterr);
}

static void meta_common(struct doc *d, enum fhir_category category, const struct doc_author *author)
{
    const struct fhir_category_text *t = fhir_category_text(category);
    d->meta.doc_status = SLICE_LIT("final");
    d->meta.type_code = slice_str(t->loinc);
    d->meta.type_text = slice_str(t->loinc_text);
    d->meta.category_code = slice_str(t->slug);
    d->meta.category_text = slice_str(t->title);
    d->meta.date = slice_str(cli_instant(clock_unix_s(&clock_system), d->date));
    d->meta.author = slice_str(author->name);
    d->meta.author_account = author->account;
    d->meta.author_card = author->card;
    d->meta.author_certificate = slice_str(author->certificate);
}

/* Media type and category by the first bytes. */
static status file_kind(struct doc *d, enum fhir_category *ret, struct err *reterr)
{
    uint8_t head[HEAD_BYTES];
    struct age_src src;
    size_t n = 0;
    status st = file_open(d, &src, reterr);
    if (st == OK) {
        st = src.read(src.ctx, head, sizeof head, &n, reterr);
        file_close(d);
    }
    if (st != OK)
        return st;
    enum fhir_kind kind = fhir_sniff(slice_of(head, n));
    d->meta.content_type = slice_str(fhir_media_type(kind));
    *ret = kind == FHIR_KIND_DICOM ? FHIR_CAT_RESULTS : FHIR_CAT_OTHER;
    return OK;
}

status doc_options_check(const struct doc_options *o, struct err *reterr)
{
    enum fhir_category category;
    status st = OK;
    if (o->title != NULL)
        st = cli_text_check("--title", o->title, FHIR_META_TEXT_MAX, reterr);
    if (st == OK && o->category != NULL && !fhir_category_find(slice_str(o->category), &category))
        st = ERR(reterr, E_USAGE, "there is no category \"%.60s\"; one of: %s", o->category,
                 fhir_category_slugs());
    if (st == OK && o->date != NULL && !fhir_is_datetime(slice_str(o->date)))
        st =
            ERR(reterr, E_USAGE,
                "\"%.60s\" is no date: 2026, 2026-11, 2026-11-30 or 2026-11-30T08:00:00Z", o->date);
    if (st == OK && o->type != NULL)
        st = cli_text_check("--type", o->type, FHIR_META_TEXT_MAX, reterr);
    if (st == OK && o->type != NULL && strchr(o->type, '/') == NULL)
        st =
            ERR(reterr, E_USAGE, "\"%.60s\" is no media type, as text/plain or image/png", o->type);
    return st;
}

status doc_of_file(struct doc *d, const char *path, const struct doc_options *o,
                   const struct doc_author *author, struct add_item *ret, struct err *reterr)
{
    enum fhir_category category;
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    *d = (struct doc){.path = path, .fd = -1};
    status st = file_kind(d, &category, reterr);
    if (st != OK)
        return st;
    if (o->category != NULL)
        (void)fhir_category_find(slice_str(o->category), &category);
    meta_common(d, category, author);
    (void)snprintf(d->file_name, sizeof d->file_name, "%s", base);
    d->meta.file_name = slice_str(d->file_name);
    d->meta.title = slice_str(o->title != NULL ? o->title : d->file_name);
    if (o->date != NULL)
        d->meta.creation = slice_str(o->date);
    if (o->type != NULL)
        d->meta.content_type = slice_str(o->type);
    *ret =
        (struct add_item){.open = file_open, .close = file_close, .meta = {meta_put, d}, .ctx = d};
    return OK;
}

status doc_of_part(struct doc *d, const struct fhir_split *split, uint32_t part,
                   const struct doc_author *author, struct add_item *ret, struct err *reterr)
{
    const struct fhir_split_record *r = &split->records[part];
    *d = (struct doc){.split = split, .part = part, .fd = -1};
    (void)reterr;
    meta_common(d, r->category, author);
    d->meta.title = r->title;
    d->meta.content_type = SLICE_LIT("application/fhir+json");
    d->meta.creation = r->date;
    *ret =
        (struct add_item){.open = part_open, .close = part_close, .meta = {meta_put, d}, .ctx = d};
    return OK;
}

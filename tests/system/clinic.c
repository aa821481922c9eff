/* SPDX-License-Identifier: Apache-2.0 */
/* People, folder and records of system tests. */
#include "clinic.h"

#include <stdarg.h>

#include "codec/rlp.h"
#include "ehr/envelope.h"

static char texts[4][512];
static unsigned texts_next;

const char *below(struct clinic *c, const char *fmt, ...)
{
    char *out = texts[texts_next++ % 4];
    int n = snprintf(out, sizeof texts[0], "%s", c->folder_path);
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(out + n, sizeof texts[0] - (size_t)n, fmt, ap);
    va_end(ap);
    return out;
}

const char *hex_of(struct clinic *c, slice s)
{
    (void)c;
    return hex_0x(s, texts[texts_next++ % 4]);
}

static void calldata(struct buf *b)
{
    buf_init(b, 65536);
}

uint64_t clinic_now(struct clinic *c)
{
    struct ledger_block head;
    assert_ok(ledger_head(c->w.ledger, &head, &c->w.err), &c->w.err);
    return head.timestamp;
}

static void register_as(struct clinic *c, const struct secp_key *who, uint8_t role)
{
    struct buf data;
    calldata(&data);
    assert_int_equal(registry_put_register_account(&data, key_addr(who), role, 0), OK);
    world_send(&c->w, c->w.admin, &data);
}

static void folder_open(struct clinic *c)
{
    struct buf data;
    hash32 salt = {{7}};
    addr20 owner = key_addr(&c->patient_key);
    memset(c->key_hash.b, 0x55, sizeof c->key_hash.b);
    calldata(&data);
    assert_int_equal(registry_put_open_folder(&data, salt, c->key_hash), OK);
    world_send(&c->w, c->patient, &data);
    folder_id(&c->w.net, owner, &salt, &c->folder);
    (void)snprintf(c->folder_path, sizeof c->folder_path, "/api/v1/folders/%s",
                   hex_of(c, slice_of(c->folder.b, 32)));
}

bool clinic_start(struct clinic *c)
{
    *c = (struct clinic){0};
    if (!world_start(&c->w))
        return false;
    c->patient_key = anvil_key(1);
    c->doctor_key = anvil_key(2);
    assert_int_equal(secp_key_generate(&random_system, &c->stranger_key), OK);
    assert_ok(ledger_sender_new(c->w.ledger, &c->patient_key, &c->patient, &c->w.err), &c->w.err);
    assert_ok(ledger_sender_new(c->w.ledger, &c->doctor_key, &c->doctor, &c->w.err), &c->w.err);
    register_as(c, &c->patient_key, REGISTRY_ROLE_PATIENT);
    register_as(c, &c->doctor_key, REGISTRY_ROLE_PRACTITIONER);
    folder_open(c);
    return true;
}

void clinic_stop(struct clinic *c)
{
    ledger_sender_free(c->patient);
    ledger_sender_free(c->doctor);
    world_stop(&c->w);
}

static uint32_t generation(struct clinic *c)
{
    struct buf data;
    struct buf answer;
    struct registry_grant g;
    calldata(&data);
    buf_init(&answer, 4096);
    assert_int_equal(
        registry_put_grant_of(&data, c->folder, (hash32){{0}}, key_addr(&c->doctor_key)), OK);
    struct ledger_call call = {.to = c->w.net.proxy, .data = buf_slice(&data)};
    assert_ok(ledger_call(c->w.ledger, &call, LEDGER_LATEST, &answer, &c->w.err), &c->w.err);
    assert_int_equal(registry_read_grant_of(buf_slice(&answer), &g), OK);
    buf_done(&data);
    buf_done(&answer);
    return g.generation;
}

void clinic_grant(struct clinic *c, uint8_t permissions, uint64_t not_before, uint64_t not_after)
{
    struct buf data;
    uint32_t g = generation(c);
    calldata(&data);
    assert_int_equal(registry_put_grant(&data, c->folder, (hash32){{0}}, key_addr(&c->doctor_key),
                                        permissions, not_before, not_after, g),
                     OK);
    world_send(&c->w, c->patient, &data);
}

void clinic_revoke(struct clinic *c)
{
    struct buf data;
    calldata(&data);
    assert_int_equal(registry_put_revoke(&data, c->folder, (hash32){{0}}, key_addr(&c->doctor_key)),
                     OK);
    world_send(&c->w, c->patient, &data);
}

void clinic_suspend(struct clinic *c, const struct secp_key *who, bool suspend)
{
    struct buf data;
    calldata(&data);
    status st = suspend ? registry_put_suspend_account(&data, key_addr(who))
                        : registry_put_reinstate_account(&data, key_addr(who));
    assert_int_equal(st, OK);
    world_send(&c->w, c->w.admin, &data);
}

/* --- records --------------------------------------------------------------------------------- */

static void post_make(struct sample *s)
{
    size_t all;
    size_t pair;
    buf_init(&s->post, (size_t)2 << 20);
    assert_int_equal(rlp_put_list_begin(&s->post, &all), OK);
    assert_int_equal(rlp_put_list_begin(&s->post, &pair), OK);
    assert_int_equal(rlp_put_bytes(&s->post, slice_of(s->inner.b, 32)), OK);
    assert_int_equal(rlp_put_bytes(&s->post, buf_slice(&s->envelope)), OK);
    assert_int_equal(rlp_put_list_end(&s->post, pair), OK);
    assert_int_equal(rlp_put_list_end(&s->post, all), OK);
}

void sample_make(struct clinic *c, const struct secp_key *author, uint32_t version, slice body,
                 struct sample *ret)
{
    sample_make_epoch(c, author, version, 1, body, ret);
}

/* text, or n bytes that begin with it. */
static slice padded(slice text, size_t n, struct buf *room)
{
    if (n == 0)
        return text;
    buf_init(room, n);
    assert_int_equal(buf_put(room, text), OK);
    assert_int_equal(buf_put_zero(room, n - text.n), OK);
    return buf_slice(room);
}

/* Envelope and post around s->cid. */
static void sample_seal(struct clinic *c, const struct secp_key *author, const hash32 *record,
                        uint32_t version, uint32_t epoch, struct sample *s)
{
    uint8_t bin[CID_BIN_MAX];
    hash32 meta = {{9}};
    struct buf header_room = {0};
    struct buf meta_room = {0};
    struct envelope e = {
        .folder = c->folder,
        .version = version,
        .epoch = epoch,
        .author = key_addr(author),
        .header = padded(SLICE_LIT("age-encryption.org/v1\n-> X25519 a\nb\n--- c\n"), c->header_n,
                         &header_room),
        .meta = padded(SLICE_LIT("age-encryption.org/v1\nmeta"), c->meta_n, &meta_room)};
    assert_int_equal(random_fill(&random_system, e.record.b, 32), OK);
    assert_int_equal(random_fill(&random_system, e.salt.b, 32), OK);
    if (record != NULL)
        e.record = *record;
    buf_init(&s->envelope, (size_t)1 << 20);
    (void)cid_text(&s->cid, s->cid_text);
    e.cid = s->cid;
    e.cid_bin = slice_of(bin, cid_write(&s->cid, bin));
    record_inner(&c->w.net, &e.salt, e.cid_bin, &meta, &s->inner);
    assert_ok(envelope_put(&e, &s->envelope, &c->w.err), &c->w.err);
    s->record = e.record;
    post_make(s);
    buf_done(&header_room);
    buf_done(&meta_room);
}

void sample_make_epoch(struct clinic *c, const struct secp_key *author, uint32_t version,
                       uint32_t epoch, slice body, struct sample *ret)
{
    buf_init(&ret->body, (size_t)64 << 20);
    assert_int_equal(buf_put(&ret->body, body), OK);
    assert_int_equal(cid_of_content(CID_RAW, body, &ret->cid), OK);
    sample_seal(c, author, NULL, version, epoch, ret);
}

void sample_make_around(struct clinic *c, const struct secp_key *author, const hash32 *record,
                        uint32_t epoch, const struct cid *cid, struct sample *ret)
{
    buf_init(&ret->body, 1);
    ret->cid = *cid;
    sample_seal(c, author, record, 1, epoch, ret);
}

void sample_done(struct sample *s)
{
    buf_done(&s->body);
    buf_done(&s->envelope);
    buf_done(&s->post);
}

void sample_upload(struct clinic *c, const struct secp_key *who, struct sample *s)
{
    struct ask body = {.key = who,
                       .method = "POST",
                       .target = below(c, "/bodies?cid=%s", s->cid_text),
                       .body = buf_slice(&s->body)};
    struct ask envelope = {.key = who,
                           .method = "POST",
                           .target = below(c, "/envelopes"),
                           .body = buf_slice(&s->post)};
    expect_text(&c->w, &body, 201, s->cid_text);
    expect_text(&c->w, &envelope, 201, "\"stored\":1");
}

void sample_add_to_chain(struct clinic *c, struct ledger_sender *who, struct sample *s)
{
    struct buf data;
    calldata(&data);
    assert_int_equal(registry_put_add_record(&data, c->folder, s->record, 1, s->inner), OK);
    world_send(&c->w, who, &data);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The route table and the matching of paths. */
#include "api/page.h"
#include "api/routes.h"
#include "base/hex.h"
#include "base/limits.h"
#include "ehr/envelope.h"
#include "vault/lmdb.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
/* A sealed body: the plaintext, 16 bytes for each 64 KiB, padding. */
#define PIECE_CAP (16 * MIB)
#define ENVELOPES_CAP (16 * MIB)
#define SESSION_BODY_CAP (8 * KIB) /* a message of SIWE_MAX bytes, escaped */
#define RPC_CAP MIB
#define RELAY_CAP MIB /* anybody may send it: it is kept small; 16 M gas pay for less calldata */

#define V1 "/api/v1"
#define FOLDER V1 "/folders/{f}"

const struct api_route api_routes[] = {
    {"GET", "/", WHO_ANYONE, 0, "page", NULL, get_page, NULL, false},
    {"POST", "/", WHO_ANYONE, RPC_CAP, "rpc", NULL, post_rpc, NULL, false},
    {"POST", "/rpc", WHO_ANYONE, RPC_CAP, "rpc", NULL, post_rpc, NULL, false},
    {"GET", "/healthz", WHO_ANYONE, 0, "health", NULL, get_healthz, NULL, false},
    {"GET", "/readyz", WHO_ANYONE, 0, "ready", NULL, get_readyz, NULL, false},
    {"GET", "/metrics", WHO_ANYONE, 0, "metrics", NULL, get_metrics, NULL, false},
    {"GET", V1 "/node", WHO_ANYONE, 0, "node", NULL, get_node, NULL, false},
    {"GET", V1 "/openapi.json", WHO_ANYONE, 0, "openapi", NULL, get_openapi, NULL, false},
    {"GET", V1 "/session/nonce", WHO_ANYONE, 0, "session", NULL, get_session_nonce, NULL, false},
    {"POST", V1 "/session", WHO_ANYONE, SESSION_BODY_CAP, "session", NULL, post_session, NULL,
     false},
    {"GET", V1 "/session", WHO_ANYONE, 0, "session", NULL, get_session, NULL, false},
    {"DELETE", V1 "/session", WHO_ANYONE, 0, "session", NULL, delete_session, NULL, false},
    {"PUT", V1 "/cards/{a}", WHO_SELF, VAULT_CARD_MAX, "card", NULL, put_card, NULL, true},
    {"GET", V1 "/cards/{a}", WHO_READER, 0, "card", NULL, get_card, NULL, true},
    {"GET", V1 "/directory", WHO_READER, 0, "directory", NULL, get_directory, NULL, true},
    {"PUT", V1 "/certificates/{a}", WHO_MEMBER, VAULT_CERT_MAX, "certificate", NULL,
     put_certificate, NULL, false},
    {"GET", V1 "/certificates/{a}", WHO_MEMBER, 0, "certificate", NULL, get_certificate, NULL,
     false},
    {"DELETE", V1 "/certificates/{a}", WHO_MEMBER, 0, "certificate", NULL, delete_certificate, NULL,
     false},
    {"PUT", V1 "/state", WHO_ACCOUNT, VAULT_STATE_MAX, "state", NULL, put_state, NULL, false},
    {"GET", V1 "/state", WHO_ACCOUNT, 0, "state", NULL, get_state, NULL, false},
    {"PUT", FOLDER "/keys/{e}", WHO_OWNER, VAULT_FKEY_MAX, "key", "stored", put_folder_key, NULL,
     false},
    {"GET", FOLDER "/keys", WHO_HOLDER, 0, "keys", "released", get_folder_keys, NULL, false},
    {"PUT", FOLDER "/wraps/{a}", WHO_OWNER, VAULT_WRAP_MAX, "wrap", "stored", put_wrap, NULL,
     false},
    {"GET", FOLDER "/wraps/{a}", WHO_WRAP_READER, 0, "wrap", "released", get_wrap, NULL, false},
    {"DELETE", FOLDER "/wraps/{a}", WHO_OWNER, 0, "unwrap", "stored", delete_wrap, NULL, false},
    {"POST", FOLDER "/bodies", WHO_WRITER, API_BODY_CAP, "body", "stored", post_body, &body_upload,
     false},
    {"GET", FOLDER "/bodies/{c}", WHO_VIEWER, 0, "body", "released", get_body, NULL, false},
    {"POST", FOLDER "/uploads", WHO_WRITER, 0, "upload", NULL, post_upload, NULL, false},
    {"GET", FOLDER "/uploads/{h}", WHO_WRITER, 0, "upload", NULL, get_upload, NULL, false},
    {"PATCH", FOLDER "/uploads/{h}", WHO_WRITER, PIECE_CAP, "upload", NULL, patch_upload,
     &piece_upload, false},
    {"DELETE", FOLDER "/uploads/{h}", WHO_WRITER, 0, "upload", NULL, delete_upload, NULL, false},
    {"POST", FOLDER "/uploads/{h}/finish", WHO_WRITER, 0, "body", "stored", post_upload_finish,
     NULL, false},
    {"POST", FOLDER "/envelopes", WHO_WRITER, ENVELOPES_CAP, "envelope", "stored", post_envelopes,
     NULL, false},
    {"DELETE", FOLDER "/envelopes/{h}", WHO_OWNER, 0, "erase", "stored", delete_envelope, NULL,
     false},
    {"POST", FOLDER "/envelopes/query", WHO_VIEWER, 64 * KIB, "envelope", "released",
     query_envelopes, NULL, false},
    {"GET", FOLDER "/records", WHO_VIEWER, 0, "records", "released", get_records, NULL, false},
    {"GET", FOLDER "/records/{r}", WHO_RECORD_VIEWER, 0, "envelope", "released", get_record, NULL,
     false},
    {"GET", FOLDER "/grants", WHO_OWNER, 0, "grants", NULL, get_grants, NULL, false},
    {"GET", FOLDER "/log", WHO_OWNER, 0, "log", NULL, get_log, NULL, false},
    {"POST", V1 "/inbox/{a}", WHO_ACCOUNT, VAULT_NOTE_MAX, "inbox", NULL, post_note, NULL, false},
    {"GET", V1 "/inbox", WHO_ACCOUNT, 0, "inbox", NULL, get_notes, NULL, false},
    {"GET", V1 "/inbox/{h}", WHO_ACCOUNT, 0, "inbox", NULL, get_note, NULL, false},
    {"DELETE", V1 "/inbox/{h}", WHO_ACCOUNT, 0, "inbox", NULL, delete_note, NULL, false},
    {"POST", V1 "/registrations", WHO_SIGNER, VAULT_REG_MAX, "registration", NULL,
     post_registration, NULL, true},
    {"GET", V1 "/registrations", WHO_REGISTRAR, 0, "registration", NULL, get_registrations, NULL,
     true},
    {"GET", V1 "/registrations/{a}", WHO_SIGNER, 0, "registration", NULL, get_registration, NULL,
     true},
    {"DELETE", V1 "/registrations/{a}", WHO_SIGNER, 0, "registration", NULL, delete_registration,
     NULL, true},
    {"POST", V1 "/relay", WHO_ANYONE, RELAY_CAP, "relay", NULL, post_relay, NULL, false},
};
const size_t api_routes_n = sizeof api_routes / sizeof api_routes[0];

/* What no route names and the page answers. */
static const struct api_route page_route = {"GET", "/",      WHO_ANYONE, 0,    "page",
                                            NULL,  get_page, NULL,       false};

/* The next segment of a pattern; false at its end. */
static bool pattern_next(const char **at, slice *ret)
{
    while (**at == '/')
        ++*at;
    const char *end = strchr(*at, '/');
    *ret = end != NULL ? slice_of(*at, (size_t)(end - *at)) : slice_str(*at);
    *at += ret->n;
    return ret->n > 0;
}

static bool is_param(slice segment)
{
    return segment.n == 3 && segment.p[0] == '{';
}

/* Same number of segments, the fixed ones equal. */
static bool pattern_fits(const char *pattern, const struct http_path *path)
{
    slice want;
    size_t i = 0;
    while (pattern_next(&pattern, &want)) {
        if (i == path->n || (!is_param(want) && !slice_eq(want, path->seg[i])))
            return false;
        i++;
    }
    return i == path->n;
}

static status number_read(slice text, uint32_t *ret, struct err *reterr)
{
    uint64_t v;
    status st = http_length_read(text, &v);
    if (st != OK || v > UINT32_MAX || (text.n > 1 && text.p[0] == '0'))
        return ERR(reterr, E_SYNTAX, "path: a number up to 4294967295 is needed");
    *ret = (uint32_t)v;
    return OK;
}

/* Ids have one spelling: 0x and lower-case digits. */
static status hex_param(slice text, uint8_t *out, size_t n, struct err *reterr)
{
    bool ok = text.n == 2 + 2 * n && text.p[0] == '0' && text.p[1] == 'x';
    for (size_t i = 2; i < text.n && ok; i++)
        ok = text.p[i] < 'A' || text.p[i] > 'F';
    if (!ok || hex_read(text, out, n) != OK)
        return ERR(reterr, E_SYNTAX, "path: 0x and %zu lower-case digits are needed", 2 * n);
    return OK;
}

static status param_read(struct api_call *c, char kind, slice text, struct err *reterr)
{
    switch (kind) {
    case 'f':
        c->has_folder = true;
        return hex_param(text, c->folder.b, sizeof c->folder.b, reterr);
    case 'r':
        c->has_record = true;
        return hex_param(text, c->record.b, sizeof c->record.b, reterr);
    case 'h':
        return hex_param(text, c->id.b, sizeof c->id.b, reterr);
    case 'a':
        return hex_param(text, c->address.b, sizeof c->address.b, reterr);
    case 'e':
        return number_read(text, &c->number, reterr);
    default:
        c->cid = text;
        return OK;
    }
}

static status params_read(struct api_call *c, const struct http_path *path, struct err *reterr)
{
    const char *pattern = c->route->pattern;
    slice want;
    status st = OK;
    for (size_t i = 0; st == OK && pattern_next(&pattern, &want); i++) {
        if (is_param(want))
            st = param_read(c, (char)want.p[1], path->seg[i], reterr);
    }
    return st;
}

status route_find(struct api_call *c, struct err *reterr)
{
    struct http_path path;
    bool other_method = false;
    status st = http_path_read(c->req->target.path, &c->arena, &path, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; i < api_routes_n && !path.trailing_slash; i++) {
        if (!pattern_fits(api_routes[i].pattern, &path))
            continue;
        if (strcmp(api_routes[i].method, c->req->method) == 0) {
            c->route = &api_routes[i];
            return params_read(c, &path, reterr);
        }
        other_method = true;
    }
    if (!other_method && c->api != NULL && slice_eq_str(slice_str(c->req->method), "GET") &&
        page_answers(c->api->cfg.page, c->req->target.path)) {
        c->route = &page_route;
        return OK;
    }
    return other_method ? ERR(reterr, E_METHOD, "this path does not take that method")
                        : ERR(reterr, E_NOT_FOUND, "no such path");
}

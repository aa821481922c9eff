/* SPDX-License-Identifier: Apache-2.0 */
/* Opening handshake: which requests may become WebSockets, and the proof that we read the key. */
#include "net/ws_handshake.h"

#include <openssl/evp.h>
#include <string.h>

#define KEY_LEN 24u /* base64 of 16 bytes */
#define SHA1_LEN 20u

static slice trimmed(slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = slice_after(s, 1);
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

bool ws_list_has(slice list, const char *token)
{
    while (list.n > 0) {
        const uint8_t *comma = memchr(list.p, ',', list.n);
        slice one = slice_first(list, comma != NULL ? (size_t)(comma - list.p) : list.n);
        if (http_name_eq(trimmed(one), token))
            return true;
        list = comma != NULL ? slice_after(list, one.n + 1) : SLICE_EMPTY;
    }
    return false;
}

/* Any field of that name whose list has the token. */
static bool field_has(const struct http_request *req, const char *name, const char *token)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (http_name_eq(req->headers[i].name, name) && ws_list_has(req->headers[i].value, token))
            return true;
    return false;
}

bool ws_is_asked(const struct http_request *req)
{
    return strcmp(req->method, "GET") == 0 && field_has(req, "Upgrade", "websocket");
}

static bool is_key(slice key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (key.n != KEY_LEN || key.p[22] != '=' || key.p[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++)
        if (key.p[i] == '\0' || strchr(digits, key.p[i]) == NULL)
            return false;
    return true;
}

/* base64(SHA-1(key + GUID)), RFC 6455 section 4.2.2. */
static status accept_of(slice key, char ret[WS_ACCEPT_LEN + 1], struct err *reterr)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t text[KEY_LEN + sizeof guid - 1];
    uint8_t sum[SHA1_LEN];
    memcpy(text, key.p, KEY_LEN);
    memcpy(text + KEY_LEN, guid, sizeof guid - 1);
    if (EVP_Digest(text, sizeof text, sum, NULL, EVP_sha1(), NULL) != 1)
        return ERR(reterr, E_INTERNAL, "SHA-1 failed");
    (void)EVP_EncodeBlock((unsigned char *)ret, sum, sizeof sum);
    return OK;
}

status ws_handshake_read(const struct http_request *req, char ret[WS_ACCEPT_LEN + 1],
                         struct err *reterr)
{
    slice key = http_request_header(req, "Sec-WebSocket-Key");
    if (!field_has(req, "Connection", "upgrade"))
        return ERR(reterr, E_SYNTAX, "WebSocket: Connection does not name upgrade");
    if (http_header_count(req->headers, req->n_headers, "Sec-WebSocket-Version") != 1 ||
        !slice_eq_str(http_request_header(req, "Sec-WebSocket-Version"), "13"))
        return ERR(reterr, E_UNSUPPORTED, "WebSocket: only version 13 is served");
    if (http_header_count(req->headers, req->n_headers, "Sec-WebSocket-Key") != 1 || !is_key(key))
        return ERR(reterr, E_SYNTAX, "WebSocket: one key of 16 bytes is needed");
    return accept_of(key, ret, reterr);
}

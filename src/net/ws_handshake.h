/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of WebSockets (RFC 6455 section 4.2), server side. Pure: no sockets. */
#ifndef EHRD_NET_WS_HANDSHAKE_H
#define EHRD_NET_WS_HANDSHAKE_H

#include "net/http_server.h"

#define WS_ACCEPT_LEN 28 /* characters of Sec-WebSocket-Accept */

/* True if the request asks for a WebSocket: GET, and Upgrade names websocket. It may still be
 * wrong. */
bool ws_is_asked(const struct http_request *req);
/* Check a request for which ws_is_asked; ret: the value of Sec-WebSocket-Accept, NUL-terminated.
 * OK | E_SYNTAX (RFC 6455 section 4.2.1) | E_UNSUPPORTED (another version than 13). */
status ws_handshake_read(const struct http_request *req, char ret[WS_ACCEPT_LEN + 1],
                         struct err *reterr) MUST_USE;
/* True if the comma-separated list has the token, in any ASCII case. */
bool ws_list_has(slice list, const char *token);

#endif

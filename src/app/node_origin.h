/* SPDX-License-Identifier: Apache-2.0 */
/* The origin that clients sign their requests for, as browsers write it (RFC 6454, section 6.2). */
#ifndef EHRD_APP_NODE_ORIGIN_H
#define EHRD_APP_NODE_ORIGIN_H

#include "base/slice.h"
#include "base/status.h"

/* "https://records.example.org" or "http://[::1]:8545": http or https, a host in lower case, the
 * port only when it is not the scheme's own, and nothing behind. OK | E_USAGE. */
status node_origin_check(slice text, struct err *reterr) MUST_USE;

#endif

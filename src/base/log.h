/* SPDX-License-Identifier: Apache-2.0 */
/* logfmt lines for operators. Only app, api, relay and sealing log; never names, record bytes, keys
 * or tokens.
 *
 *     log_line(LOG_INFO, "release", "folder=%s bytes=%zu", id, n);
 * writes: ts=2026-11-23T10:00:00.123Z level=info event=release folder=0x… bytes=12
 * Thread-safe: one write(2) per line. */
#ifndef EHRD_BASE_LOG_H
#define EHRD_BASE_LOG_H

#include "base/status.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above level are dropped; fd is borrowed. Default: LOG_INFO to fd 2. Call before threads
 * start. */
void log_setup(enum log_level level, int fd);
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* requestId=… (where there is one) status=… reason="…" at=FILE:LINE. The reason may quote what
 * somebody sent: quotes and backslashes in it are escaped, so it makes up no field. */
void log_failure(enum log_level level, const char *event, const char *request_id, status s,
                 const struct err *e);

#endif

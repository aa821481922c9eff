/* SPDX-License-Identifier: Apache-2.0 */
/* logfmt lines on a file descriptor. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static enum log_level max_level = LOG_INFO;
static int log_fd = 2;

void log_setup(enum log_level level, int fd)
{
    max_level = level;
    log_fd = fd;
}

static int stamp(char *out, size_t n, enum log_level level, const char *event)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    struct timespec ts;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    return snprintf(out, n, "ts=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ level=%s event=%s ",
                    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                    ts.tv_nsec / 1000000, names[level], event);
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    if (level > max_level)
        return;
    char line[LINE_MAX_BYTES];
    int n = stamp(line, sizeof line - 1, level, event);
    if (n < 0 || n >= (int)sizeof line - 1)
        return;
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - 1 - (size_t)n, fmt, ap);
    va_end(ap);
    if (m < 0)
        return;
    size_t len = (size_t)n + (size_t)m;
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' '; /* nobody injects a second line */
    }
    line[len] = '\n';
    ssize_t w = write(log_fd, line, len + 1);
    (void)w;
}

static const char *escaped(const char *text, char out[2 * ERR_MSG_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < ERR_MSG_MAX - 1 && text[i] != '\0'; i++) {
        if (text[i] == '"' || text[i] == '\\')
            out[n++] = '\\';
        out[n++] = text[i];
    }
    out[n] = '\0';
    return out;
}

/* Without the folders of the machine that built it. */
static const char *file_name(const struct err *e)
{
    const char *slash = e->file != NULL ? strrchr(e->file, '/') : NULL;
    return slash != NULL ? slash + 1 : "?";
}

void log_failure(enum log_level level, const char *event, const char *request_id, status s,
                 const struct err *e)
{
    char reason[2 * ERR_MSG_MAX];
    log_line(level, event, "%s%s%sstatus=%s reason=\"%s\" at=%s:%d",
             request_id != NULL ? "requestId=" : "", request_id != NULL ? request_id : "",
             request_id != NULL ? " " : "", status_name(s), escaped(e->msg, reason), file_name(e),
             e->line);
}

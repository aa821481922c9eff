/* SPDX-License-Identifier: Apache-2.0 */
/* Options of commands, and texts for the terminal. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/cli.h"
#include "base/hex.h"
#include "base/utf8.h"

static void take(struct args *a, int i, int n)
{
    for (int k = i; k + n < a->n; k++)
        a->v[k] = a->v[k + n];
    a->n -= n;
}

bool args_flag(struct args *a, const char *name)
{
    for (int i = 0; i < a->n && strcmp(a->v[i], "--") != 0; i++) {
        if (strcmp(a->v[i], name) == 0) {
            take(a, i, 1);
            return true;
        }
    }
    return false;
}

status args_value(struct args *a, const char *name, const char **ret, struct err *reterr)
{
    size_t n = strlen(name);
    *ret = NULL;
    for (int i = 0; i < a->n && strcmp(a->v[i], "--") != 0; i++) {
        if (strncmp(a->v[i], name, n) == 0 && a->v[i][n] == '=') {
            *ret = a->v[i] + n + 1;
            take(a, i, 1);
            return OK;
        }
        if (strcmp(a->v[i], name) != 0)
            continue;
        if (i + 1 >= a->n)
            return ERR(reterr, E_USAGE, "%s needs a value", name);
        *ret = a->v[i + 1];
        take(a, i, 2);
        return OK;
    }
    return OK;
}

status cli_out_take(const struct cli *c, struct args *a, const char **ret, struct err *reterr)
{
    status st = args_value(a, "-o", ret, reterr);
    bool is_stdout = *ret == NULL || strcmp(*ret, "-") == 0;
    if (st == OK && c->json && is_stdout)
        st = ERR(reterr, E_USAGE, "with --json, -o FILE is needed");
    return st;
}

status args_end(const struct args *a, int min, int max, struct err *reterr)
{
    for (int i = 0; i < a->n; i++)
        if (a->v[i][0] == '-' && a->v[i][1] != 0)
            return ERR(reterr, E_USAGE, "unknown option %s", a->v[i]);
    if (a->n < min)
        return ERR(reterr, E_USAGE, "arguments are missing");
    if (a->n > max)
        return ERR(reterr, E_USAGE, "too many arguments, from \"%s\" on", a->v[max]);
    return OK;
}

status cli_text_check(const char *what, const char *text, size_t max, struct err *reterr)
{
    slice s = slice_str(text);
    if (s.n == 0 || s.n > max)
        return ERR(reterr, E_USAGE, "%s: 1 to %zu bytes, not %zu", what, max, s.n);
    return utf8_is_plain(s)
               ? OK
               : ERR(reterr, E_USAGE,
                     "%s: UTF-8 without control characters, line separators and controls of "
                     "writing direction",
                     what);
}

/* False when the time is beyond the year 9999. */
static bool time_split(uint64_t unix_s, struct tm *ret)
{
    time_t t = (time_t)unix_s;
    return unix_s <= 253402300799u && gmtime_r(&t, ret) != NULL;
}

const char *cli_time(uint64_t unix_s, char out[32])
{
    struct tm tm;
    if (!time_split(unix_s, &tm) || strftime(out, 32, "%Y-%m-%d %H:%M", &tm) == 0)
        return "far away";
    return out;
}

const char *cli_instant(uint64_t unix_s, char out[32])
{
    struct tm tm;
    if (!time_split(unix_s, &tm) || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return "far away";
    return out;
}

const char *cli_size(uint64_t n, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t u = 0;
    uint64_t tenths = n * 10;
    while (tenths >= 10240 && u < 4) {
        tenths /= 1024;
        u++;
    }
    if (u == 0)
        (void)snprintf(out, 32, "%llu B", (unsigned long long)n);
    else
        (void)snprintf(out, 32, "%llu.%llu %s", (unsigned long long)(tenths / 10),
                       (unsigned long long)(tenths % 10), units[u]);
    return out;
}

void jw_addr(struct jw *w, const char *key, const addr20 *a)
{
    jw_key(w, key);
    jw_hex(w, slice_of(a->b, sizeof a->b));
}

void jw_hash(struct jw *w, const char *key, const hash32 *h)
{
    jw_key(w, key);
    jw_hex(w, slice_of(h->b, sizeof h->b));
}

/* Width counts code points; longer texts are cut. */
void cli_print_text(slice s, int width)
{
    int col = 0;
    while (s.n > 0 && (width == 0 || col < width)) {
        bool plain;
        size_t n = utf8_first(s, &plain);
        if (plain)
            (void)fwrite(s.p, 1, n, stdout);
        else
            (void)putchar('?');
        s = slice_after(s, n);
        col++;
    }
    for (; col < width; col++)
        (void)putchar(' ');
}

void cli_plain(char *text)
{
    slice s = slice_str(text);
    while (s.n > 0) {
        bool plain;
        size_t n = utf8_first(s, &plain);
        if (!plain)
            memset(text, '?', n);
        text += n;
        s = slice_after(s, n);
    }
}

status cli_confirm(struct cli *c, const char *question, struct err *reterr)
{
    char line[16];
    if (c->yes)
        return OK;
    (void)fprintf(stderr, "%s [y/N] ", question);
    (void)fflush(stderr);
    if (fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
        return OK;
    return ERR(reterr, E_CANCELLED, "not confirmed");
}

int cli_exit_of(status st)
{
    switch (st) {
    case OK:
        return CLI_OK;
    case E_USAGE:
        return CLI_USAGE;
    case E_FORBIDDEN:
    case E_AUTH:
    case E_REVERTED:
    case E_EXPIRED:
    case E_REPLAY:
        return CLI_REFUSED;
    case E_MISMATCH:
    case E_SIGNATURE:
    case E_DECRYPT:
    case E_TRUNCATED:
    case E_TRAILING:
    case E_CORRUPT:
        return CLI_NOT_PROVED;
    case E_UNAVAILABLE:
    case E_TIMEOUT:
    case E_STALE:
    case E_BUSY:
        return CLI_UNREACHABLE;
    default:
        return CLI_FAILED;
    }
}

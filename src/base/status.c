/* SPDX-License-Identifier: Apache-2.0 */
/* The status table and the filling of struct err. */
#include "base/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct row {
    status code;
    const char *name;
    const char *text;
    int rpc;
    int http;
    const char *fhir;
};

static const struct row rows[] = {
#define STATUS(name, value, text, rpc, http, fhir) {name, #name, text, rpc, http, fhir},
#include "base/status.def"
#undef STATUS
};

static const struct row *row_of(status s)
{
    const struct row *internal = &rows[0];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == s)
            return &rows[i];
        if (rows[i].code == E_INTERNAL)
            internal = &rows[i];
    }
    return internal;
}

const char *status_name(status s)
{
    return row_of(s)->name;
}

const char *status_text(status s)
{
    return row_of(s)->text;
}

int status_rpc_code(status s)
{
    return row_of(s)->rpc;
}

int status_http(status s)
{
    return row_of(s)->http;
}

const char *status_fhir_code(status s)
{
    return row_of(s)->fhir;
}

status err_set(struct err *reterr, status code, const char *file, int line, const char *fmt, ...)
{
    if (reterr == NULL)
        return code;
    reterr->code = code;
    reterr->file = file;
    reterr->line = line;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(reterr->msg, sizeof reterr->msg, fmt, ap);
    va_end(ap);
    if (n < 0)
        reterr->msg[0] = 0;
    return code;
}

void err_prefix_put(struct err *reterr, status s, const char *what)
{
    if (reterr == NULL)
        return;
    char old[ERR_MSG_MAX];
    memcpy(old, reterr->msg, sizeof old);
    old[sizeof old - 1] = 0;
    int n = snprintf(reterr->msg, sizeof reterr->msg, "%s: %s", what, old);
    if (n < 0)
        reterr->msg[0] = 0;
    reterr->code = s;
}

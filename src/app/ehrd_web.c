/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the built page. */
#include "app/ehrd_web.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

/* The folder of this program's file. */
static bool own_folder(char *out, size_t max)
{
    ssize_t n = readlink("/proc/self/exe", out, max - 1);
    if (n <= 0)
        return false;
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

static bool has_page(const char *dir)
{
    char index[PATH_MAX];
    int n = snprintf(index, sizeof index, "%s/index.html", dir);
    return n > 0 && (size_t)n < sizeof index && file_exists(index);
}

static bool beside_program(char *out, size_t max)
{
    static const char *const places[] = {"../../../web", "../share/ehrd/web"};
    char own[PATH_MAX];
    if (!own_folder(own, sizeof own))
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int n = snprintf(out, max, "%s/%s", own, places[i]);
        if (n > 0 && (size_t)n < max && has_page(out))
            return true;
    }
    return false;
}

status ehrd_web_load(const char *option, struct page **ret, struct err *reterr)
{
    char found[PATH_MAX];
    *ret = NULL;
    if (option != NULL)
        return strcmp(option, "none") == 0 ? OK : page_load(option, ret, reterr);
    if (!beside_program(found, sizeof found))
        return OK;
    struct err e = {0};
    status st = page_load(found, ret, &e);
    if (st != OK) /* a build that runs at this moment is no reason not to start */
        log_failure(LOG_WARN, "no-page", NULL, st, &e);
    return OK;
}

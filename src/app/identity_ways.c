/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the files of an identity's ways. */
#include "app/identity_ways.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "keys/keyfile.h"

#define IDENTITY_FILE ((size_t)16 << 10)

/* Path of a file of an account's identity, or of its folder (file ""). */
static status way_path(const struct cli *c, const char *account, const char *file,
                       const char *suffix, char out[PATH_MAX], struct err *reterr)
{
    char dir[CLI_NAME_MAX + 16];
    int n = snprintf(dir, sizeof dir, "identities/%s", account);
    if (n < 0 || (size_t)n >= sizeof dir)
        return ERR(reterr, E_RANGE, "the account's name is too long");
    return cli_path(c, dir, file, suffix, out, reterr);
}

static int by_name(const void *a, const void *b)
{
    const char *x = a;
    const char *y = b;
    int x_first = strcmp(x, WAY_FIRST) == 0;
    int y_first = strcmp(y, WAY_FIRST) == 0;
    return x_first != y_first ? y_first - x_first : strcmp(x, y);
}

/* "WAY.age" to WAY. False: another file. */
static bool way_of_file(const char *file, char out[CLI_NAME_MAX])
{
    const char *dot = strrchr(file, '.');
    if (dot == NULL || strcmp(dot, ".age") != 0 || (size_t)(dot - file) >= CLI_NAME_MAX)
        return false;
    memcpy(out, file, (size_t)(dot - file));
    out[dot - file] = 0;
    return cli_name_check(out, NULL) == OK;
}

status ways_list(const struct cli *c, const char *account, struct ways *ret, struct err *reterr)
{
    struct ways w = {.n = 0};
    char path[PATH_MAX];
    char name[CLI_NAME_MAX];
    status st = way_path(c, account, WAY_CODE, "", path, reterr);
    if (st != OK)
        return st;
    w.code_stored = file_exists(path);
    st = way_path(c, account, "", "", path, reterr);
    DIR *d = st == OK ? opendir(path) : NULL;
    for (struct dirent *e; st == OK && d != NULL && (e = readdir(d)) != NULL;) {
        if (!way_of_file(e->d_name, name))
            continue;
        if (w.n == WAYS_MAX)
            st = ERR(reterr, E_TOO_LONG, "%s: more than %u ways", path, WAYS_MAX);
        else
            memcpy(w.name[w.n++], name, sizeof name);
    }
    if (d != NULL)
        (void)closedir(d);
    if (st != OK)
        return st;
    qsort(w.name, w.n, sizeof w.name[0], by_name);
    *ret = w;
    return OK;
}

static status way_open(const struct cli *c, const char *account, const char *way, slice pass,
                       struct identity *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf file;
    buf_init(&file, IDENTITY_FILE);
    status st = way_path(c, account, way, ".age", path, reterr);
    if (st == OK)
        st = file_read(path, &file, reterr);
    if (st == OK && (st = identity_open(buf_slice(&file), pass, ret, reterr)) != OK)
        st = err_prefix(reterr, st, path);
    buf_done(&file);
    return st;
}

status ways_open(const struct cli *c, const char *account, slice pass, const char *skip,
                 struct identity *ret, char *way, struct err *reterr)
{
    struct ways w;
    status st = ways_list(c, account, &w, reterr);
    if (st != OK)
        return st;
    st = ERR(
        reterr, E_NOT_FOUND,
        "%s has no identity on this computer: \"ehr identity new %s\" makes one, \"ehr identity "
        "restore %s\" brings one back",
        account, account, account);
    for (size_t i = 0; i < w.n; i++) {
        if (skip != NULL && strcmp(w.name[i], skip) == 0)
            continue;
        st = way_open(c, account, w.name[i], pass, ret, reterr);
        if (st == OK && way != NULL)
            memcpy(way, w.name[i], CLI_NAME_MAX);
        if (st != E_NO_KEY)
            return st;
        st = ERR(reterr, E_NO_KEY, "the passphrase does not open the identity of %s", account);
    }
    return st;
}

/* A way that is to be made must find room. */
static status room_check(const struct cli *c, const char *account, const char *path,
                         struct err *reterr)
{
    struct ways w;
    status st = ways_list(c, account, &w, reterr);
    if (st == OK && w.n == WAYS_MAX && !file_exists(path))
        st = ERR(reterr, E_TOO_LONG, "an identity has at most %u ways", WAYS_MAX);
    return st;
}

status ways_store(const struct cli *c, const char *account, const char *way,
                  const struct identity *id, slice pass, unsigned log_n, bool replace,
                  struct err *reterr)
{
    char path[PATH_MAX];
    char dir[PATH_MAX];
    struct buf file;
    buf_init(&file, IDENTITY_FILE);
    status st = way_path(c, account, way, ".age", path, reterr);
    if (st == OK)
        st = way_path(c, account, "", "", dir, reterr);
    if (st == OK)
        st = room_check(c, account, path, reterr);
    if (st == OK)
        st = identity_seal(id, pass, log_n, &random_system, &file, reterr);
    if (st == OK)
        st = file_mkdirs(dir, 0700, reterr);
    if (st == OK)
        st = replace ? file_replace(path, buf_slice(&file), 0600, reterr)
                     : file_create(path, buf_slice(&file), 0600, reterr);
    buf_done(&file);
    return st;
}

static status unlink_file(const char *path, struct err *reterr)
{
    if (unlink(path) == 0)
        return OK;
    status st = errno == ENOENT ? E_NOT_FOUND : E_IO;
    return ERR(reterr, st, "%s: %s", path, strerror(errno));
}

status ways_remove(const struct cli *c, const char *account, const char *way, struct err *reterr)
{
    char path[PATH_MAX];
    status st = way_path(c, account, way, ".age", path, reterr);
    return st == OK ? unlink_file(path, reterr) : st;
}

status ways_code_note(const struct cli *c, const char *account, bool stored, struct err *reterr)
{
    char path[PATH_MAX];
    char text[32];
    status st = way_path(c, account, WAY_CODE, "", path, reterr);
    if (st != OK)
        return st;
    if (!stored)
        return unlink_file(path, reterr);
    (void)snprintf(text, sizeof text, "%llu\n", (unsigned long long)clock_unix_s(&clock_system));
    return file_replace(path, slice_str(text), 0600, reterr);
}

status ways_log_n(const struct cli *c, const char *account, unsigned *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    *ret = 0;
    status st = cli_path(c, "keys", account, ".json", path, reterr);
    if (st != OK || !file_exists(path))
        return st;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    st = file_read(path, &text, reterr);
    if (st == OK)
        st = keyfile_log_n(buf_slice(&text), ret, reterr);
    if (st == OK && *ret > KEYFILE_LOG_N)
        *ret = KEYFILE_LOG_N;
    buf_done(&text);
    return st;
}

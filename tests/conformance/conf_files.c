/* SPDX-License-Identifier: Apache-2.0 */
/* Which files there are to run. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "conf.h"

#define DEPTH_MAX 32u

static status add(struct conf_files *f, const char *path)
{
    if (f->n == f->max) {
        size_t max = f->max > 0 ? 2 * f->max : 256;
        char **p = realloc(f->path, max * sizeof(char *));
        if (p == NULL)
            return E_NOMEM;
        f->path = p;
        f->max = max;
    }
    f->path[f->n] = strdup(path);
    return f->path[f->n++] != NULL ? OK : E_NOMEM;
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

static status walk(struct conf_files *f, const char *path, const char *suffix, unsigned depth,
                   struct err *reterr);

static status walk_folder(struct conf_files *f, const char *path, const char *suffix,
                          unsigned depth, struct err *reterr)
{
    DIR *d = opendir(path);
    status s = OK;
    if (d == NULL)
        return ERR(reterr, E_IO, "%s: %s", path, strerror(errno));
    for (struct dirent *e; s == OK && (e = readdir(d)) != NULL;) {
        char child[4096];
        if (e->d_name[0] == '.') /* hidden ones hold indexes, not tests */
            continue;
        if (snprintf(child, sizeof child, "%s/%s", path, e->d_name) >= (int)sizeof child)
            s = ERR(reterr, E_TOO_LONG, "%s: path too long", path);
        else
            s = walk(f, child, suffix, depth + 1, reterr);
    }
    (void)closedir(d);
    return s;
}

static status walk(struct conf_files *f, const char *path, const char *suffix, unsigned depth,
                   struct err *reterr)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return ERR(reterr, E_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
        return walk_folder(f, path, suffix, depth, reterr);
    return has_suffix(path, suffix) || depth == 0 ? add(f, path) : OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

status conf_files_find(char *const *paths, size_t n, const char *suffix, struct conf_files *ret,
                       struct err *reterr)
{
    struct conf_files f = {.path = NULL};
    status s = OK;
    for (size_t i = 0; s == OK && i < n; i++) {
        size_t before = f.n;
        s = walk(&f, paths[i], suffix, 0, reterr);
        if (s == OK && f.n == before)
            s = ERR(reterr, E_NOT_FOUND, "%s: holds no %s file", paths[i], suffix);
    }
    if (s != OK) {
        conf_files_done(&f);
        return s;
    }
    qsort(f.path, f.n, sizeof *f.path, by_path);
    *ret = f;
    return OK;
}

void conf_files_done(struct conf_files *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->path[i]);
    free(f->path);
    *f = (struct conf_files){.path = NULL};
}

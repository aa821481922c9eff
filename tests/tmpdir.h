/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for one test, below TMPDIR, removed with all it holds. */
#ifndef EHRD_TESTS_TMPDIR_H
#define EHRD_TESTS_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static inline void tmpdir_make(char *out, size_t n)
{
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(out, n, "%s/ehrd-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(out) == NULL) {
        perror(out);
        abort();
    }
}

static inline int tmpdir_remove_one(const char *path, const struct stat *st, int flag,
                                    struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void tmpdir_remove(const char *dir)
{
    (void)nftw(dir, tmpdir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over every file of the folders given, as a plain test without libFuzzer. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, (size_t)64 << 20);
    if (file_read(path, &b, &e) != OK) {
        fprintf(stderr, "%s\n", e.msg);
        buf_done(&b);
        return 1;
    }
    uint8_t *exact =
        malloc(b.n > 0 ? b.n : 1); /* exact size, so that ASan sees a read past the end */
    if (exact == NULL)
        return 1;
    if (b.n > 0)
        memcpy(exact, b.p, b.n);
    (void)LLVMFuzzerTestOneInput(exact, b.n);
    free(exact);
    buf_done(&b);
    return 0;
}

int main(int argc, char **argv)
{
    int files = 0;
    int bad = 0;
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        if (d == NULL) {
            fprintf(stderr, "%s: no such corpus\n", argv[i]);
            return 1;
        }
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char path[PATH_MAX];
            if (e->d_name[0] == '.')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
            bad += replay_file(path);
            files++;
        }
        (void)closedir(d);
    }
    printf("%d files replayed\n", files);
    return bad != 0 || files == 0;
}

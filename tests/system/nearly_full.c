/* SPDX-License-Identifier: Apache-2.0 */
/* To be preloaded: every file system is a terabyte large and has as many MiB free as the file named
 * by EHRD_FREE_MIB says; while there is no such file it is as it is. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#define MIB ((unsigned long)1 << 20)

int fstatvfs(int fd, struct statvfs *ret)
{
    int (*real)(int, struct statvfs *) =
        __extension__(int (*)(int, struct statvfs *)) dlsym(RTLD_NEXT, "fstatvfs");
    const char *path = getenv("EHRD_FREE_MIB");
    char text[32] = "";
    FILE *f = path != NULL ? fopen(path, "re") : NULL;
    if (f == NULL)
        return real(fd, ret);
    if (fgets(text, sizeof text, f) != NULL) {
        *ret = (struct statvfs){.f_bsize = MIB, .f_frsize = MIB, .f_blocks = MIB};
        ret->f_bavail = strtoul(text, NULL, 10);
    }
    (void)fclose(f);
    return 0;
}

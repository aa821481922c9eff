/* SPDX-License-Identifier: Apache-2.0 */
/* A content store in memory for tests; it checks CIDs as the port promises. */
#ifndef EHRD_TESTS_MEM_CONTENT_H
#define EHRD_TESTS_MEM_CONTENT_H

#include "content/content.h"

#define MEM_FILES 8u

struct mem_content {
    struct content base; /* first */
    struct buf file[MEM_FILES];
    struct cid cid[MEM_FILES];
    size_t n;
    uint64_t largest_write;
};

void mem_content_init(struct mem_content *m);
void mem_content_done(struct mem_content *m);

#endif

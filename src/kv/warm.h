/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a store's file into the page cache in the background after it was opened.
 *
 * Rows lie in random order, so the map is opened without read-ahead; then each first touch of a
 * page would wait for the disk. The file is read once in order instead, if it takes no more than
 * half of the machine's memory: some seconds for each ten gigabytes, while the store is in use.
 * It matters for writing too: read-ahead makes large folios of the file's pages (ext4 since Linux
 * 6.16), and each page written into one costs time in proportion to the folio. */
#ifndef EHRD_KV_WARM_H
#define EHRD_KV_WARM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct kv_warm {
    pthread_t thread;
    int fd;         /* borrowed */
    uint64_t bytes; /* to be read */
    atomic_bool stop;
    bool runs;
};

/* fd stays open until kv_warm_end. What fails is left out: only speed depends on it. */
void kv_warm_begin(struct kv_warm *w, int fd);
/* Stop and wait. Fine on a zeroed one, and after itself. */
void kv_warm_end(struct kv_warm *w);

#endif

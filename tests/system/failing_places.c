/* SPDX-License-Identifier: Apache-2.0 */
/* Each distinct chain of calls that asks for something fails: the first eight times that a run
 * meets it, and the 16th, 32nd … So a walk over all of them ends even where each run leaves more
 * behind for the next one to go through, as the n-th of all times does not. */
#include "failing.h"

#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define DEPTH 96
#define FIRST_TIMES 8u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t image; /* of the program itself: from, */
static uintptr_t image_end;

/* The first that is told is the program. */
static int note_image(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    image = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_LOAD && image + h->p_vaddr + h->p_memsz > image_end)
            image_end = image + h->p_vaddr + h->p_memsz;
    }
    return 1;
}

void failing_places_init(void)
{
    void *frames[2];
    (void)dl_iterate_phdr(note_image, NULL);
    (void)backtrace(frames, 2); /* its first call allocates */
}

/* Libraries lie elsewhere each time that a program is started: only our own frames count. */
static uint64_t hash_of_calls(void)
{
    void *frames[DEPTH];
    uint64_t h = 0xcbf29ce484222325u;
    int n = backtrace(frames, DEPTH);
    for (int i = 0; i < n; i++) {
        uintptr_t at = (uintptr_t)frames[i];
        if (at < image || at >= image_end)
            continue;
        for (uintptr_t x = at - image, k = 0; k < 8; k++, x >>= 8)
            h = (h ^ (x & 0xff)) * 0x100000001b3u;
    }
    return h != 0 ? h : 1;
}

static struct failing_place *place_of(struct failing *f, uint64_t hash)
{
    for (size_t k = 0; k < FAILING_PLACES_MAX; k++) {
        struct failing_place *p = &f->places[(hash + k) % FAILING_PLACES_MAX];
        if (p->hash == 0)
            p->hash = hash;
        if (p->hash == hash)
            return p;
    }
    static const char full[] = "failing: more places than the table holds\n";
    (void)!write(2, full, sizeof full - 1);
    _exit(97);
}

/* The bit of the time; 0 for those between. */
static uint64_t bit_of(uint64_t time)
{
    if (time <= FIRST_TIMES)
        return (uint64_t)1 << (time - 1);
    if ((time & (time - 1)) != 0)
        return 0;
    unsigned log = 63u - (unsigned)__builtin_clzll(time); /* 16: 4 */
    return log + 4 < 64 ? (uint64_t)1 << (log + 4) : 0;
}

bool failing_place_now(struct failing *f)
{
    bool fails = false;
    uint64_t hash = hash_of_calls();
    uint64_t run = atomic_load(&f->run);
    pthread_mutex_lock(&lock);
    struct failing_place *p = place_of(f, hash);
    if (p->run != run) {
        p->run = run;
        p->met = 0;
    }
    uint64_t bit = bit_of(++p->met);
    if (bit != 0 && (p->done & bit) == 0 && atomic_load(&f->failed) == 0) {
        p->done |= bit;
        atomic_store(&f->failed, 1);
        fails = true;
    }
    pthread_mutex_unlock(&lock);
    return fails;
}

unsigned failing_places_n(const struct failing *f)
{
    unsigned n = 0;
    for (size_t i = 0; i < FAILING_PLACES_MAX; i++)
        n += f->places[i].hash != 0;
    return n;
}

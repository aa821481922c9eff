/* SPDX-License-Identifier: Apache-2.0 */
/* Failures at a chosen time or place: see failing.c. */
#ifndef EHRD_TESTS_FAILING_H
#define EHRD_TESTS_FAILING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FAILING_PLACES UINT64_MAX
#define FAILING_PLACES_MAX 16384u

/* A chain of calls in the program's own code. */
struct failing_place {
    uint64_t hash; /* 0: free */
    uint64_t done; /* a bit for each time that has failed: failing_places.c */
    uint64_t run;  /* in which it was met last, */
    uint64_t met;  /* and how often */
};

/* Shared by the runs of a program and whoever arms it, one after the other. */
struct failing {
    _Atomic uint64_t at;     /* 0: never; FAILING_PLACES: at the first place that has not failed */
    _Atomic uint64_t count;  /* times since at was set */
    _Atomic uint64_t failed; /* by place: nonzero when one has failed since at was set */
    _Atomic uint64_t run;    /* how often at was set */
    struct failing_place places[FAILING_PLACES_MAX];
};

/* Counts; true if this is the time that must fail. */
bool failing_now(void);

/* Before the first call of failing_place_now. */
void failing_places_init(void);
/* Whether what is asked for here must fail; then it is noted as failed. Any thread. */
bool failing_place_now(struct failing *f);
unsigned failing_places_n(const struct failing *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Time to scan announcements of stealth addresses: bench_stealth [COUNT]. */
#include <stdio.h>
#include <stdlib.h>

#include "keys/stealth.h"

#define OWN_EACH 1000u

static bool fill(struct stealth_note *notes, size_t n, const struct stealth_meta *me,
                 const struct stealth_meta *other)
{
    for (size_t i = 0; i < n; i++)
        if (stealth_address(i % OWN_EACH == 0 ? me : other, &random_system, &notes[i]) != OK)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
    struct secp_key k[4];
    struct stealth_meta meta[2];
    struct stealth_viewer me;
    struct stealth_note *notes = calloc(n > 0 ? n : 1, sizeof *notes);
    size_t *found = calloc(n > 0 ? n : 1, sizeof *found);
    size_t n_found = 0;
    bool ok = notes != NULL && found != NULL && secp_init(&random_system) == OK;
    for (size_t i = 0; ok && i < 4; i++)
        ok = secp_key_generate(&random_system, &k[i]) == OK;
    ok = ok && stealth_meta_of(&k[0], &k[1], &meta[0]) == OK &&
         stealth_meta_of(&k[2], &k[3], &meta[1]) == OK && fill(notes, n, &meta[0], &meta[1]);
    if (ok) {
        me.view = k[1];
        memcpy(me.spend, meta[0].spend, sizeof me.spend);
        uint64_t t0 = clock_mono_ms(&clock_system);
        ok = stealth_scan(&me, notes, n, found, &n_found) == OK;
        uint64_t ms = clock_mono_ms(&clock_system) - t0;
        printf("scanned %zu announcements in %llu ms, own: %zu\n", n, (unsigned long long)ms,
               n_found);
    }
    free(notes);
    free(found);
    secp_done();
    return ok && n_found == (n + OWN_EACH - 1) / OWN_EACH ? 0 : 1;
}

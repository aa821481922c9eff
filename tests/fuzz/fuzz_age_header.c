/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an age header: what is taken walks to its end, and no start of it is taken. */
#include <stdlib.h>

#include "age/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

/* The stanzas follow each other without a gap up to the MAC line. */
static void check_walk(const struct age_header *h)
{
    struct age_stanza s;
    slice rest = h->stanzas;
    const uint8_t *at = h->stanzas.p;
    size_t n = 0;
    for (; age_stanza_next(&rest, &s); n++) {
        expect(s.type.p == at + 3 && s.type.n > 0);
        expect(s.body.n > 0 && s.body.p[s.body.n - 1] == '\n');
        at = s.body.p + s.body.n;
    }
    expect(n == h->n_stanzas && at == h->stanzas.p + h->stanzas.n);
    expect(at[0] == '-' && h->text.p[h->text.n - 1] == '\n');
}

/* Opening with some keys only has to end well; max_log_n keeps scrypt cheap. */
static void check_open(const struct age_header *h)
{
    static struct age_identity id;
    struct age_keys keys = {.ids = &id, .n_ids = 1, .passphrase = SLICE_LIT("x"), .max_log_n = 2};
    struct age_file_key fk;
    struct err e;
    static const uint8_t secret[32] = {0x42};
    if (id.secret[0] == 0)
        expect(age_identity_of(secret, &id) == OK);
    if (age_header_open(h, &keys, &fk, &e) == OK)
        age_file_key_done(&fk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct age_header h;
    struct age_header cut;
    struct err e;
    if (age_header_read(slice_of(data, size), &h, &e) != OK)
        return 0;
    expect(h.text.p == data && h.text.n <= size && h.n_stanzas <= LIMIT_AGE_STANZAS);
    expect(age_header_read(slice_first(h.text, h.text.n - 1), &cut, &e) == E_TRUNCATED);
    check_walk(&h);
    check_open(&h);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a file of age identities, and of recipients: what is taken comes out the same when it
 * is written, and what fails leaves no key behind. */
#include <stdlib.h>

#include "age/key.h"

#define KEYS_MAX 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool has_line(slice text, const char *line)
{
    return memmem(text.p, text.n, line, strlen(line)) != NULL;
}

static void read_identities(slice in)
{
    static const struct age_identity none;
    struct age_identity ids[KEYS_MAX] = {{.secret = {0}}};
    struct age_identity again;
    char text[AGE_IDENTITY_TEXT];
    size_t n = 0;
    struct err e;
    status st = age_identities_read(in, ids, KEYS_MAX, &n, &e);
    expect(st >= 0); /* the text's fault, never ours */
    for (size_t i = 0; i < KEYS_MAX; i++) {
        if (st != OK) {
            expect(memcmp(ids[i].secret, none.secret, sizeof none.secret) == 0);
        } else if (i < n) {
            expect(age_identity_write(&ids[i], text) == OK && has_line(in, text));
            expect(age_identity_read(slice_str(text), &again, &e) == OK);
            expect(age_recipient_eq(&ids[i].recipient, &again.recipient));
        }
    }
    expect(st != OK || (n >= 1 && n <= KEYS_MAX));
}

static void read_recipients(slice in)
{
    struct age_recipient list[KEYS_MAX];
    struct age_recipient again;
    char text[AGE_RECIPIENT_TEXT];
    size_t n = 0;
    struct err e;
    status st = age_recipients_read(in, list, KEYS_MAX, &n, &e);
    expect(st >= 0);
    if (st != OK)
        return;
    expect(n >= 1 && n <= KEYS_MAX);
    for (size_t i = 0; i < n; i++) {
        expect(age_recipient_write(&list[i], text) == OK && has_line(in, text));
        expect(age_recipient_read(slice_str(text), &again, &e) == OK);
        expect(age_recipient_eq(&list[i], &again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_identities(slice_of(data, size));
    read_recipients(slice_of(data, size));
    return 0;
}

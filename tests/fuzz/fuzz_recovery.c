/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a recovery code: what is taken must be written the same, up to case and space. */
#include <ctype.h>
#include <stdlib.h>

#include "ehr/recovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct identity id;
    struct err e;
    char code[RECOVERY_TEXT];
    bool has_account;
    size_t n = 0;
    if (recovery_read(slice_of(data, size), &net, "http://node", &id, &has_account, &e) != OK)
        return 0;
    expect(recovery_write(&id, has_account, code) == OK);
    for (size_t i = 0; i < size; i++)
        if (!isspace(data[i]))
            expect(code[n++] == toupper(data[i]));
    expect(code[n] == 0);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Code made ready to run: padding and the set of valid jump targets. */
#include <stdlib.h>

#include "evm/evm.h"
#include "evm/opcode.h"

/* Enough for a PUSH32 as the last byte, and for reading its data 8 bytes at a time. */
#define PADDING 40u

static void find_jumpdests(const uint8_t *code, size_t n, uint64_t *set)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t op = code[i];
        if (op == OP_JUMPDEST)
            set[i / 64] |= 1ull << (i % 64);
        else if (op >= OP_PUSH1 && op <= OP_PUSH32)
            i += (size_t)(op - OP_PUSH1) + 1;
    }
}

struct evm_code *evm_code_new(slice code)
{
    size_t words = code.n / 64 + 1;
    size_t total = sizeof(struct evm_code) + words * sizeof(uint64_t) + code.n + PADDING;
    struct evm_code *c = calloc(1, total);
    if (c == NULL)
        return NULL;
    uint64_t *set = (uint64_t *)(void *)(c + 1);
    uint8_t *bytes = (uint8_t *)(set + words);
    if (code.n > 0)
        memcpy(bytes, code.p, code.n);
    find_jumpdests(bytes, code.n, set);
    c->bytes = bytes;
    c->n = code.n;
    c->jumpdests = set;
    return c;
}

void evm_code_free(struct evm_code *c)
{
    free(c);
}

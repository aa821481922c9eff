/* SPDX-License-Identifier: Apache-2.0 */
/* Names of revisions and outcomes. */
#include "evm/evm.h"

static const struct rev_row {
    const char *name;
    enum evm_rev rev;
} revs[] = {
    /* The first row of a revision is the name it is printed with. */
    {"Frontier", EVM_FRONTIER},
    {"Homestead", EVM_HOMESTEAD},
    {"EIP150", EVM_TANGERINE},
    {"TangerineWhistle", EVM_TANGERINE},
    {"EIP158", EVM_SPURIOUS},
    {"SpuriousDragon", EVM_SPURIOUS},
    {"Byzantium", EVM_BYZANTIUM},
    {"Constantinople", EVM_CONSTANTINOPLE},
    {"ConstantinopleFix", EVM_PETERSBURG},
    {"Petersburg", EVM_PETERSBURG},
    {"Istanbul", EVM_ISTANBUL},
    {"MuirGlacier", EVM_ISTANBUL},
    {"Berlin", EVM_BERLIN},
    {"London", EVM_LONDON},
    {"ArrowGlacier", EVM_LONDON},
    {"GrayGlacier", EVM_LONDON},
    {"Paris", EVM_PARIS},
    {"Merge", EVM_PARIS},
    {"Shanghai", EVM_SHANGHAI},
    {"Cancun", EVM_CANCUN},
    {"Prague", EVM_PRAGUE},
    {"Osaka", EVM_OSAKA},
    {"BPO1", EVM_OSAKA},
    {"BPO2", EVM_OSAKA},
    {"BPO3", EVM_OSAKA},
    {"BPO4", EVM_OSAKA},
    {"BPO5", EVM_OSAKA},
};

const char *evm_rev_name(enum evm_rev rev)
{
    for (size_t i = 0; i < sizeof revs / sizeof revs[0]; i++)
        if (revs[i].rev == rev)
            return revs[i].name;
    return "unknown";
}

status evm_rev_read(slice name, enum evm_rev *ret)
{
    for (size_t i = 0; i < sizeof revs / sizeof revs[0]; i++)
        if (slice_eq_str(name, revs[i].name)) {
            *ret = revs[i].rev;
            return OK;
        }
    return E_UNSUPPORTED;
}

const char *evm_status_text(enum evm_status s)
{
    static const char *const texts[EVM_STATUS_COUNT] = {
        [EVM_SUCCESS] = "success",
        [EVM_REVERT] = "execution reverted",
        [EVM_OUT_OF_GAS] = "out of gas",
        [EVM_UNDEFINED] = "undefined opcode",
        [EVM_INVALID] = "invalid opcode",
        [EVM_STACK_UNDERFLOW] = "stack underflow",
        [EVM_STACK_OVERFLOW] = "stack overflow",
        [EVM_BAD_JUMP] = "invalid jump destination",
        [EVM_RETURNDATA_BOUNDS] = "return data out of bounds",
        [EVM_STATIC_VIOLATION] = "write protection",
        [EVM_CODE_TOO_LARGE] = "max code size exceeded",
        [EVM_CODE_EF] = "code starts with 0xef",
        [EVM_PRECOMPILE_FAILED] = "precompile failed",
        [EVM_COLLISION] = "contract address collision",
        [EVM_NONCE_OVERFLOW] = "nonce overflow",
        [EVM_DEPTH] = "max call depth exceeded",
        [EVM_BALANCE] = "insufficient balance for transfer",
        [EVM_NO_MEMORY] = "host out of memory",
    };
    return (unsigned)s < EVM_STATUS_COUNT ? texts[s] : "unknown";
}

bool evm_delegation_read(slice code, addr20 *ret_target)
{
    if (code.n != EVM_DELEGATION_SIZE || memcmp(code.p, "\xef\x01\x00", 3) != 0)
        return false;
    memcpy(ret_target->b, code.p + 3, sizeof ret_target->b);
    return true;
}

const char *evm_op_name(uint8_t op)
{
    static const char *const names[256] = {
#define OP(code, name, in, out, cost, kind, n) #name,
#define NONE(code) NULL,
#include "evm/opcodes.def"
    };
    return names[op];
}

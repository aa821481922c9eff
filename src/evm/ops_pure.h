/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that only see the stack. s is its top; the result replaces the lowest word taken. */
#ifndef EHRD_EVM_OPS_PURE_H
#define EHRD_EVM_OPS_PURE_H

#include "num/u256_alu.h"

#define PURE_BINARY(name, expr)                                                                    \
    static inline void op_##name(u256 *s)                                                          \
    {                                                                                              \
        s[-1] = (expr);                                                                            \
    }

PURE_BINARY(ADD, u256_wadd(s[0], s[-1]))
PURE_BINARY(MUL, u256_wmul(s[0], s[-1]))
PURE_BINARY(SUB, u256_wsub(s[0], s[-1]))
PURE_BINARY(SIGNEXTEND, u256_signextend(s[-1], s[0]))
PURE_BINARY(LT, u256_from_u64(u256_lt(s[0], s[-1])))
PURE_BINARY(GT, u256_from_u64(u256_lt(s[-1], s[0])))
PURE_BINARY(SLT, u256_from_u64(u256_slt(s[0], s[-1])))
PURE_BINARY(SGT, u256_from_u64(u256_slt(s[-1], s[0])))
PURE_BINARY(EQ, u256_from_u64(u256_eq(s[0], s[-1])))
PURE_BINARY(AND, u256_and(s[0], s[-1]))
PURE_BINARY(OR, u256_or(s[0], s[-1]))
PURE_BINARY(XOR, u256_xor(s[0], s[-1]))
PURE_BINARY(BYTE, u256_byte(s[-1], s[0]))
PURE_BINARY(SHL, u256_shl(s[-1], s[0]))
PURE_BINARY(SHR, u256_shr(s[-1], s[0]))
PURE_BINARY(SAR, u256_sar(s[-1], s[0]))

#undef PURE_BINARY

static inline void op_DIV(u256 *s)
{
    u256_div(&s[0], &s[-1], &s[-1]);
}

static inline void op_SDIV(u256 *s)
{
    u256_sdiv(&s[0], &s[-1], &s[-1]);
}

static inline void op_MOD(u256 *s)
{
    u256_mod(&s[0], &s[-1], &s[-1]);
}

static inline void op_SMOD(u256 *s)
{
    u256_smod(&s[0], &s[-1], &s[-1]);
}

static inline void op_ISZERO(u256 *s)
{
    s[0] = u256_from_u64(u256_is_zero(s[0]));
}

static inline void op_NOT(u256 *s)
{
    s[0] = u256_not(s[0]);
}

static inline void op_CLZ(u256 *s)
{
    s[0] = u256_from_u64(u256_clz(s[0]));
}

static inline void op_ADDMOD(u256 *s)
{
    u256_addmod(&s[0], &s[-1], &s[-2], &s[-2]);
}

static inline void op_MULMOD(u256 *s)
{
    u256_mulmod(&s[0], &s[-1], &s[-2], &s[-2]);
}

#endif

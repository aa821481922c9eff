/* SPDX-License-Identifier: Apache-2.0 */
/* The opcodes as constants. */
#ifndef EHRD_EVM_OPCODE_H
#define EHRD_EVM_OPCODE_H

enum evm_opcode {
#define OP(code, name, in, out, cost, kind, n) OP_##name = (code),
#define NONE(code)
#include "evm/opcodes.def"
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that tells a tracer of every instruction. */
#define EVM_TRACED 1
#include "evm/loop.h"

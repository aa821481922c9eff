/* SPDX-License-Identifier: Apache-2.0 */
/* MLOAD and MSTORE: inlined, since contracts consist of them. The rare growth is a call. */
#ifndef EHRD_EVM_OPS_MEMORY_H
#define EHRD_EVM_OPS_MEMORY_H

#include "evm/frame.h"

static inline bool memory_has(const struct frame *f, const u256 *off, uint64_t n)
{
    /* mem_n is 0 or at least 32, so the difference does not wrap where it counts. */
    return u256_fits_u64(*off) && off->w[0] < f->mem_n && f->mem_n - off->w[0] >= n;
}

static inline void op_MLOAD(const struct frame *f, u256 *s)
{
    s[0] = frame_load(f->mem + s[0].w[0]);
}

static inline void op_MSTORE(const struct frame *f, const u256 *s)
{
    frame_store(f->mem + s[0].w[0], s[-1]);
}

static inline void op_MSTORE8(const struct frame *f, const u256 *s)
{
    f->mem[s[0].w[0]] = (uint8_t)s[-1].w[0];
}

#define MEMORY_SIZE_MLOAD 32
#define MEMORY_SIZE_MSTORE 32
#define MEMORY_SIZE_MSTORE8 1

#endif

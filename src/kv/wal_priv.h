/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the files of a write-ahead log, shared by its reader and its writer. */
#ifndef EHRD_KV_WAL_PRIV_H
#define EHRD_KV_WAL_PRIV_H

#include "kv/wal.h"

#define WAL_SECTOR 512u /* written whole or not at all */
#define WAL_ALIGN 4096u /* records begin at multiples of it */
#define WAL_BASE_AT 4096u
#define WAL_HEAD_BYTES 96u   /* before the hash of the head */
#define WAL_RECORD_BYTES 56u /* before the body of a record */

#define WAL_HEAD_MAGIC "ehrd-wal"
#define WAL_RECORD_MAGIC "ehwr"
#define WAL_VERSION 1u

static inline size_t wal_slot(uint64_t number)
{
    return (size_t)(number % WAL_FILES);
}

static inline uint64_t wal_records_at(uint32_t page)
{
    return WAL_BASE_AT + (uint64_t)2 * page;
}

/* Bytes that a record takes in the file. */
static inline uint64_t wal_record_bytes(size_t body)
{
    return ((uint64_t)WAL_RECORD_BYTES + body + WAL_ALIGN - 1) / WAL_ALIGN * WAL_ALIGN;
}

/* The first WAL_SECTOR bytes of a log's file. */
status wal_head_write(const struct wal_head *h, uint8_t out[WAL_SECTOR]) MUST_USE;
/* The hash in a record: of the salt, the 24 bytes before it, and the body. */
status wal_record_hash(const struct wal_head *h, const uint8_t first[24], slice body,
                       hash32 *ret) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Is a block signed by the authority whose address was pinned? */
#include <stdio.h>

#include "base/limits.h"
#include "codec/domain_hash.h"
#include "crypto/secp256k1.h"
#include "ledger/remote.h"
#include "ledger/remote_int.h"

#define ANSWER_MEMORY ((size_t)16 << 20)

static status seal_read(slice answer, uint64_t number, const hash32 *hash, uint8_t seal[SECP_SIG],
                        struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    hash32 told;
    arena_init(&a, ANSWER_MEMORY, false);
    status st = json_read(answer, &a, &doc, reterr);
    struct json block = st == OK ? json_get(json_root(&doc), "result") : (struct json){0};
    if (st == OK && (json_is_absent(block) || json_type(block) == JSON_NULL))
        st = ERR(reterr, E_UNAVAILABLE, "the node does not have block %llu any more",
                 (unsigned long long)number);
    if (st == OK)
        st = json_hex_hash(json_get(block, "hash"), &told, reterr);
    if (st == OK && !hash32_eq(told, *hash))
        st = ERR(reterr, E_MISMATCH, "the node has another block %llu", (unsigned long long)number);
    if (st == OK && json_is_absent(json_get(block, "authoritySignature")))
        st = ERR(reterr, E_MISMATCH,
                 "block %llu is not signed, but this chain's authority was pinned",
                 (unsigned long long)number);
    if (st == OK)
        st = json_hex_fixed(json_get(block, "authoritySignature"), seal, SECP_SIG, reterr);
    arena_done(&a);
    return st;
}

status remote_seal_check(struct ledger *l, uint64_t chain, const addr20 *authority, uint64_t number,
                         const hash32 *hash, struct err *reterr)
{
    char request[160];
    uint8_t seal[SECP_SIG];
    struct buf answer;
    hash32 digest;
    (void)snprintf(request, sizeof request,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBlockByNumber\",\"params\":["
                   "\"0x%llx\",false]}",
                   (unsigned long long)number);
    buf_init(&answer, LIMIT_RPC_ANSWER);
    status st = ledger_remote_post(l, slice_str(request), &answer, reterr);
    if (st == OK)
        st = seal_read(buf_slice(&answer), number, hash, seal, reterr);
    buf_done(&answer);
    if (st != OK)
        return err_prefix(reterr, st > 0 && st != E_MISMATCH ? E_CORRUPT : st, "the authority");
    block_seal_digest(chain, number, hash, &digest);
    if (secp_verify_addr(&digest, slice_of(seal, SECP_SIG), *authority) != OK)
        return ERR(reterr, E_MISMATCH, "block %llu is signed by somebody else than the authority",
                   (unsigned long long)number);
    return OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts that the protocol itself calls, and the requests they make (EIP-4788, 2935, 6110, 7002,
 * 7251, 7685). */
#include "chain/block.h"
#include "chain/block_priv.h"
#include "crypto/sha2.h"

#define DEPOSIT_LOG 576u /* bytes of a deposit's event */

static const addr20 beacon_roots = {.b = {0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80,
                                          0x7e, 0xf1, 0x31, 0x9f, 0xb7, 0xb8, 0xbb,
                                          0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
static const addr20 history = {.b = {0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb,
                                     0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};
static const addr20 withdrawals = {.b = {0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e,
                                         0xb5, 0x5e, 0x80, 0xd1, 0x9a, 0xd8, 0x35,
                                         0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}};
static const addr20 consolidations = {.b = {0x00, 0x00, 0xbb, 0xdd, 0xc7, 0xce, 0x48,
                                            0x86, 0x42, 0xfb, 0x57, 0x9f, 0x8b, 0x00,
                                            0xf3, 0xa5, 0x90, 0x00, 0x72, 0x51}};
static const addr20 deposits = {.b = {0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5, 0x40, 0x35, 0x6c,
                                      0xbb, 0x83, 0x9c, 0xbe, 0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}};
/* keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)") */
static const hash32 deposit_topic = {{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42,
                                      0xaf, 0xea, 0x4e, 0x5c, 0xd8, 0x2d, 0x40, 0x49,
                                      0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0, 0x88, 0x9a,
                                      0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

void block_call_begin(struct block_run *run)
{
    struct evm_result r;
    const struct block_header *h = run->header;
    if (run->rules->rev >= EVM_CANCUN)
        host_system_call(&run->host, &beacon_roots, slice_of(h->beacon_root.b, 32), &r);
    if (run->rules->rev >= EVM_PRAGUE)
        host_system_call(&run->host, &history, slice_of(h->parent.b, 32), &r);
}

/* A contract that must be there and answer. */
static status collect(struct block_run *run, const addr20 *from, struct buf *out,
                      struct err *reterr)
{
    struct evm_result r;
    struct state *st = run->host.state;
    bool absent = state_code(st, state_account(st, from))->bytes.n == 0;
    if (absent && run->rules->extras.requests_optional)
        return OK;
    if (absent)
        return block_fail(run, BLOCK_SYSTEM_EMPTY, reterr);
    host_system_call(&run->host, from, SLICE_EMPTY, &r);
    if (r.status != EVM_SUCCESS)
        return block_fail(run, BLOCK_SYSTEM_FAILED, reterr);
    return buf_put(out, r.output);
}

status block_call_end(struct block_run *run, struct err *reterr)
{
    if (run->rules->rev < EVM_PRAGUE)
        return OK;
    status s = collect(run, &withdrawals, &run->requests[1], reterr);
    if (s == OK)
        s = collect(run, &consolidations, &run->requests[2], reterr);
    return s;
}

/* A word that must hold this number. */
static bool word_is(slice data, size_t at, uint64_t want)
{
    return u256_eq(u256_from_be(data.p + at), u256_from_u64(want));
}

/* One deposit: five byte strings whose places and lengths are fixed. */
static status add_deposit(struct block_run *run, slice data, struct err *reterr)
{
    static const struct {
        uint16_t at; /* of the length; the bytes follow it */
        uint16_t n;
    } field[] = {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};
    if (data.n != DEPOSIT_LOG)
        return block_fail(run, BLOCK_BAD_DEPOSIT, reterr);
    status s = OK;
    for (size_t i = 0; s == OK && i < sizeof field / sizeof *field; i++) {
        if (!word_is(data, 32 * i, field[i].at) || !word_is(data, field[i].at, field[i].n))
            return block_fail(run, BLOCK_BAD_DEPOSIT, reterr);
        s = buf_put_mem(&run->requests[0], data.p + field[i].at + 32, field[i].n);
    }
    return s;
}

status block_add_deposits(struct block_run *run, struct err *reterr)
{
    const struct state *st = run->host.state;
    status s = OK;
    if (run->rules->rev < EVM_PRAGUE)
        return OK;
    for (size_t i = 0; s == OK && i < st->log_n; i++) {
        const struct state_log *l = &st->log[i];
        if (addr20_eq(l->addr, deposits) && l->n_topics > 0 &&
            hash32_eq(l->topic[0], deposit_topic))
            s = add_deposit(run, l->data, reterr);
    }
    return s;
}

status block_requests_hash(const struct block_run *run, hash32 *ret)
{
    struct buf all;
    struct buf one;
    status s = OK;
    buf_init(&all, 3 * sizeof(hash32));
    buf_init(&one, SIZE_MAX);
    for (uint8_t type = 0; s == OK && type < 3; type++) {
        hash32 h;
        if (run->requests[type].n == 0)
            continue;
        buf_clear(&one);
        s = buf_put_u8(&one, type);
        if (s == OK)
            s = buf_put(&one, buf_slice(&run->requests[type]));
        if (s == OK)
            s = sha256(buf_slice(&one), &h);
        if (s == OK)
            s = buf_put_mem(&all, h.b, sizeof h.b);
    }
    if (s == OK)
        s = sha256(buf_slice(&all), ret);
    buf_done(&one);
    buf_done(&all);
    return s;
}

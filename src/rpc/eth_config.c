/* SPDX-License-Identifier: Apache-2.0 */
/* eth_config (EIP-7910): the fork in force, the next and the last, with what they bring. */
#include <stdlib.h>

#include "evm/precompile.h"
#include "rpc/methods.h"
#include "rpc/put.h"

#define FORKS_MAX 64u

static const char *const precompile_names[] = {
    [0x01] = "ECREC",
    [0x02] = "SHA256",
    [0x03] = "RIPEMD160",
    [0x04] = "ID",
    [0x05] = "MODEXP",
    [0x06] = "BN254_ADD",
    [0x07] = "BN254_MUL",
    [0x08] = "BN254_PAIRING",
    [0x09] = "BLAKE2F",
    [0x0a] = "KZG_POINT_EVALUATION",
    [0x0b] = "BLS12_G1ADD",
    [0x0c] = "BLS12_G1MSM",
    [0x0d] = "BLS12_G2ADD",
    [0x0e] = "BLS12_G2MSM",
    [0x0f] = "BLS12_PAIRING_CHECK",
    [0x10] = "BLS12_MAP_FP_TO_G1",
    [0x11] = "BLS12_MAP_FP2_TO_G2",
};

static const struct {
    const char *name;
    const char *address;
    enum evm_rev since;
} system_contracts[] = {
    {"BEACON_ROOTS_ADDRESS", "0x000f3df6d732807ef1319fb7b8bb8522d0beac02", EVM_CANCUN},
    {"CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS", "0x0000bbddc7ce488642fb579f8b00f3a590007251",
     EVM_PRAGUE},
    {"HISTORY_STORAGE_ADDRESS", "0x0000f90827f1c53a10cb7a02335b175320002935", EVM_PRAGUE},
    {"WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS", "0x00000961ef480eb55e80d19ad83579a64c007002",
     EVM_PRAGUE},
};
static const char deposit_contract[] = "0x00000000219ab540356cbb839cbe05303d7705fa";

/* --- forks as the genesis file names them -------------------------------------------------------
 */

struct forks {
    uint64_t block[FORKS_MAX];
    size_t n_blocks;
    uint64_t time[FORKS_MAX];
    size_t n_times;
};

static int u64_cmp(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t sort_unique(uint64_t *v, size_t n)
{
    size_t kept = 0;
    if (n > 1)
        qsort(v, n, sizeof *v, u64_cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || v[kept - 1] != v[i])
            v[kept++] = v[i];
    return kept;
}

static bool ends_with(slice s, const char *end)
{
    slice e = slice_str(end);
    return s.n > e.n && slice_eq(slice_after(s, s.n - e.n), e);
}

static void read_forks(const struct genesis *g, struct forks *ret)
{
    struct json_iter it = json_iter(json_get(g->root, "config"));
    *ret = (struct forks){.n_blocks = 0};
    while (json_next(&it)) {
        slice key;
        uint64_t at;
        if (json_str(it.key, &key, NULL) != OK || json_u64(it.value, &at, NULL) != OK)
            continue;
        if (ends_with(key, "Block") && at > 0 && ret->n_blocks < FORKS_MAX)
            ret->block[ret->n_blocks++] = at;
        if (ends_with(key, "Time") && at > g->header.timestamp && ret->n_times < FORKS_MAX)
            ret->time[ret->n_times++] = at;
    }
    ret->n_blocks = sort_unique(ret->block, ret->n_blocks);
    ret->n_times = sort_unique(ret->time, ret->n_times);
}

/* --- EIP-2124 -----------------------------------------------------------------------------------
 */

static uint32_t crc32_add(uint32_t crc, const uint8_t *p, size_t n)
{
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (unsigned k = 0; k < 8; k++)
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static uint32_t crc32_fork(uint32_t crc, uint64_t at)
{
    uint8_t be[8];
    for (unsigned i = 0; i < 8; i++)
        be[i] = (uint8_t)(at >> (56 - 8 * i));
    return crc32_add(crc, be, sizeof be);
}

static uint32_t fork_id(const struct chain *c, const struct forks *f, uint64_t time)
{
    hash32 genesis = chain_genesis_hash(c);
    uint32_t crc = crc32_add(0, genesis.b, sizeof genesis.b);
    for (size_t i = 0; i < f->n_blocks; i++)
        crc = crc32_fork(crc, f->block[i]);
    for (size_t i = 0; i < f->n_times && f->time[i] <= time; i++)
        crc = crc32_fork(crc, f->time[i]);
    return crc;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void put_precompiles(struct jw *w, enum evm_rev rev)
{
    addr20 list[PRECOMPILE_MAX];
    size_t n = precompile_list(rev, list);
    jw_key(w, "precompiles");
    jw_object(w);
    for (size_t i = 0; i < n; i++) {
        size_t k = (size_t)list[i].b[18] << 8 | list[i].b[19];
        if (k < sizeof precompile_names / sizeof *precompile_names && precompile_names[k] != NULL)
            jw_key(w, precompile_names[k]);
        else
            jw_key(w, "P256VERIFY");
        rpc_put_addr(w, &list[i]);
    }
    jw_end(w);
}

static void put_system_contracts(struct jw *w, const struct genesis *g, enum evm_rev rev)
{
    jw_key(w, "systemContracts");
    jw_object(w);
    for (size_t i = 0; i < sizeof system_contracts / sizeof *system_contracts; i++) {
        if (rev < system_contracts[i].since)
            continue;
        jw_key(w, system_contracts[i].name);
        jw_cstr(w, system_contracts[i].address);
    }
    if (rev >= EVM_PRAGUE) {
        struct json own = json_get(json_get(g->root, "config"), "depositContractAddress");
        addr20 a;
        jw_key(w, "DEPOSIT_CONTRACT_ADDRESS");
        if (json_hex_addr(own, &a, NULL) == OK)
            rpc_put_addr(w, &a);
        else
            jw_cstr(w, deposit_contract);
    }
    jw_end(w);
}

/* The rules from `time` on. activation: what is said of when they began. */
static void put_fork(struct rpc_req *q, const char *key, const struct forks *f, uint64_t number,
                     uint64_t time, uint64_t activation)
{
    const struct chain *c = q->rpc->cfg.chain;
    struct chain_rules r;
    struct jw *w = q->w;
    struct block_header h = {.number = number, .timestamp = time};
    chain_rules_of(c, &h, (u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}, &r);
    jw_key(w, key);
    jw_object(w);
    jw_key(w, "activationTime");
    jw_u64(w, activation);
    jw_key(w, "blobSchedule");
    if (r.rev >= EVM_CANCUN) {
        jw_object(w);
        jw_key(w, "target");
        jw_u64(w, r.blobs.target);
        jw_key(w, "max");
        jw_u64(w, r.blobs.max);
        jw_key(w, "baseFeeUpdateFraction");
        jw_u64(w, r.blobs.fraction);
        jw_end(w);
    } else {
        jw_null(w);
    }
    jw_key(w, "chainId");
    jw_hex_u64(w, chain_id(c));
    jw_key(w, "forkId");
    jw_printf(w, "0x%08x", fork_id(c, f, time));
    put_precompiles(w, r.rev);
    put_system_contracts(w, chain_genesis(c), r.rev);
    jw_end(w);
}

static void put_none(struct jw *w, const char *key)
{
    jw_key(w, key);
    jw_null(w);
}

status rpc_eth_config(struct rpc_req *q)
{
    struct forks f;
    struct chain_block head;
    status s = rpc_view(q);
    if (s == OK)
        s = chain_view_block(&q->view, q->view.head, &head, NULL);
    if (s != OK)
        return s;
    read_forks(chain_genesis(q->rpc->cfg.chain), &f);
    uint64_t now = head.block.header.timestamp;
    size_t next = 0;
    while (next < f.n_times && f.time[next] <= now)
        next++;
    jw_object(q->w);
    put_fork(q, "current", &f, q->view.head, now, next > 0 ? f.time[next - 1] : 0);
    if (next < f.n_times) {
        uint64_t last = f.time[f.n_times - 1];
        put_fork(q, "next", &f, q->view.head + 1, f.time[next], f.time[next]);
        put_fork(q, "last", &f, q->view.head + 1, last, last);
    } else {
        put_none(q->w, "next");
        put_none(q->w, "last");
    }
    jw_end(q->w);
    return OK;
}

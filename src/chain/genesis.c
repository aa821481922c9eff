/* SPDX-License-Identifier: Apache-2.0 */
/* Reading geth's genesis files. */
#include "chain/genesis.h"

#include <stdio.h>

#include "base/hex.h"
#include "crypto/keccak.h"

#define GAS_LIMIT_DEFAULT 4712388u
#define DIFFICULTY_DEFAULT 131072u
#define BASE_FEE_DEFAULT 1000000000u

/* keccak256(rlp([])), and sha256("") */
static const hash32 no_uncles = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5,
                                  0x67, 0xb6, 0xcc, 0xd4, 0x1a, 0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a,
                                  0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};
static const hash32 no_requests = {{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                    0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                    0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}};

/* --- values: "0x…", decimal text, or a number ------------------------------------------------ */

static status value_u256(struct json v, u256 def, u256 *ret, struct err *reterr)
{
    char digits[3 + 64] = "0x";
    slice text;
    if (json_is_absent(v) || json_type(v) == JSON_NULL) {
        *ret = def;
        return OK;
    }
    status s =
        json_type(v) == JSON_NUMBER ? json_num(v, &text, reterr) : json_str(v, &text, reterr);
    if (s != OK)
        return s;
    if (!slice_has_prefix(text, SLICE_LIT("0x"))) {
        s = u256_read_dec(text, ret);
        return s == OK ? OK : json_err(reterr, s, v, "no number");
    }
    text = slice_after(text, 2);
    while (text.n > 1 && text.p[0] == '0')
        text = slice_after(text, 1);
    if (text.n > 64)
        return json_err(reterr, E_RANGE, v, "above 2^256");
    if (text.n == 0)
        text = SLICE_LIT("0");
    memcpy(digits + 2, text.p, text.n);
    s = u256_read_hex(slice_of(digits, 2 + text.n), ret);
    return s == OK ? OK : json_err(reterr, s, v, "no number");
}

static status value_u64(struct json v, uint64_t def, uint64_t *ret, struct err *reterr)
{
    u256 n;
    status s = value_u256(v, u256_from_u64(def), &n, reterr);
    if (s != OK)
        return s;
    if (!u256_fits_u64(n))
        return json_err(reterr, E_RANGE, v, "above 2^64");
    *ret = n.w[0];
    return OK;
}

static status value_hash(struct json v, hash32 *ret, struct err *reterr)
{
    if (json_is_absent(v) || json_type(v) == JSON_NULL)
        return OK;
    return json_hex_hash(v, ret, reterr);
}

/* An address as a member's name, with or without 0x. */
static status name_addr(struct json key, addr20 *ret, struct err *reterr)
{
    char text[43] = "0x";
    slice s;
    status st = json_str(key, &s, reterr);
    if (st != OK)
        return st;
    if (slice_has_prefix(s, SLICE_LIT("0x")))
        s = slice_after(s, 2);
    if (s.n != 40)
        return json_err(reterr, E_SYNTAX, key, "no address");
    memcpy(text + 2, s.p, 40);
    st = hex_read_addr(slice_of(text, 42), ret);
    return st == OK ? OK : json_err(reterr, st, key, "no address");
}

/* --- forks ----------------------------------------------------------------------------------- */

static const struct fork_name {
    const char *key;
    const char *blobs; /* member of blobSchedule */
    enum chain_fork_kind kind;
    enum evm_rev rev;
    uint64_t bomb_delay;
} fork_names[] = {
    {"homesteadBlock", NULL, FORK_BLOCK, EVM_HOMESTEAD, 0},
    {"eip150Block", NULL, FORK_BLOCK, EVM_TANGERINE, 0},
    {"eip155Block", NULL, FORK_BLOCK, EVM_SPURIOUS, 0},
    {"byzantiumBlock", NULL, FORK_BLOCK, EVM_BYZANTIUM, 3000000},
    {"constantinopleBlock", NULL, FORK_BLOCK, EVM_CONSTANTINOPLE, 5000000},
    {"petersburgBlock", NULL, FORK_BLOCK, EVM_PETERSBURG, 5000000},
    {"istanbulBlock", NULL, FORK_BLOCK, EVM_ISTANBUL, 5000000},
    {"muirGlacierBlock", NULL, FORK_BLOCK, EVM_ISTANBUL, 9000000},
    {"berlinBlock", NULL, FORK_BLOCK, EVM_BERLIN, 9000000},
    {"londonBlock", NULL, FORK_BLOCK, EVM_LONDON, 9700000},
    {"arrowGlacierBlock", NULL, FORK_BLOCK, EVM_LONDON, 10700000},
    {"grayGlacierBlock", NULL, FORK_BLOCK, EVM_LONDON, 11400000},
    {"terminalTotalDifficulty", NULL, FORK_DIFFICULTY, EVM_PARIS, 0},
    {"shanghaiTime", NULL, FORK_TIME, EVM_SHANGHAI, 0},
    {"cancunTime", "cancun", FORK_TIME, EVM_CANCUN, 0},
    {"pragueTime", "prague", FORK_TIME, EVM_PRAGUE, 0},
    {"osakaTime", "osaka", FORK_TIME, EVM_OSAKA, 0},
    {"bpo1Time", "bpo1", FORK_TIME, EVM_OSAKA, 0},
    {"bpo2Time", "bpo2", FORK_TIME, EVM_OSAKA, 0},
    {"bpo3Time", "bpo3", FORK_TIME, EVM_OSAKA, 0},
    {"bpo4Time", "bpo4", FORK_TIME, EVM_OSAKA, 0},
    {"bpo5Time", "bpo5", FORK_TIME, EVM_OSAKA, 0},
};

static status read_blobs(struct json config, const struct fork_name *n, struct chain_fork *f,
                         const struct chain_fork *before, struct err *reterr)
{
    struct json b = n->blobs != NULL ? json_get(json_get(config, "blobSchedule"), n->blobs)
                                     : (struct json){.doc = NULL};
    struct blob_schedule d = blob_schedule_of(f->rev);
    if (f->rev == EVM_OSAKA && before->blobs.max > 0)
        d = before->blobs; /* Osaka itself changes nothing in it */
    f->blobs = d;
    if (json_is_absent(b) || json_type(b) == JSON_NULL)
        return OK;
    status s = value_u64(json_get(b, "target"), d.target, &f->blobs.target, reterr);
    if (s == OK)
        s = value_u64(json_get(b, "max"), d.max, &f->blobs.max, reterr);
    if (s == OK)
        s = value_u64(json_get(b, "baseFeeUpdateFraction"), d.fraction, &f->blobs.fraction, reterr);
    if (s == OK &&
        (f->blobs.fraction == 0 || f->blobs.max > 4096 || f->blobs.target > f->blobs.max))
        s = json_err(reterr, E_RANGE, b, "blob schedule");
    return s;
}

static status check_order(const struct chain_fork *f, struct json v, struct err *reterr)
{
    const struct chain_fork *b = f - 1;
    if (f->kind == b->kind && f->at < b->at)
        return json_err(reterr, E_UNSUPPORTED, v, "before the fork that it follows");
    return OK;
}

static status read_fork(struct json config, const struct fork_name *n, struct chain_config *c,
                        struct err *reterr)
{
    struct json v = json_get(config, n->key);
    struct chain_fork *f = &c->fork[c->n_forks];
    if (json_is_absent(v) || json_type(v) == JSON_NULL)
        return OK;
    *f = (struct chain_fork){.kind = n->kind, .rev = n->rev, .bomb_delay = n->bomb_delay};
    status s = value_u64(v, 0, &f->at, reterr);
    if (s == OK)
        s = read_blobs(config, n, f, f - 1, reterr);
    if (s == OK)
        s = check_order(f, v, reterr);
    if (s == OK)
        c->n_forks++;
    return s;
}

static status read_config(struct json config, struct chain_config *c, struct err *reterr)
{
    status s = json_want_object(config, reterr);
    if (s == OK && json_is_absent(json_get(config, "chainId")))
        s = json_err(reterr, E_MISSING, json_get(config, "chainId"), "needed");
    if (s == OK)
        s = value_u64(json_get(config, "chainId"), 0, &c->chain_id, reterr);
    c->fork[0] = (struct chain_fork){.kind = FORK_BLOCK, .rev = EVM_FRONTIER};
    c->n_forks = 1;
    for (size_t i = 0; s == OK && i < sizeof fork_names / sizeof *fork_names; i++)
        s = read_fork(config, &fork_names[i], c, reterr);
    return s;
}

/* --- ehrd's own ------------------------------------------------------------------------------ */

static status read_extras(struct json e, struct genesis *g, struct err *reterr)
{
    static const char *const known[] = {"authority", "sameSecond", "baseFee", "logs"};
    struct chain_extras *x = &g->config.extras;
    struct json authority = json_get(e, "authority");
    struct json fee = json_get(e, "baseFee");
    if (json_is_absent(e))
        return OK;
    x->requests_optional = true;
    status s = json_want_only(e, known, sizeof known / sizeof *known, reterr);
    if (s == OK && !json_is_absent(authority)) {
        g->has_authority = true;
        s = json_hex_addr(authority, &g->authority, reterr);
    }
    if (s == OK && !json_is_absent(json_get(e, "sameSecond")))
        s = json_bool(json_get(e, "sameSecond"), &x->same_second, reterr);
    if (s == OK && !json_is_absent(fee)) {
        x->fixed_base_fee = json_eq(fee, "fixed");
        if (!x->fixed_base_fee && !json_eq(fee, "eip1559"))
            s = json_err(reterr, E_RANGE, fee, "fixed or eip1559 is known");
    }
    return s;
}

/* --- header ---------------------------------------------------------------------------------- */

static status read_numbers(struct json root, struct block_header *h, struct err *reterr)
{
    uint64_t number = 0;
    u256 nonce;
    u256 none = u256_from_u64(0);
    status s = value_u64(json_get(root, "number"), 0, &number, reterr);
    if (s == OK && number != 0)
        s = json_err(reterr, E_UNSUPPORTED, json_get(root, "number"), "only 0 is supported");
    if (s == OK)
        s = value_u64(json_get(root, "gasLimit"), GAS_LIMIT_DEFAULT, &h->gas_limit, reterr);
    if (s == OK && (h->gas_limit < BLOCK_GAS_LIMIT_MIN || h->gas_limit > INT64_MAX))
        s = json_err(reterr, E_RANGE, json_get(root, "gasLimit"), "not within 5000 and 2^63");
    if (s == OK)
        s = value_u64(json_get(root, "gasUsed"), 0, &h->gas_used, reterr);
    if (s == OK)
        s = value_u64(json_get(root, "timestamp"), 0, &h->timestamp, reterr);
    if (s == OK)
        s = value_u256(json_get(root, "nonce"), none, &nonce, reterr);
    if (s == OK && !u256_fits_u64(nonce))
        s = json_err(reterr, E_RANGE, json_get(root, "nonce"), "above 2^64");
    for (size_t i = 0; s == OK && i < sizeof h->nonce; i++)
        h->nonce[i] = (uint8_t)(nonce.w[0] >> (56 - 8 * i));
    return s;
}

static status read_header(struct json root, struct genesis *g, struct err *reterr)
{
    struct block_header *h = &g->header;
    struct json extra = json_get(root, "extraData");
    bool merged = !json_is_absent(json_get(json_get(root, "config"), "terminalTotalDifficulty"));
    *h = (struct block_header){.uncles = no_uncles,
                               .tx_root = trie_empty_root,
                               .receipts_root = trie_empty_root,
                               .withdrawals_root = trie_empty_root,
                               .requests_hash = no_requests};
    status s = read_numbers(root, h, reterr);
    if (s == OK && !json_is_absent(extra))
        s = json_hex_bytes(extra, &h->extra, reterr);
    if (s == OK && h->extra.n > HEADER_EXTRA_MAX)
        s = json_err(reterr, E_TOO_LONG, extra, "%zu bytes", h->extra.n);
    if (s == OK)
        s = value_hash(json_get(root, "mixHash"), &h->mix, reterr);
    if (s == OK)
        s = value_u256(json_get(root, "difficulty"), u256_from_u64(merged ? 0 : DIFFICULTY_DEFAULT),
                       &h->difficulty, reterr);
    if (s == OK)
        s = value_hash(json_get(root, "parentHash"), &h->parent, reterr);
    if (s == OK && !json_is_absent(json_get(root, "coinbase")))
        s = json_hex_addr(json_get(root, "coinbase"), &h->coinbase, reterr);
    return s;
}

static status read_fork_fields(struct json root, struct genesis *g, struct err *reterr)
{
    struct chain_rules r;
    struct block_header *h = &g->header;
    chain_rules_at(&g->config, 0, h->timestamp, h->difficulty, &r);
    h->fields = block_fields(r.rev);
    status s = value_u256(json_get(root, "baseFeePerGas"), u256_from_u64(BASE_FEE_DEFAULT),
                          &h->base_fee, reterr);
    if (s == OK)
        s = value_u64(json_get(root, "excessBlobGas"), 0, &h->excess_blob_gas, reterr);
    if (s == OK)
        s = value_u64(json_get(root, "blobGasUsed"), 0, &h->blob_gas_used, reterr);
    if (s == OK)
        s = value_hash(json_get(root, "parentBeaconBlockRoot"), &h->beacon_root, reterr);
    return s;
}

status genesis_read(const struct json_doc *doc, struct genesis *ret, struct err *reterr)
{
    struct genesis g = {.root = json_root(doc)};
    g.alloc = json_get(g.root, "alloc");
    status s = json_want_object(g.root, reterr);
    if (s == OK)
        s = read_config(json_get(g.root, "config"), &g.config, reterr);
    if (s == OK)
        s = read_extras(json_get(g.root, "ehrd"), &g, reterr);
    if (s == OK)
        s = read_header(g.root, &g, reterr);
    if (s == OK)
        s = read_fork_fields(g.root, &g, reterr);
    if (s == OK)
        s = json_want_object(g.alloc, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "genesis");
    *ret = g;
    return OK;
}

/* --- accounts -------------------------------------------------------------------------------- */

static status put_storage(struct state *st, struct account *a, struct json storage,
                          struct err *reterr)
{
    status s = OK;
    for (struct json_iter it = json_iter(storage); s == OK && json_next(&it);) {
        u256 key;
        u256 word;
        u256 none = u256_from_u64(0);
        s = value_u256(it.key, none, &key, reterr);
        if (s == OK)
            s = value_u256(it.value, none, &word, reterr);
        if (s == OK)
            state_set_slot(st, a, state_slot(st, a, &key), &word);
    }
    return s;
}

static status put_account(struct state *st, struct json key, struct json v, struct err *reterr)
{
    addr20 addr;
    u256 balance;
    uint64_t nonce;
    slice code = SLICE_EMPTY;
    status s = name_addr(key, &addr, reterr);
    if (s == OK)
        s = json_want_object(v, reterr);
    if (s == OK)
        s = value_u256(json_get(v, "balance"), u256_from_u64(0), &balance, reterr);
    if (s == OK)
        s = value_u64(json_get(v, "nonce"), 0, &nonce, reterr);
    if (s == OK && !json_is_absent(json_get(v, "code")))
        s = json_hex_bytes(json_get(v, "code"), &code, reterr);
    if (s != OK)
        return s;
    struct account *a = state_account(st, &addr);
    state_set_balance(st, a, balance);
    state_set_nonce(st, a, nonce);
    if (code.n > 0)
        state_set_code(st, a, code);
    return put_storage(st, a, json_get(v, "storage"), reterr);
}

status genesis_alloc(struct json alloc, struct state *st, struct err *reterr)
{
    status s = json_want_object(alloc, reterr);
    state_begin_tx(st);
    for (struct json_iter it = json_iter(alloc); s == OK && json_next(&it);)
        s = put_account(st, it.key, it.value, reterr);
    if (s == OK && state_failure(st) != OK)
        s = ERR(reterr, state_failure(st), "accounts of the genesis");
    return s;
}

status genesis_put(const struct block_header *h, struct buf *out)
{
    size_t block;
    size_t list;
    status s = rlp_put_list_begin(out, &block);
    if (s == OK)
        s = header_put(h, out);
    for (int i = h->fields >= HEADER_SHANGHAI ? 3 : 2; s == OK && i > 0; i--) {
        s = rlp_put_list_begin(out, &list);
        if (s == OK)
            s = rlp_put_list_end(out, list);
    }
    return s == OK ? rlp_put_list_end(out, block) : s;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Random cases: accounts and transactions. */
#include "diff_gen.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"

#define GWEI 1000000000u
#define MEMORY_CAP ((size_t)4 << 20)

uint64_t diff_next(struct diff_rng *r)
{
    uint64_t z = r->x += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t diff_below(struct diff_rng *r, uint64_t n)
{
    return diff_next(r) % n;
}

bool diff_one_in(struct diff_rng *r, uint64_t n)
{
    return diff_below(r, n) == 0;
}

u256 diff_word(struct diff_rng *r)
{
    static const uint64_t liked[] = {0, 1, 2, 3, 31, 32, 33, 64, 127, 128, 255, 256, 257, 0xffff};
    u256 v;
    for (size_t i = 0; i < 4; i++)
        v.w[i] = diff_next(r);
    unsigned bit = (unsigned)diff_below(r, 256);
    switch (diff_below(r, 8)) {
    case 0:
    case 1:
        return u256_from_u64(liked[diff_below(r, sizeof liked / sizeof *liked)]);
    case 2: /* 2^bit, or one less */
        v = (u256){{0}};
        v.w[bit / 64] = (uint64_t)1 << bit % 64;
        if (diff_one_in(r, 2))
            (void)u256_sub(v, u256_from_u64(1), &v);
        return v;
    case 3: /* -1, -2 … */
        (void)u256_sub(u256_from_u64(0), u256_from_u64(1 + diff_below(r, 4)), &v);
        return v;
    case 4: /* few words */
        for (size_t i = 1 + diff_below(r, 3); i < 4; i++)
            v.w[i] = 0;
        return v;
    case 5:
        for (size_t i = 0; i < 4; i++)
            v.w[i] = diff_one_in(r, 2) ? 0 : UINT64_MAX;
        return v;
    default:
        return v;
    }
}

status diff_people_init(struct diff_people *p)
{
    for (size_t i = 0; i < DIFF_SENDERS + DIFF_AUTHORITIES; i++) {
        uint8_t text[] = "ehrd difference test 0";
        hash32 h;
        text[sizeof text - 2] = (uint8_t)('0' + i);
        keccak256(slice_of(text, sizeof text - 1), &h);
        memcpy(p->key[i].b, h.b, sizeof h.b);
        status s = secp_key_addr(&p->key[i], &p->addr[i]);
        if (s != OK)
            return s;
    }
    return OK;
}

addr20 diff_contract_addr(size_t i)
{
    return (addr20){.b = {0xc0, 0xde, [19] = (uint8_t)(i + 1)}};
}

addr20 diff_addr(struct diff_rng *r, const struct diff_people *p)
{
    addr20 a = {{0}};
    uint64_t pick = diff_below(r, 16);
    if (pick < 8)
        return diff_contract_addr(diff_below(r, DIFF_CONTRACTS));
    if (pick < 10)
        return p->addr[DIFF_SENDERS + diff_below(r, DIFF_AUTHORITIES)];
    if (pick < 11)
        return p->addr[diff_below(r, DIFF_SENDERS)];
    if (pick < 14) /* precompiled contracts and what is beside them */
        a.b[19] = (uint8_t)diff_below(r, 22);
    else if (pick < 15)
        a.b[18] = 1;
    else
        for (size_t i = 0; i < 20; i++)
            a.b[i] = (uint8_t)(0xe0 + diff_below(r, 2));
    return a;
}

/* --- transactions --------------------------------------------------------------------------- */

static status put_access_list(struct diff_case *c, struct diff_rng *r, slice *ret)
{
    struct buf b;
    size_t list;
    buf_init(&b, 65536);
    status s = rlp_put_list_begin(&b, &list);
    for (uint64_t n = diff_below(r, 4); s == OK && n > 0; n--) {
        size_t entry;
        size_t keys;
        addr20 a = diff_addr(r, c->people);
        s = rlp_put_list_begin(&b, &entry);
        if (s == OK)
            s = rlp_put_bytes(&b, slice_of(a.b, 20));
        if (s == OK)
            s = rlp_put_list_begin(&b, &keys);
        for (uint64_t k = diff_below(r, 4); s == OK && k > 0; k--) {
            uint8_t key[32] = {[31] = (uint8_t)diff_below(r, 6)};
            s = rlp_put_bytes(&b, slice_of(key, 32));
        }
        if (s == OK)
            s = rlp_put_list_end(&b, keys);
        if (s == OK)
            s = rlp_put_list_end(&b, entry);
    }
    if (s == OK)
        s = rlp_put_list_end(&b, list);
    if (s == OK)
        *ret = arena_dup(&c->memory, buf_slice(&b));
    buf_done(&b);
    return s;
}

/* What EIP-7702 has signed: keccak256(0x05 || rlp([chain id, address, nonce])). */
static status sign_auth(const struct secp_key *key, struct tx_auth *a)
{
    struct buf b;
    size_t list;
    hash32 h;
    uint8_t sig[SECP_SIG];
    buf_init(&b, 256);
    status s = buf_put_u8(&b, 0x05);
    if (s == OK)
        s = rlp_put_list_begin(&b, &list);
    if (s == OK)
        s = rlp_put_u256(&b, a->chain_id);
    if (s == OK)
        s = rlp_put_bytes(&b, slice_of(a->addr.b, 20));
    if (s == OK)
        s = rlp_put_u64(&b, a->nonce);
    if (s == OK)
        s = rlp_put_list_end(&b, list);
    keccak256(buf_slice(&b), &h);
    buf_done(&b);
    if (s == OK)
        s = secp_sign(key, &h, sig);
    if (s != OK)
        return s;
    memcpy(a->r, sig, 32);
    memcpy(a->s, sig + 32, 32);
    a->y_parity = (uint8_t)(sig[64] - 27);
    return OK;
}

static status put_auth(struct diff_case *c, struct diff_rng *r, struct buf *b)
{
    struct tx_auth a = {.chain_id = u256_from_u64(diff_one_in(r, 3) ? 0 : DIFF_CHAIN_ID),
                        .nonce = diff_one_in(r, 6) ? diff_below(r, 3) : 0};
    size_t who = diff_one_in(r, 6) ? diff_below(r, DIFF_SENDERS)
                                   : DIFF_SENDERS + diff_below(r, DIFF_AUTHORITIES);
    size_t list;
    if (diff_one_in(r, 12))
        a.chain_id = diff_word(r);
    if (!diff_one_in(r, 8))
        a.addr = diff_addr(r, c->people);
    status s = sign_auth(&c->people->key[who], &a);
    if (diff_one_in(r, 16))
        a.s[0] = 0xff; /* high: not valid (EIP-2) */
    if (s == OK)
        s = rlp_put_list_begin(b, &list);
    if (s == OK)
        s = rlp_put_u256(b, a.chain_id);
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a.addr.b, 20));
    if (s == OK)
        s = rlp_put_u64(b, a.nonce);
    if (s == OK)
        s = rlp_put_u64(b, a.y_parity);
    if (s == OK)
        s = rlp_put_u256(b, u256_from_be(a.r));
    if (s == OK)
        s = rlp_put_u256(b, u256_from_be(a.s));
    return s == OK ? rlp_put_list_end(b, list) : s;
}

static status put_auths(struct diff_case *c, struct diff_rng *r, slice *ret)
{
    struct buf b;
    size_t list;
    buf_init(&b, 65536);
    status s = rlp_put_list_begin(&b, &list);
    for (uint64_t n = diff_one_in(r, 20) ? 0 : 1 + diff_below(r, 3); s == OK && n > 0; n--)
        s = put_auth(c, r, &b);
    if (s == OK)
        s = rlp_put_list_end(&b, list);
    if (s == OK)
        *ret = arena_dup(&c->memory, buf_slice(&b));
    buf_done(&b);
    return s;
}

static status make_data(struct diff_case *c, struct diff_rng *r, const uint8_t *drop, struct tx *t)
{
    struct buf b;
    status s = OK;
    buf_init(&b, 65536);
    if (t->is_create) {
        s = diff_code_make(r, c->people, drop, &c->n_pieces, 0, &b);
    } else {
        for (uint64_t n = diff_below(r, diff_one_in(r, 10) ? 2000 : 100); s == OK && n > 0; n--)
            s = buf_put_u8(&b, diff_one_in(r, 3) ? 0 : (uint8_t)diff_next(r));
    }
    t->data = arena_dup(&c->memory, buf_slice(&b));
    buf_done(&b);
    return s;
}

/* What no block may take. */
static void spoil(struct diff_rng *r, struct tx *t)
{
    switch (diff_below(r, 8)) {
    case 0:
        t->nonce = 1 + diff_below(r, 2);
        break;
    case 1:
        t->gas = diff_below(r, 60000);
        break;
    case 2:
        t->value = diff_word(r);
        break;
    case 3:
        t->max_fee = diff_word(r);
        break;
    case 4:
        t->chain_id += 1;
        break;
    case 5:
        t->max_fee = u256_from_u64(diff_below(r, GWEI));
        break;
    case 6:
        if (t->type >= TX_FEE_MARKET)
            (void)u256_add(t->max_fee, u256_from_u64(1), &t->max_priority);
        break;
    default:
        t->gas = ((uint64_t)1 << 24) + diff_below(r, 2);
    }
}

static void make_fees(struct diff_case *c, struct diff_rng *r, struct tx *t)
{
    uint64_t tip = diff_one_in(r, 3) ? 0 : diff_below(r, 2 * (uint64_t)GWEI);
    (void)u256_add(c->base_fee, u256_from_u64(tip), &t->max_fee);
    t->max_priority = t->max_fee;
    if (t->type >= TX_FEE_MARKET)
        t->max_priority = u256_from_u64(diff_below(r, c->base_fee.w[0] + 1));
    t->gas = diff_one_in(r, 12) ? 2000000 : 60000 + diff_below(r, 400000);
}

static status diff_sign(struct diff_case *c, struct diff_tx *d)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    status s = tx_sign(&d->tx, &c->people->key[d->sender]);
    if (s == OK)
        s = tx_put_raw(&d->tx, &b);
    if (s == OK)
        d->raw = arena_dup(&c->memory, buf_slice(&b));
    buf_done(&b);
    return s;
}

static status make_tx(struct diff_case *c, struct diff_rng *r, const uint8_t *drop,
                      struct diff_tx *d)
{
    static const enum tx_type types[] = {TX_LEGACY, TX_ACCESS_LIST, TX_FEE_MARKET, TX_SET_CODE};
    struct tx *t = &d->tx;
    status s = OK;
    t->type = types[diff_below(r, 4)];
    t->chain_id = DIFF_CHAIN_ID;
    t->has_chain_id = t->type != TX_LEGACY || !diff_one_in(r, 4);
    t->is_create = t->type != TX_SET_CODE && diff_one_in(r, 5);
    t->to = diff_one_in(r, 4) ? diff_addr(r, c->people)
                              : diff_contract_addr(diff_below(r, c->n_contracts));
    t->value = u256_from_u64(diff_one_in(r, 3) ? diff_below(r, 1000) : 0);
    make_fees(c, r, t);
    s = make_data(c, r, drop, t);
    if (s == OK && t->type != TX_LEGACY && diff_one_in(r, 2))
        s = put_access_list(c, r, &t->access_list);
    if (s == OK && t->type == TX_SET_CODE)
        s = put_auths(c, r, &t->authorizations);
    d->near = diff_one_in(r, 3);
    d->near_pick = diff_next(r);
    if (diff_one_in(r, 16)) {
        spoil(r, t);
        d->near = false;
    }
    return s == OK ? diff_sign(c, d) : s;
}

status diff_case_tune(struct diff_case *c, size_t i, uint64_t used)
{
    struct diff_tx *d = &c->tx[i];
    struct diff_rng r = {d->near_pick};
    uint64_t gas = used;
    switch (diff_below(&r, 3)) {
    case 0:
        gas = used + diff_below(&r, 6) - 3;
        break;
    case 1:
        gas = used - diff_below(&r, used / 3 + 1);
        break;
    default:
        gas = used + used / 16 - diff_below(&r, used / 8 + 1);
    }
    d->tx.gas = gas;
    return diff_sign(c, d);
}

/* --- the case ------------------------------------------------------------------------------- */

static status make_contract(struct diff_case *c, struct diff_rng *r, const uint8_t *drop, size_t i)
{
    struct diff_contract *k = &c->contract[i];
    struct buf b;
    buf_init(&b, 65536);
    k->addr = diff_contract_addr(i);
    k->balance = u256_from_u64(diff_one_in(r, 3) ? 0 : diff_below(r, 1000000));
    for (size_t n = 0; n < DIFF_SLOTS; n++) {
        k->key[n] = u256_from_u64(n);
        k->value[n] = diff_one_in(r, 2) ? diff_word(r) : u256_from_u64(0);
    }
    status s = diff_code_make(r, c->people, drop, &c->n_pieces, 0, &b);
    k->code = arena_dup(&c->memory, buf_slice(&b));
    buf_done(&b);
    return s;
}

status diff_case_make(uint64_t seed, const uint8_t *drop, const struct diff_people *people,
                      struct diff_case *ret)
{
    struct diff_rng r = {seed * 0x2545f4914f6cdd1du + 1};
    status s = OK;
    *ret = (struct diff_case){.seed = seed, .people = people};
    arena_init(&ret->memory, MEMORY_CAP, false);
    ret->n_contracts = 1 + diff_below(&r, DIFF_CONTRACTS);
    ret->base_fee = u256_from_u64(diff_one_in(&r, 2) ? 7 : 7 + diff_below(&r, 2 * (uint64_t)GWEI));
    ret->coinbase = diff_one_in(&r, 3) ? diff_addr(&r, people) : (addr20){.b = {[18] = 0xc0}};
    for (size_t i = 0; s == OK && i < ret->n_contracts; i++) {
        struct diff_rng own = {diff_next(&r)};
        s = make_contract(ret, &own, drop, i);
    }
    size_t n = 1 + diff_below(&r, DIFF_SENDERS);
    for (size_t i = 0; s == OK && i < n; i++) {
        struct diff_rng own = {diff_next(&r)};
        struct diff_tx d = {.sender = (unsigned)i};
        bool wanted = diff_piece(drop, &ret->n_pieces);
        s = make_tx(ret, &own, drop, &d);
        if (wanted)
            ret->tx[ret->n_txs++] = d;
    }
    return s;
}

void diff_case_done(struct diff_case *c)
{
    arena_done(&c->memory);
}

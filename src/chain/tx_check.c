/* SPDX-License-Identifier: Apache-2.0 */
/* Intrinsic gas and validity of transactions. */
#include "chain/tx_exec.h"

#define GAS_TX 21000u
#define GAS_CREATE 32000u /* EIP-2 */
#define GAS_DATA_ZERO 4u
#define GAS_DATA_FRONTIER 68u
#define GAS_DATA_ISTANBUL 16u /* EIP-2028 */
#define GAS_ACCESS_ADDR 2400u /* EIP-2930 */
#define GAS_ACCESS_KEY 1900u  /* EIP-2930 */
#define GAS_INITCODE_WORD 2u  /* EIP-3860 */
#define GAS_AUTH 25000u       /* EIP-7702 */
#define GAS_FLOOR_TOKEN 10u   /* EIP-7623; a byte that is not zero is 4 tokens */
#define TX_GAS_MAX 16777216u  /* EIP-7825 */
#define BLOB_HASH_VERSION 1u  /* EIP-4844 */

const char *tx_fault_name(enum tx_fault f)
{
    static const char *const names[] = {
#define TX_FAULT(id, name, text) name,
#include "chain/tx_fault.def"
#undef TX_FAULT
    };
    return f < TX_FAULT_COUNT ? names[f] : "";
}

const char *tx_fault_text(enum tx_fault f)
{
    static const char *const texts[] = {
#define TX_FAULT(id, name, text) text,
#include "chain/tx_fault.def"
#undef TX_FAULT
    };
    return f < TX_FAULT_COUNT ? texts[f] : "";
}

static size_t auth_count(const struct tx *t)
{
    struct tx_auth a;
    slice rest = tx_auths(t);
    size_t n = 0;
    while (rest.n > 0 && tx_auth_next(&rest, &a, NULL) == OK)
        n++;
    return n;
}

status tx_gas_of(const struct tx *t, enum evm_rev rev, struct tx_gas *ret, struct err *reterr)
{
    size_t addrs;
    size_t keys;
    size_t zeros = 0;
    status s = tx_access_count(t->access_list, &addrs, &keys, reterr);
    if (s != OK)
        return s;
    for (size_t i = 0; i < t->data.n; i++)
        zeros += t->data.p[i] == 0 ? 1 : 0;
    uint64_t others = t->data.n - zeros;
    uint64_t gas = GAS_TX + zeros * GAS_DATA_ZERO + addrs * GAS_ACCESS_ADDR +
                   keys * GAS_ACCESS_KEY + auth_count(t) * GAS_AUTH;
    gas += others * (rev >= EVM_ISTANBUL ? GAS_DATA_ISTANBUL : GAS_DATA_FRONTIER);
    if (t->is_create && rev >= EVM_HOMESTEAD)
        gas += GAS_CREATE;
    if (t->is_create && rev >= EVM_SHANGHAI)
        gas += (t->data.n + 31) / 32 * GAS_INITCODE_WORD;
    ret->intrinsic = gas;
    ret->floor = rev >= EVM_PRAGUE ? GAS_TX + (zeros + 4 * others) * GAS_FLOOR_TOKEN : 0;
    return OK;
}

status tx_sender_at(const struct tx *t, enum evm_rev rev, addr20 *ret)
{
    return rev < EVM_HOMESTEAD ? tx_sender_frontier(t, ret) : tx_sender(t, ret);
}

/* Which types there are, and for which chain it was signed (EIP-155). */
static enum tx_fault check_kind(const struct chain_rules *r, const struct tx *t)
{
    static const enum evm_rev since[] = {
        [TX_LEGACY] = EVM_FRONTIER, [TX_ACCESS_LIST] = EVM_BERLIN, [TX_FEE_MARKET] = EVM_LONDON,
        [TX_BLOB] = EVM_CANCUN,     [TX_SET_CODE] = EVM_PRAGUE,
    };
    if (r->rev < since[t->type])
        return TX_TYPE_EARLY;
    if (t->has_chain_id && (t->chain_id != r->chain_id || r->rev < EVM_SPURIOUS))
        return TX_CHAIN_ID;
    return TX_FINE;
}

static enum tx_fault check_size(const struct chain_rules *r, const struct tx *t,
                                const struct tx_gas *gas)
{
    if (t->gas < gas->intrinsic)
        return TX_INTRINSIC_GAS;
    if (t->gas < gas->floor)
        return TX_FLOOR_GAS;
    if (t->is_create && r->rev >= EVM_SHANGHAI && t->data.n > EVM_INITCODE_MAX)
        return TX_INITCODE_SIZE;
    if (r->rev >= EVM_OSAKA && t->gas > TX_GAS_MAX)
        return TX_GAS_CAP;
    return TX_FINE;
}

/* EIP-4844, 7594, 7702. */
static enum tx_fault check_lists(const struct chain_rules *r, const struct tx *t, size_t n_auths)
{
    size_t n = tx_blob_count(t);
    uint64_t max = r->blobs.max;
    if (t->type == TX_SET_CODE)
        return t->is_create ? TX_AUTH_CREATE : n_auths == 0 ? TX_AUTH_NONE : TX_FINE;
    if (t->type != TX_BLOB)
        return TX_FINE;
    if (t->is_create)
        return TX_BLOB_CREATE;
    if (n == 0)
        return TX_BLOB_NONE;
    if (r->rev >= EVM_OSAKA && max > TX_BLOBS_MAX)
        max = TX_BLOBS_MAX;
    if (n > max)
        return TX_BLOB_COUNT;
    for (size_t i = 0; i < n; i++)
        if (tx_blob_hash(t, i).b[0] != BLOB_HASH_VERSION)
            return TX_BLOB_VERSION;
    return TX_FINE;
}

/* EIP-1559, 4844. */
static enum tx_fault check_fees(const struct host *h, const struct chain_rules *r,
                                const struct tx *t)
{
    if (r->rev >= EVM_LONDON && u256_cmp(t->max_fee, h->block.base_fee) < 0)
        return TX_FEE_LOW;
    if (t->type == TX_BLOB && u256_cmp(t->max_blob_fee, h->block.blob_base_fee) < 0)
        return TX_BLOB_FEE_LOW;
    return TX_FINE;
}

static enum tx_fault check_room(const struct tx *t, const struct tx_room *room)
{
    if (t->gas > room->gas || t->gas > INT64_MAX)
        return TX_BLOCK_GAS;
    if (tx_blob_count(t) * GAS_PER_BLOB > room->blob_gas)
        return TX_BLOCK_BLOB_GAS;
    return TX_FINE;
}

/* The most that it may cost: false if that exceeds 2^256. */
static bool worst_cost(const struct tx *t, u256 *ret)
{
    u256 gas;
    u256 blobs;
    return u256_mul_u64(t->max_fee, t->gas, &gas) && u256_add(gas, t->value, &gas) &&
           u256_mul_u64(t->max_blob_fee, tx_blob_count(t) * GAS_PER_BLOB, &blobs) &&
           u256_add(gas, blobs, ret);
}

bool tx_is_for(const struct tx *t, const addr20 *sender)
{
    static const uint8_t zero[12];
    for (size_t i = 0; i < sizeof t->s; i++)
        if (t->s[i] != 0xff)
            return false;
    return memcmp(t->r, zero, sizeof zero) == 0 &&
           memcmp(t->r + sizeof zero, sender->b, sizeof sender->b) == 0;
}

static enum tx_fault check_sender(struct host *h, const struct tx *t, struct account *a)
{
    u256 cost;
    addr20 target;
    if (t->nonce != a->head.nonce)
        return t->nonce < a->head.nonce ? TX_NONCE_LOW : TX_NONCE_HIGH;
    if (!worst_cost(t, &cost) || u256_cmp(cost, a->head.balance) > 0)
        return TX_FUNDS;
    slice code = state_code(h->state, a)->bytes;
    if (code.n > 0 && !(h->rev >= EVM_PRAGUE && evm_delegation_read(code, &target)) &&
        !tx_is_for(t, &a->addr))
        return TX_SENDER_CODE; /* EIP-3607, 7702 */
    return TX_FINE;
}

/* Wei per gas that is paid. */
static u256 effective_price(const struct host *h, const struct tx *t)
{
    u256 price;
    if (h->rev < EVM_LONDON || t->type < TX_FEE_MARKET)
        return t->max_fee;
    if (!u256_add(h->block.base_fee, t->max_priority, &price) || u256_cmp(price, t->max_fee) > 0)
        return t->max_fee;
    return price;
}

/* Fees that no block could take. */
static enum tx_fault check_offer(const struct tx *t)
{
    if (u256_cmp(t->max_priority, t->max_fee) > 0)
        return TX_TIP_HIGH;
    return tx_check_fees(t, NULL) == OK ? TX_FINE : TX_PRICE_OVERFLOW;
}

status tx_check_alone(const struct chain_rules *r, const struct tx *t, struct tx_gas *ret_gas,
                      enum tx_fault *ret_fault, struct err *reterr)
{
    struct tx_gas gas;
    status s = tx_gas_of(t, r->rev, &gas, reterr);
    if (s != OK)
        return s;
    enum tx_fault f = check_kind(r, t);
    if (f == TX_FINE)
        f = check_lists(r, t, auth_count(t));
    if (f == TX_FINE)
        f = check_size(r, t, &gas);
    if (f == TX_FINE)
        f = check_offer(t);
    *ret_fault = f;
    if (f != TX_FINE)
        return ERR(reterr, E_RANGE, "%s", tx_fault_text(f));
    *ret_gas = gas;
    return OK;
}

/* What depends on the block and on the state. */
static enum tx_fault find_fault(struct host *h, const struct chain_rules *r,
                                const struct tx_ready *t, const struct tx_room *room)
{
    enum tx_fault f = check_room(t->tx, room);
    if (f == TX_FINE)
        f = check_fees(h, r, t->tx);
    if (f == TX_FINE)
        f = check_sender(h, t->tx, state_account(h->state, &t->sender));
    return f;
}

status tx_check(struct host *h, const struct chain_rules *r, const struct tx *t,
                const addr20 *sender, const struct tx_room *room, struct tx_ready *ret,
                enum tx_fault *ret_fault, struct err *reterr)
{
    struct tx_ready ready = {.tx = t, .sender = *sender};
    status s = tx_check_alone(r, t, &ready.gas, ret_fault, reterr);
    if (s != OK)
        return s;
    enum tx_fault f = find_fault(h, r, &ready, room);
    s = host_failure(h);
    if (s != OK)
        return ERR(reterr, s, "state cannot be read");
    *ret_fault = f;
    if (f != TX_FINE)
        return ERR(reterr, E_RANGE, "%s", tx_fault_text(f));
    ready.price = effective_price(h, t);
    (void)u256_mul_u64(h->block.blob_base_fee, tx_blob_count(t) * GAS_PER_BLOB, &ready.blob_fee);
    *ret = ready;
    return OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions of an administrator. */
#include "app/admin_tx.h"

#include <stdio.h>

#include "contract/errors.h"
#include "contract/registry_abi.h"

#define WAIT_MS 120000u
#define RECEIPT_BYTES ((size_t)4 << 20)

/* ERC-1967: keccak256("eip1967.proxy.implementation") - 1 and keccak256("eip1967.proxy.admin") - 1.
 */
static const hash32 slots[] = {
    {{0x36, 0x08, 0x94, 0xa1, 0x3b, 0xa1, 0xa3, 0x21, 0x06, 0x67, 0xc8,
      0x28, 0x49, 0x2d, 0xb9, 0x8d, 0xca, 0x3e, 0x20, 0x76, 0xcc, 0x37,
      0x35, 0xa9, 0x20, 0xa3, 0xca, 0x50, 0x5d, 0x38, 0x2b, 0xbc}},
    {{0xb5, 0x31, 0x27, 0x68, 0x4a, 0x56, 0x8b, 0x31, 0x73, 0xae, 0x13,
      0xb9, 0xf8, 0xa6, 0x01, 0x6e, 0x24, 0x3e, 0x63, 0xb6, 0xe8, 0xee,
      0x11, 0x78, 0xd6, 0xa7, 0x17, 0x85, 0x0b, 0x5d, 0x61, 0x03}},
};

void admin_tx_close(struct admin_tx *t)
{
    ledger_sender_free(t->sender);
    ledger_close(t->ledger);
}

/* The contract's own words for a refusal. */
static status refused(status st, const struct buf *revert, struct err *reterr)
{
    struct buf text;
    if (st != E_REVERTED || revert->n == 0)
        return st;
    buf_init(&text, CONTRACT_ERROR_TEXT_MAX + 1);
    const char *s = contract_error_text(buf_slice(revert), &text) == OK ? buf_cstr(&text) : NULL;
    st = ERR(reterr, E_REVERTED, "the contract refuses: %s", s != NULL ? s : "");
    buf_done(&text);
    return st;
}

static status run(struct admin_tx *t, const struct ledger_order *o, addr20 *ret_contract,
                  uint64_t *ret_block, struct err *reterr)
{
    struct arena a;
    struct buf revert;
    struct ledger_receipt r;
    arena_init(&a, RECEIPT_BYTES, false);
    buf_init(&revert, (size_t)64 << 10);
    status st = ledger_sender_run(t->sender, o, 1, WAIT_MS, &a, &r, &revert, reterr);
    st = refused(st, &revert, reterr);
    if (st == OK && ret_contract != NULL)
        *ret_contract = r.contract;
    if (st == OK && ret_block != NULL)
        *ret_block = r.block_number;
    buf_done(&revert);
    arena_done(&a);
    return st;
}

status admin_tx_create(struct admin_tx *t, status put, const struct buf *code, addr20 *ret,
                       uint64_t *ret_block, struct err *reterr)
{
    struct ledger_order o = {.create = true, .data = buf_slice(code)};
    if (put != OK)
        return ERR(reterr, put, "init code: %s", status_text(put));
    return run(t, &o, ret, ret_block, reterr);
}

status admin_tx_call(struct admin_tx *t, const addr20 *to, status put, const struct buf *data,
                     struct err *reterr)
{
    struct ledger_order o = {.to = *to, .data = buf_slice(data)};
    if (put != OK)
        return ERR(reterr, put, "call: %s", status_text(put));
    return run(t, &o, NULL, NULL, reterr);
}

status admin_slot_addr(struct admin_tx *t, const addr20 *proxy, enum admin_slot slot, addr20 *ret,
                       struct err *reterr)
{
    struct arena a;
    struct ledger_proof p;
    arena_init(&a, RECEIPT_BYTES, false);
    status st = ledger_proof(t->ledger, proxy, &slots[slot], 1, LEDGER_LATEST, &a, &p, reterr);
    if (st == OK && hash32_is_zero(p.values[0]))
        st = ERR(reterr, E_NOT_FOUND, "the address is no proxy");
    if (st == OK)
        memcpy(ret->b, p.values[0].b + 12, sizeof ret->b);
    arena_done(&a);
    return st;
}

status admin_forwarder_of(struct admin_tx *t, const addr20 *contract, addr20 *ret,
                          struct err *reterr)
{
    struct buf data;
    struct buf answer;
    buf_init(&data, 256);
    buf_init(&answer, 256);
    status st = registry_put_trusted_forwarder(&data);
    struct ledger_call call = {.to = *contract, .data = buf_slice(&data)};
    if (st == OK)
        st = ledger_call(t->ledger, &call, LEDGER_LATEST, &answer, reterr);
    if (st == OK && registry_read_trusted_forwarder(buf_slice(&answer), ret) != OK)
        st = ERR(reterr, E_TYPE, "this contract is no registry");
    buf_done(&data);
    buf_done(&answer);
    return st;
}

static status suspended_read(struct admin_tx *t, struct registration *r, struct err *reterr)
{
    struct buf data;
    struct buf answer;
    struct registry_account account;
    buf_init(&data, 256);
    buf_init(&answer, 256);
    status st = registry_put_account_of(&data, r->account);
    struct ledger_call call = {.to = r->proxy, .data = buf_slice(&data)};
    if (st == OK)
        st = ledger_call(t->ledger, &call, LEDGER_LATEST, &answer, reterr);
    if (st == OK && registry_read_account_of(buf_slice(&answer), &account) != OK)
        st = ERR(reterr, E_TYPE, "accountOf: malformed answer");
    if (st == OK)
        r->is_suspended = account.status == REGISTRY_ACCOUNT_SUSPENDED;
    buf_done(&data);
    buf_done(&answer);
    return st;
}

status admin_register(struct admin_tx *t, struct registration *r, struct err *reterr)
{
    struct buf data;
    buf_init(&data, 4096);
    status put = registry_put_register_account(&data, r->account, r->role, r->valid_until);
    status st = admin_tx_call(t, &r->proxy, put, &data, reterr);
    buf_done(&data);
    return st == OK ? suspended_read(t, r, reterr) : st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry contract says at the head: accounts, folders, grants. Answers are kept while
 * the head stays the same block, so nothing that was changed on the chain is seen as it was. */
#ifndef EHRD_API_CHAIN_H
#define EHRD_API_CHAIN_H

#include "base/sysio.h"
#include "contract/registry_abi.h"
#include "ledger/ledger.h"

struct chain_reader;

/* ledger and clock are borrowed until chain_reader_free. */
status chain_reader_new(struct ledger *l, addr20 proxy, const struct clock_src *clock,
                        struct chain_reader **ret, struct err *reterr) MUST_USE;
void chain_reader_free(struct chain_reader *c); /* NULL is fine */

/* The block that a request is judged at, and its time: the later of the block's and the clock's. */
struct chain_head {
    struct ledger_block block;
    uint64_t now;
};
/* OK | E_STALE | E_UNAVAILABLE | E_TIMEOUT | E_CORRUPT (a chain of our own): no status > 0, for a
 * ledger that fails is no fault of whoever asks the node. */
status chain_head(struct chain_reader *c, struct chain_head *ret, struct err *reterr) MUST_USE;

/* A view to be called; out says where its result goes. */
struct chain_ask {
    enum chain_ask_kind {
        CHAIN_ACCOUNT,
        CHAIN_CARD_HASH,
        CHAIN_FOLDER,
        CHAIN_GRANT,
        CHAIN_REGISTRAR
    } kind;
    addr20 address; /* account or holder */
    hash32 folder;
    hash32 scope;
    union {
        struct registry_account account;
        hash32 card_hash;
        struct registry_folder folder;
        struct registry_grant grant;
        bool registrar;
    } out;
};
#define CHAIN_ASK_MAX 128u

/* Answer n <= CHAIN_ASK_MAX questions at the head, those not kept in one batch.
 * OK | E_UNAVAILABLE (also when the contract's answer makes no sense) | E_TIMEOUT | E_CORRUPT (a
 * chain of our own): no status > 0. */
status chain_ask(struct chain_reader *c, const struct chain_head *head, struct chain_ask *asks,
                 size_t n, struct err *reterr) MUST_USE;

/* The account is registered, not suspended, and not over at now. */
bool chain_account_is_active(const struct registry_account *a, uint64_t now);
/* The account is suspended or over: an address without an account is not barred. */
bool chain_account_is_barred(const struct registry_account *a, uint64_t now);
/* The grant is in force at now and has any of the permissions. */
bool chain_grant_is_live(const struct registry_grant *g, uint8_t any_of, uint64_t now);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts of a chain for development: everyone knows their keys. */
#ifndef EHRD_APP_DEV_ACCOUNTS_H
#define EHRD_APP_DEV_ACCOUNTS_H

#include <stdio.h>

#include "base/buf.h"
#include "crypto/secp256k1.h"

#define DEV_MNEMONIC "test test test test test test test test test test test junk"
#define DEV_ACCOUNTS_MAX 100u
#define DEV_CHAIN_ID 31337u

struct dev_accounts {
    size_t n;
    struct secp_key key[DEV_ACCOUNTS_MAX];
    addr20 addr[DEV_ACCOUNTS_MAX];
};

/* The first n accounts of the usual test mnemonic, m/44'/60'/0'/0/i.
 * OK | E_RANGE (n) | E_INTERNAL (no secp_init). */
status dev_accounts_derive(size_t n, struct dev_accounts *ret, struct err *reterr) MUST_USE;

struct dev_genesis {
    uint64_t chain_id;
    uint64_t gas_limit;
    uint64_t ether; /* of each account */
    uint64_t time;  /* unix s */
};
/* Append a genesis with Osaka's rules, these accounts funded, and the usual CREATE2 deployer. */
status dev_genesis_put(const struct dev_genesis *g, const struct dev_accounts *a,
                       struct buf *out) MUST_USE;
/* Addresses, keys, mnemonic, with a warning. */
void dev_accounts_print(const struct dev_accounts *a, uint64_t ether, FILE *out);

#endif

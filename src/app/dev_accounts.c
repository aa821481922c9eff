/* SPDX-License-Identifier: Apache-2.0 */
/* The usual test mnemonic: its keys, a genesis for them, and the warning. */
#include "app/dev_accounts.h"

#include "base/hex.h"
#include "base/wipe.h"
#include "crypto/addr.h"
#include "keys/bip32.h"
#include "keys/bip39.h"

/* 0x4e59b44847b379578588920cA78FbF26c0B4956C, which forge and others expect on every chain. */
#define CREATE2_ADDRESS "0x4e59b44847b379578588920ca78fbf26c0b4956c"
#define CREATE2_CODE                                                                               \
    "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035"   \
    "828234f58015156039578182fd5b8082525050506014600cf3"

status dev_accounts_derive(size_t n, struct dev_accounts *ret, struct err *reterr)
{
    uint8_t seed[BIP39_SEED];
    if (n == 0 || n > DEV_ACCOUNTS_MAX)
        return ERR(reterr, E_RANGE, "1 to %u accounts", DEV_ACCOUNTS_MAX);
    status st = bip39_seed(slice_str(DEV_MNEMONIC), SLICE_EMPTY, seed, reterr);
    for (ret->n = 0; ret->n < n && st == OK; ret->n++) {
        st = bip32_ethereum(slice_of(seed, sizeof seed), (uint32_t)ret->n, &ret->key[ret->n]);
        if (st == OK)
            st = secp_key_addr(&ret->key[ret->n], &ret->addr[ret->n]);
    }
    wipe(seed, sizeof seed);
    return st == OK ? OK : ERR(reterr, st, "accounts of the test mnemonic");
}

static status put_config(const struct dev_genesis *g, struct buf *out)
{
    static const char *const blocks[] = {"homestead", "eip150",         "eip155",     "eip158",
                                         "byzantium", "constantinople", "petersburg", "istanbul",
                                         "berlin",    "london"};
    static const char *const times[] = {"shanghai", "cancun", "prague", "osaka"};
    status st = buf_printf(out, "{\"config\":{\"chainId\":%llu", (unsigned long long)g->chain_id);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && st == OK; i++)
        st = buf_printf(out, ",\"%sBlock\":0", blocks[i]);
    for (size_t i = 0; i < sizeof times / sizeof times[0] && st == OK; i++)
        st = buf_printf(out, ",\"%sTime\":0", times[i]);
    if (st == OK)
        st = buf_put_str(out,
                         ",\"terminalTotalDifficulty\":0,\"blobSchedule\":{"
                         "\"cancun\":{\"target\":3,\"max\":6,\"baseFeeUpdateFraction\":3338477},"
                         "\"prague\":{\"target\":6,\"max\":9,\"baseFeeUpdateFraction\":5007716},"
                         "\"osaka\":{\"target\":6,\"max\":9,\"baseFeeUpdateFraction\":5007716}"
                         "}},\"ehrd\":{\"sameSecond\":true}");
    return st;
}

status dev_genesis_put(const struct dev_genesis *g, const struct dev_accounts *a, struct buf *out)
{
    char addr[2 * 20 + 3];
    status st = put_config(g, out);
    if (st == OK)
        st = buf_printf(out,
                        ",\"difficulty\":\"0x0\",\"gasLimit\":\"0x%llx\",\"timestamp\":\"0x%llx\","
                        "\"baseFeePerGas\":\"0x3b9aca00\",\"alloc\":{\"%s\":{\"balance\":\"0x0\","
                        "\"code\":\"%s\"}",
                        (unsigned long long)g->gas_limit, (unsigned long long)g->time,
                        CREATE2_ADDRESS, CREATE2_CODE);
    for (size_t i = 0; i < a->n && st == OK; i++)
        st = buf_printf(out, ",\"%s\":{\"balance\":\"%llu000000000000000000\"}",
                        hex_0x(slice_of(a->addr[i].b, 20), addr), (unsigned long long)g->ether);
    return st == OK ? buf_put_str(out, "}}") : st;
}

void dev_accounts_print(const struct dev_accounts *a, uint64_t ether, FILE *out)
{
    char addr[ADDR_TEXT];
    char key[2 * 32 + 3];
    (void)fputs(
        "WARNING: everyone knows these keys. Whatever is sent to these accounts on a public\n"
        "chain is lost. This node is for development only.\n\n",
        out);
    for (size_t i = 0; i < a->n; i++)
        (void)fprintf(out, "(%zu) %s  %s  (%llu ETH)\n", i, addr_text(a->addr[i], addr),
                      hex_0x(slice_of(a->key[i].b, sizeof a->key[i].b), key),
                      (unsigned long long)ether);
    (void)fprintf(out, "\nMnemonic: %s\nPath:     m/44'/60'/0'/0/i\n", DEV_MNEMONIC);
}

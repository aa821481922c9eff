/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd chain init" and "deploy". */
#include <stdio.h>

#include "app/admin_deploy.h"
#include "app/ehrd_chain.h"
#include "app/ehrd_keys.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/addr.h"
#include "ledger/local.h"

#define EXTRA_MAX 512u

/* The contract that keeps the last block hashes (EIP-2935): part of every chain with these rules,
 * and anvil adds it to a genesis that lacks it, which would change the state root of a chain that
 * moves there. */
#define HISTORY_CONTRACT                                                                           \
    "\"0x0000f90827f1c53a10cb7a02335b175320002935\":{\"balance\":\"0x0\",\"nonce\":\"0x1\","       \
    "\"code\":\"0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f3560014303"  \
    "8111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500\"}"

/* Osaka from the first block; gas costs nothing. */
static const char usual[] =
    "{\"config\":{\"chainId\":%llu,\"homesteadBlock\":0,\"eip150Block\":0,\"eip155Block\":0,"
    "\"eip158Block\":0,\"byzantiumBlock\":0,\"constantinopleBlock\":0,\"petersburgBlock\":0,"
    "\"istanbulBlock\":0,\"berlinBlock\":0,\"londonBlock\":0,\"terminalTotalDifficulty\":0,"
    "\"shanghaiTime\":0,\"cancunTime\":0,\"pragueTime\":0,\"osakaTime\":0},"
    "\"ehrd\":{\"authority\":\"%s\",\"sameSecond\":true,\"baseFee\":\"fixed\"},"
    "\"timestamp\":\"0x%llx\",\"gasLimit\":\"0x%llx\",\"baseFeePerGas\":\"0x0\","
    "\"difficulty\":\"0x0\",\"nonce\":\"0x0\",\"extraData\":\"0x\","
    "\"alloc\":{" HISTORY_CONTRACT "}}";

static status authority(const struct chain_cmd *c, char hex[48], struct err *reterr)
{
    struct secp_key key = {{0}};
    addr20 who;
    bool has = false;
    status st = file_mkdirs(c->dir, 0700, reterr);
    if (st == OK)
        st = ehrd_authority_key_make(c->dir, &random_system, reterr);
    if (st == OK)
        st = ehrd_authority_key(c->dir, &key, &has, reterr);
    if (st == OK && (st = secp_key_addr(&key, &who)) != OK)
        st = ERR(reterr, st, "the authority's key");
    if (st == OK)
        (void)hex_0x(slice_of(who.b, sizeof who.b), hex);
    secp_key_done(&key);
    return st;
}

static status usual_genesis(const struct chain_cmd *c, struct buf *text, struct err *reterr)
{
    char hex[48];
    status st = authority(c, hex, reterr);
    if (st == OK && buf_printf(text, usual, (unsigned long long)c->chain_id, hex,
                               (unsigned long long)clock_unix_s(&clock_system),
                               (unsigned long long)c->gas_limit) != OK)
        st = ERR(reterr, E_NOMEM, "genesis");
    return st;
}

/* The file, with the authority named before its first member. */
static status add_authority(const struct chain_cmd *c, slice file, struct buf *text,
                            struct err *reterr)
{
    char hex[48];
    size_t at = 0;
    status st = authority(c, hex, reterr);
    while (at < file.n && file.p[at] != '{')
        at++;
    if (st == OK && at == file.n)
        st = ERR(reterr, E_SYNTAX, "%s: no JSON object", c->file);
    if (st == OK)
        st = buf_printf(text, "{\"ehrd\":{\"authority\":\"%s\"},", hex);
    return st == OK ? buf_put(text, slice_after(file, at + 1)) : st;
}

static status read_genesis(const struct chain_cmd *c, struct buf *text, struct err *reterr)
{
    struct buf file;
    struct arena a;
    struct json_doc doc;
    buf_init(&file, GENESIS_BYTES_MAX);
    arena_init(&a, (size_t)4 << 30, false);
    status st = file_read(c->file, &file, reterr);
    if (st == OK && (st = json_read(buf_slice(&file), &a, &doc, reterr)) != OK)
        st = err_prefix(reterr, st, c->file);
    if (st == OK) {
        bool as_it_is = c->plain || !json_is_absent(json_get(json_root(&doc), "ehrd"));
        st = as_it_is ? buf_put(text, buf_slice(&file))
                      : add_authority(c, buf_slice(&file), text, reterr);
    }
    buf_done(&file);
    arena_done(&a);
    return st;
}

/* Of what is chosen here: a genesis that exists may be of a chain that has more. */
static status check_gas_limit(const struct chain_cmd *c, struct err *reterr)
{
    if (c->file != NULL || c->gas_limit <= CHAIN_GAS_LIMIT_MAX)
        return OK;
    return ERR(reterr, E_RANGE,
               "--gas-limit: %llu is above %u: a block could change more than is kept",
               (unsigned long long)c->gas_limit, CHAIN_GAS_LIMIT_MAX);
}

status chain_cmd_init(struct chain_cmd *c, struct err *reterr)
{
    struct buf text;
    hash32 hash;
    status st = check_gas_limit(c, reterr);
    if (st == OK)
        st = chain_absent(c->dir, reterr); /* before a key is made */
    if (st != OK)
        return st;
    buf_init(&text, GENESIS_BYTES_MAX + EXTRA_MAX);
    st = c->file != NULL ? read_genesis(c, &text, reterr) : usual_genesis(c, &text, reterr);
    if (st == OK)
        st = chain_create(c->dir, buf_slice(&text), false, &hash, reterr);
    if (st == OK) {
        chain_cmd_say(c, "chain", c->dir);
        chain_cmd_say_hex(c, "genesis", slice_of(hash.b, 32));
    }
    buf_done(&text);
    return st;
}

/* --- contracts ------------------------------------------------------------------------------- */

static status addr_option(const char *text, addr20 fallback, addr20 *ret, struct err *reterr)
{
    *ret = fallback;
    if (text != NULL && addr_read(slice_str(text), ret) != OK)
        return ERR(reterr, E_USAGE, "%s: no address", text);
    return OK;
}

static void say_addr(struct chain_cmd *c, const char *name, const addr20 *a)
{
    chain_cmd_say_hex(c, name, slice_of(a->b, sizeof a->b));
}

static status deploy(struct chain_cmd *c, struct chain *chain, const struct secp_key *key,
                     struct deployment *d, struct err *reterr)
{
    struct admin_tx t = {0};
    status st = chain_start(chain, reterr);
    if (st == OK)
        st = ledger_local_open(&(struct ledger_local_config){.chain = chain}, &t.ledger, reterr);
    if (st == OK)
        st = ledger_sender_new(t.ledger, key, &t.sender, reterr);
    if (st == OK) {
        t.me = ledger_sender_address(t.sender);
        st = addr_option(c->admin, t.me, &d->admin, reterr);
    }
    if (st == OK)
        st = addr_option(c->registrar, t.me, &d->registrar, reterr);
    if (st == OK)
        st = admin_deploy(&t, d, reterr);
    admin_tx_close(&t);
    return st;
}

static status open_to_seal(const struct chain_cmd *c, struct chain **ret, struct err *reterr)
{
    struct secp_key key = {{0}};
    bool has_key = false;
    status st = ehrd_authority_key(c->dir, &key, &has_key, reterr);
    const struct chain_options o = {.dir = c->dir, .authority = has_key ? &key : NULL};
    if (st == OK)
        st = chain_open(&o, ret, reterr);
    secp_key_done(&key);
    return st;
}

status chain_cmd_deploy(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    struct secp_key key = {{0}};
    struct deployment d = {0};
    struct deployment_file file = {.open = false};
    if (c->key == NULL || c->passphrase_file == NULL)
        return ERR(reterr, E_USAGE, "--key FILE and --passphrase-file FILE are needed");
    status st = ehrd_relayer_key(c->key, c->passphrase_file, &key, reterr);
    if (st == OK)
        st = open_to_seal(c, &chain, reterr);
    if (st == OK)
        st = admin_deployment_open(&file, c->out, reterr);
    if (st == OK)
        st = deploy(c, chain, &key, &d, reterr);
    bool deployed = st == OK;
    st = admin_deployment_save(&file, &d, st, reterr);
    if (deployed) {
        say_addr(c, "proxy", &d.proxy);
        say_addr(c, "forwarder", &d.forwarder);
        say_addr(c, "implementation", &d.implementation);
        chain_cmd_say_u64(c, "firstBlock", d.block);
    }
    chain_close(chain);
    secp_key_done(&key);
    return st;
}

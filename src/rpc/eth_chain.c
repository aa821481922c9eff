/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of node this is: eth_chainId and its like, net, web3, rpc_modules. */
#include "crypto/keccak.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

status rpc_eth_block_number(struct rpc_req *q)
{
    struct chain_news news;
    chain_news_get(q->rpc->cfg.chain, &news);
    jw_hex_u64(q->w, news.head);
    return OK;
}

status rpc_eth_chain_id(struct rpc_req *q)
{
    jw_hex_u64(q->w, chain_id(q->rpc->cfg.chain));
    return OK;
}

status rpc_eth_syncing(struct rpc_req *q)
{
    jw_bool(q->w, false); /* the only authority is never behind */
    return OK;
}

status rpc_eth_accounts(struct rpc_req *q)
{
    if (q->rpc->cfg.dev != NULL)
        return rpc_dev_eth_accounts(q);
    jw_array(q->w); /* the node signs for nobody */
    jw_end(q->w);
    return OK;
}

status rpc_eth_coinbase(struct rpc_req *q)
{
    struct chain_block b;
    status s = rpc_view(q);
    if (s == OK)
        s = chain_view_block(&q->view, q->view.head, &b, NULL);
    if (s == OK)
        rpc_put_addr(q->w, &b.block.header.coinbase);
    return s;
}

status rpc_eth_mining(struct rpc_req *q)
{
    jw_bool(q->w, false);
    return OK;
}

status rpc_eth_hashrate(struct rpc_req *q)
{
    jw_hex_u64(q->w, 0);
    return OK;
}

status rpc_eth_protocol_version(struct rpc_req *q)
{
    jw_cstr(q->w, "0x44"); /* eth/68 */
    return OK;
}

static void put_span(struct jw *w, const char *key, uint64_t oldest)
{
    jw_key(w, key);
    jw_object(w);
    jw_key(w, "disabled");
    jw_bool(w, false);
    jw_key(w, "oldestBlock");
    jw_hex_u64(w, oldest);
    jw_end(w);
}

status rpc_eth_capabilities(struct rpc_req *q)
{
    struct jw *w = q->w;
    status s = rpc_view(q);
    if (s != OK)
        return s;
    jw_object(w);
    jw_key(w, "head");
    jw_object(w);
    jw_key(w, "number");
    jw_hex_u64(w, q->view.head);
    jw_key(w, "hash");
    rpc_put_hash(w, &q->view.head_hash);
    jw_end(w);
    put_span(w, "state", q->view.first_state);
    put_span(w, "tx", 0);
    put_span(w, "logs", 0);
    put_span(w, "receipts", 0);
    put_span(w, "blocks", 0);
    put_span(w, "stateproofs", q->view.first_state);
    jw_end(w);
    return OK;
}

status rpc_net_version(struct rpc_req *q)
{
    jw_printf(q->w, "%llu", (unsigned long long)chain_id(q->rpc->cfg.chain));
    return OK;
}

status rpc_net_listening(struct rpc_req *q)
{
    jw_bool(q->w, true);
    return OK;
}

status rpc_net_peer_count(struct rpc_req *q)
{
    jw_hex_u64(q->w, 0);
    return OK;
}

status rpc_web3_client_version(struct rpc_req *q)
{
    const char *v = q->rpc->cfg.client_version;
    jw_cstr(q->w, v != NULL ? v : "ehrd");
    return OK;
}

status rpc_web3_sha3(struct rpc_req *q)
{
    slice data;
    hash32 h;
    status s = rpc_read_bytes(q, 0, q->param[0], &data);
    if (s != OK)
        return s;
    keccak256(data, &h);
    rpc_put_hash(q->w, &h);
    return OK;
}

/* --- modules ---------------------------------------------------------------------------------- */

static slice module_of(const char *method)
{
    slice name = slice_str(method);
    const uint8_t *end = memchr(name.p, '_', name.n);
    return end != NULL ? slice_first(name, (size_t)(end - name.p)) : name;
}

/* Is row i the first one that is there of its module? */
static bool is_new_module(const struct rpc *r, size_t i, slice module)
{
    unsigned group;
    for (size_t k = 0; k < i; k++) {
        const char *other = rpc_method_name(k, &group);
        if (slice_eq(module_of(other), module) && (group == 0 || (group & r->cfg.groups) != 0))
            return false;
    }
    return true;
}

status rpc_rpc_modules(struct rpc_req *q)
{
    unsigned group;
    const char *name;
    jw_object(q->w);
    for (size_t i = 0; (name = rpc_method_name(i, &group)) != NULL; i++) {
        slice module = module_of(name);
        if ((group != 0 && (group & q->rpc->cfg.groups) == 0) || !is_new_module(q->rpc, i, module))
            continue;
        jw_key_slice(q->w, module);
        jw_cstr(q->w, "1.0");
    }
    jw_end(q->w);
    return OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the node says about itself: description, health, metrics; and the way to the chain's
 * own interface. */
#include "api/embedded.h"
#include "api/endpoint.h"
#include "api/routes.h"
#include "base/log.h"
#include "relay/relay.h"

#include <stdio.h>

static status write_head(const struct chain_head *head, struct jw *w)
{
    jw_key(w, "head");
    jw_object(w);
    jw_member_u64(w, "number", head->block.number);
    jw_member_hash(w, "hash", &head->block.hash);
    jw_member_u64(w, "timestamp", head->block.timestamp);
    jw_end(w);
    return OK;
}

status get_node(struct api_call *c, struct err *reterr)
{
    const struct api *a = c->api;
    struct chain_head head;
    struct jw w;
    status st = chain_head(a->chain, &head, reterr);
    if (st == OK)
        st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_member_str(&w, "name", "ehrd");
    jw_member_str(&w, "version", a->version);
    jw_key(&w, "chainId");
    jw_printf(&w, "%llu", (unsigned long long)a->cfg.net.chain_id);
    jw_member_addr(&w, "proxy", &a->cfg.net.proxy);
    jw_member_addr(&w, "forwarder", &a->cfg.forwarder);
    jw_member_str(&w, "origin", a->origin);
    jw_member_addr(&w, "nodeAddress", &a->node_address);
    if (a->cfg.authority != NULL)
        jw_member_addr(&w, "authority", &a->authority);
    st = write_head(&head, &w);
    jw_member_u64(&w, "time", clock_unix_s(a->cfg.clock));
    return st == OK ? answer_end(&w, reterr) : st;
}

status get_openapi(struct api_call *c, struct err *reterr)
{
    return answer_bytes(c, "application/json", embedded_openapi(), reterr);
}

status get_healthz(struct api_call *c, struct err *reterr)
{
    return answer_bytes(c, "text/plain", SLICE_LIT("ok\n"), reterr);
}

/* Whether the ledger answers and the index is near the head; ret_why is a constant text. */
static bool is_ready(struct api_call *c, const char **ret_ledger, const char **ret_index)
{
    struct chain_head head;
    struct err e = {0};
    *ret_ledger = "ok";
    *ret_index = "unknown";
    status st = chain_head(c->api->chain, &head, &e);
    if (st != OK) {
        log_failure(LOG_WARN, "not-ready", c->req->request_id, st, &e);
        *ret_ledger = status_text(st);
        return false;
    }
    bool near = index_follow(c->api, &head, 500, NULL) == OK;
    *ret_index = near ? "ok" : "behind the head";
    return near;
}

status get_readyz(struct api_call *c, struct err *reterr)
{
    const char *ledger;
    const char *index;
    struct jw w;
    bool ready = is_ready(c, &ledger, &index);
    status st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    c->resp->code = ready ? 200 : 503;
    jw_key(&w, "ready");
    jw_bool(&w, ready);
    jw_member_str(&w, "ledger", ledger);
    jw_member_str(&w, "index", index);
    return answer_end(&w, reterr);
}

/* What the relayer has left; left out while the ledger does not tell. */
static status put_relayer_balance(const struct api *a, struct buf *out)
{
    u256 wei;
    char text[U256_DEC_MAX];
    addr20 payer = relay_address(a->cfg.relay);
    if (ledger_balance(a->cfg.ledger, &payer, LEDGER_LATEST, &wei, NULL) != OK)
        return OK;
    (void)u256_dec(wei, text);
    return buf_printf(out,
                      "# HELP ehrd_relayer_balance_wei What the relayer can still pay with.\n"
                      "# TYPE ehrd_relayer_balance_wei gauge\nehrd_relayer_balance_wei %s\n",
                      text);
}

status get_metrics(struct api_call *c, struct err *reterr)
{
    struct api *a = c->api;
    struct chain_head head;
    struct buf *out = &c->resp->body;
    bool up = chain_head(a->chain, &head, NULL) == OK;
    status st = metrics_put(&a->metrics, out);
    if (st == OK)
        st = metrics_put_gauge(out, "ehrd_ledger_up", "The ledger answers and is fresh.", up);
    if (st == OK && up)
        st = metrics_put_gauge(out, "ehrd_head_block", "Number of the head.", head.block.number);
    if (st == OK)
        st = metrics_put_gauge(out, "ehrd_index_next_block", "First block not indexed yet.",
                               index_next_block(a->cfg.index));
    if (st == OK && up && a->cfg.relay != NULL)
        st = put_relayer_balance(a, out);
    if (st == OK && a->cfg.endpoint != NULL)
        st = endpoint_metrics_put(a->cfg.endpoint, out);
    if (st != OK)
        return ERR(reterr, st, "metrics");
    return answer_bytes(c, "text/plain; version=0.0.4", SLICE_EMPTY, reterr);
}

status post_rpc(struct api_call *c, struct err *reterr)
{
    (void)c; /* the endpoint takes these requests before they are routed, if there is one */
    return ERR(reterr, E_UNAVAILABLE, "this node offers no Ethereum JSON-RPC");
}

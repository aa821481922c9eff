/* SPDX-License-Identifier: Apache-2.0 */
/* POST /relay: forward requests in, the mined transaction out. */
#include "api/routes.h"
#include "relay/relay.h"

/* Wei and large numbers may come as decimal texts. */
static status number(struct json v, uint64_t *ret, struct err *reterr)
{
    slice text;
    u256 big;
    if (json_type(v) != JSON_STRING)
        return json_u64(v, ret, reterr);
    status st = json_str(v, &text, reterr);
    if (st == OK && (u256_read_dec(text, &big) != OK || !u256_fits_u64(big)))
        st = json_err(reterr, E_RANGE, v, "a decimal number of at most 64 bits is needed");
    if (st == OK)
        *ret = big.w[0];
    return st;
}

static status wei(struct json v, u256 *ret, struct err *reterr)
{
    slice text;
    status st = json_str(v, &text, reterr);
    if (st == OK && (st = u256_read_dec(text, ret)) != OK)
        st = json_err(reterr, st, v, "a decimal number is needed");
    return st;
}

static status request_read(struct json v, struct relay_request *ret, struct err *reterr)
{
    static const char *const keys[] = {"from",  "to",       "value", "gas",
                                       "nonce", "deadline", "data",  "signature"};
    status st = json_want_only(v, keys, sizeof keys / sizeof keys[0], reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "from"), &ret->from, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "to"), &ret->to, reterr);
    if (st == OK)
        st = wei(json_get(v, "value"), &ret->value, reterr);
    if (st == OK)
        st = number(json_get(v, "gas"), &ret->gas, reterr);
    if (st == OK)
        st = number(json_get(v, "nonce"), &ret->nonce, reterr);
    if (st == OK)
        st = number(json_get(v, "deadline"), &ret->deadline, reterr);
    if (st == OK)
        st = json_hex_bytes(json_get(v, "data"), &ret->data, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "signature"), ret->sig65, sizeof ret->sig65, reterr);
    return st;
}

static status requests_read(struct api_call *c, struct relay_request *list, size_t *ret_n,
                            struct err *reterr)
{
    struct json body = {0};
    size_t n = 0;
    status st = body_json(c, &body, reterr);
    struct json requests = json_get(body, "requests");
    if (st == OK)
        st = json_want_array(requests, reterr);
    if (st != OK)
        return st;
    if (json_count(requests) < 1 || json_count(requests) > RELAY_BATCH_MAX)
        return ERR(reterr, E_RANGE, "requests: 1 to %u", RELAY_BATCH_MAX);
    for (struct json_iter it = json_iter(requests); st == OK && json_next(&it);)
        st = request_read(it.value, &list[n++], reterr);
    *ret_n = n;
    return st;
}

static status write_result(struct api_call *c, const struct relay_request *list, size_t n,
                           const struct relay_result *r, struct err *reterr)
{
    struct jw w;
    status st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    jw_member_hash(&w, "tx", &r->tx);
    jw_member_u64(&w, "block", r->block);
    jw_member_hash(&w, "blockHash", &r->block_hash);
    jw_member_u64(&w, "gasUsed", r->gas_used);
    jw_key(&w, "results");
    jw_array(&w);
    for (size_t i = 0; i < n; i++) {
        jw_object(&w);
        jw_member_addr(&w, "from", &list[i].from);
        jw_member_u64(&w, "nonce", list[i].nonce);
        jw_key(&w, "success");
        jw_bool(&w, r->success[i]);
        jw_end(&w);
    }
    jw_end(&w);
    return answer_end(&w, reterr);
}

/* As answer_error, with the place of the request at fault. */
static status write_refusal(struct api_call *c, status why, size_t index, const struct err *e,
                            struct err *reterr)
{
    struct jw w;
    char text[ERR_MSG_MAX];
    status st = answer_begin(c, &w, reterr);
    if (st != OK)
        return st;
    c->resp->code = status_http(why);
    jw_key(&w, "error");
    jw_object(&w);
    jw_member_str(&w, "code", status_name(why));
    jw_member_str(&w, "reason", plain_text(e->msg, text));
    jw_member_u64(&w, "index", index);
    jw_end(&w);
    jw_member_str(&w, "requestId", c->req->request_id);
    return answer_end(&w, reterr);
}

status post_relay(struct api_call *c, struct err *reterr)
{
    struct relay_result result = {0};
    struct err why = {0};
    size_t n = 0;
    size_t index = 0;
    struct relay_request *list = arena_array(&c->arena, RELAY_BATCH_MAX, sizeof *list);
    if (list == NULL)
        return ERR(reterr, E_NOMEM, "relay");
    if (c->api->cfg.relay == NULL)
        return ERR(reterr, E_UNAVAILABLE, "this node does not relay");
    status st = requests_read(c, list, &n, reterr);
    if (st != OK)
        return st;
    st = relay_run(c->api->cfg.relay, list, n, &result, &index, &why);
    if (st == OK) {
        atomic_fetch_add(&c->api->metrics.relayed, n);
        return write_result(c, list, n, &result, reterr);
    }
    if (st > 0 && index < n)
        return write_refusal(c, st, index, &why, reterr);
    return ERR(reterr, st, "%s", why.msg);
}

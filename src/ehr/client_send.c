/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the registry as forward requests through a node's relay. */
#include "base/limits.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "contract/errors.h"
#include "contract/registry_abi.h"
#include "ehr/client.h"

#define DEADLINE_S 1800u /* from now, or from the chain's time when that is later */
#define GAS_FLOOR 60000u
#define WAIT_MS 120000u /* for the relay's answer */
#define REVERT_BYTES ((size_t)16 << 10)

/* Gas of one call, with room to spare. Reverts are told by the contract's name. */
static status gas_of(struct client *c, slice data, uint64_t *ret, struct err *reterr)
{
    struct buf revert;
    struct buf text;
    struct ledger_call call = {.from = c->me, .to = c->net.proxy, .data = data};
    uint64_t gas = 0;
    buf_init(&revert, REVERT_BYTES);
    status st = ledger_estimate(c->ledger, &call, &gas, &revert, reterr);
    if (st == E_REVERTED) {
        buf_init(&text, CONTRACT_ERROR_TEXT_MAX + 1);
        const char *s = contract_error_text(buf_slice(&revert), &text) == OK ? buf_cstr(&text) : "";
        st = ERR(reterr, E_REVERTED, "the contract refuses: %s", s != NULL ? s : "");
        buf_done(&text);
    }
    buf_done(&revert);
    if (st != OK)
        return st;
    *ret = gas + gas / 4 + GAS_FLOOR;
    return OK;
}

static status nonce_of(struct client *c, uint64_t *ret, struct err *reterr)
{
    struct buf data;
    struct buf answer;
    u256 n;
    buf_init(&data, 256);
    buf_init(&answer, 256);
    status st = forwarder_put_nonces(&data, c->me);
    struct ledger_call call = {.to = c->forwarder, .data = buf_slice(&data)};
    if (st == OK)
        st = ledger_call(c->ledger, &call, LEDGER_LATEST, &answer, reterr);
    if (st == OK && (forwarder_read_nonces(buf_slice(&answer), &n) != OK || !u256_fits_u64(n)))
        st = ERR(reterr, E_CORRUPT, "nonces: not an answer of the forwarder");
    buf_done(&data);
    buf_done(&answer);
    if (st == OK)
        *ret = n.w[0];
    return st;
}

static status deadline_of(struct client *c, uint64_t *ret, struct err *reterr)
{
    struct ledger_block head;
    status st = ledger_head(c->ledger, &head, reterr);
    if (st != OK)
        return st;
    uint64_t now = clock_unix_s(c->clock);
    *ret = (now > head.timestamp ? now : head.timestamp) + DEADLINE_S;
    return OK;
}

static status write_request(struct client *c, const struct eip712_forward_request *q, uint64_t gas,
                            uint64_t nonce, struct jw *w, struct err *reterr)
{
    uint8_t sig[SECP_SIG];
    hash32 digest;
    eip712_forward_request_digest(c->net.chain_id, c->forwarder, q, &digest);
    status st = secp_sign(&c->key, &digest, sig);
    if (st != OK)
        return ERR(reterr, st, "forward request: cannot be signed");
    jw_object(w);
    jw_key(w, "from"), jw_hex(w, slice_of(q->from.b, sizeof q->from.b));
    jw_key(w, "to"), jw_hex(w, slice_of(q->to.b, sizeof q->to.b));
    jw_key(w, "value"), jw_cstr(w, "0");
    jw_key(w, "gas"), jw_u64(w, gas);
    jw_key(w, "nonce"), jw_u64(w, nonce);
    jw_key(w, "deadline"), jw_u64(w, q->deadline);
    jw_key(w, "data"), jw_hex(w, q->data);
    jw_key(w, "signature"), jw_hex(w, slice_of(sig, sizeof sig));
    jw_end(w);
    return OK;
}

static status write_batch(struct client *c, const slice *data, const uint64_t *gas, size_t n,
                          struct buf *out, struct err *reterr)
{
    struct jw w;
    uint64_t nonce = 0;
    uint64_t deadline = 0;
    status st = nonce_of(c, &nonce, reterr);
    if (st == OK)
        st = deadline_of(c, &deadline, reterr);
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "requests"), jw_array(&w);
    for (size_t i = 0; st == OK && i < n; i++) {
        struct eip712_forward_request q = {.from = c->me,
                                           .to = c->net.proxy,
                                           .gas = u256_from_u64(gas[i]),
                                           .nonce = u256_from_u64(nonce + i),
                                           .deadline = deadline,
                                           .data = data[i]};
        st = write_request(c, &q, gas[i], nonce + i, &w, reterr);
    }
    jw_end(&w);
    jw_end(&w);
    status written = jw_done(&w, reterr);
    return st != OK ? st : written;
}

static status answer_read(slice answer, struct client_sent *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, LIMIT_HTTP_BODY_SMALL, false);
    status st = json_read(answer, &a, &doc, reterr);
    struct json root = st == OK ? json_root(&doc) : (struct json){0};
    if (st == OK)
        st = json_hex_hash(json_get(root, "tx"), &ret->tx, reterr);
    if (st == OK)
        st = json_u64(json_get(root, "block"), &ret->block, reterr);
    if (st == OK)
        st = json_u64(json_get(root, "gasUsed"), &ret->gas_used, reterr);
    for (struct json_iter it = json_iter(json_get(root, "results")); st == OK && json_next(&it);) {
        bool ok = false;
        st = json_bool(json_get(it.value, "success"), &ok, reterr);
        if (st == OK && !ok)
            st = ERR(reterr, E_REVERTED, "the call was mined, but the contract refused it");
    }
    arena_done(&a);
    return st;
}

static status send_batch(struct client *c, const slice *data, const uint64_t *gas, size_t n,
                         struct client_sent *ret, struct err *reterr)
{
    struct buf body;
    struct buf answer;
    buf_init(&body, LIMIT_HTTP_ANSWER);
    buf_init(&answer, LIMIT_HTTP_BODY_SMALL);
    status st = write_batch(c, data, gas, n, &body, reterr);
    struct vault_node_request r = {
        .method = "POST", .target = "/api/v1/relay", .body = buf_slice(&body), .total_ms = WAIT_MS};
    if (st == OK)
        st = vault_node_call(c->vault, &r, &answer, NULL, reterr);
    if (st == OK)
        st = answer_read(buf_slice(&answer), ret, reterr);
    buf_done(&body);
    buf_done(&answer);
    return st;
}

status client_send(struct client *c, const slice *calldata, size_t n, struct client_sent *ret,
                   struct err *reterr)
{
    uint64_t gas[CLIENT_CALLS_MAX];
    status st = OK;
    if (n == 0 || n > CLIENT_CALLS_MAX)
        return ERR(reterr, E_RANGE, "relay: %zu calls at once", n);
    for (size_t i = 0; st == OK && i < n; i++)
        st = gas_of(c, calldata[i], &gas[i], reterr);
    for (size_t i = 0; st == OK && i < n;) {
        uint64_t sum = gas[i];
        size_t k = 1;
        while (i + k < n && sum + gas[i + k] <= CLIENT_RELAY_GAS)
            sum += gas[i + k++];
        st = send_batch(c, calldata + i, gas + i, k, ret, reterr);
        i += k;
    }
    return st;
}

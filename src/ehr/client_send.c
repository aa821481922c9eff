/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the registry as forward requests through a node's relay. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "contract/errors.h"
#include "contract/registry_abi.h"
#include "ehr/client.h"

#define DEADLINE_S 1800u   /* from now, or from the chain's time when that is later */
#define AHEAD_MAX_S 86400u /* of the clock; a chain of ours is as late as its blocks */
#define GAS_FLOOR 60000u
#define WAIT_MS 120000u /* for the relay's answer */
#define TRIES 20u       /* while other devices use the same address */
#define PAUSE_MS 40u

/* What a batch needs to know of the chain, asked for at once. */
struct quote {
    uint64_t gas[CLIENT_CALLS_MAX]; /* of each call, with room to spare */
    uint64_t nonce;                 /* of the first */
    uint64_t deadline;
};

/* Reverts are told by the contract's name. */
static status refusal(const struct ledger_req *q, struct err *reterr)
{
    struct buf text;
    if (q->st != E_REVERTED) {
        if (reterr != NULL)
            *reterr = q->err;
        return q->st;
    }
    buf_init(&text, CONTRACT_ERROR_TEXT_MAX + 1);
    const char *s = contract_error_text(q->out.data, &text) == OK ? buf_cstr(&text) : "";
    status st = ERR(reterr, E_REVERTED, "the contract refuses: %s", s != NULL ? s : "");
    buf_done(&text);
    return st;
}

static const char *time_text(uint64_t unix_s, char out[32])
{
    struct tm tm;
    time_t t = (time_t)unix_s;
    if (unix_s > INT64_MAX || gmtime_r(&t, &tm) == NULL ||
        strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        (void)snprintf(out, 32, "%llu", (unsigned long long)unix_s);
    return out;
}

status client_time(const struct client *c, uint64_t head_s, uint64_t *ret_s, struct err *reterr)
{
    char there[32];
    char here[32];
    uint64_t now = clock_unix_s(c->clock);
    if (head_s > now && head_s - now > AHEAD_MAX_S)
        return ERR(reterr, E_MISMATCH,
                   "the node's chain says that it is %s, this device's clock %s: what is signed "
                   "would be good for too long; see which of them is wrong",
                   time_text(head_s, there), time_text(now, here));
    *ret_s = head_s > now ? head_s : now;
    return OK;
}

/* n estimates, the nonce, the head. */
static status quote_read(struct client *c, const struct ledger_req *reqs, size_t n,
                         struct quote *ret, struct err *reterr)
{
    u256 nonce;
    for (size_t i = 0; i < n + 2; i++)
        if (reqs[i].st != OK)
            return refusal(&reqs[i], reterr);
    for (size_t i = 0; i < n; i++)
        ret->gas[i] = reqs[i].out.number + reqs[i].out.number / 4 + GAS_FLOOR;
    if (forwarder_read_nonces(reqs[n].out.data, &nonce) != OK || !u256_fits_u64(nonce))
        return ERR(reterr, E_CORRUPT, "nonces: not an answer of the forwarder");
    uint64_t now;
    status st = client_time(c, reqs[n + 1].out.block.timestamp, &now, reterr);
    if (st != OK)
        return st;
    ret->nonce = nonce.w[0];
    ret->deadline = now + DEADLINE_S;
    return OK;
}

static status quote_get(struct client *c, const addr20 *from, const slice *data, size_t n,
                        struct quote *ret, struct err *reterr)
{
    struct arena a;
    struct buf nonces;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    buf_init(&nonces, 256);
    struct ledger_req *reqs = arena_array(&a, n + 2, sizeof *reqs);
    status st = reqs == NULL ? E_NOMEM : forwarder_put_nonces(&nonces, *from);
    if (st != OK)
        st = ERR(reterr, st, "call: %s", status_text(st));
    for (size_t i = 0; st == OK && i < n; i++) {
        reqs[i] = (struct ledger_req){.kind = LEDGER_ESTIMATE};
        reqs[i].in.call = (struct ledger_call){.from = *from, .to = c->net.proxy, .data = data[i]};
    }
    if (st == OK) {
        reqs[n] = (struct ledger_req){.kind = LEDGER_CALL, .at = LEDGER_LATEST};
        reqs[n].in.call = (struct ledger_call){.to = c->forwarder, .data = buf_slice(&nonces)};
        reqs[n + 1] = (struct ledger_req){.kind = LEDGER_BLOCK, .at = LEDGER_LATEST};
        st = ledger_run(c->ledger, reqs, n + 2, &a, reterr);
    }
    if (st == OK)
        st = quote_read(c, reqs, n, ret, reterr);
    buf_done(&nonces);
    arena_done(&a);
    return st;
}

static status write_request(struct client *c, const struct actor *who,
                            const struct eip712_forward_request *q, uint64_t gas, uint64_t nonce,
                            struct jw *w, struct err *reterr)
{
    uint8_t sig[SECP_SIG];
    hash32 digest;
    eip712_forward_request_digest(c->net.chain_id, c->forwarder, q, &digest);
    status st = secp_sign(&who->key, &digest, sig);
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

/* The requests from..from+n of a quote. */
static status write_batch(struct client *c, const struct actor *who, const slice *data,
                          const struct quote *quote, size_t from, size_t n, struct buf *out,
                          struct err *reterr)
{
    struct jw w;
    status st = OK;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "requests"), jw_array(&w);
    for (size_t i = from; st == OK && i < from + n; i++) {
        struct eip712_forward_request q = {.from = who->addr,
                                           .to = c->net.proxy,
                                           .gas = u256_from_u64(quote->gas[i]),
                                           .nonce = u256_from_u64(quote->nonce + i),
                                           .deadline = quote->deadline,
                                           .data = data[i]};
        st = write_request(c, who, &q, quote->gas[i], quote->nonce + i, &w, reterr);
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

static status send_batch(struct client *c, const struct actor *who, const slice *data,
                         const struct quote *quote, size_t from, size_t n, struct client_sent *ret,
                         struct err *reterr)
{
    struct buf body;
    struct buf answer;
    buf_init(&body, LIMIT_HTTP_ANSWER);
    buf_init(&answer, LIMIT_HTTP_BODY_SMALL);
    status st = write_batch(c, who, data, quote, from, n, &body, reterr);
    struct vault_node_request r = {.method = "POST",
                                   .target = "/api/v1/relay",
                                   .body = buf_slice(&body),
                                   .is_unsigned = true,
                                   .once = true,
                                   .total_ms = WAIT_MS};
    if (st == OK)
        st = vault_node_call(c->vault, &r, &answer, NULL, reterr);
    if (st == OK)
        st = answer_read(buf_slice(&answer), ret, reterr);
    if (st == OK)
        ledger_saw(c->ledger, ret->block);
    buf_done(&body);
    buf_done(&answer);
    return st;
}

/* Calls of a quote, in as many batches as their gas wants; *ret_done: how many were mined. */
static status send_quoted(struct client *c, const struct actor *who, const slice *data, size_t n,
                          const struct quote *quote, size_t *ret_done, struct client_sent *ret,
                          struct err *reterr)
{
    status st = OK;
    *ret_done = 0;
    while (st == OK && *ret_done < n) {
        size_t i = *ret_done;
        uint64_t sum = quote->gas[i];
        size_t k = 1;
        while (i + k < n && sum + quote->gas[i + k] <= CLIENT_RELAY_GAS)
            sum += quote->gas[i + k++];
        st = send_batch(c, who, data, quote, i, k, ret, reterr);
        if (st == OK)
            *ret_done += k;
    }
    return st;
}

/* A little longer each time, and not as long as the other device. */
static void pause_before(struct client *c, unsigned again)
{
    uint32_t draw = 0;
    if (random_fill(c->random, (uint8_t *)&draw, sizeof draw) != OK)
        draw = 0;
    long ms = (long)(draw % (PAUSE_MS * (again < 8 ? again : 8)) + PAUSE_MS);
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* Another device that uses the same address may be quicker: its request is on its way (E_CONFLICT),
 * or was mined since the quote (E_REPLAY). Nothing of the refused batch was done then. */
status client_send(struct client *c, const struct actor *who, const slice *calldata, size_t n,
                   struct client_sent *ret, struct err *reterr)
{
    struct quote quote = {.nonce = 0};
    size_t at = 0;
    if (n == 0 || n > CLIENT_CALLS_MAX)
        return ERR(reterr, E_RANGE, "relay: %zu calls at once", n);
    for (unsigned again = 1;; again++) {
        size_t done = 0;
        status st = quote_get(c, &who->addr, calldata + at, n - at, &quote, reterr);
        if (st == OK)
            st = send_quoted(c, who, calldata + at, n - at, &quote, &done, ret, reterr);
        at += done;
        if ((st != E_CONFLICT && st != E_REPLAY) || again == TRIES)
            return st;
        pause_before(c, again);
    }
}

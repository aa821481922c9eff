/* SPDX-License-Identifier: Apache-2.0 */
/* The allow-listed pass-through: read strictly, forward what is allowed, put the answers together.
 */
#include "rpc/passthrough.h"

#include "base/limits.h"

/* JSON-RPC 2.0, section 5.1. */
#define RPC_PARSE_ERROR (-32700)
#define RPC_INVALID_REQUEST (-32600)
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)
#define RPC_INTERNAL_ERROR (-32603)

#define TMP_BYTES (4 * LIMIT_RPC_ANSWER) /* parsed request and answer */

static const char *const allowed[] = {
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_estimateGas",
    "eth_feeHistory",
    "eth_gasPrice",
    "eth_getBalance",
    "eth_getBlockByHash",
    "eth_getBlockByNumber",
    "eth_getCode",
    "eth_getLogs",
    "eth_getProof",
    "eth_getStorageAt",
    "eth_getTransactionByHash",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas",
    "eth_sendRawTransaction",
    "eth_syncing",
    "net_version",
    "web3_clientVersion",
};

/* One request of the caller and what is to be said to it. */
struct item {
    struct json id; /* absent: answer with null */
    bool silent;    /* a notification */
    bool forward;
    struct json method;
    struct json params; /* absent: none */
    int code;           /* error, when not forwarded or the node failed */
    const char *text;   /* static */
    bool answered;
    struct json result; /* either this or error, when answered */
    struct json error;
    slice own; /* instead of result, not empty: answered here; in tmp */
};

struct pass {
    struct item *items; /* in tmp */
    size_t n;
    size_t forwarded;
    bool is_batch;
    struct arena tmp;
};

bool rpc_is_allowed(slice method)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (slice_eq_str(method, allowed[i]))
            return true;
    return false;
}

/* --- reading the request ---------------------------------------------------------------------- */

static void item_fail(struct item *it, int code, const char *text)
{
    it->forward = false;
    it->code = code;
    it->text = text;
}

static bool id_ok(struct json id)
{
    enum json_type t = json_type(id);
    return (t == JSON_STRING || t == JSON_NUMBER || t == JSON_NULL) &&
           json_raw(id).n <= RPC_ID_BYTES;
}

static void read_item(struct json v, struct item *it)
{
    slice method;
    struct json id = json_get(v, "id");
    *it = (struct item){.method = json_get(v, "method"), .params = json_get(v, "params")};
    if (json_type(v) != JSON_OBJECT || !json_eq(json_get(v, "jsonrpc"), "2.0") ||
        (!json_is_absent(id) && !id_ok(id)) || json_str(it->method, &method, NULL) != OK) {
        if (id_ok(id))
            it->id = id;
        item_fail(it, RPC_INVALID_REQUEST, "invalid request");
        return;
    }
    it->id = id;
    it->silent = json_is_absent(id);
    it->forward = !it->silent;
    if (!rpc_is_allowed(method))
        item_fail(it, RPC_METHOD_NOT_FOUND, "method not available");
    else if (!json_is_absent(it->params) && json_type(it->params) != JSON_ARRAY)
        item_fail(it, RPC_INVALID_PARAMS, "params must be an array");
}

/* The request as a whole is refused by one error. */
static status refuse_all(struct pass *p, int code, const char *text)
{
    p->items = arena_alloc(&p->tmp, sizeof *p->items);
    if (p->items == NULL)
        return E_NOMEM;
    *p->items = (struct item){.code = code, .text = text};
    p->n = 1;
    p->is_batch = false;
    return OK;
}

static status read_request(struct pass *p, slice request)
{
    if (request.n > RPC_REQUEST_BYTES)
        return refuse_all(p, RPC_INVALID_REQUEST, "request too large");
    struct json_doc *doc = arena_alloc(&p->tmp, sizeof *doc);
    if (doc == NULL)
        return E_NOMEM;
    status s = json_read(request, &p->tmp, doc, NULL);
    if (s != OK)
        return s == E_NOMEM ? s : refuse_all(p, RPC_PARSE_ERROR, "parse error");
    struct json root = json_root(doc);
    p->is_batch = json_type(root) == JSON_ARRAY;
    p->n = p->is_batch ? json_count(root) : 1;
    if (p->n == 0)
        return refuse_all(p, RPC_INVALID_REQUEST, "empty batch");
    if (p->n > RPC_BATCH_MAX)
        return refuse_all(p, RPC_INVALID_REQUEST, "batch too large");
    p->items = arena_array(&p->tmp, p->n, sizeof *p->items);
    if (p->items == NULL)
        return E_NOMEM;
    if (!p->is_batch)
        read_item(root, &p->items[0]);
    struct json_iter it = json_iter(root);
    for (size_t i = 0; p->is_batch && json_next(&it); i++)
        read_item(it.value, &p->items[i]);
    for (size_t i = 0; i < p->n; i++)
        p->forwarded += p->items[i].forward ? 1 : 0;
    return OK;
}

/* --- the node --------------------------------------------------------------------------------- */

static status put_forwarded(const struct pass *p, struct buf *out)
{
    struct jw w;
    jw_init(&w, out);
    if (p->forwarded > 1)
        jw_array(&w);
    for (size_t i = 0; i < p->n; i++) {
        const struct item *it = &p->items[i];
        if (!it->forward)
            continue;
        jw_object(&w);
        jw_key(&w, "jsonrpc");
        jw_cstr(&w, "2.0");
        jw_key(&w, "id");
        jw_u64(&w, i + 1);
        jw_key(&w, "method");
        jw_json(&w, it->method);
        jw_key(&w, "params");
        if (json_is_absent(it->params)) {
            jw_array(&w);
            jw_end(&w);
        } else {
            jw_json(&w, it->params);
        }
        jw_end(&w);
    }
    if (p->forwarded > 1)
        jw_end(&w);
    return jw_done(&w, NULL);
}

static bool error_ok(struct json error)
{
    return json_type(error) == JSON_OBJECT && json_type(json_get(error, "code")) == JSON_NUMBER &&
           json_type(json_get(error, "message")) == JSON_STRING;
}

/* One answer of the node; whatever does not fit a request is ignored. */
static void sort_answer(struct pass *p, struct json v)
{
    uint64_t id = 0;
    if (json_u64(json_get(v, "id"), &id, NULL) != OK || id == 0 || id > p->n)
        return;
    struct item *it = &p->items[id - 1];
    struct json error = json_get(v, "error");
    struct json result = json_get(v, "result");
    bool failed = !json_is_absent(error) && json_type(error) != JSON_NULL;
    if (!it->forward || it->answered || (failed ? !error_ok(error) : json_is_absent(result)))
        return;
    it->answered = true;
    it->result = result;
    it->error = failed ? error : (struct json){0};
}

static void fail_forwarded(struct pass *p, int code, const char *text)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].forward && !p->items[i].answered)
            item_fail(&p->items[i], code, text);
}

/* What a caller is told of an exchange that failed: that the node is too busy, or that it is not
 * there; the rest was no doing of his. */
static status failure_told(status asked)
{
    return asked == E_RATE || (asked < 0 && asked != E_CORRUPT) ? asked : E_UNAVAILABLE;
}

/* Ask the node and sort its answers. answer: its text must outlive the reply's writing. */
static status ask(struct pass *p, const struct rpc_upstream *up, struct buf *answer)
{
    struct buf request;
    struct json_doc *doc = arena_alloc(&p->tmp, sizeof *doc);
    buf_init(&request, 2 * RPC_REQUEST_BYTES);
    status s = doc != NULL ? put_forwarded(p, &request) : E_NOMEM;
    if (s == OK) {
        status asked = up->post(up->ctx, buf_slice(&request), answer, NULL);
        if (asked == OK && json_read(buf_slice(answer), &p->tmp, doc, NULL) == OK) {
            struct json root = json_root(doc);
            if (json_type(root) != JSON_ARRAY)
                sort_answer(p, root);
            struct json_iter it = json_iter(root);
            while (json_type(root) == JSON_ARRAY && json_next(&it))
                sort_answer(p, it.value);
        }
        if (asked == OK)
            fail_forwarded(p, RPC_INTERNAL_ERROR, "the node's answer is not usable");
        else
            fail_forwarded(p, status_rpc_code(failure_told(asked)),
                           status_text(failure_told(asked)));
    }
    buf_done(&request);
    return s;
}

/* What needs no node. */
static status answer_own(struct pass *p, const struct rpc_upstream *up, struct item *it)
{
    struct buf result;
    struct err e = {0};
    slice method;
    bool mine = false;
    status s = json_str(it->method, &method, &e);
    buf_init(&result, LIMIT_RPC_ANSWER);
    if (s == OK)
        s = up->own(up->own_ctx, method, it->params, &mine, &result, &e);
    if (s == OK && mine) {
        it->own = arena_dup(&p->tmp, buf_slice(&result));
        it->answered = it->own.n > 0;
        it->forward = false;
        s = it->answered ? OK : E_NOMEM;
    } else if (s != OK && s != E_NOMEM) {
        item_fail(it, status_rpc_code(s), status_text(s));
        s = OK;
    }
    buf_done(&result);
    return s;
}

static status answer_all_own(struct pass *p, const struct rpc_upstream *up)
{
    status s = OK;
    for (size_t i = 0; s == OK && up->own != NULL && i < p->n; i++) {
        if (!p->items[i].forward)
            continue;
        s = answer_own(p, up, &p->items[i]);
        p->forwarded -= p->items[i].forward ? 0 : 1;
    }
    return s;
}

/* --- the reply -------------------------------------------------------------------------------- */

static void put_reply(struct jw *w, const struct item *it)
{
    jw_object(w);
    jw_key(w, "jsonrpc");
    jw_cstr(w, "2.0");
    jw_key(w, "id");
    if (json_is_absent(it->id))
        jw_null(w);
    else
        jw_json(w, it->id);
    if (it->own.n > 0) {
        jw_key(w, "result");
        jw_raw(w, it->own);
    } else if (it->answered) {
        bool failed = !json_is_absent(it->error);
        jw_key(w, failed ? "error" : "result");
        jw_json(w, failed ? it->error : it->result);
    } else {
        jw_key(w, "error");
        jw_object(w);
        jw_key(w, "code");
        jw_i64(w, it->code);
        jw_key(w, "message");
        jw_cstr(w, it->text);
        jw_end(w);
    }
    jw_end(w);
}

static status put_replies(const struct pass *p, struct buf *out)
{
    struct jw w;
    size_t said = 0;
    for (size_t i = 0; i < p->n; i++)
        said += p->items[i].silent ? 0 : 1;
    if (said == 0)
        return OK;
    jw_init(&w, out);
    if (p->is_batch)
        jw_array(&w);
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].silent)
            put_reply(&w, &p->items[i]);
    if (p->is_batch)
        jw_end(&w);
    return jw_done(&w, NULL);
}

status rpc_passthrough(const struct rpc_upstream *up, slice request, struct buf *ret_reply,
                       struct err *reterr)
{
    struct pass p = {0};
    struct buf answer;
    size_t start = ret_reply->n;
    arena_init(&p.tmp, TMP_BYTES, false);
    buf_init(&answer, LIMIT_RPC_ANSWER);
    status s = read_request(&p, request);
    if (s == OK)
        s = answer_all_own(&p, up);
    if (s == OK && p.forwarded > 0)
        s = ask(&p, up, &answer);
    if (s == OK)
        s = put_replies(&p, ret_reply);
    if (s == E_TOO_LONG) {
        ret_reply->n = start;
        s = refuse_all(&p, RPC_INTERNAL_ERROR, "the answer is too long");
        if (s == OK)
            s = put_replies(&p, ret_reply);
    }
    buf_done(&answer);
    arena_done(&p.tmp);
    return s == OK ? OK : ERR(reterr, s, "JSON-RPC reply");
}

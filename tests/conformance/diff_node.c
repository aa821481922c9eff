/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC with an anvil. */
#include "diff_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hex.h"

#define REQUEST_CAP ((size_t)8 << 20)
#define ANSWER_CAP ((size_t)120 << 20)
#define ARENA_CAP ((size_t)2 << 30)

/* --- exchanges ------------------------------------------------------------------------------ */

static void forget_answer(struct diff_node *d)
{
    http_answer_done(&d->answer);
    arena_done(&d->arena);
    d->answer = (struct http_answer){0};
    d->doc = (struct json_doc){0};
    arena_init(&d->arena, ARENA_CAP, false);
}

void diff_begin(struct diff_node *d)
{
    forget_answer(d);
    buf_clear(&d->request);
    d->n_calls = 0;
}

static status add_va(struct diff_node *d, const char *method, const char *fmt, va_list args)
    PRINTF_LIKE(3, 0);

static status add_va(struct diff_node *d, const char *method, const char *fmt, va_list args)
{
    char *params;
    if (vasprintf(&params, fmt, args) < 0)
        return E_NOMEM;
    status s =
        buf_printf(&d->request, "%s{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\",\"params\":",
                   d->n_calls == 0 ? "[" : ",", d->n_calls, method);
    if (s == OK)
        s = buf_put_str(&d->request, params);
    if (s == OK)
        s = buf_put_str(&d->request, "}");
    free(params);
    d->n_calls++;
    return s;
}

status diff_add(struct diff_node *d, const char *method, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    status s = add_va(d, method, fmt, args);
    va_end(args);
    return s;
}

status diff_send(struct diff_node *d, struct err *reterr)
{
    const struct http_header type = {SLICE_LIT("content-type"), SLICE_LIT("application/json")};
    status s = buf_put_str(&d->request, "]");
    const struct http_call call = {.method = "POST",
                                   .url = d->anvil.url,
                                   .headers = &type,
                                   .n_headers = 1,
                                   .body = buf_slice(&d->request),
                                   .max_body = ANSWER_CAP,
                                   .total_ms = 300000};
    if (s == OK)
        s = http_client_call(d->http, &call, &d->answer, reterr);
    if (s == OK)
        s = json_read(buf_slice(&d->answer.body), &d->arena, &d->doc, reterr);
    d->bytes += d->answer.body_len;
    return s;
}

struct json diff_result(const struct diff_node *d, size_t i, slice *ret_why)
{
    for (struct json_iter it = json_iter(json_root(&d->doc)); json_next(&it);) {
        uint64_t id;
        if (json_u64(json_get(it.value, "id"), &id, NULL) != OK || id != i)
            continue;
        if (ret_why != NULL &&
            json_str(json_get(json_get(it.value, "error"), "message"), ret_why, NULL) != OK)
            *ret_why = SLICE_EMPTY;
        return json_get(it.value, "result");
    }
    if (ret_why != NULL)
        *ret_why = SLICE_LIT("no answer");
    return json_get(json_root(&d->doc), "result");
}

status diff_do(struct diff_node *d, struct json *ret, struct err *reterr, const char *method,
               const char *fmt, ...)
{
    va_list args;
    slice why = SLICE_EMPTY;
    diff_begin(d);
    va_start(args, fmt);
    status s = add_va(d, method, fmt, args);
    va_end(args);
    if (s == OK)
        s = diff_send(d, reterr);
    if (s != OK)
        return s;
    struct json result = diff_result(d, 0, &why);
    if (why.n > 0)
        return ERR(reterr, E_UNAVAILABLE, "anvil: %s: %.*s", method, (int)why.n,
                   (const char *)why.p);
    if (ret != NULL)
        *ret = result;
    return OK;
}

/* --- the node ------------------------------------------------------------------------------- */

static status write_genesis(struct diff_node *d, const struct diff_people *p)
{
    static const char *const forks[] = {"homestead", "eip150",         "eip155",     "eip158",
                                        "byzantium", "constantinople", "petersburg", "istanbul",
                                        "berlin",    "london"};
    (void)snprintf(d->genesis, sizeof d->genesis, "/tmp/ehrd-diff-XXXXXX");
    int fd = mkstemp(d->genesis);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (f == NULL)
        return E_IO;
    (void)fprintf(f, "{\"config\":{\"chainId\":%u,", DIFF_CHAIN_ID);
    for (size_t i = 0; i < sizeof forks / sizeof *forks; i++)
        (void)fprintf(f, "\"%sBlock\":0,", forks[i]);
    (void)fprintf(f,
                  "\"terminalTotalDifficulty\":0,\"shanghaiTime\":0,\"cancunTime\":0,"
                  "\"pragueTime\":0,\"osakaTime\":0},\"nonce\":\"0x0\",\"timestamp\":"
                  "\"0x65000000\",\"extraData\":\"0x\",\"gasLimit\":\"0x1c9c380\","
                  "\"difficulty\":\"0x0\",\"mixHash\":\"0x%064d\",\"coinbase\":\"0x%040d\","
                  "\"alloc\":{",
                  0, 0);
    for (size_t i = 0; i < DIFF_SENDERS + DIFF_AUTHORITIES; i++) {
        char hex[64];
        (void)fprintf(f, "%s\"%s\":{\"balance\":\"%s\"}", i > 0 ? "," : "",
                      hex_0x(slice_of(p->addr[i].b, 20), hex),
                      i < DIFF_SENDERS ? "0xd3c21bcecceda1000000" : "0x1");
    }
    (void)fprintf(f, "}}");
    return fclose(f) == 0 ? OK : E_IO;
}

static status read_hashes(struct diff_node *d, struct err *reterr)
{
    status s = OK;
    diff_begin(d);
    for (unsigned i = 0; s == OK && i <= DIFF_BLOCKS_BEFORE; i++)
        s = diff_add(d, "eth_getBlockByNumber", "[\"0x%x\",false]", i);
    if (s == OK)
        s = diff_send(d, reterr);
    for (unsigned i = 0; s == OK && i <= DIFF_BLOCKS_BEFORE; i++)
        s = json_hex_hash(json_get(diff_result(d, i, NULL), "hash"), &d->ground.hash[i], reterr);
    return s;
}

static status read_history(struct diff_node *d, struct err *reterr)
{
    struct json code;
    slice text;
    status s = diff_do(d, &code, reterr, "eth_getCode",
                       "[\"0x0000F90827F1C53a10cb7A02335B175320002935\",\"latest\"]");
    if (s == OK)
        s = json_str(code, &text, reterr);
    buf_clear(&d->ground.history_code);
    return s == OK ? hex_read_buf(slice_after(text, 2), &d->ground.history_code) : s;
}

static status take_snapshot(struct diff_node *d, struct err *reterr)
{
    struct json id;
    slice text;
    status s = diff_do(d, &id, reterr, "evm_snapshot", "[]");
    if (s == OK)
        s = json_str(id, &text, reterr);
    if (s == OK)
        (void)snprintf(d->snapshot, sizeof d->snapshot, "%.*s", (int)text.n, (const char *)text.p);
    return s;
}

status diff_node_reset(struct diff_node *d, struct err *reterr)
{
    status s = diff_do(d, NULL, reterr, "evm_revert", "[\"%s\"]", d->snapshot);
    if (s == OK)
        s = diff_do(d, NULL, reterr, "anvil_dropAllTransactions", "[]");
    return s == OK ? take_snapshot(d, reterr) : s;
}

status diff_node_start(struct diff_node *d, const struct diff_people *people, struct err *reterr)
{
    const struct http_client_options o = {.total_ms = 300000};
    *d = (struct diff_node){.n_calls = 0};
    buf_init(&d->request, REQUEST_CAP);
    buf_init(&d->ground.history_code, 65536);
    arena_init(&d->arena, ARENA_CAP, false);
    const char *extra[] = {"--hardfork",
                           "osaka",
                           "--init",
                           d->genesis,
                           "--accounts",
                           "0",
                           "--no-mining",
                           "--order",
                           "fifo",
                           "--steps-tracing",
                           "--disable-default-create2-deployer",
                           "--enable-tx-gas-limit",
                           "--disable-min-priority-fee",
                           "--no-request-size-limit",
                           NULL};
    status s = write_genesis(d, people);
    if (s == OK && !anvil_start(&d->anvil, extra))
        s = ERR(reterr, E_NOT_FOUND, "no anvil (see tools/anvil-path)");
    if (s == OK)
        s = http_client_new(&o, &d->http, reterr);
    if (s == OK)
        s = diff_do(d, NULL, reterr, "anvil_mine", "[\"0x%x\",\"0x1\"]", DIFF_BLOCKS_BEFORE);
    if (s == OK)
        s = read_hashes(d, reterr);
    if (s == OK)
        s = read_history(d, reterr);
    return s == OK ? take_snapshot(d, reterr) : s;
}

void diff_node_stop(struct diff_node *d)
{
    forget_answer(d);
    arena_done(&d->arena);
    buf_done(&d->request);
    buf_done(&d->ground.history_code);
    http_client_free(d->http);
    anvil_stop(&d->anvil);
    if (d->genesis[0] != 0)
        (void)unlink(d->genesis);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd chain export-genesis": the state at the head as an alloc, and an archive of the logs. */
#include <stdio.h>
#include <stdlib.h>

#include "app/ehrd_chain.h"
#include "app/out_stream.h"
#include "base/hex.h"

#define NAMES_MAX ((size_t)16 << 30)
#define CODE_MEMORY ((size_t)1 << 20)
#define SLOT_NAME 52u /* address, slot */

/* --- names ----------------------------------------------------------------------------------- */

struct names {
    struct buf accounts; /* 20 bytes each */
    struct buf slots;    /* SLOT_NAME bytes each */
};

static status collect(void *ctx, const addr20 *a, const uint8_t *slots, size_t n,
                      struct err *reterr)
{
    struct names *names = ctx;
    status st = buf_put_mem(&names->accounts, a->b, sizeof a->b);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = buf_put_mem(&names->slots, a->b, sizeof a->b);
        if (st == OK)
            st = buf_put_mem(&names->slots, slots + 32 * i, 32);
    }
    return st == OK ? OK : ERR(reterr, st, "names of accounts");
}

static int account_cmp(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(addr20));
}

static int slot_cmp(const void *a, const void *b)
{
    return memcmp(a, b, SLOT_NAME);
}

/* Sort the items of a buf and keep each once. */
static void sort_once(struct buf *b, size_t size, int (*cmp)(const void *, const void *))
{
    size_t n = b->n / size;
    size_t kept = 0;
    if (n == 0)
        return;
    qsort(b->p, n, size, cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || cmp(b->p + (kept - 1) * size, b->p + i * size) != 0)
            memmove(b->p + kept++ * size, b->p + i * size, size);
    b->n = kept * size;
}

/* --- writing --------------------------------------------------------------------------------- */

struct output {
    FILE *f;
    struct chain_view *view;
    struct names names;
    size_t next_slot; /* first name of a slot not looked at yet */
    uint64_t accounts;
    uint64_t slots;
    bool first;
};

static void put_hex(FILE *f, const uint8_t *p, size_t n)
{
    (void)fputs("\"0x", f);
    for (size_t i = 0; i < n; i++)
        (void)fprintf(f, "%02x", p[i]);
    (void)fputc('"', f);
}

static status put_slots(struct output *o, const addr20 *a, struct err *reterr)
{
    bool first = true;
    size_t n = o->names.slots.n / SLOT_NAME;
    for (; o->next_slot < n; o->next_slot++) {
        const uint8_t *name = o->names.slots.p + o->next_slot * SLOT_NAME;
        u256 word;
        uint8_t be[32];
        int order = memcmp(name, a->b, sizeof a->b);
        if (order > 0)
            break;
        if (order < 0)
            continue;
        u256 key = u256_from_be(name + 20);
        status st = chain_view_slot(o->view, o->view->head, a, &key, &word, reterr);
        if (st != OK)
            return st;
        if (u256_is_zero(word))
            continue;
        (void)fputs(first ? ",\"storage\":{" : ",", o->f);
        first = false;
        put_hex(o->f, name + 20, 32);
        (void)fputc(':', o->f);
        u256_to_be(word, be);
        put_hex(o->f, be, sizeof be);
        o->slots++;
    }
    if (!first)
        (void)fputc('}', o->f);
    return OK;
}

static status put_account(struct output *o, const addr20 *a, struct err *reterr)
{
    struct trie_account acc;
    struct arena memory;
    bool exists;
    slice code = SLICE_EMPTY;
    char balance[U256_HEX_MAX];
    status st = chain_view_account(o->view, o->view->head, a, &exists, &acc, reterr);
    if (st != OK || !exists)
        return st;
    arena_init(&memory, CODE_MEMORY, false);
    st = chain_view_code(o->view, o->view->head, a, &memory, &code, reterr);
    if (st == OK) {
        (void)u256_hex(acc.balance, balance);
        (void)fputs(o->first ? "\n" : ",\n", o->f);
        o->first = false;
        put_hex(o->f, a->b, sizeof a->b);
        (void)fprintf(o->f, ":{\"balance\":\"%s\",\"nonce\":\"0x%llx\"", balance,
                      (unsigned long long)acc.nonce);
        if (code.n > 0) {
            (void)fputs(",\"code\":", o->f);
            put_hex(o->f, code.p, code.n);
        }
        st = put_slots(o, a, reterr);
        (void)fputc('}', o->f);
        o->accounts++;
    }
    arena_done(&memory);
    return st;
}

static status put_alloc(struct output *o, struct err *reterr)
{
    status st = OK;
    size_t n = o->names.accounts.n / sizeof(addr20);
    o->first = true;
    (void)fputs("\"alloc\":{", o->f);
    for (size_t i = 0; st == OK && i < n; i++) {
        addr20 a;
        memcpy(a.b, o->names.accounts.p + i * sizeof a.b, sizeof a.b);
        st = put_account(o, &a, reterr);
        chain_cmd_progress("accounts", i, n);
    }
    (void)fputs("}", o->f);
    return st;
}

static void put_raw(FILE *f, const char *key, struct json v)
{
    slice text = json_raw(v);
    if (text.n > 0)
        (void)fprintf(f, "\"%s\":%.*s,\n", key, (int)text.n, (const char *)text.p);
}

static status put_genesis(struct output *o, struct err *reterr)
{
    struct chain_block head;
    char fee[U256_HEX_MAX];
    const struct genesis *g = chain_genesis(o->view->chain);
    status st = chain_view_block(o->view, o->view->head, &head, reterr);
    if (st != OK)
        return st;
    const struct block_header *h = &head.block.header;
    (void)u256_hex(h->base_fee, fee);
    (void)fputs("{", o->f);
    put_raw(o->f, "config", json_get(g->root, "config"));
    put_raw(o->f, "ehrd", json_get(g->root, "ehrd"));
    (void)fprintf(o->f,
                  "\"timestamp\":\"0x%llx\",\"gasLimit\":\"0x%llx\",\"baseFeePerGas\":\"%s\","
                  "\"difficulty\":\"0x0\",\"nonce\":\"0x0\",\"extraData\":\"0x\","
                  "\"coinbase\":\"0x0000000000000000000000000000000000000000\","
                  "\"mixHash\":"
                  "\"0x0000000000000000000000000000000000000000000000000000000000000000\",\n",
                  (unsigned long long)h->timestamp, (unsigned long long)h->gas_limit, fee);
    st = put_alloc(o, reterr);
    (void)fputs("}\n", o->f);
    return st;
}

/* --- logs ------------------------------------------------------------------------------------ */

struct log_output {
    FILE *f;
    uint64_t n;
};

/* One JSON object a line, as eth_getLogs has it, with the block's time. */
static status put_log(void *ctx, const struct chain_log *log, struct err *reterr)
{
    struct log_output *o = ctx;
    (void)reterr;
    (void)fputs("{\"address\":", o->f);
    put_hex(o->f, log->log.addr.b, 20);
    (void)fputs(",\"topics\":[", o->f);
    for (uint32_t i = 0; i < log->log.n_topics; i++) {
        (void)fputs(i > 0 ? "," : "", o->f);
        put_hex(o->f, log->log.topic[i].b, 32);
    }
    (void)fputs("],\"data\":", o->f);
    put_hex(o->f, log->log.data.p, log->log.data.n);
    (void)fprintf(o->f, ",\"blockNumber\":\"0x%llx\",\"blockTimestamp\":\"0x%llx\",\"blockHash\":",
                  (unsigned long long)log->number, (unsigned long long)log->timestamp);
    put_hex(o->f, log->block_hash.b, 32);
    (void)fputs(",\"transactionHash\":", o->f);
    put_hex(o->f, log->tx_hash.b, 32);
    (void)fprintf(o->f, ",\"transactionIndex\":\"0x%x\",\"logIndex\":\"0x%x\"}\n",
                  (unsigned)log->tx_index, (unsigned)log->index);
    o->n++;
    return OK;
}

/* --- files ----------------------------------------------------------------------------------- */

static status write_state(struct chain_cmd *c, struct chain_view *v, FILE *f, struct err *reterr)
{
    struct output o = {.f = f, .view = v};
    buf_init(&o.names.accounts, NAMES_MAX);
    buf_init(&o.names.slots, NAMES_MAX);
    status st = chain_view_names(v, collect, &o.names, reterr);
    if (st == OK) {
        sort_once(&o.names.accounts, sizeof(addr20), account_cmp);
        sort_once(&o.names.slots, SLOT_NAME, slot_cmp);
        st = put_genesis(&o, reterr);
    }
    if (st == OK) {
        chain_cmd_say_u64(c, "accounts", o.accounts);
        chain_cmd_say_u64(c, "slots", o.slots);
    }
    buf_done(&o.names.accounts);
    buf_done(&o.names.slots);
    return st;
}

static status write_logs(struct chain_cmd *c, struct chain_view *v, FILE *f, struct err *reterr)
{
    struct log_output o = {.f = f};
    const struct chain_filter all = {.to = v->head};
    status st = chain_view_logs(v, &all, put_log, &o, reterr);
    if (st == OK)
        chain_cmd_say_u64(c, "logs", o.n);
    return st;
}

static status say_root(struct chain_cmd *c, struct chain_view *v, struct err *reterr)
{
    struct chain_block b;
    status st = chain_view_block(v, v->head, &b, reterr);
    if (st == OK) {
        chain_cmd_say_u64(c, "head", v->head);
        chain_cmd_say_hex(c, "stateRoot", slice_of(b.block.header.state_root.b, 32));
    }
    return st;
}

status chain_cmd_export_genesis(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    struct chain_view v;
    struct out_stream state = {.f = NULL};
    struct out_stream logs = {.f = NULL};
    status st = c->out != NULL ? OK : ERR(reterr, E_USAGE, "--out FILE is needed");
    if (st == OK)
        st = chain_cmd_open(c, &chain, reterr);
    if (st == OK)
        st = out_stream_open(&state, c->out, reterr);
    if (st == OK && c->logs != NULL)
        st = out_stream_open(&logs, c->logs, reterr);
    if (st == OK && (st = chain_view_open(chain, &v, reterr)) == OK) {
        st = write_state(c, &v, state.f, reterr);
        if (st == OK && c->logs != NULL)
            st = write_logs(c, &v, logs.f, reterr);
        if (st == OK)
            st = say_root(c, &v, reterr);
        chain_view_close(&v);
    }
    st = out_stream_finish(&state, st, reterr);
    st = out_stream_finish(&logs, st, reterr);
    st = out_stream_end(&logs, st, reterr);
    st = out_stream_end(&state, st, reterr);
    chain_close(chain);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Following logs: check the last mark, ask for logs between two looks at the same block, deliver.
 *
 * A block hash stands for all its ancestors. So when block `to` has the same hash before and after
 * the logs were asked for, and so has the last mark, the logs are of one chain that continues what
 * was delivered before. */
#include "ledger/follow.h"

#include "base/checked.h"
#include "base/limits.h"
#include "chain/chain.h"

#define CURSOR_VERSION 1u
#define CURSOR_HEAD 22u /* version, dropped, first, next, marks */
#define CURSOR_MARK 40u /* number, hash */

/* --- the cursor as bytes ---------------------------------------------------------------------- */

status ledger_cursor_put(const struct ledger_cursor *c, struct buf *ret)
{
    status s = buf_put_u8(ret, CURSOR_VERSION);
    if (s == OK)
        s = buf_put_u8(ret, c->dropped ? 1 : 0);
    if (s == OK)
        s = buf_put_be64(ret, c->first);
    if (s == OK)
        s = buf_put_be64(ret, c->next);
    if (s == OK)
        s = buf_put_be32(ret, (uint32_t)c->marks_n);
    for (size_t i = 0; s == OK && i < c->marks_n; i++) {
        s = buf_put_be64(ret, c->marks[i].number);
        if (s == OK)
            s = buf_put_mem(ret, c->marks[i].hash.b, sizeof c->marks[i].hash.b);
    }
    return s;
}

static status read_marks(slice in, struct ledger_cursor *c, struct err *reterr)
{
    if (in.n != c->marks_n * CURSOR_MARK)
        return ERR(reterr, in.n < c->marks_n * CURSOR_MARK ? E_TRUNCATED : E_TRAILING,
                   "cursor with %zu bytes of marks", in.n);
    if (in.p == NULL)
        return OK; /* no marks */
    for (size_t i = 0; i < c->marks_n; i++) {
        const uint8_t *p = in.p + i * CURSOR_MARK;
        struct ledger_mark *m = &c->marks[i];
        m->number = be64_read(p);
        memcpy(m->hash.b, p + 8, sizeof m->hash.b);
        if (m->number >= c->next || (i > 0 && m->number <= m[-1].number))
            return ERR(reterr, E_RANGE, "cursor mark %zu is out of order", i);
    }
    return OK;
}

status ledger_cursor_read(slice in, struct ledger_cursor *ret_cursor, struct err *reterr)
{
    struct ledger_cursor c = {0};
    if (in.n < CURSOR_HEAD)
        return ERR(reterr, E_TRUNCATED, "cursor of %zu bytes", in.n);
    uint32_t marks_n = be32_read(in.p + 18);
    if (in.p[0] != CURSOR_VERSION || in.p[1] > 1 || marks_n > LEDGER_FOLLOW_HASHES)
        return ERR(reterr, E_RANGE, "cursor of version %u with %u marks", in.p[0], marks_n);
    c.dropped = in.p[1] == 1;
    c.first = be64_read(in.p + 2);
    c.next = be64_read(in.p + 10);
    c.marks_n = marks_n;
    if (c.next < c.first)
        return ERR(reterr, E_RANGE, "cursor stands before its beginning");
    status s = read_marks(slice_after(in, CURSOR_HEAD), &c, reterr);
    if (s == OK)
        *ret_cursor = c;
    return s;
}

static void push_mark(struct ledger_cursor *c, const struct ledger_mark *m)
{
    if (c->marks_n == LEDGER_FOLLOW_HASHES) {
        memmove(c->marks, c->marks + 1, (LEDGER_FOLLOW_HASHES - 1) * sizeof *m);
        c->marks_n--;
        c->dropped = true;
    }
    c->marks[c->marks_n++] = *m;
    c->next = m->number + 1;
}

/* --- looking ---------------------------------------------------------------------------------- */

/* What the chain has at a mark's number. same: that very block. */
static status mark_check(const struct ledger_req *req, const struct ledger_mark *m, bool *ret_same,
                         struct err *reterr)
{
    if (req->st != OK && req->st != E_NOT_FOUND) {
        if (reterr != NULL)
            *reterr = req->err;
        return req->st;
    }
    *ret_same = req->st == OK && hash32_eq(req->out.block.hash, m->hash);
    return OK;
}

/* Look at blocks by number; n <= 2. */
static status look(struct ledger *l, const struct ledger_mark *marks, size_t n, bool *ret_same,
                   struct err *reterr)
{
    struct ledger_req reqs[2] = {{.kind = LEDGER_BLOCK}, {.kind = LEDGER_BLOCK}};
    bool all = true;
    for (size_t i = 0; i < n; i++)
        reqs[i].at = ledger_at_number(marks[i].number);
    status s = ledger_run(l, reqs, n, NULL, reterr);
    for (size_t i = 0; s == OK && i < n; i++) {
        bool same = false;
        s = mark_check(&reqs[i], &marks[i], &same, reterr);
        all = all && same;
    }
    if (s == OK)
        *ret_same = all;
    return s;
}

/* The number of marks that are still on the chain. */
static status count_good(struct ledger_follow *f, size_t *ret_n, struct err *reterr)
{
    const struct ledger_cursor *c = &f->cursor;
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    struct ledger_req *reqs = arena_array(&a, c->marks_n, sizeof *reqs);
    if (reqs == NULL) {
        arena_done(&a);
        return ERR(reterr, E_NOMEM, "marks");
    }
    for (size_t i = 0; i < c->marks_n; i++) {
        reqs[i].kind = LEDGER_BLOCK;
        reqs[i].at = ledger_at_number(c->marks[i].number);
    }
    status s = ledger_run(f->ledger, reqs, c->marks_n, &a, reterr);
    size_t good = 0;
    for (size_t i = 0; s == OK && i < c->marks_n; i++) {
        bool same = false;
        s = mark_check(&reqs[i], &c->marks[i], &same, reterr);
        if (same)
            good = i + 1;
    }
    arena_done(&a);
    if (s == OK)
        *ret_n = good;
    return s;
}

static status roll_back(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                        struct err *reterr)
{
    size_t good = 0;
    status s = count_good(f, &good, reterr);
    if (s != OK)
        return s;
    struct ledger_cursor c = f->cursor;
    if (good == c.marks_n)
        return OK; /* the chain came back meanwhile */
    if (good == 0 && c.dropped)
        return ERR(reterr, E_CONFLICT, "the chain parted from ours before block %llu",
                   (unsigned long long)c.marks[0].number);
    c.marks_n = good;
    c.next = good > 0 ? c.marks[good - 1].number + 1 : c.first;
    s = sink->rollback(sink->ctx, c.next, &c, reterr);
    if (s == OK) {
        f->cursor = c;
        f->doubts = 0;
    }
    return s;
}

/* --- delivering ------------------------------------------------------------------------------- */

static status deliver_block(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                            const struct ledger_mark *mark, const struct ledger_log *logs, size_t n,
                            struct err *reterr)
{
    struct ledger_cursor after = f->cursor;
    push_mark(&after, mark);
    status s = sink->block(sink->ctx, mark, logs, n, &after, reterr);
    if (s == OK) {
        f->cursor = after;
        f->doubts = 0;
    }
    return s;
}

static status deliver(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                      const struct ledger_mark *to, const struct ledger_log *logs, size_t n,
                      struct err *reterr)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < n;) {
        struct ledger_mark m = {.number = logs[i].block_number, .hash = logs[i].block_hash};
        size_t end = i + 1;
        while (end < n && logs[end].block_number == m.number)
            end++;
        s = deliver_block(f, sink, &m, logs + i, end - i, reterr);
        i = end;
    }
    if (s == OK && f->cursor.next <= to->number)
        s = deliver_block(f, sink, to, NULL, 0, reterr);
    return s;
}

/* The logs and, behind them in the same batch, the blocks that must be there still: what one node
 * answered at one moment. OK | E_TOO_LONG (the logs) | … */
static status ask(struct ledger_follow *f, const struct ledger_mark *to, struct arena *a,
                  struct ledger_req reqs[3], bool *ret_still, struct err *reterr)
{
    const struct ledger_cursor *c = &f->cursor;
    const struct ledger_mark *last = c->marks_n > 0 ? &c->marks[c->marks_n - 1] : to;
    bool to_same = false;
    bool last_same = false;
    reqs[0] = (struct ledger_req){.kind = LEDGER_LOGS};
    reqs[0].in.filter = (struct ledger_filter){
        .addresses = &f->address, .addresses_n = 1, .from = c->next, .to = to->number};
    reqs[1] = (struct ledger_req){.kind = LEDGER_BLOCK, .at = ledger_at_number(to->number)};
    reqs[2] = (struct ledger_req){.kind = LEDGER_BLOCK, .at = ledger_at_number(last->number)};
    status s = ledger_run(f->ledger, reqs, 3, a, reterr);
    if (s == OK && reqs[0].st != OK) {
        if (reterr != NULL)
            *reterr = reqs[0].err;
        s = reqs[0].st;
    }
    if (s == OK)
        s = mark_check(&reqs[1], to, &to_same, reterr);
    if (s == OK)
        s = mark_check(&reqs[2], last, &last_same, reterr);
    *ret_still = to_same && last_same;
    return s;
}

/* Logs of cursor.next..to->number, if the chain holds still meanwhile. */
static status fetch(struct ledger_follow *f, const struct ledger_mark *to, struct arena *a,
                    struct ledger_log **ret_logs, size_t *ret_n, bool *ret_still,
                    struct err *reterr)
{
    struct ledger_req reqs[3];
    status s = ask(f, to, a, reqs, ret_still, reterr);
    if ((s == E_TOO_LONG || s == E_RATE) && f->span > 1) {
        f->span /= 2;
        *ret_still = false;
        return s == E_TOO_LONG ? OK : s; /* some nodes say only "limit exceeded" of both */
    }
    if (s != OK)
        return s;
    *ret_logs = reqs[0].out.logs.list;
    *ret_n = reqs[0].out.logs.n;
    for (size_t i = 0; i < *ret_n; i++)
        if ((*ret_logs)[i].block_number == to->number &&
            !hash32_eq((*ret_logs)[i].block_hash, to->hash))
            *ret_still = false;
    return OK;
}

/* Deliver the logs up to a block. *ret_more: there is more to ask for at once. */
static status take_logs(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                        const struct ledger_mark *to, bool is_near, bool *ret_more,
                        struct err *reterr)
{
    struct ledger_log *logs = NULL;
    size_t n = 0;
    bool still = false;
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    status s = fetch(f, to, &a, &logs, &n, &still, reterr);
    bool waits = s == OK && still && is_near && n == 0 && f->doubts < LEDGER_FOLLOW_DOUBTS;
    if (waits)
        f->doubts++;
    else if (s == OK && still)
        s = deliver(f, sink, to, logs, n, reterr);
    arena_done(&a);
    if (s == OK && still && !waits)
        f->span += f->span < LEDGER_FOLLOW_SPAN ? 1 + f->span / 8 : 0;
    if (s == OK)
        *ret_more = !waits;
    return s;
}

/* A block whose header says that nothing of ours is in it. */
static status pass_over(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                        const struct ledger_block *b, struct err *reterr)
{
    const struct ledger_cursor *c = &f->cursor;
    const struct ledger_mark mark = {.number = b->number, .hash = b->hash};
    if (c->marks_n > 0 && !hash32_eq(b->parent, c->marks[c->marks_n - 1].hash))
        return OK; /* the chain moved: the next look finds out how far */
    return deliver_block(f, sink, &mark, NULL, 0, reterr);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Blocks next..end are confirmed: deliver at most one span of them. */
static status advance(struct ledger_follow *f, const struct ledger_follow_sink *sink, uint64_t head,
                      uint64_t end, bool *ret_more, struct err *reterr)
{
    struct ledger_block b;
    uint64_t to = f->cursor.next;
    bool is_near = head - to < LEDGER_FOLLOW_NEAR;
    bool more = true;
    if (!is_near)
        to = lower(lower(end, head - LEDGER_FOLLOW_NEAR), to + f->span - 1);
    status s = ledger_block_get(f->ledger, ledger_at_number(to), &b, reterr);
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s; /* the head went back: look again later */
    if (is_near && !chain_bloom_may_have(b.bloom, slice_of(f->address.b, sizeof f->address.b)))
        s = pass_over(f, sink, &b, reterr);
    else
        s = take_logs(f, sink, &(struct ledger_mark){.number = to, .hash = b.hash}, is_near, &more,
                      reterr);
    if (s == OK)
        *ret_more = more && f->cursor.next <= end;
    return s;
}

void ledger_follow_init(struct ledger_follow *f, struct ledger *l, addr20 address,
                        uint32_t confirmations, const struct ledger_cursor *cursor)
{
    *f = (struct ledger_follow){.ledger = l,
                                .address = address,
                                .confirmations = confirmations,
                                .span = LEDGER_FOLLOW_SPAN,
                                .cursor = *cursor};
}

status ledger_follow_step(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                          bool *ret_more, struct err *reterr)
{
    const struct ledger_cursor *c = &f->cursor;
    struct ledger_req head = {.kind = LEDGER_NUMBER};
    bool same = true;
    bool more = false;
    status s = OK;
    if (c->marks_n > 0)
        s = look(f->ledger, &c->marks[c->marks_n - 1], 1, &same, reterr);
    if (s == OK && !same) {
        s = roll_back(f, sink, reterr);
        if (s == OK)
            *ret_more = true;
        return s;
    }
    if (s == OK)
        s = ledger_run(f->ledger, &head, 1, NULL, reterr);
    if (s == OK && head.st != OK) {
        if (reterr != NULL)
            *reterr = head.err;
        s = head.st;
    }
    uint64_t number = head.out.number;
    if (s == OK && number >= f->confirmations && number - f->confirmations >= c->next)
        s = advance(f, sink, number, number - f->confirmations, &more, reterr);
    if (s == OK)
        *ret_more = more;
    return s;
}

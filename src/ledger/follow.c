/* SPDX-License-Identifier: Apache-2.0 */
/* Following logs: check the last mark, ask for logs between two looks at the same block, deliver.
 *
 * A block hash stands for all its ancestors. So when block `to` has the same hash before and after
 * the logs were asked for, and so has the last mark, the logs are of one chain that continues what
 * was delivered before. */
#include "ledger/follow.h"

#include "base/checked.h"
#include "base/limits.h"

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
    if (s == OK)
        f->cursor = c;
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
    if (s == OK)
        f->cursor = after;
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

/* Logs of cursor.next..to->number, if the chain holds still meanwhile. */
static status fetch(struct ledger_follow *f, const struct ledger_mark *to, struct arena *a,
                    struct ledger_log **ret_logs, size_t *ret_n, bool *ret_still,
                    struct err *reterr)
{
    const struct ledger_cursor *c = &f->cursor;
    struct ledger_filter filter = {
        .addresses = &f->address, .addresses_n = 1, .from = c->next, .to = to->number};
    struct ledger_mark marks[2] = {*to};
    size_t marks_n = 1;
    status s = ledger_logs(f->ledger, &filter, a, ret_logs, ret_n, reterr);
    if (s == E_TOO_LONG && f->span > 1) {
        f->span /= 2;
        *ret_still = false;
        return OK;
    }
    if (s != OK)
        return s;
    if (c->marks_n > 0)
        marks[marks_n++] = c->marks[c->marks_n - 1];
    s = look(f->ledger, marks, marks_n, ret_still, reterr);
    for (size_t i = 0; s == OK && i < *ret_n; i++)
        if ((*ret_logs)[i].block_number == to->number &&
            !hash32_eq((*ret_logs)[i].block_hash, to->hash))
            *ret_still = false;
    return s;
}

/* Blocks next..end are confirmed: deliver at most one span of them. */
static status advance(struct ledger_follow *f, const struct ledger_follow_sink *sink, uint64_t end,
                      bool *ret_more, struct err *reterr)
{
    struct ledger_block block;
    struct ledger_log *logs = NULL;
    size_t n = 0;
    bool still = false;
    uint64_t to = end - f->cursor.next < f->span ? end : f->cursor.next + f->span - 1;
    status s = ledger_block_get(f->ledger, ledger_at_number(to), &block, reterr);
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s; /* the head went back: look again later */
    struct ledger_mark mark = {.number = to, .hash = block.hash};
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    s = fetch(f, &mark, &a, &logs, &n, &still, reterr);
    if (s == OK && still)
        s = deliver(f, sink, &mark, logs, n, reterr);
    arena_done(&a);
    if (s == OK && still)
        f->span += f->span < LEDGER_FOLLOW_SPAN ? 1 + f->span / 8 : 0;
    if (s == OK)
        *ret_more = !still || to < end;
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
    uint64_t confirmed = head.out.number;
    if (s == OK && confirmed >= f->confirmations && confirmed - f->confirmations >= c->next)
        s = advance(f, sink, confirmed - f->confirmations, &more, reterr);
    if (s == OK)
        *ret_more = more;
    return s;
}

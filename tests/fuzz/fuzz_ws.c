/* SPDX-License-Identifier: Apache-2.0 */
/* The frame path of WebSockets over any bytes. The first byte: how many bytes come at once, and
 * whether the other side takes any. */
#include <stdlib.h>

#include "net/ws_session.h"

#define MAX_MESSAGE 300u
#define BUDGET 700u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wire {
    slice in;
    size_t piece;
    size_t turn; /* bytes left before "nothing there now" */
    bool is_deaf;
    uint64_t out;
    struct ws_session *s;
    struct ws_budget budget;
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static status wire_read(void *ctx, uint8_t *out, size_t max, size_t *ret_n)
{
    struct wire *w = ctx;
    size_t n = w->in.n < w->turn ? w->in.n : w->turn;
    n = n < max ? n : max;
    *ret_n = n;
    if (n > 0)
        memcpy(out, w->in.p, n);
    w->in = slice_after(w->in, n);
    w->turn -= n;
    return OK;
}

static status wire_write(void *ctx, slice bytes, size_t *ret_n)
{
    struct wire *w = ctx;
    *ret_n = w->is_deaf ? 0 : bytes.n;
    w->out += *ret_n;
    return OK;
}

static void wire_message(void *ctx, struct buf *m)
{
    struct wire *w = ctx;
    check(m->n <= MAX_MESSAGE && w->budget.used >= m->n);
    status st = ws_session_send(w->s, buf_slice(m));
    check(st == OK || st == E_CANCELLED);
    if (m->n % 2 == 1) { /* move it out */
        ws_budget_give(&w->budget, m->n);
        buf_done(m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct wire w = {.in = slice_of(data + 1, size - 1),
                     .piece = (size_t)(data[0] & 0x7f) + 1,
                     .is_deaf = data[0] > 0x7f,
                     .budget = {.max = BUDGET}};
    const struct ws_io io = {&w, wire_read, wire_write, wire_message};
    check(ws_session_new(&io, MAX_MESSAGE, &w.budget, &w.s) == OK);
    while (w.in.n > 0 && !ws_session_is_over(w.s)) {
        size_t before = w.in.n;
        w.turn = w.piece;
        if (ws_session_read(w.s) != OK || ws_session_write(w.s) != OK)
            break;
        if (w.in.n == before) /* nothing is read any more: the rest is not wanted */
            break;
        check(w.budget.used <= BUDGET);
    }
    check(w.is_deaf || w.out <= 200 + 4 * (uint64_t)size);
    ws_session_free(w.s);
    check(w.budget.used == 0);
    return 0;
}

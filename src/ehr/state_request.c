/* SPDX-License-Identifier: Apache-2.0 */
/* Access requests in the owner state: those that wait and how others were answered. */
#include "codec/json.h"
#include "ehr/members.h"
#include "ehr/state.h"

#include <stdlib.h>

static const char *const answers[] = {"open", "accepted", "refused"};

const char *state_answer_text(unsigned answer)
{
    return answer < sizeof answers / sizeof answers[0] ? answers[answer] : "?";
}

struct state_request *state_request_find(const struct owner_state *s, const hash32 *id)
{
    for (size_t i = 0; i < s->requests_n; i++)
        if (hash32_eq(s->requests[i].id, *id))
            return &s->requests[i];
    return NULL;
}

/* Room for one more: the one answered longest ago goes, or the oldest when all wait. */
static void make_room(struct owner_state *s)
{
    size_t oldest = 0;
    if (s->requests_n < STATE_REQUESTS_MAX)
        return;
    for (size_t i = 1; i < s->requests_n; i++) {
        const struct state_request *a = &s->requests[i];
        const struct state_request *b = &s->requests[oldest];
        bool done_a = a->answer != STATE_ANSWER_OPEN;
        bool done_b = b->answer != STATE_ANSWER_OPEN;
        if (done_a != done_b ? done_a : a->received < b->received)
            oldest = i;
    }
    s->requests[oldest] = s->requests[--s->requests_n];
}

status state_request_set(struct owner_state *s, const struct state_request *r)
{
    struct state_request *old = state_request_find(s, &r->id);
    if (old != NULL) {
        *old = *r;
        return OK;
    }
    make_room(s);
    struct state_request *p = realloc(s->requests, (s->requests_n + 1) * sizeof *p);
    if (p == NULL)
        return E_NOMEM;
    s->requests = p;
    p[s->requests_n++] = *r;
    return OK;
}

void state_request_write(const struct state_request *r, struct jw *w)
{
    struct buf text;
    buf_init(&text, ACCESS_REQUEST_TEXT);
    status st = access_request_text_put(&r->request, NULL, &text, NULL);
    if (st != OK)
        w->st = st;
    jw_object(w);
    jw_key(w, "id"), jw_hex(w, slice_of(r->id.b, sizeof r->id.b));
    jw_key(w, "request"), jw_str(w, buf_slice(&text));
    jw_key(w, "received"), jw_u64(w, r->received);
    jw_key(w, "answer"), jw_cstr(w, state_answer_text(r->answer));
    jw_key(w, "answered"), jw_u64(w, r->answered);
    jw_end(w);
    buf_done(&text);
}

status state_request_read_value(struct json v, struct owner_state *s, struct err *reterr)
{
    struct state_request r = {.answer = 0};
    slice text;
    status st = json_hex_hash(json_get(v, "id"), &r.id, reterr);
    if (st == OK)
        st = json_str(json_get(v, "request"), &text, reterr);
    if (st == OK)
        st = access_request_text_read(text, &r.request, reterr);
    if (st == OK)
        st = members_number(json_get(v, "received"), MEMBERS_NUMBER_MAX, &r.received, reterr);
    if (st == OK)
        st = members_number(json_get(v, "answered"), MEMBERS_NUMBER_MAX, &r.answered, reterr);
    while (st == OK && r.answer < sizeof answers / sizeof answers[0] &&
           !json_eq(json_get(v, "answer"), answers[r.answer]))
        r.answer++;
    if (st == OK && r.answer == sizeof answers / sizeof answers[0])
        st = ERR(reterr, E_RANGE, "owner state: answer of a request");
    if (st == OK && (st = state_request_set(s, &r)) != OK)
        st = ERR(reterr, st, "owner state: out of memory");
    return st;
}

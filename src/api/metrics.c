/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus text (exposition format 0.0.4). */
#include "api/metrics.h"

void metrics_count_answer(struct metrics *m, int code, uint64_t took_ms)
{
    size_t i = code > 0 && code < (int)METRICS_CODES ? (size_t)code : 0;
    atomic_fetch_add(&m->codes[i], 1);
    atomic_fetch_add(&m->took_ms, took_ms);
}

static status put_counter(struct buf *b, const char *name, const char *help, uint64_t v)
{
    return buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", name, help, name, name,
                      (unsigned long long)v);
}

static status put_codes(struct metrics *m, struct buf *b)
{
    status st = buf_put_str(b, "# HELP ehrd_http_answers_total Answers by HTTP code.\n"
                               "# TYPE ehrd_http_answers_total counter\n");
    for (size_t i = 0; i < METRICS_CODES && st == OK; i++) {
        uint64_t n = atomic_load(&m->codes[i]);
        if (n > 0)
            st = buf_printf(b, "ehrd_http_answers_total{code=\"%zu\"} %llu\n", i,
                            (unsigned long long)n);
    }
    return st;
}

status metrics_put(struct metrics *m, struct buf *ret)
{
    const struct {
        const char *name;
        const char *help;
        _Atomic uint64_t *value;
    } rows[] = {
        {"ehrd_http_took_ms_total", "Milliseconds from request to answer.", &m->took_ms},
        {"ehrd_released_total", "Requests for folder data that were granted.", &m->released},
        {"ehrd_refused_total", "Signed requests for a folder that were refused.", &m->refused},
        {"ehrd_stored_total", "Requests that stored folder data.", &m->stored},
        {"ehrd_uploaded_bytes_total", "Bytes of bodies uploaded.", &m->uploaded_bytes},
        {"ehrd_relayed_total", "Forward requests mined.", &m->relayed},
        {"ehrd_swept_envelopes_total", "Envelopes erased unseen on the chain.",
         &m->swept_envelopes},
        {"ehrd_swept_bodies_total", "Bodies dropped without envelope.", &m->swept_bodies},
    };
    status st = put_codes(m, ret);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && st == OK; i++)
        st = put_counter(ret, rows[i].name, rows[i].help, atomic_load(rows[i].value));
    return st;
}

status metrics_put_gauge(struct buf *ret, const char *name, const char *help, uint64_t value)
{
    return buf_printf(ret, "# HELP %s %s\n# TYPE %s gauge\n%s %llu\n", name, help, name, name,
                      (unsigned long long)value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain says of records: slots with proof, authors by event. */
#include "codec/abi.h"
#include "ehr/record_open.h"
#include "ehr/slot_prove.h"

#define CLAIMS_AT_ONCE 64u /* what nodes take as one batch */
#define EVENT_WORDS 4u     /* version, epoch, author, commitment */

status record_prove(struct ledger *l, const addr20 *proxy, const hash32 *folder,
                    const hash32 *records, size_t n, struct arena *a, struct record_slot *ret,
                    struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr)
{
    const hash32 *words;
    hash32 *keys = arena_array(a, n > 0 ? n : 1, sizeof *keys);
    if (keys == NULL)
        return ERR(reterr, E_NOMEM, "slot proof: %zu records", n);
    for (size_t i = 0; i < n; i++)
        slot_of_record(folder, &records[i], &keys[i]);
    status st = slots_prove(l, proxy, keys, n, a, &words, ret_block, ret_vouched, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        if (!record_slot_read(&words[i], &ret[i]))
            st = ERR(reterr, E_MISMATCH, "slot %zu: not a record of this contract", i);
    return st;
}

static void event_topics(hash32 ret[3])
{
    memcpy(ret[0].b, registry_topic_RecordAdded, 32);
    memcpy(ret[1].b, registry_topic_RecordAmended, 32);
    memcpy(ret[2].b, registry_topic_RecordResealed, 32);
}

/* True if the log's data is the event of this envelope. */
static bool event_fits(const struct ledger_log *log, const struct envelope *e,
                       const uint8_t commitment[RECORD_COMMITMENT], bool *ret_same_commitment)
{
    uint64_t version;
    uint64_t epoch;
    addr20 author;
    uint8_t c[RECORD_COMMITMENT];
    *ret_same_commitment = false;
    if (log->data.n != EVENT_WORDS * ABI_WORD || abi_read_u64(log->data, 0, &version) != OK ||
        abi_read_u64(log->data, 1, &epoch) != OK || abi_read_addr(log->data, 2, &author) != OK ||
        abi_read_bytes_n(log->data, 3, c, sizeof c) != OK)
        return false;
    *ret_same_commitment = memcmp(c, commitment, sizeof c) == 0;
    return *ret_same_commitment && version == e->version && epoch == e->epoch &&
           addr20_eq(author, e->author);
}

static void author_filter(const addr20 *proxy, const hash32 topics[3], const hash32 *folder,
                          const hash32 *record, uint64_t from, uint64_t to,
                          struct ledger_filter *ret)
{
    *ret = (struct ledger_filter){.addresses = proxy,
                                  .addresses_n = 1,
                                  .topic0 = topics,
                                  .topic0_n = 3,
                                  .has_topic = {false, true, true, false},
                                  .from = from,
                                  .to = to};
    ret->topic[1] = *folder;
    ret->topic[2] = *record;
}

static status author_find(const struct ledger_log *logs, size_t n, const struct envelope *e,
                          const uint8_t commitment[RECORD_COMMITMENT], struct err *reterr)
{
    bool same;
    for (size_t i = 0; i < n; i++) {
        if (event_fits(&logs[i], e, commitment, &same))
            return OK;
        if (same)
            return ERR(reterr, E_MISMATCH, "author: the event names another author or epoch");
    }
    return ERR(reterr, E_MISMATCH, "author: no event on the chain carries this commitment");
}

status record_author_check(struct ledger *l, const addr20 *proxy, const struct envelope *e,
                           const uint8_t commitment[RECORD_COMMITMENT], uint64_t from, uint64_t to,
                           struct arena *a, struct err *reterr)
{
    hash32 topics[3];
    struct ledger_filter f;
    struct ledger_log *logs;
    size_t n;
    event_topics(topics);
    author_filter(proxy, topics, &e->folder, &e->record, from, to, &f);
    status st = ledger_logs(l, &f, a, &logs, &n, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "author");
    return author_find(logs, n, e, commitment, reterr);
}

static status claims_ask(struct ledger *l, const addr20 *proxy, const hash32 topics[3],
                         struct record_claim *list, size_t n, struct ledger_req *reqs,
                         struct arena *a, struct err *reterr)
{
    for (size_t i = 0; i < n; i++) {
        const struct envelope *e = list[i].e;
        reqs[i] = (struct ledger_req){.kind = LEDGER_LOGS};
        author_filter(proxy, topics, &e->folder, &e->record, list[i].block, list[i].block,
                      &reqs[i].in.filter);
    }
    status st = ledger_run(l, reqs, n, a, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "author");
    for (size_t i = 0; i < n; i++) {
        const struct ledger_req *q = &reqs[i];
        list[i].err = q->err;
        list[i].st = q->st == OK ? author_find(q->out.logs.list, q->out.logs.n, list[i].e,
                                               list[i].commitment, &list[i].err)
                                 : err_prefix(&list[i].err, q->st, "author");
    }
    return OK;
}

status record_authors_check(struct ledger *l, const addr20 *proxy, struct record_claim *list,
                            size_t n, struct arena *a, struct err *reterr)
{
    hash32 topics[3];
    status st = OK;
    struct ledger_req *reqs = arena_array(a, CLAIMS_AT_ONCE, sizeof *reqs);
    if (reqs == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    event_topics(topics);
    for (size_t i = 0; st == OK && i < n; i += CLAIMS_AT_ONCE) {
        size_t k = n - i < CLAIMS_AT_ONCE ? n - i : CLAIMS_AT_ONCE;
        st = claims_ask(l, proxy, topics, list + i, k, reqs, a, reterr);
    }
    return st;
}

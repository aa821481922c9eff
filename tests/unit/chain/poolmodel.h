/* SPDX-License-Identifier: Apache-2.0 */
/* The pool's rules once more, over a plain list that is searched from end to end. */
#ifndef EHRD_TESTS_POOLMODEL_H
#define EHRD_TESTS_POOLMODEL_H

#include "chain/pool.h"

#define MODEL_TXS 256u
#define MODEL_SENDERS 16u

struct model_tx {
    uint32_t id; /* of its hash */
    uint32_t who;
    uint64_t nonce;
    uint64_t fee;
    uint64_t tip;
    uint64_t gas;
    size_t size;
    uint64_t seq;
    uint64_t since_s;
    bool taken;
};

struct model_sender {
    uint64_t nonce;
    uint64_t wei;
    bool exists;
    bool local;
};

struct model {
    struct pool_caps caps;
    uint64_t base_fee;
    uint64_t seq;
    struct model_tx tx[MODEL_TXS]; /* in order of arrival */
    size_t n;
    struct model_sender sender[MODEL_SENDERS];
};

status model_put(struct model *m, struct model_tx t);
void model_set_account(struct model *m, uint32_t who);
void model_expire(struct model *m, uint64_t before_s);
/* Ids in out; marks them as taken. */
size_t model_take(struct model *m, const struct pool_room *room, uint32_t *out);
void model_untake(struct model *m);

bool model_is_ready(const struct model *m, const struct model_tx *t);
size_t model_queued(const struct model *m);
size_t model_bytes(const struct model *m);

#endif

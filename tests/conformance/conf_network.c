/* SPDX-License-Identifier: Apache-2.0 */
/* Names of networks. */
#include "conf_network.h"

#include <stdlib.h>

#include "conf_state.h"

/* When the difficulty bomb goes off; later forks have none. */
static uint64_t bomb_delay(slice fork, enum evm_rev rev)
{
    if (slice_eq_str(fork, "GrayGlacier"))
        return 11400000;
    if (slice_eq_str(fork, "ArrowGlacier"))
        return 10700000;
    if (rev >= EVM_LONDON)
        return 9700000;
    if (rev >= EVM_BERLIN || slice_eq_str(fork, "MuirGlacier"))
        return 9000000;
    if (rev >= EVM_CONSTANTINOPLE)
        return 5000000;
    return rev >= EVM_BYZANTIUM ? 3000000 : 0;
}

static status read_fork(slice name, struct json config, struct chain_config *c, struct err *reterr)
{
    struct chain_fork *f = &c->fork[c->n_forks];
    struct chain_rules r;
    if (slice_eq_str(name, "Dao")) { /* of the EVM it changes nothing */
        name = SLICE_LIT("Homestead");
        c->dao.block = 1; /* conf_network says when */
    }
    if (evm_rev_read(name, &f->rev) != OK)
        return ERR(reterr, E_UNSUPPORTED, "unknown network");
    status s = conf_rules(config, name, f->rev, &r, reterr);
    if (s != OK)
        return s;
    f->blobs = r.blobs;
    f->bomb_delay = bomb_delay(name, f->rev);
    c->chain_id = r.chain_id;
    c->n_forks++;
    return OK;
}

/* "5", "Time15k", "DiffC0000". */
static status read_moment(slice text, struct chain_fork *f, struct err *reterr)
{
    char digits[24] = "";
    char *end = NULL;
    f->kind = FORK_BLOCK;
    if (slice_has_prefix(text, SLICE_LIT("Time")))
        f->kind = FORK_TIME;
    if (slice_has_prefix(text, SLICE_LIT("Diff")))
        f->kind = FORK_DIFFICULTY;
    text = f->kind != FORK_BLOCK ? slice_after(text, 4) : text;
    if (text.n == 0 || text.n >= sizeof digits)
        return ERR(reterr, E_UNSUPPORTED, "unknown network");
    memcpy(digits, text.p, text.n);
    f->at = strtoull(digits, &end, f->kind == FORK_DIFFICULTY ? 16 : 10);
    if (*end == 'k') {
        f->at *= 1000;
        end++;
    }
    return *end == 0 ? OK : ERR(reterr, E_UNSUPPORTED, "unknown network");
}

/* Where sep begins in text; its length if it is not there. */
static size_t find(slice text, const char *sep)
{
    const uint8_t *p = text.n > 0 ? memmem(text.p, text.n, sep, strlen(sep)) : NULL;
    return p != NULL ? (size_t)(p - text.p) : text.n;
}

status conf_network(slice name, struct json config, struct chain_config *ret, struct err *reterr)
{
    struct chain_config c = {.n_forks = 0};
    size_t to = find(name, "To");
    size_t at = find(name, "At");
    if (to == name.n || at < to) {
        status s = read_fork(name, config, &c, reterr);
        if (s == OK)
            *ret = c;
        return s;
    }
    status s = read_fork(slice_first(name, to), config, &c, reterr);
    if (s == OK)
        s = read_fork(slice_after(slice_first(name, at), to + 2), config, &c, reterr);
    if (s == OK)
        s = read_moment(slice_after(name, at + 2), &c.fork[1], reterr);
    if (s != OK)
        return s;
    if (c.dao.block > 0)
        c.dao.block = c.fork[1].at;
    *ret = c;
    return OK;
}

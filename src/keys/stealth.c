/* SPDX-License-Identifier: Apache-2.0 */
/* Making, finding and opening of stealth addresses. */
#include "keys/stealth.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/wipe.h"

#define SCAN_THREADS 8u
#define SCAN_PIECE ((size_t)64)

status stealth_meta_of(const struct secp_key *spend, const struct secp_key *view,
                       struct stealth_meta *ret)
{
    struct stealth_meta m;
    status st = secp_public33(spend, m.spend);
    if (st == OK)
        st = secp_public33(view, m.view);
    if (st == OK)
        *ret = m;
    return st;
}

void stealth_viewer_done(struct stealth_viewer *v)
{
    wipe(v, sizeof *v);
}

/* s_h and whether it is a tweak that changes the key: 0 would give the spend key itself. */
static status shared_of(const struct secp_key *key, const uint8_t pub[SECP_PUB33], hash32 *ret)
{
    struct secp_key scalar;
    status st = secp_shared_keccak(key, pub, ret);
    if (st != OK)
        return st;
    memcpy(scalar.b, ret->b, sizeof scalar.b);
    bool valid = secp_key_is_valid(&scalar);
    secp_key_done(&scalar);
    return valid ? OK : E_RANGE;
}

/* The address of P_spend + s_h * G. */
static status holder_of(const uint8_t spend[SECP_PUB33], const hash32 *shared, addr20 *ret)
{
    uint8_t pub[SECP_PUB33];
    status st = secp_pub_add(spend, shared, pub);
    return st == OK ? secp_pub_addr(slice_of(pub, sizeof pub), ret) : st;
}

status stealth_address_with(const struct stealth_meta *to, const struct secp_key *ephemeral,
                            struct stealth_note *ret)
{
    struct stealth_note note = {.view_tag = 0};
    hash32 shared;
    status st = shared_of(ephemeral, to->view, &shared);
    if (st == OK)
        st = secp_public33(ephemeral, note.ephemeral);
    if (st == OK)
        st = holder_of(to->spend, &shared, &note.holder);
    if (st == OK) {
        note.view_tag = shared.b[0];
        *ret = note;
    }
    wipe(&shared, sizeof shared);
    return st;
}

status stealth_address(const struct stealth_meta *to, const struct random_src *rnd,
                       struct stealth_note *ret)
{
    struct secp_key ephemeral;
    status st = secp_key_generate(rnd, &ephemeral);
    if (st != OK)
        return st;
    st = stealth_address_with(to, &ephemeral, ret);
    secp_key_done(&ephemeral);
    return st;
}

/* OK: the note is the viewer's, and *ret_shared its s_h. */
static status check_shared(const struct stealth_viewer *v, const struct stealth_note *note,
                           hash32 *ret_shared)
{
    addr20 holder;
    status st = shared_of(&v->view, note->ephemeral, ret_shared);
    if (st != OK)
        return st;
    /* Whose a note is may show in the time a scan takes: view tags are made for that. */
    bool is_other = ret_shared->b[0] != note->view_tag;
    ct_public(&is_other, sizeof is_other);
    if (is_other)
        return E_NOT_FOUND;
    st = holder_of(v->spend, ret_shared, &holder);
    if (st != OK)
        return st;
    return ct_eq(holder.b, note->holder.b, sizeof holder.b) ? OK : E_NOT_FOUND;
}

status stealth_check(const struct stealth_viewer *v, const struct stealth_note *note)
{
    hash32 shared;
    status st = check_shared(v, note, &shared);
    wipe(&shared, sizeof shared);
    return st;
}

/* A scan by several threads: each takes a piece of the notes and leaves a mark for each of its own.
 */
struct scan {
    const struct stealth_viewer *v;
    const struct stealth_note *notes;
    size_t n;
    bool *mine;
    atomic_int failed; /* status of a thread that failed, or OK */
};

static void scan_piece(void *ctx, size_t piece)
{
    struct scan *s = ctx;
    size_t end = (piece + 1) * SCAN_PIECE < s->n ? (piece + 1) * SCAN_PIECE : s->n;
    for (size_t i = piece * SCAN_PIECE; i < end && atomic_load(&s->failed) == OK; i++) {
        status st = stealth_check(s->v, &s->notes[i]);
        s->mine[i] = st == OK;
        if (st != OK && st != E_NOT_FOUND && st != E_RANGE)
            atomic_store(&s->failed, (int)st);
    }
}

status stealth_scan(const struct stealth_viewer *v, const struct stealth_note *notes, size_t n,
                    size_t *ret_found, size_t *ret_n)
{
    struct scan s = {.v = v, .notes = notes, .n = n, .mine = calloc(n > 0 ? n : 1, sizeof *s.mine)};
    size_t found = 0;
    if (s.mine == NULL)
        return E_NOMEM;
    parallel_run((n + SCAN_PIECE - 1) / SCAN_PIECE, SCAN_THREADS, scan_piece, &s);
    for (size_t i = 0; i < n; i++)
        if (s.mine[i])
            ret_found[found++] = i;
    free(s.mine);
    *ret_n = found;
    return (status)atomic_load(&s.failed);
}

status stealth_key(const struct secp_key *spend, const struct secp_key *view,
                   const struct stealth_note *note, struct secp_key *ret)
{
    struct stealth_viewer v = {.view = *view};
    struct secp_key key = *spend;
    hash32 shared = {{0}};
    status st = secp_public33(spend, v.spend);
    if (st == OK)
        st = check_shared(&v, note, &shared);
    if (st == OK)
        st = secp_key_add(&key, &shared);
    if (st == OK)
        *ret = key;
    secp_key_done(&key);
    stealth_viewer_done(&v);
    wipe(&shared, sizeof shared);
    return st;
}

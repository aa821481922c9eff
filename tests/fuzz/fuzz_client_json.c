/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes, after one that says which, as what a client reads of its own state and of other
 * people's: owner state, key card, folder key, text of a wrap. What is read must survive being
 * written and read again. */
#include <stdlib.h>

#include "ehr/card.h"
#include "ehr/folder_key.h"
#include "ehr/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void read_state(slice in)
{
    struct owner_state s;
    struct owner_state again;
    struct buf out;
    struct buf twice;
    struct err e;
    state_init(&s);
    state_init(&again);
    buf_init_secret(&out, STATE_BYTES);
    buf_init_secret(&twice, STATE_BYTES);
    if (state_read(in, &s, &e) == OK && state_put(&s, &out, &e) == OK) {
        expect(state_read(buf_slice(&out), &again, &e) == OK);
        expect(state_put(&again, &twice, &e) == OK);
        expect(slice_eq(buf_slice(&out), buf_slice(&twice)));
    }
    state_done(&s);
    state_done(&again);
    buf_done(&out);
    buf_done(&twice);
}

static void read_card(slice in)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct card c;
    struct card again;
    struct buf out;
    struct err e;
    hash32 digest;
    hash32 digest_again;
    if (card_read(in, &c, &e) != OK)
        return;
    buf_init(&out, (size_t)64 << 10);
    expect(card_put(&c, &out, &e) == OK && card_read(buf_slice(&out), &again, &e) == OK);
    card_digest(&net, &c, &digest);
    card_digest(&net, &again, &digest_again);
    expect(hash32_eq(digest, digest_again));
    status st = card_verify(&net, &c, &e);
    expect(st == OK || st == E_SIGNATURE);
    buf_done(&out);
}

static void read_folder_key(slice in)
{
    static const struct netid net = {.chain_id = 1, .proxy = {{1}}};
    struct folder_key k;
    struct folder_key again;
    struct buf out;
    struct err e;
    hash32 hash;
    hash32 hash_again;
    if (folder_key_read(in, &k, &e) != OK)
        return;
    buf_init(&out, FOLDER_KEY_BYTES);
    expect(folder_key_put(&k, &out, &e) == OK);
    expect(folder_key_read(buf_slice(&out), &again, &e) == OK);
    folder_key_hash_of(&net, &k, &hash);
    folder_key_hash_of(&net, &again, &hash_again);
    expect(hash32_eq(hash, hash_again));
    buf_done(&out);
}

static void read_wrap(slice in)
{
    static const hash32 folder = {{0x11}};
    struct epoch_key keys[16];
    struct epoch_key again[16];
    size_t n = 0;
    size_t m = 0;
    struct buf out;
    struct err e;
    if (wrap_text_read(in, &folder, keys, 16, &n, &e) != OK)
        return;
    expect(n > 0 && n <= 16);
    buf_init_secret(&out, WRAP_NOTE_BYTES);
    expect(wrap_text_put(&folder, keys, n, &out, &e) == OK);
    expect(wrap_text_read(buf_slice(&out), &folder, again, 16, &m, &e) == OK && m == n);
    for (size_t i = 0; i < n; i++)
        expect(keys[i].epoch == again[i].epoch &&
               memcmp(keys[i].id.secret, again[i].id.secret, 32) == 0);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const reader[])(slice) = {read_state, read_card, read_folder_key, read_wrap};
    if (size > 0)
        reader[data[0] % 4](slice_of(data + 1, size - 1));
    return 0;
}

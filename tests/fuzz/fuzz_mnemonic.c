/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a mnemonic of BIP-39, or as the entropy of one, on to a wallet's key (BIP-32). What
 * is accepted is words of the list and nothing else; what we write reads back. */
#include <stdlib.h>

#include "crypto/addr.h"
#include "keys/bip32.h"
#include "keys/bip39.h"

#define MNEMONIC_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_listed(slice word)
{
    for (size_t i = 0; i < BIP39_WORDS; i++) {
        size_t n = strlen(bip39_english[i]);
        size_t same = 0;
        while (n == word.n && same < n && (word.p[same] | 0x20) == bip39_english[i][same])
            same++;
        if (n == word.n && same == n)
            return true;
    }
    return false;
}

/* The words as BIP-39 writes them; false when one is none of the list. */
static bool plain_of(slice in, struct buf *out, size_t *ret_n)
{
    *ret_n = 0;
    for (size_t i = 0; i < in.n;) {
        size_t n = 0;
        while (i + n < in.n && !is_space(in.p[i + n]))
            n++;
        if (n > 0 && !is_listed(slice_of(in.p + i, n)))
            return false;
        if (n > 0 && (*ret_n)++ > 0)
            expect(buf_put_u8(out, ' ') == OK);
        for (size_t k = 0; k < n; k++)
            expect(buf_put_u8(out, in.p[i + k] | 0x20) == OK);
        i += n + (n == 0 ? 1 : 0);
    }
    return true;
}

static void check_key(const uint8_t seed[BIP39_SEED], uint32_t index)
{
    struct secp_key key;
    addr20 addr;
    status st = bip32_ethereum(slice_of(seed, BIP39_SEED), index, &key);
    expect(st == ((index & BIP32_HARDENED) != 0 ? E_RANGE : OK));
    if (st == OK)
        expect(secp_key_addr(&key, &addr) == OK);
}

static void read_words(slice in)
{
    uint8_t seed[BIP39_SEED];
    uint8_t again[BIP39_SEED];
    struct buf plain;
    struct err e;
    size_t n = 0;
    buf_init(&plain, MNEMONIC_MAX);
    status st = bip39_seed(in, SLICE_EMPTY, seed, &e);
    expect(st >= 0); /* the input's fault, never ours */
    if (st == OK) {
        expect(plain_of(in, &plain, &n) && n >= 12 && n <= 24 && n % 3 == 0);
        expect(bip39_seed(buf_slice(&plain), SLICE_EMPTY, again, &e) == OK);
        expect(memcmp(seed, again, sizeof seed) == 0);
        check_key(seed, 0);
    }
    buf_done(&plain);
}

/* A passphrase after the entropy's fixed length. */
static void write_words(slice in)
{
    static const size_t sizes[] = {16, 20, 24, 28, 32, 0, 12, 33};
    uint8_t seed[BIP39_SEED];
    struct buf words;
    struct err e;
    size_t size = in.n > 0 ? sizes[in.p[0] % 8] : 0;
    slice entropy = slice_first(slice_after(in, 1), size);
    slice pass = slice_after(in, 1 + size);
    buf_init_secret(&words, BIP39_TEXT);
    status st = bip39_put(entropy, &words);
    expect(st == (entropy.n >= 16 && entropy.n <= 32 && entropy.n % 4 == 0 ? OK : E_RANGE));
    if (st == OK) {
        st = bip39_seed(buf_slice(&words), pass, seed, &e);
        expect(st == OK || st == E_UNSUPPORTED || st == E_TOO_LONG);
        if (st == OK)
            check_key(seed, (uint32_t)entropy.p[0] << 24 | entropy.p[1]);
        /* The last word stands for the checksum, too: without it, it is none. */
        size_t cut = words.n;
        while (cut > 0 && words.p[cut - 1] != ' ')
            cut--;
        expect(bip39_seed(slice_of(words.p, cut), SLICE_EMPTY, seed, &e) != OK);
    }
    buf_done(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    if (!begun)
        expect(secp_init(&random_system) == OK);
    begun = true;
    if (size > MNEMONIC_MAX)
        return 0;
    if (size > 0 && data[0] == '#')
        write_words(slice_of(data + 1, size - 1));
    else
        read_words(slice_of(data, size));
    return 0;
}

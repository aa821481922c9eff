/* SPDX-License-Identifier: Apache-2.0 */
/* Mnemonics to and from entropy, and their seeds (BIP-39). */
#include "keys/bip39.h"

#include "base/wipe.h"
#include "crypto/kdf.h"
#include "crypto/sha2.h"

#define ENTROPY_MAX 32u
#define WORDS_MAX 24u
#define WORD_BITS 11u
#define SALT_MAX 256u

/* Entropy and checksum byte as one string of bits. */
struct bits {
    uint8_t b[ENTROPY_MAX + 1];
};

static unsigned word_at(const struct bits *s, size_t i)
{
    unsigned v = 0;
    for (size_t k = i * WORD_BITS; k < (i + 1) * WORD_BITS; k++)
        v = v << 1 | (s->b[k / 8] >> (7 - k % 8) & 1u);
    return v;
}

static void word_set(struct bits *s, size_t i, unsigned word)
{
    for (size_t k = 0; k < WORD_BITS; k++) {
        size_t at = i * WORD_BITS + k;
        unsigned bit = word >> (WORD_BITS - 1 - k) & 1u;
        s->b[at / 8] |= (uint8_t)(bit << (7 - at % 8));
    }
}

status bip39_put(slice entropy, struct buf *out)
{
    struct bits s = {{0}};
    hash32 sum;
    size_t start = out->n;
    if (entropy.n < 16 || entropy.n > ENTROPY_MAX || entropy.n % 4 != 0)
        return E_RANGE;
    status st = sha256(entropy, &sum);
    if (st != OK)
        return st;
    memcpy(s.b, entropy.p, entropy.n);
    s.b[entropy.n] = sum.b[0];
    for (size_t i = 0; st == OK && i < entropy.n / 4 * 3; i++) {
        if (i > 0)
            st = buf_put_u8(out, ' ');
        if (st == OK)
            st = buf_put_str(out, bip39_english[word_at(&s, i)]);
    }
    if (st != OK)
        out->n = start;
    wipe(&s, sizeof s);
    wipe(&sum, sizeof sum);
    return st;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Take the next word in lower case; its length, 9 when it is longer than any, 0 at the end. */
static size_t next_word(slice *text, char word[9])
{
    size_t n = 0;
    while (text->n > 0 && is_space(text->p[0]))
        *text = slice_after(*text, 1);
    for (; text->n > 0 && !is_space(text->p[0]); *text = slice_after(*text, 1)) {
        uint8_t c = text->p[0];
        if (n < 8)
            word[n] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        n += n < 9 ? 1 : 0;
    }
    word[n < 8 ? n : 8] = 0;
    return n;
}

/* Binary search for a word of n letters; BIP39_WORDS when there is no such word. */
static unsigned word_find(const char *word, size_t n)
{
    unsigned low = 0;
    unsigned high = BIP39_WORDS;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        int c = strcmp(word, bip39_english[mid]);
        if (c == 0) /* longer: a NUL and more behind the word */
            return strlen(bip39_english[mid]) == n ? mid : BIP39_WORDS;
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return BIP39_WORDS;
}

/* The words' bits, and the words again with one space between each two. */
static status words_read(slice text, struct bits *s, size_t *ret_n, struct buf *plain,
                         struct err *reterr)
{
    char word[9];
    status st = OK;
    size_t count = 0;
    for (size_t n; st == OK && (n = next_word(&text, word)) > 0; count++) {
        unsigned i = n < 9 ? word_find(word, n) : BIP39_WORDS;
        if (count >= WORDS_MAX)
            st = ERR(reterr, E_RANGE, "mnemonic: more than %u words", WORDS_MAX);
        else if (i == BIP39_WORDS)
            st = ERR(reterr, E_SYNTAX, "mnemonic: word %zu is not in the list", count + 1);
        if (st == OK)
            word_set(s, count, i);
        if (st == OK && count > 0)
            st = buf_put_u8(plain, ' ');
        if (st == OK)
            st = buf_put_str(plain, word);
    }
    wipe(word, sizeof word);
    *ret_n = count;
    return st;
}

/* n words hold 32 n / 3 bits of entropy and n / 3 bits of its SHA-256. */
static status checksum_verify(const struct bits *s, size_t n, struct err *reterr)
{
    hash32 sum;
    size_t bytes = n / 3 * 4;
    unsigned bits = (unsigned)(n / 3);
    if (n < 12 || n % 3 != 0)
        return ERR(reterr, E_RANGE, "mnemonic: 12, 15, 18, 21 or 24 words, not %zu", n);
    status st = sha256(slice_of(s->b, bytes), &sum);
    if (st != OK)
        return ERR(reterr, st, "mnemonic");
    bool same = sum.b[0] >> (8 - bits) == s->b[bytes] >> (8 - bits);
    wipe(&sum, sizeof sum);
    return same ? OK : ERR(reterr, E_MISMATCH, "mnemonic: the words do not belong together");
}

/* "mnemonic" || passphrase. Text that is not ASCII would have to be brought to form NFKD. */
static status salt_of(slice passphrase, uint8_t salt[SALT_MAX], size_t *ret_n, struct err *reterr)
{
    if (passphrase.n > SALT_MAX - 8)
        return ERR(reterr, E_TOO_LONG, "mnemonic: the passphrase is longer than %u", SALT_MAX - 8);
    for (size_t i = 0; i < passphrase.n; i++)
        if (passphrase.p[i] > 0x7f)
            return ERR(reterr, E_UNSUPPORTED, "mnemonic: a passphrase that is not ASCII");
    memcpy(salt, "mnemonic", 8);
    if (passphrase.n > 0)
        memcpy(salt + 8, passphrase.p, passphrase.n);
    *ret_n = 8 + passphrase.n;
    return OK;
}

status bip39_seed(slice mnemonic, slice passphrase, uint8_t ret[BIP39_SEED], struct err *reterr)
{
    struct bits s = {{0}};
    struct buf plain;
    uint8_t salt[SALT_MAX];
    size_t salt_n = 0;
    size_t n = 0;
    buf_init_secret(&plain, BIP39_TEXT);
    status st = words_read(mnemonic, &s, &n, &plain, reterr);
    if (st == OK)
        st = checksum_verify(&s, n, reterr);
    if (st == OK)
        st = salt_of(passphrase, salt, &salt_n, reterr);
    if (st == OK && (st = pbkdf2_sha512(buf_slice(&plain), slice_of(salt, salt_n), 2048, ret,
                                        BIP39_SEED)) != OK)
        st = ERR(reterr, st, "mnemonic: no seed");
    wipe(&s, sizeof s);
    wipe(salt, sizeof salt);
    buf_done(&plain);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* BIP-39: mnemonics of English words. */
#ifndef EHRD_KEYS_BIP39_H
#define EHRD_KEYS_BIP39_H

#include "base/buf.h"

#define BIP39_WORDS 2048u
#define BIP39_SEED 64u
#define BIP39_TEXT ((size_t)24 * 9) /* bytes of the longest mnemonic, a space before each word */

/* The word list of the standard, sorted (keys/bip39_english.c, made by tools/gen-wordlist.mjs). */
extern const char bip39_english[BIP39_WORDS][9];

/* Append the mnemonic of 16, 20, 24, 28 or 32 bytes of entropy, words in lower case.
 * out: made by buf_init_secret. OK | E_RANGE (length) | E_INTERNAL | buf errors. */
status bip39_put(slice entropy, struct buf *out) MUST_USE;
/* Check a mnemonic (12, 15, 18, 21 or 24 words; letters of either case, any white space between)
 * and give its seed: PBKDF2-HMAC-SHA-512 of the words, 2048 rounds. passphrase: ASCII, mostly
 * empty. The message names a word by its place, never by its text.
 * OK | E_RANGE (number of words) | E_SYNTAX (no word of the list) | E_MISMATCH (checksum) |
 * E_UNSUPPORTED (a passphrase that is not ASCII) | E_TOO_LONG (passphrase) | E_INTERNAL. */
status bip39_seed(slice mnemonic, slice passphrase, uint8_t ret[BIP39_SEED],
                  struct err *reterr) MUST_USE;

#endif

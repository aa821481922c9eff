/* SPDX-License-Identifier: Apache-2.0 */
/* Web3 Secret Storage: a key derived from the password encrypts the scalar (first half) and
 * authenticates the ciphertext by keccak256(second half || ciphertext). */
#include "keys/keyfile.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/wipe.h"
#include "codec/json.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/keccak.h"

#define VERSION 3u
#define DKLEN 32u
#define SALT_MAX 256u
#define ARENA_BYTES ((size_t)2 << 20) /* table of a file of LIMIT_KEYFILE_BYTES */
#define SCRYPT_R 8u
#define SCRYPT_P 1u

struct keyfile {
    bool is_scrypt;
    unsigned log_n;
    uint32_t r;
    uint32_t p;
    uint32_t iterations;
    uint8_t salt[SALT_MAX];
    size_t salt_n;
    uint8_t iv[16];
    uint8_t ciphertext[32];
    hash32 mac;
    bool has_addr;
    addr20 addr;
};

/* Hex digits without 0x, as this format has them; 0x is taken too. */
static status hex_field(struct json v, uint8_t *out, size_t n, struct err *reterr)
{
    slice text;
    status s = json_str(v, &text, reterr);
    if (s != OK)
        return s;
    s = hex_read(text, out, n);
    return s == OK ? OK : json_err(reterr, s, v, "must be %zu bytes in hex", n);
}

static status want_text(struct json v, const char *text, struct err *reterr)
{
    slice got;
    status s = json_str(v, &got, reterr);
    if (s != OK)
        return s;
    return slice_eq_str(got, text) ? OK : json_err(reterr, E_UNSUPPORTED, v, "must be %s", text);
}

static status small_number(struct json v, uint32_t max, uint32_t *ret, struct err *reterr)
{
    uint64_t n;
    status s = json_u64(v, &n, reterr);
    if (s != OK)
        return s;
    if (n == 0 || n > max)
        return json_err(reterr, E_RANGE, v, "must be 1 to %u", max);
    *ret = (uint32_t)n;
    return OK;
}

static status read_scrypt(struct json params, struct keyfile *k, struct err *reterr)
{
    uint64_t n;
    struct json v = json_get(params, "n");
    status s = json_u64(v, &n, reterr);
    if (s != OK)
        return s;
    if (n < 2 || (n & (n - 1)) != 0)
        return json_err(reterr, E_RANGE, v, "must be a power of two");
    s = small_number(json_get(params, "r"), 1024, &k->r, reterr);
    if (s == OK)
        s = small_number(json_get(params, "p"), 1024, &k->p, reterr);
    if (s != OK)
        return s;
    if (n > LIMIT_KEYFILE_MEMORY / 128 / k->r || n * k->r > LIMIT_KEYFILE_SCRYPT_WORK / k->p)
        return json_err(reterr, E_RANGE, params, "asks for more work or memory than allowed");
    k->log_n = (unsigned)__builtin_ctzll(n);
    k->is_scrypt = true;
    return OK;
}

static status read_pbkdf2(struct json params, struct keyfile *k, struct err *reterr)
{
    status s = want_text(json_get(params, "prf"), "hmac-sha256", reterr);
    if (s != OK)
        return s;
    return small_number(json_get(params, "c"), LIMIT_KEYFILE_ITERATIONS, &k->iterations, reterr);
}

static status read_salt(struct json v, struct keyfile *k, struct err *reterr)
{
    slice text;
    struct buf b;
    status s = json_str(v, &text, reterr);
    if (s != OK)
        return s;
    buf_init(&b, SALT_MAX);
    s = hex_read_buf(text, &b);
    if (s == OK && b.n > 0)
        memcpy(k->salt, b.p, b.n);
    k->salt_n = b.n;
    buf_done(&b);
    return s == OK ? OK : json_err(reterr, s, v, "must be at most %u bytes in hex", SALT_MAX);
}

static status read_kdf(struct json crypto, struct keyfile *k, struct err *reterr)
{
    uint32_t dklen;
    struct json params = json_get(crypto, "kdfparams");
    struct json kdf = json_get(crypto, "kdf");
    status s = small_number(json_get(params, "dklen"), UINT32_MAX, &dklen, reterr);
    if (s == OK && dklen != DKLEN)
        s = json_err(reterr, E_UNSUPPORTED, json_get(params, "dklen"), "must be %u", DKLEN);
    if (s == OK)
        s = read_salt(json_get(params, "salt"), k, reterr);
    if (s != OK)
        return s;
    if (json_eq(kdf, "scrypt"))
        return read_scrypt(params, k, reterr);
    s = want_text(kdf, "pbkdf2", reterr);
    return s == OK ? read_pbkdf2(params, k, reterr) : s;
}

static status read_addr(struct json root, struct keyfile *k, struct err *reterr)
{
    struct json v = json_get(root, "address");
    if (json_is_absent(v))
        return OK;
    k->has_addr = true;
    return hex_field(v, k->addr.b, sizeof k->addr.b, reterr);
}

static status read_fields(struct json root, struct keyfile *k, struct err *reterr)
{
    uint64_t version;
    struct json crypto = json_get(root, "crypto");
    if (json_is_absent(crypto) && !json_is_absent(json_get(root, "Crypto")))
        crypto = json_get(root, "Crypto"); /* as ethers and older wallets write it */
    status s = json_u64(json_get(root, "version"), &version, reterr);
    if (s == OK && version != VERSION)
        s = json_err(reterr, E_UNSUPPORTED, json_get(root, "version"), "must be %u", VERSION);
    if (s == OK)
        s = want_text(json_get(crypto, "cipher"), "aes-128-ctr", reterr);
    if (s == OK)
        s = hex_field(json_get(json_get(crypto, "cipherparams"), "iv"), k->iv, sizeof k->iv,
                      reterr);
    if (s == OK)
        s = hex_field(json_get(crypto, "ciphertext"), k->ciphertext, sizeof k->ciphertext, reterr);
    if (s == OK)
        s = hex_field(json_get(crypto, "mac"), k->mac.b, sizeof k->mac.b, reterr);
    if (s == OK)
        s = read_kdf(crypto, k, reterr);
    if (s == OK)
        s = read_addr(root, k, reterr);
    return s;
}

static status parse(slice json, struct keyfile *k, struct err *reterr)
{
    struct arena arena;
    struct json_doc doc;
    if (json.n > LIMIT_KEYFILE_BYTES)
        return ERR(reterr, E_TOO_LONG, "key file of %zu bytes", json.n);
    arena_init(&arena, ARENA_BYTES, false);
    status s = json_read(json, &arena, &doc, reterr);
    if (s == OK)
        s = read_fields(json_root(&doc), k, reterr);
    arena_done(&arena);
    return s;
}

static status derive(const struct keyfile *k, slice password, uint8_t dk[DKLEN])
{
    slice salt = slice_of(k->salt, k->salt_n);
    if (password.n == 0)
        password = slice_of("", 0);
    if (!k->is_scrypt)
        return pbkdf2_sha256(password, salt, k->iterations, dk, DKLEN);
    return scrypt_derive(password, salt, k->log_n, k->r, k->p, LIMIT_KEYFILE_MEMORY, dk, DKLEN);
}

static void mac_of(const uint8_t dk[DKLEN], const uint8_t ciphertext[32], hash32 *ret)
{
    struct keccak256_ctx c;
    keccak256_init(&c);
    keccak256_update(&c, slice_of(dk + 16, 16));
    keccak256_update(&c, slice_of(ciphertext, 32));
    keccak256_final(&c, ret);
}

/* The key must be one, and that of the stated address. */
static status check_key(const struct keyfile *k, const struct secp_key *key, struct err *reterr)
{
    addr20 addr;
    if (!secp_key_is_valid(key))
        return ERR(reterr, E_RANGE, "key file: holds no secp256k1 key");
    if (!k->has_addr)
        return OK;
    status s = secp_key_addr(key, &addr);
    if (s != OK)
        return ERR(reterr, s, "key file: no address of the key");
    if (!addr20_eq(addr, k->addr))
        return ERR(reterr, E_MISMATCH, "key file: address is not that of the key");
    return OK;
}

status keyfile_log_n(slice json, unsigned *ret, struct err *reterr)
{
    struct keyfile k = {0};
    status s = parse(json, &k, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "key file");
    *ret = k.is_scrypt ? k.log_n : 0;
    return OK;
}

status keyfile_read(slice json, slice password, struct secp_key *ret, struct err *reterr)
{
    struct keyfile k = {0};
    uint8_t dk[DKLEN];
    struct secp_key key = {{0}};
    hash32 mac;
    status s = parse(json, &k, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "key file");
    s = derive(&k, password, dk);
    if (s != OK) {
        s = ERR(reterr, s, "key file: key derivation failed");
        goto out;
    }
    mac_of(dk, k.ciphertext, &mac);
    if (!ct_eq(mac.b, k.mac.b, sizeof mac.b)) {
        s = ERR(reterr, E_DECRYPT, "key file: wrong password, or the file is damaged");
        goto out;
    }
    s = aes128_ctr(dk, k.iv, slice_of(k.ciphertext, sizeof k.ciphertext), key.b);
    s = s == OK ? check_key(&k, &key, reterr) : ERR(reterr, s, "key file: cipher failed");
    if (s == OK)
        *ret = key;
out:
    wipe(dk, sizeof dk);
    secp_key_done(&key);
    return s;
}

status keyfile_addr(slice json, addr20 *ret, struct err *reterr)
{
    struct keyfile k = {0};
    status s = parse(json, &k, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "key file");
    if (!k.has_addr)
        return ERR(reterr, E_MISSING, "key file: states no address");
    *ret = k.addr;
    return OK;
}

static void put_hex(struct jw *w, const char *key, slice bytes)
{
    char text[2 * SALT_MAX];
    hex_write(bytes, text);
    jw_key(w, key);
    jw_str(w, slice_of(text, 2 * bytes.n));
}

static void put_u64(struct jw *w, const char *key, uint64_t v)
{
    jw_key(w, key);
    jw_u64(w, v);
}

static void put_text(struct jw *w, const char *key, const char *text)
{
    jw_key(w, key);
    jw_cstr(w, text);
}

static void put_kdf(struct jw *w, const struct keyfile *k)
{
    put_text(w, "kdf", "scrypt");
    jw_key(w, "kdfparams");
    jw_object(w);
    put_u64(w, "dklen", DKLEN);
    put_u64(w, "n", 1ull << k->log_n);
    put_u64(w, "p", k->p);
    put_u64(w, "r", k->r);
    put_hex(w, "salt", slice_of(k->salt, k->salt_n));
    jw_end(w);
}

/* RFC 9562, version 4: random but for six bits. */
static void put_id(struct jw *w, uint8_t id[16])
{
    char hex[32];
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    hex_write(slice_of(id, 16), hex);
    jw_key(w, "id");
    jw_printf(w, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static status put_json(const struct keyfile *k, uint8_t id[16], struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    put_hex(&w, "address", slice_of(k->addr.b, sizeof k->addr.b));
    jw_key(&w, "crypto");
    jw_object(&w);
    put_text(&w, "cipher", "aes-128-ctr");
    put_hex(&w, "ciphertext", slice_of(k->ciphertext, sizeof k->ciphertext));
    jw_key(&w, "cipherparams");
    jw_object(&w);
    put_hex(&w, "iv", slice_of(k->iv, sizeof k->iv));
    jw_end(&w);
    put_kdf(&w, k);
    put_hex(&w, "mac", slice_of(k->mac.b, sizeof k->mac.b));
    jw_end(&w);
    put_id(&w, id);
    put_u64(&w, "version", VERSION);
    jw_end(&w);
    return jw_done(&w, reterr);
}

status keyfile_put(const struct secp_key *key, slice password, unsigned log_n,
                   const struct random_src *rnd, struct buf *out, struct err *reterr)
{
    struct keyfile k = {.is_scrypt = true, .log_n = log_n, .r = SCRYPT_R, .p = SCRYPT_P};
    uint8_t dk[DKLEN] = {0};
    uint8_t id[16];
    if (log_n < 1 || log_n > 40 || 1ull << log_n > LIMIT_KEYFILE_MEMORY / 128 / SCRYPT_R)
        return ERR(reterr, E_RANGE, "key file: scrypt n = 2^%u", log_n);
    k.salt_n = 32;
    status s = secp_key_addr(key, &k.addr);
    if (s == OK)
        s = random_fill(rnd, k.salt, k.salt_n);
    if (s == OK)
        s = random_fill(rnd, k.iv, sizeof k.iv);
    if (s == OK)
        s = random_fill(rnd, id, sizeof id);
    if (s == OK)
        s = derive(&k, password, dk);
    if (s == OK)
        s = aes128_ctr(dk, k.iv, slice_of(key->b, sizeof key->b), k.ciphertext);
    if (s == OK) {
        mac_of(dk, k.ciphertext, &k.mac);
        s = put_json(&k, id, out, reterr);
    } else {
        s = ERR(reterr, s, "key file: cannot encrypt the key");
    }
    wipe(dk, sizeof dk);
    return s;
}

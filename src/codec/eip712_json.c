/* SPDX-License-Identifier: Apache-2.0 */
/* encodeType, encodeData and hashStruct of EIP-712 over JSON. */
#include "codec/eip712_json.h"

#include "base/hex.h"
#include "crypto/addr.h"
#include "crypto/keccak.h"

#define TYPES_MAX 128u /* struct types that one type refers to */
#define TEXT_MAX ((size_t)1 << 20)

struct typed {
    struct json types;
    struct arena *a;
};

/* --- the text of a type ----------------------------------------------------------------------- */

struct names {
    slice name[TYPES_MAX];
    size_t n;
};

/* "Person[3][]" without what stands from the first bracket on. */
static slice base_of(slice type)
{
    const uint8_t *bracket = type.n > 0 ? memchr(type.p, '[', type.n) : NULL;
    return slice_first(type, bracket != NULL ? (size_t)(bracket - type.p) : type.n);
}

static struct json fields_of(const struct typed *t, slice name)
{
    for (struct json_iter it = json_iter(t->types); json_next(&it);) {
        slice key;
        if (json_str(it.key, &key, NULL) == OK && slice_eq(key, name))
            return it.value;
    }
    return (struct json){0};
}

/* The i-th kind of struct that name is made of, itself first. */
static status collect(const struct typed *t, slice name, struct names *seen, struct err *reterr)
{
    struct json fields = fields_of(t, name);
    for (size_t i = 0; i < seen->n; i++)
        if (slice_eq(seen->name[i], name))
            return OK;
    if (json_is_absent(fields))
        return OK; /* no struct */
    if (seen->n == TYPES_MAX)
        return ERR(reterr, E_TOO_LONG, "more than %u types", TYPES_MAX);
    seen->name[seen->n++] = name;
    for (struct json_iter it = json_iter(fields); json_next(&it);) {
        slice type;
        status st = json_str(json_get(it.value, "type"), &type, reterr);
        if (st == OK)
            st = collect(t, base_of(type), seen, reterr);
        if (st != OK)
            return st;
    }
    return OK;
}

static int order(slice a, slice b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

/* All but the first, by name. */
static void sort(struct names *s)
{
    for (size_t i = 2; i < s->n; i++)
        for (size_t k = i; k > 1 && order(s->name[k], s->name[k - 1]) < 0; k--) {
            slice x = s->name[k];
            s->name[k] = s->name[k - 1];
            s->name[k - 1] = x;
        }
}

static status put_type(const struct typed *t, slice name, struct buf *out, struct err *reterr)
{
    bool first = true;
    status st = buf_put(out, name);
    if (st == OK)
        st = buf_put_u8(out, '(');
    for (struct json_iter it = json_iter(fields_of(t, name)); st == OK && json_next(&it);) {
        slice type;
        slice field;
        st = json_str(json_get(it.value, "type"), &type, reterr);
        if (st == OK)
            st = json_str(json_get(it.value, "name"), &field, reterr);
        if (st == OK)
            st = buf_printf(out, "%s%.*s %.*s", first ? "" : ",", (int)type.n, (const char *)type.p,
                            (int)field.n, (const char *)field.p);
        first = false;
    }
    return st == OK ? buf_put_u8(out, ')') : st;
}

static status type_hash(const struct typed *t, slice name, hash32 *ret, struct err *reterr)
{
    struct names seen = {0};
    struct buf text;
    buf_init(&text, TEXT_MAX);
    status st = collect(t, name, &seen, reterr);
    sort(&seen);
    for (size_t i = 0; i < seen.n && st == OK; i++)
        st = put_type(t, seen.name[i], &text, reterr);
    keccak256(buf_slice(&text), ret);
    buf_done(&text);
    return st;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool starts(slice s, const char *with)
{
    return s.n >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

/* The number behind "uint", "int" or "bytes"; 0: none. */
static unsigned width_of(slice type, const char *name)
{
    unsigned v = 0;
    for (size_t i = strlen(name); i < type.n; i++) {
        if (type.p[i] < '0' || type.p[i] > '9' || v > 999)
            return 1000;
        v = v * 10 + (unsigned)(type.p[i] - '0');
    }
    return v;
}

/* value = value * base + digit over 32 bytes; false: it does not fit. */
static bool push_digit(uint8_t word[32], unsigned base, unsigned digit)
{
    unsigned carry = digit;
    for (size_t i = 32; i-- > 0;) {
        carry += word[i] * base;
        word[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Decimal or 0x text; JSON numbers are their text. */
static status read_magnitude(slice text, uint8_t word[32], bool *ret_negative)
{
    *ret_negative = text.n > 1 && text.p[0] == '-';
    if (*ret_negative)
        text = slice_after(text, 1);
    bool hex = starts(text, "0x") || starts(text, "0X");
    if (hex)
        text = slice_after(text, 2);
    memset(word, 0, 32);
    if (text.n == 0)
        return E_SYNTAX;
    for (size_t i = 0; i < text.n; i++) {
        int d = digit_of(text.p[i]);
        if (d >= (hex ? 16 : 10))
            return E_SYNTAX;
        if (!push_digit(word, hex ? 16 : 10, (unsigned)d))
            return E_RANGE;
    }
    return OK;
}

static void negate(uint8_t word[32])
{
    unsigned carry = 1;
    for (size_t i = 32; i-- > 0;) {
        carry += (uint8_t)~word[i];
        word[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* Is the magnitude below 2^bits? */
static bool fits(const uint8_t word[32], unsigned bits)
{
    for (unsigned i = 0; i < 32 - bits / 8; i++)
        if (word[i] != 0)
            return false;
    return bits % 8 == 0 || bits == 256 || word[32 - bits / 8 - 1] >> (bits % 8) == 0;
}

/* Magnitude of an intN: below 2^(N-1), or just that when negative. */
static bool fits_signed(const uint8_t word[32], unsigned bits, bool negative)
{
    uint8_t less[32];
    memcpy(less, word, 32);
    for (size_t i = 32; negative && i-- > 0 && less[i]-- == 0;)
        continue;
    unsigned top = (bits - 1) / 8;
    for (unsigned i = 0; i < 31 - top; i++)
        if (less[i] != 0)
            return false;
    return less[31 - top] < 0x80;
}

static status encode_number(struct json v, slice type, bool is_signed, uint8_t out[32],
                            struct err *reterr)
{
    unsigned bits = width_of(type, is_signed ? "int" : "uint");
    bool negative = false;
    slice text;
    bits = bits == 0 ? 256 : bits;
    status st =
        json_type(v) == JSON_STRING ? json_str(v, &text, reterr) : json_num(v, &text, reterr);
    if (st != OK)
        return st;
    st = read_magnitude(text, out, &negative);
    if (bits > 256 || bits % 8 != 0)
        return json_err(reterr, E_UNSUPPORTED, v, "unknown type");
    bool zero = fits(out, 0);
    bool ok = is_signed ? zero || fits_signed(out, bits, negative)
                        : (!negative || zero) && fits(out, bits);
    if (st != OK || !ok)
        return json_err(reterr, st != OK ? st : E_RANGE, v, "no %.*s", (int)type.n,
                        (const char *)type.p);
    if (negative)
        negate(out);
    return OK;
}

static status encode_bytes(const struct typed *t, struct json v, slice type, uint8_t out[32],
                           struct err *reterr)
{
    unsigned n = width_of(type, "bytes");
    slice text;
    struct buf b;
    hash32 h;
    (void)t;
    status st = json_str(v, &text, reterr);
    if (st != OK)
        return st;
    buf_init(&b, TEXT_MAX);
    st = starts(text, "0x") ? hex_read_buf(slice_after(text, 2), &b) : E_SYNTAX;
    if (st == OK && n > 0 && (n > 32 || b.n > n))
        st = n > 32 ? E_UNSUPPORTED : E_RANGE;
    if (st == OK && n == 0) {
        keccak256(buf_slice(&b), &h);
        memcpy(out, h.b, 32);
    } else if (st == OK && b.n > 0) {
        memcpy(out, b.p, b.n);
    }
    buf_done(&b);
    return st == OK ? OK : json_err(reterr, st, v, "no %.*s", (int)type.n, (const char *)type.p);
}

static status encode_atom(const struct typed *t, struct json v, slice type, uint8_t out[32],
                          struct err *reterr)
{
    slice text;
    hash32 h;
    addr20 addr;
    bool yes;
    status st;
    memset(out, 0, 32);
    if (slice_eq_str(type, "string")) {
        st = json_str(v, &text, reterr);
        if (st == OK) {
            keccak256(text, &h);
            memcpy(out, h.b, 32);
        }
        return st;
    }
    if (slice_eq_str(type, "bool")) {
        st = json_bool(v, &yes, reterr);
        out[31] = st == OK && yes;
        return st;
    }
    if (slice_eq_str(type, "address")) {
        st = json_hex_addr(v, &addr, reterr);
        if (st == OK)
            memcpy(out + 12, addr.b, 20);
        return st;
    }
    if (starts(type, "bytes"))
        return encode_bytes(t, v, type, out, reterr);
    if (starts(type, "uint") || starts(type, "int"))
        return encode_number(v, type, type.p[0] == 'i', out, reterr);
    return json_err(reterr, E_UNSUPPORTED, v, "unknown type %.*s", (int)(type.n < 60 ? type.n : 60),
                    (const char *)type.p);
}

static status hash_struct(const struct typed *t, slice name, struct json v, unsigned depth,
                          hash32 *ret, struct err *reterr);
static status encode_value(const struct typed *t, struct json v, slice type, unsigned depth,
                           uint8_t out[32], struct err *reterr);

/* "T[]" or "T[n]": the hash of the elements' encodings. */
static status encode_array(const struct typed *t, struct json v, slice type, unsigned depth,
                           uint8_t out[32], struct err *reterr)
{
    struct keccak256_ctx k;
    hash32 h;
    size_t open = type.n - 1;
    while (open > 0 && type.p[open] != '[')
        open--;
    slice count = slice_of(type.p + open + 1, type.n - open - 2);
    size_t want = 0;
    for (size_t i = 0; i < count.n; i++) {
        if (count.p[i] < '0' || count.p[i] > '9' || want > 1000000)
            return json_err(reterr, E_UNSUPPORTED, v, "unknown type");
        want = want * 10 + (size_t)(count.p[i] - '0');
    }
    status st = json_want_array(v, reterr);
    if (st != OK)
        return st;
    if (count.n > 0 && json_count(v) != want)
        return json_err(reterr, E_RANGE, v, "must have %zu elements", want);
    keccak256_init(&k);
    for (struct json_iter it = json_iter(v); st == OK && json_next(&it);) {
        uint8_t word[32];
        st = encode_value(t, it.value, slice_first(type, open), depth, word, reterr);
        if (st == OK)
            keccak256_update(&k, slice_of(word, sizeof word));
    }
    keccak256_final(&k, &h);
    memcpy(out, h.b, 32);
    return st;
}

static status encode_value(const struct typed *t, struct json v, slice type, unsigned depth,
                           uint8_t out[32], struct err *reterr)
{
    if (depth >= EIP712_DEPTH)
        return json_err(reterr, E_TOO_DEEP, v, "nested too deep");
    if (type.n > 2 && type.p[type.n - 1] == ']')
        return encode_array(t, v, type, depth + 1, out, reterr);
    if (json_is_absent(fields_of(t, type)))
        return encode_atom(t, v, type, out, reterr);
    hash32 h = {{0}};
    status st = OK;
    if (json_type(v) != JSON_NULL) /* a struct that is not there counts as zero */
        st = hash_struct(t, type, v, depth + 1, &h, reterr);
    memcpy(out, h.b, 32);
    return st;
}

static status encode_field(const struct typed *t, struct json field, struct json v, unsigned depth,
                           uint8_t out[32], struct err *reterr)
{
    slice type;
    slice name;
    status st = json_str(json_get(field, "type"), &type, reterr);
    if (st == OK)
        st = json_str(json_get(field, "name"), &name, reterr);
    if (st != OK)
        return st;
    char *key = arena_cstr(t->a, name);
    if (key == NULL)
        return ERR(reterr, E_NOMEM, "typed data");
    struct json value = json_get(v, key);
    if (json_is_absent(value))
        return json_err(reterr, E_MISSING, value, "missing");
    return encode_value(t, value, type, depth, out, reterr);
}

static status hash_struct(const struct typed *t, slice name, struct json v, unsigned depth,
                          hash32 *ret, struct err *reterr)
{
    struct keccak256_ctx k;
    hash32 type;
    status st = json_want_object(v, reterr);
    if (st == OK)
        st = type_hash(t, name, &type, reterr);
    if (st != OK)
        return st;
    keccak256_init(&k);
    keccak256_update(&k, slice_of(type.b, sizeof type.b));
    for (struct json_iter it = json_iter(fields_of(t, name)); st == OK && json_next(&it);) {
        uint8_t word[32];
        st = encode_field(t, it.value, v, depth, word, reterr);
        if (st == OK)
            keccak256_update(&k, slice_of(word, sizeof word));
    }
    keccak256_final(&k, ret);
    return st;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* The standard's members that the domain has, as a document of types of its own. */
static status domain_types(struct json domain, struct arena *a, struct json *ret,
                           struct err *reterr)
{
    static const char *const members[][2] = {{"name", "string"},
                                             {"version", "string"},
                                             {"chainId", "uint256"},
                                             {"verifyingContract", "address"},
                                             {"salt", "bytes32"}};
    struct buf text;
    bool first = true;
    struct json_doc *doc = arena_alloc(a, sizeof *doc);
    buf_init(&text, 4096);
    status st = doc != NULL ? buf_put_str(&text, "{\"EIP712Domain\":[") : E_NOMEM;
    for (size_t i = 0; i < sizeof members / sizeof members[0] && st == OK; i++) {
        if (json_is_absent(json_get(domain, members[i][0])))
            continue;
        st = buf_printf(&text, "%s{\"name\":\"%s\",\"type\":\"%s\"}", first ? "" : ",",
                        members[i][0], members[i][1]);
        first = false;
    }
    if (st == OK)
        st = buf_put_str(&text, "]}");
    slice kept = st == OK ? arena_dup(a, buf_slice(&text)) : SLICE_EMPTY;
    buf_done(&text);
    if (kept.p == NULL)
        return ERR(reterr, E_NOMEM, "typed data");
    st = json_read(kept, a, doc, reterr);
    *ret = json_root(doc);
    return st;
}

status eip712_json_digest(struct json typed, struct arena *a, hash32 *ret, struct err *reterr)
{
    struct typed t = {json_get(typed, "types"), a};
    struct typed of_domain = t;
    struct json domain = json_get(typed, "domain");
    struct keccak256_ctx k;
    hash32 domain_hash;
    hash32 message_hash;
    slice primary;
    status st = json_want_object(t.types, reterr);
    if (st == OK)
        st = json_str(json_get(typed, "primaryType"), &primary, reterr);
    if (st == OK && json_is_absent(json_get(t.types, "EIP712Domain")))
        st = domain_types(domain, a, &of_domain.types, reterr);
    if (st == OK)
        st = hash_struct(&of_domain, SLICE_LIT("EIP712Domain"), domain, 0, &domain_hash, reterr);
    if (st != OK)
        return st;
    bool only_domain = slice_eq_str(primary, "EIP712Domain");
    if (!only_domain && json_is_absent(fields_of(&t, primary)))
        return ERR(reterr, E_MISSING, "types has no primaryType");
    if (!only_domain)
        st = hash_struct(&t, primary, json_get(typed, "message"), 0, &message_hash, reterr);
    if (st != OK)
        return st;
    keccak256_init(&k);
    keccak256_update(&k, SLICE_LIT("\x19\x01"));
    keccak256_update(&k, slice_of(domain_hash.b, 32));
    if (!only_domain)
        keccak256_update(&k, slice_of(message_hash.b, 32));
    keccak256_final(&k, ret);
    return OK;
}

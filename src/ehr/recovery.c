/* SPDX-License-Identifier: Apache-2.0 */
/* Roots to and from recovery codes. */
#include "ehr/recovery.h"

#include "base/wipe.h"
#include "codec/bech32.h"
#include "crypto/sha2.h"

#define HRP "ehr-recovery-"
#define VERSION 1u
#define FLAG_ACCOUNT 1u
#define NET_SUM 4u
#define CODE_BYTES (2u + 32u + NET_SUM)

static status net_sum(const struct netid *net, uint8_t out[NET_SUM])
{
    uint8_t bytes[NETID_BYTES];
    hash32 h;
    netid_write(net, bytes);
    status st = sha256(slice_of(bytes, sizeof bytes), &h);
    if (st == OK)
        memcpy(out, h.b, NET_SUM);
    return st;
}

status recovery_write(const struct identity *id, bool has_account, char out[RECOVERY_TEXT])
{
    uint8_t code[CODE_BYTES] = {VERSION, has_account ? FLAG_ACCOUNT : 0};
    struct buf text;
    memcpy(code + 2, id->root, sizeof id->root);
    buf_init_secret(&text, RECOVERY_TEXT - 1);
    status st = net_sum(&id->net, code + 2 + sizeof id->root);
    if (st == OK)
        st = bech32_put(&text, HRP, slice_of(code, sizeof code), true);
    if (st == OK && text.n != RECOVERY_TEXT - 1)
        st = E_INTERNAL;
    if (st == OK) {
        memcpy(out, text.p, text.n);
        out[text.n] = 0;
    }
    wipe(code, sizeof code);
    buf_done(&text);
    return st;
}

/* The text without white space. */
static status squeeze(slice text, struct buf *out, struct err *reterr)
{
    if (text.n > RECOVERY_INPUT)
        return ERR(reterr, E_TOO_LONG, "recovery code: more than %zu bytes", RECOVERY_INPUT);
    status st = OK;
    for (size_t i = 0; st == OK && i < text.n; i++)
        if (memchr(" \t\r\n", text.p[i], 4) == NULL)
            st = buf_put_u8(out, text.p[i]);
    return st == OK ? OK : ERR(reterr, st, "recovery code");
}

static status text_read(slice text, uint8_t code[CODE_BYTES], struct err *reterr)
{
    struct buf plain;
    buf_init_secret(&plain, RECOVERY_INPUT);
    status st = squeeze(text, &plain, reterr);
    if (st == OK && (st = bech32_read(buf_slice(&plain), HRP, code, CODE_BYTES)) != OK)
        st = ERR(reterr, st, "recovery code: %s",
                 st == E_MISMATCH ? "at least one character is wrong" : status_text(st));
    buf_done(&plain);
    return st;
}

static status code_check(const uint8_t code[CODE_BYTES], const struct netid *net,
                         struct err *reterr)
{
    uint8_t sum[NET_SUM];
    if (code[0] != VERSION || (code[1] & ~FLAG_ACCOUNT) != 0)
        return ERR(reterr, E_UNSUPPORTED, "recovery code: made by a newer program");
    status st = net_sum(net, sum);
    if (st != OK)
        return ERR(reterr, st, "recovery code");
    if (memcmp(code + CODE_BYTES - NET_SUM, sum, NET_SUM) != 0)
        return ERR(reterr, E_MISMATCH, "recovery code: it belongs to another registry");
    return OK;
}

status recovery_read(slice text, const struct netid *net, const char *node, struct identity *ret,
                     bool *ret_has_account, struct err *reterr)
{
    uint8_t code[CODE_BYTES];
    status st = OK;
    if (strlen(node) >= sizeof ret->node)
        return ERR(reterr, E_RANGE, "the node's address is longer than %zu", sizeof ret->node - 1);
    st = text_read(text, code, reterr);
    if (st == OK)
        st = code_check(code, net, reterr);
    if (st == OK) {
        memcpy(ret->root, code + 2, sizeof ret->root);
        ret->net = *net;
        memcpy(ret->node, node, strlen(node) + 1);
        *ret_has_account = (code[1] & FLAG_ACCOUNT) != 0;
    }
    wipe(code, sizeof code);
    return st;
}

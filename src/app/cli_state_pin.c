/* SPDX-License-Identifier: Apache-2.0 */
/* The version of an account's owner state that this home saw last: state/ADDRESS, its number and
 * its mac (a program of before wrote the number alone). A node that shows an older one, or another
 * of that number, is found by it. */
#include <stdio.h>

#include "app/cli.h"
#include "base/file.h"
#include "base/hex.h"

#define PIN_BYTES 128u

static status pin_path(const struct cli *c, char out[PATH_MAX], struct err *reterr)
{
    char hex[43];
    return cli_path(c, "state", hex_0x(slice_of(c->client.me.b, 20), hex), "", out, reterr);
}

static status version_read(slice text, struct client_version *ret)
{
    struct client_version v = {.n = 0};
    size_t digits = 0;
    while (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    for (; digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9'; digits++)
        v.n = v.n * 10 + (uint64_t)(text.p[digits] - '0');
    if (digits == 0 || digits > 18)
        return E_CORRUPT;
    slice rest = slice_after(text, digits);
    if (rest.n > 0 && (rest.p[0] != ' ' || hex_read_hash(slice_after(rest, 1), &v.mac) != OK))
        return E_CORRUPT;
    *ret = v;
    return OK;
}

static status pin_read(const struct cli *c, struct client_version *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, PIN_BYTES);
    *ret = (struct client_version){.n = 0};
    status st = pin_path(c, path, reterr);
    if (st == OK)
        st = file_read(path, &text, NULL);
    if (st == OK && version_read(buf_slice(&text), ret) != OK)
        st = ERR(reterr, E_CORRUPT, "%s: not a version", path);
    else if (st == E_NOT_FOUND)
        st = OK;
    else if (st != OK)
        st = ERR(reterr, st, "%s: %s", path, status_text(st));
    buf_done(&text);
    return st;
}

static status pin_write(const struct cli *c, const struct client_version *v, struct err *reterr)
{
    char dir[PATH_MAX];
    char path[PATH_MAX];
    char text[PIN_BYTES];
    char mac[67];
    bool is_known = !hash32_is_zero(v->mac);
    int n = snprintf(text, sizeof text, "%llu%s%s\n", (unsigned long long)v->n, is_known ? " " : "",
                     is_known ? hex_0x(slice_of(v->mac.b, 32), mac) : "");
    status st = cli_path(c, "", "state", "", dir, reterr);
    if (st == OK)
        st = pin_path(c, path, reterr);
    if (st == OK)
        st = file_mkdirs(dir, 0700, reterr);
    return st == OK ? file_replace(path, slice_of(text, (size_t)n), 0600, reterr) : st;
}

/* Another command may have seen a later one meanwhile: that stays, unless an older one is what the
 * person accepts. */
static status pin_saw(void *ctx, const struct client_version *v, struct err *reterr)
{
    const struct cli *c = ctx;
    struct client_version before;
    status st = pin_read(c, &before, reterr);
    if (st != OK || (v->n < before.n && !c->client.accept_state))
        return st;
    if (v->n == before.n && !c->client.accept_state && !hash32_is_zero(before.mac))
        return hash32_eq(v->mac, before.mac) ? OK : client_state_other(v->n, reterr);
    return pin_write(c, v, reterr);
}

status cli_state_pin(struct cli *c, struct err *reterr)
{
    c->pin = (struct client_pin){pin_saw, c};
    c->client.pin = &c->pin;
    return pin_read(c, &c->client.state_seen, reterr);
}

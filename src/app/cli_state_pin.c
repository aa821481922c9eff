/* SPDX-License-Identifier: Apache-2.0 */
/* The version of an account's owner state that this home saw last: state/ADDRESS, a number. A node
 * that shows an older one is found by it. */
#include <stdio.h>

#include "app/cli.h"
#include "base/file.h"
#include "base/hex.h"

#define PIN_BYTES 32u

static status pin_path(const struct cli *c, char out[PATH_MAX], struct err *reterr)
{
    char hex[43];
    return cli_path(c, "state", hex_0x(slice_of(c->client.me.b, 20), hex), "", out, reterr);
}

static status number_read(slice text, uint64_t *ret)
{
    uint64_t n = 0;
    while (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    if (text.n == 0 || text.n > 18)
        return E_CORRUPT;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return E_CORRUPT;
        n = n * 10 + (uint64_t)(text.p[i] - '0');
    }
    *ret = n;
    return OK;
}

static status pin_read(const struct cli *c, uint64_t *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, PIN_BYTES);
    *ret = 0;
    status st = pin_path(c, path, reterr);
    if (st == OK)
        st = file_read(path, &text, NULL);
    if (st == OK && number_read(buf_slice(&text), ret) != OK)
        st = ERR(reterr, E_CORRUPT, "%s: not a version", path);
    else if (st == E_NOT_FOUND)
        st = OK;
    else if (st != OK)
        st = ERR(reterr, st, "%s: %s", path, status_text(st));
    buf_done(&text);
    return st;
}

/* Another command may have seen a later one meanwhile: that stays, unless an older one is what the
 * person accepts. */
static status pin_saw(void *ctx, uint64_t version, struct err *reterr)
{
    const struct cli *c = ctx;
    char dir[PATH_MAX];
    char path[PATH_MAX];
    char text[PIN_BYTES];
    uint64_t before;
    status st = pin_read(c, &before, reterr);
    if (st != OK || (version <= before && !c->client.accept_state))
        return st;
    int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)version);
    st = cli_path(c, "", "state", "", dir, reterr);
    if (st == OK)
        st = pin_path(c, path, reterr);
    if (st == OK)
        st = file_mkdirs(dir, 0700, reterr);
    return st == OK ? file_replace(path, slice_of(text, (size_t)n), 0600, reterr) : st;
}

status cli_state_pin(struct cli *c, struct err *reterr)
{
    c->pin = (struct client_pin){pin_saw, c};
    c->client.pin = &c->pin;
    return pin_read(c, &c->client.state_seen, reterr);
}

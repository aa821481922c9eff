/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery codes on the terminal. */
#include "app/recovery_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "app/identity_ways.h"
#include "app/passphrase.h"
#include "app/qr.h"
#include "app/std_out.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/wipe.h"
#include "ehr/recovery.h"
#include "keys/keyfile.h"

#define GROUP 4u                /* characters between spaces */
#define GROUPS 6u               /* of a line */
#define MARK "EHR-RECOVERY-1"   /* every code begins with it, in either case */
#define TEXT_MAX ((size_t)4096) /* of what is printed around code and QR code */

/* Whether the account's key comes from the identity: then the code brings it back too. */
static status has_account_key(const struct cli *c, const char *account, const struct identity *id,
                              bool *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct secp_key key = {{0}};
    addr20 derived;
    addr20 stated;
    *ret = false;
    status st = cli_path(c, "keys", account, ".json", path, reterr);
    if (st != OK || !file_exists(path))
        return st;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    st = file_read(path, &text, reterr);
    if (st == OK)
        st = keyfile_addr(buf_slice(&text), &stated, reterr);
    if (st == OK &&
        (identity_scalar(id, "account", &key) != OK || secp_key_addr(&key, &derived) != OK))
        st = ERR(reterr, E_INTERNAL, "the account's key cannot be derived");
    if (st == OK)
        *ret = addr20_eq(derived, stated);
    secp_key_done(&key);
    buf_done(&text);
    return st;
}

/* The human-readable part on a line of its own, then the rest in groups. */
static void print_grouped(const char *code)
{
    const char *rest = strrchr(code, '1') + 1;
    printf("%.*s", (int)(rest - code), code);
    for (size_t i = 0; rest[i] != 0; i++) {
        if (i % GROUP == 0)
            (void)putchar(i % (GROUP * GROUPS) == 0 ? '\n' : ' ');
        (void)putchar(rest[i]);
    }
    (void)putchar('\n');
}

static status print_code(const char *code, bool has_account, struct err *reterr)
{
    struct buf qr;
    buf_init_secret(&qr, QR_PRINT_MAX);
    status st = qr_put(slice_str(code), isatty(STDOUT_FILENO) == 1, &qr, reterr);
    if (st == OK) {
        printf("Recovery code. Whoever has it can read everything and act as you; without it and\n"
               "without passphrase nobody can help. Print it or write it down:\n\n");
        print_grouped(code);
        printf("\n%.*s\n", (int)qr.n, (const char *)qr.p);
        if (!has_account)
            printf("The account's own key is not in this code: keep its words or key file too.\n");
        st = std_out_flush(reterr); /* before anybody is asked whether it is stored */
    }
    buf_done(&qr);
    return st;
}

status recovery_code_show(struct cli *c, const char *account, const struct identity *id,
                          struct err *reterr)
{
    char code[RECOVERY_TEXT] = "";
    bool has_account = false;
    status st = has_account_key(c, account, id, &has_account, reterr);
    if (st == OK && recovery_write(id, has_account, code) != OK)
        st = ERR(reterr, E_INTERNAL, "the recovery code cannot be written");
    if (st == OK && c->json) {
        jw_key(&c->w, "recoveryCode"), jw_cstr(&c->w, code);
        jw_key(&c->w, "hasAccountKey"), jw_bool(&c->w, has_account);
    } else if (st == OK) {
        st = print_code(code, has_account, reterr);
    }
    wipe(code, sizeof code);
    if (st == OK && c->json && !c->yes)
        return OK;
    if (st == OK)
        st = cli_confirm(c, "Is the recovery code stored away from this computer?", reterr);
    if (st == OK) {
        c->when_said.run = ways_code_note;
        c->when_said.name = account;
    }
    return st;
}

/* The code within what print_code prints, QR code and all: from its first characters to the next
 * empty line. A text without these characters is taken as it is. */
static slice code_within(slice text)
{
    const slice mark = SLICE_LIT(MARK);
    size_t at = 0;
    while (at + mark.n <= text.n &&
           strncasecmp((const char *)text.p + at, (const char *)mark.p, mark.n) != 0)
        at++;
    if (at + mark.n > text.n)
        return text;
    text = slice_after(text, at);
    for (size_t i = 0, line = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && i > 0 && line == 0)
            return slice_first(text, i);
        line = text.p[i] == '\n' ? 0 : line + (text.p[i] != '\r' && text.p[i] != ' ');
    }
    return text;
}

static status code_read_fd(int fd, struct buf *ret, struct err *reterr)
{
    struct buf printed;
    buf_init_secret(&printed, QR_PRINT_MAX + TEXT_MAX);
    status st = file_read_fd(fd, "recovery code", &printed, reterr);
    slice code = st == OK ? code_within(buf_slice(&printed)) : SLICE_EMPTY;
    if (st == OK && (st = buf_put(ret, code)) != OK)
        st = ERR(reterr, st, "recovery code: more than %zu bytes", RECOVERY_INPUT);
    buf_done(&printed);
    return st;
}

status recovery_code_get(const char *fd_text, struct buf *ret, struct err *reterr)
{
    char *end;
    if (fd_text == NULL)
        return passphrase_ask("Recovery code: ", ret, reterr);
    long fd = strtol(fd_text, &end, 10);
    if (*end != 0 || end == fd_text || fd < 0 || fd > 65535)
        return ERR(reterr, E_USAGE, "--code-fd needs the number of a descriptor");
    return code_read_fd((int)fd, ret, reterr);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrase prompts. The terminal is read key by key, so that Ctrl-C cannot leave echo off. */
#include "app/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wipe.h"

static const char no_terminal[] =
    "no terminal to ask for the passphrase: --passphrase-file FILE or "
    "--passphrase-fd N";

/* One byte; E_CANCELLED at the end. */
static status read_byte(int fd, uint8_t *ret, struct err *reterr)
{
    ssize_t n;
    do
        n = read(fd, ret, 1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ERR(reterr, E_IO, "passphrase: %s", strerror(errno));
    return n == 1 ? OK : ERR(reterr, E_CANCELLED, "no passphrase given");
}

/* Take the last character off, which may have several bytes (UTF-8). */
static void erase_last(struct buf *b)
{
    while (b->n > 0 && (b->p[b->n - 1] & 0xc0) == 0x80)
        b->n--;
    if (b->n > 0)
        b->n--;
}

/* Apply one key. *ret_done: the line is complete. */
static status take_key(struct buf *b, uint8_t c, bool *ret_done, struct err *reterr)
{
    status st = OK;
    if (c == '\r' || c == '\n')
        *ret_done = true;
    else if (c == 0x03 || c == 0x04) /* Ctrl-C, Ctrl-D */
        return ERR(reterr, E_CANCELLED, "cancelled");
    else if (c == 0x15) /* Ctrl-U */
        buf_clear(b);
    else if (c == 0x7f || c == 0x08)
        erase_last(b);
    else
        st = buf_put_u8(b, c);
    return st == OK ? OK : ERR(reterr, st, "the passphrase is longer than %zu bytes", b->cap);
}

static status read_line(int fd, struct buf *b, struct err *reterr)
{
    bool done = false;
    status st = OK;
    while (st == OK && !done) {
        uint8_t c;
        st = read_byte(fd, &c, reterr);
        if (st == OK)
            st = take_key(b, c, &done, reterr);
    }
    return st == OK && b->n == 0 ? ERR(reterr, E_MISSING, "the passphrase is empty") : st;
}

static status prompt_tty(int fd, const char *prompt, struct buf *ret, struct err *reterr)
{
    struct termios old;
    if (tcgetattr(fd, &old) != 0)
        return ERR(reterr, E_MISSING, "%s", no_terminal);
    struct termios raw = old;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSAFLUSH, &raw) != 0)
        return ERR(reterr, E_IO, "terminal: %s", strerror(errno));
    status st = file_write_fd(fd, "terminal", slice_str(prompt), reterr);
    if (st == OK)
        st = read_line(fd, ret, reterr);
    (void)tcsetattr(fd, TCSAFLUSH, &old);
    status shown = file_write_fd(fd, "terminal", SLICE_LIT("\n"), NULL);
    return st != OK ? st : shown;
}

status passphrase_ask(const char *prompt, struct buf *ret, struct err *reterr)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return ERR(reterr, E_MISSING, "%s", no_terminal);
    status st = prompt_tty(fd, prompt, ret, reterr);
    (void)close(fd);
    if (st != OK)
        buf_clear(ret);
    return st;
}

status passphrase_ask_new(const char *prompt, struct buf *ret, struct err *reterr)
{
    struct buf again;
    buf_init_secret(&again, PASSPHRASE_MAX);
    status st = passphrase_ask(prompt, ret, reterr);
    if (st == OK)
        st = passphrase_ask("Confirm passphrase: ", &again, reterr);
    if (st == OK && (ret->n != again.n || !ct_eq(ret->p, again.p, ret->n)))
        st = ERR(reterr, E_MISMATCH, "the two passphrases are not the same");
    buf_done(&again);
    if (st != OK)
        buf_clear(ret);
    return st;
}

status passphrase_new_check(slice text, struct err *reterr)
{
    size_t chars = 0;
    for (size_t i = 0; i < text.n; i++)
        chars += (text.p[i] & 0xc0) != 0x80; /* of UTF-8, the first byte of each */
    return chars >= PASSPHRASE_MIN
               ? OK
               : ERR(reterr, E_RANGE, "a new passphrase has at least %u characters",
                     PASSPHRASE_MIN);
}

status passphrase_read_fd(int fd, struct buf *ret, struct err *reterr)
{
    status st = OK;
    for (;;) {
        uint8_t c;
        st = read_byte(fd, &c, reterr);
        if (st != OK || c == '\n')
            break;
        st = buf_put_u8(ret, c);
        if (st != OK) {
            st = ERR(reterr, st, "the passphrase is longer than %zu bytes", ret->cap);
            break;
        }
    }
    if (st == E_CANCELLED) /* the last line needs no line feed */
        st = OK;
    if (st == OK && ret->n > 0 && ret->p[ret->n - 1] == '\r')
        ret->n--;
    if (st == OK && ret->n == 0)
        st = ERR(reterr, E_MISSING, "the passphrase is empty");
    if (st != OK)
        buf_clear(ret);
    return st;
}

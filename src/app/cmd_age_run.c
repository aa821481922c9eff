/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, input and output of "ehr age". */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/cmd_age_impl.h"
#include "app/out_file.h"
#include "app/passphrase.h"
#include "base/file.h"

#define KEY_FILE_MAX ((size_t)1 << 20)

/* The content of a key file; "-" is standard input, once. */
static status read_key_file(struct cmd_age *c, const char *path, struct buf *ret,
                            struct err *reterr)
{
    if (strcmp(path, "-") == 0) {
        if (c->stdin_used)
            return ERR(reterr, E_USAGE, "standard input is used for more than one purpose");
        c->stdin_used = true;
    }
    return file_read(path, ret, reterr);
}

static status read_recipients_file(struct cmd_age *c, const char *path, struct err *reterr)
{
    struct buf text;
    size_t n = 0;
    buf_init(&text, KEY_FILE_MAX);
    status st = read_key_file(c, path, &text, reterr);
    if (st == OK) {
        st = age_recipients_read(buf_slice(&text), c->recipients + c->n_recipients,
                                 CMD_AGE_KEYS_MAX - c->n_recipients, &n, reterr);
        if (st != OK)
            st = err_prefix(reterr, st, path);
    }
    c->n_recipients += n;
    buf_done(&text);
    return st;
}

static status read_identity_file(struct cmd_age *c, const char *path, struct err *reterr)
{
    struct buf text;
    size_t n = 0;
    buf_init_secret(&text, KEY_FILE_MAX);
    status st = read_key_file(c, path, &text, reterr);
    if (st == OK) {
        st = age_identities_read(buf_slice(&text), c->ids + c->n_ids, CMD_AGE_KEYS_MAX - c->n_ids,
                                 &n, reterr);
        if (st != OK)
            st = err_prefix(reterr, st, path);
    }
    c->n_ids += n;
    buf_done(&text);
    return st;
}

static status add_recipient(struct cmd_age *c, const char *text, struct err *reterr)
{
    if (c->n_recipients == CMD_AGE_KEYS_MAX)
        return ERR(reterr, E_TOO_LONG, "more than %zu recipients", CMD_AGE_KEYS_MAX);
    status st = age_recipient_read(slice_str(text), &c->recipients[c->n_recipients], reterr);
    if (st != OK)
        return err_prefix(reterr, st, text);
    c->n_recipients++;
    return OK;
}

/* Read all keys the options name; to seal, identities stand for their recipients. */
static status read_keys(struct cmd_age *c, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; i < c->n_to && st == OK; i++)
        st = c->to[i].is_file ? read_recipients_file(c, c->to[i].value, reterr)
                              : add_recipient(c, c->to[i].value, reterr);
    for (size_t i = 0; i < c->n_id_files && st == OK; i++)
        st = read_identity_file(c, c->id_files[i], reterr);
    if (c->mode != CMD_AGE_ENCRYPT)
        return st;
    for (size_t i = 0; i < c->n_ids && st == OK; i++) {
        if (c->n_recipients == CMD_AGE_KEYS_MAX)
            return ERR(reterr, E_TOO_LONG, "more than %zu recipients", CMD_AGE_KEYS_MAX);
        c->recipients[c->n_recipients++] = c->ids[i].recipient;
    }
    return st;
}

static status read_fd(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    const int *fd = ctx;
    ssize_t got;
    do
        got = read(*fd, p, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERR(reterr, E_IO, "input: %s", strerror(errno));
    *ret_n = (size_t)got;
    return OK;
}

/* Called only when the file turns out to need a passphrase. */
static status ask_passphrase(void *ctx, slice *ret, struct err *reterr)
{
    struct cmd_age *c = ctx;
    status st = c->passphrase_fd >= 0 ? passphrase_read_fd(c->passphrase_fd, &c->secret, reterr)
                                      : passphrase_ask("Enter passphrase: ", &c->secret, reterr);
    if (st == OK)
        *ret = buf_slice(&c->secret);
    return st;
}

static status ask_new_passphrase(struct cmd_age *c, struct err *reterr)
{
    return c->passphrase_fd >= 0 ? passphrase_read_fd(c->passphrase_fd, &c->secret, reterr)
                                 : passphrase_ask_new("Enter passphrase: ", &c->secret, reterr);
}

static status seal(struct cmd_age *c, struct age_src in, struct age_sink out, struct err *reterr)
{
    struct age_to to = {.r = c->recipients, .n = c->n_recipients, .armor = c->armor};
    if (c->passphrase)
        to.passphrase = buf_slice(&c->secret);
    return age_seal_stream(&to, in, out, &random_system, reterr);
}

static status open_file(struct cmd_age *c, struct age_src in, struct age_sink out,
                        struct err *reterr)
{
    struct age_keys keys = {.ids = c->ids, .n_ids = c->n_ids, .ask_ctx = c};
    /* With -i a passphrase file is a mistake to be told, as long as no passphrase is offered. */
    if (c->n_ids == 0 || c->passphrase_fd >= 0)
        keys.ask = ask_passphrase;
    return age_open_stream(&keys, in, out, reterr);
}

static status run_to_output(struct cmd_age *c, int in_fd, struct err *reterr)
{
    struct out_file o;
    status st = out_file_open(&o, c->output, 0666, reterr);
    if (st != OK)
        return st;
    struct age_src in = {read_fd, &in_fd};
    struct age_sink out = {out_file_write, &o};
    st = c->mode == CMD_AGE_ENCRYPT ? seal(c, in, out, reterr) : open_file(c, in, out, reterr);
    if (st == OK)
        return out_file_commit(&o, reterr);
    out_file_abort(&o);
    return st;
}

bool cmd_age_is_stdio(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

status cmd_age_run(struct cmd_age *c, struct err *reterr)
{
    if (c->mode == CMD_AGE_ENCRYPT && !c->armor && c->output == NULL && isatty(STDOUT_FILENO))
        return ERR(reterr, E_USAGE,
                   "refusing to write binary output to the terminal (-a for text, -o - to force)");
    bool fd_is_stdin = c->passphrase_fd == STDIN_FILENO;
    c->stdin_used = fd_is_stdin || cmd_age_is_stdio(c->input);
    if (fd_is_stdin && cmd_age_is_stdio(c->input))
        return ERR(reterr, E_USAGE, "standard input is used for more than one purpose");
    status st = read_keys(c, reterr);
    if (st == OK && c->mode == CMD_AGE_ENCRYPT && c->passphrase)
        st = ask_new_passphrase(c, reterr);
    if (st != OK)
        return st;
    int fd = cmd_age_is_stdio(c->input) ? STDIN_FILENO : open(c->input, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR(reterr, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s: %s", c->input,
                   strerror(errno));
    st = run_to_output(c, fd, reterr);
    if (fd != STDIN_FILENO)
        (void)close(fd);
    return st;
}

/* "ehr age -y": one recipient a line. */
status cmd_age_print_recipients(struct cmd_age *c, struct err *reterr)
{
    char text[AGE_RECIPIENT_TEXT];
    status st = read_identity_file(c, c->input == NULL ? "-" : c->input, reterr);
    for (size_t i = 0; i < c->n_ids && st == OK; i++) {
        st = age_recipient_write(&c->ids[i].recipient, text);
        if (st != OK)
            return ERR(reterr, st, "%s", status_text(st));
        (void)printf("%s\n", text);
    }
    return st;
}

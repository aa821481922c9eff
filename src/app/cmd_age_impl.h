/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of "ehr age" share. Used only by cmd_age*.c. */
#ifndef EHRD_APP_CMD_AGE_IMPL_H
#define EHRD_APP_CMD_AGE_IMPL_H

#include "age/age.h"

#define CMD_AGE_KEYS_MAX ((size_t)LIMIT_AGE_STANZAS) /* recipients, identities, options of each */

enum cmd_age_mode { CMD_AGE_ENCRYPT, CMD_AGE_DECRYPT, CMD_AGE_TO_RECIPIENT, CMD_AGE_HELP };

/* -r TEXT or -R FILE. */
struct cmd_age_to {
    const char *value;
    bool is_file;
};

/* One call: what the options say, and the keys they name. Secret: wiped as a whole. */
struct cmd_age {
    enum cmd_age_mode mode;
    bool explicit_encrypt;
    bool passphrase;
    bool armor;
    int passphrase_fd;  /* -1: ask at the terminal */
    const char *output; /* NULL: not given */
    const char *input;
    bool stdin_used; /* for the input, the passphrase or keys */
    struct buf secret;
    size_t n_to;
    size_t n_id_files;
    size_t n_recipients;
    size_t n_ids;
    struct cmd_age_to to[CMD_AGE_KEYS_MAX];
    const char *id_files[CMD_AGE_KEYS_MAX];
    struct age_recipient recipients[CMD_AGE_KEYS_MAX];
    struct age_identity ids[CMD_AGE_KEYS_MAX];
};

/* True if path is NULL or "-". */
bool cmd_age_is_stdio(const char *path);
/* Seal or open. OK | E_USAGE | anything of age and the files. */
status cmd_age_run(struct cmd_age *c, struct err *reterr) MUST_USE;
/* Print the recipients of the identity file c->input. */
status cmd_age_print_recipients(struct cmd_age *c, struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of `ehr` share: options, home folder, session, output. One thread. */
#ifndef EHRD_APP_CLI_H
#define EHRD_APP_CLI_H

#include <limits.h>

#include "codec/json.h"
#include "ehr/client.h"
#include "ledger/remote.h"

#define CLI_NAME_MAX 64u /* bytes of an account's name with the final NUL */

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_REFUSED = 3,    /* by the node or the contract */
    CLI_NOT_PROVED = 4, /* something does not match what it is bound to */
    CLI_UNREACHABLE = 5
};

/* config.json */
struct cli_config {
    bool loaded;
    char node[VAULT_NODE_URL];
    char origin[VAULT_NODE_URL];
    char second_ledger[VAULT_NODE_URL]; /* vouches for block hashes; may be empty */
    uint64_t chain_id;
    addr20 proxy;
    addr20 forwarder;
    addr20 node_address;
    bool has_authority;
    addr20 authority;           /* that signs the chain's blocks */
    char account[CLI_NAME_MAX]; /* used without --as */
    bool wallet_mode;           /* folders and grants under the account's own address */
};

struct cli {
    char home[PATH_MAX / 2];
    const char *as; /* --as, or NULL */
    bool json;
    bool yes;
    bool help;
    int pass_fd; /* -1: none */
    const char *pass_file;
    struct cli_config cfg;
    char only[CLI_NAME_MAX]; /* what cli_only_account returned */
    struct buf pass;         /* secret; read once */
    struct buf out;          /* JSON answer */
    struct jw w;             /* writes to out */
    /* What counts only once the answer is written, e.g. that a secret is stored; NULL: nothing. */
    struct {
        status (*run)(const struct cli *c, const char *name, bool on, struct err *reterr);
        const char *name; /* borrowed from arguments or config */
    } when_said;
    struct http_client *http;
    struct client client;
    struct client_pin pin;
    bool is_open;
};

/* --- arguments ---------------------------------------------------------------------------------
 */

struct args {
    int n;
    char **v;
};
/* Take a flag or an option with value away. value: NULL when absent. OK | E_USAGE. */
bool args_flag(struct args *a, const char *name);
status args_value(struct args *a, const char *name, const char **ret, struct err *reterr) MUST_USE;
/* The file of -o; NULL or "-": standard output, which --json has for itself. OK | E_USAGE. */
status cli_out_take(const struct cli *c, struct args *a, const char **ret,
                    struct err *reterr) MUST_USE;
/* What is left are min..max positional arguments. OK | E_USAGE. */
status args_end(const struct args *a, int min, int max, struct err *reterr) MUST_USE;

/* A text that the user gave: 1..max bytes, plain (utf8_is_plain). OK | E_USAGE. */
status cli_text_check(const char *what, const char *text, size_t max, struct err *reterr) MUST_USE;

/* One command: "account" with sub "new". */
struct command {
    const char *name;
    const char *sub; /* NULL: none */
    const char *usage;
    const char *about;
    status (*run)(struct cli *c, struct args *a, struct err *reterr);
};

/* --- home --------------------------------------------------------------------------------------
 */

/* Path of a file of the home folder. OK | E_RANGE. */
status cli_path(const struct cli *c, const char *dir, const char *name, const char *suffix,
                char out[PATH_MAX], struct err *reterr) MUST_USE;
status cli_config_load(struct cli *c, struct err *reterr) MUST_USE;
status cli_config_save(struct cli *c, struct err *reterr) MUST_USE;
/* Whoever reads a file of the home, changes it and writes it holds this meanwhile, so that what
 * another command changes is not lost. *ret_fd is closed to give it back. */
status cli_home_lock(struct cli *c, int *ret_fd, struct err *reterr) MUST_USE;
/* The account that is used without --as, unless there is one. */
status cli_config_account(struct cli *c, const char *name, struct err *reterr) MUST_USE;
/* A name of an account: letters, digits, '-', '_', '.'. */
status cli_name_check(const char *name, struct err *reterr) MUST_USE;
/* The account of the home's only key file; NULL when there is none, or more. Valid until the next
 * call. */
const char *cli_only_account(struct cli *c);
/* The account to act as: --as, the one in config.json, or the only one there is. OK | E_USAGE. */
status cli_account(struct cli *c, const char **ret, struct err *reterr) MUST_USE;
/* The passphrase, asked for at most once (is_new: asked for twice). */
status cli_passphrase(struct cli *c, bool is_new, slice *ret, struct err *reterr) MUST_USE;
/* The account's key file. */
status cli_key_load(struct cli *c, const char *name, struct secp_key *ret,
                    struct err *reterr) MUST_USE;
status cli_identity_load(struct cli *c, const char *name, struct identity *ret,
                         struct err *reterr) MUST_USE;
/* A new identity file, under the passphrase and with the scrypt work of the account's key file. */
bool cli_identity_exists(const struct cli *c, const char *name);
/* A new identity with its first way, the passphrase. OK | E_CONFLICT (there is one). */
status cli_identity_make(struct cli *c, const char *name, struct err *reterr) MUST_USE;

/* --- session -----------------------------------------------------------------------------------
 */

/* From now on the client knows, and tells the home, the owner state's version (of client.me). */
status cli_state_pin(struct cli *c, struct err *reterr) MUST_USE;
/* HTTP client, node and ledger of config.json, with the account's key and identity. */
status cli_open(struct cli *c, struct err *reterr) MUST_USE;
/* Node and ledger without any key. */
status cli_open_public(struct cli *c, struct err *reterr) MUST_USE;
void cli_close(struct cli *c);
/* A signature that was refused, when the node goes by another origin than the pinned one: reterr
 * says so and what to do. Returns st. */
status cli_origin_explain(struct cli *c, status st, struct err *reterr) MUST_USE;

/* --- people and folders -------------------------------------------------------------------------
 */

struct person {
    char name[STATE_NAME + 1];
    addr20 addr;
    hash32 card; /* pinned; zero: not seen yet */
};
/* book.json. *ret: to be freed. A book that is not there is empty. */
status cli_book_load(struct cli *c, struct person **ret, size_t *ret_n,
                     struct err *reterr) MUST_USE;
/* Add or replace one person. */
/* Whether a name may stand in the book: no address, and no "/", which ends an owner's name. */
bool cli_is_book_name(const char *name);
/* Whether somebody has it in the book, or the book cannot be read. */
bool cli_is_in_book(struct cli *c, const char *name, size_t len);
status cli_book_put(struct cli *c, const struct person *p, struct err *reterr) MUST_USE;
/* A name of the book, an own account's name, or an address. OK | E_NOT_FOUND. */
status cli_person(struct cli *c, const char *text, struct person *ret, struct err *reterr) MUST_USE;
/* The book's name of an address, "me", or its hex. Valid until the next call with the same out. */
const char *cli_name_of(struct cli *c, const addr20 *a, char out[STATE_NAME + 1]);
/* "name" or "owner/name" to a folder; the inbox is looked into when it is not known yet. */
status cli_folder(struct cli *c, const char *text, hash32 *ret, struct err *reterr) MUST_USE;

/* --- output ------------------------------------------------------------------------------------
 */

/* "2026-11-23 10:00" (UTC). */
const char *cli_time(uint64_t unix_s, char out[32]);
/* An instant as FHIR writes it. */
const char *cli_instant(uint64_t unix_s, char out[32]);
const char *cli_size(uint64_t n, char out[32]);
void jw_addr(struct jw *w, const char *key, const addr20 *a);
void jw_hash(struct jw *w, const char *key, const hash32 *h);
/* Text to the terminal: control characters become '?'. */
void cli_print_text(slice s, int width);
/* Put '?' for what is not plain (base/utf8.h): errors repeat what nodes and files say. */
void cli_plain(char *text);
/* Ask "… [y/N]"; --yes answers for the user. OK | E_CANCELLED. */
status cli_confirm(struct cli *c, const char *question, struct err *reterr) MUST_USE;

int cli_exit_of(status st);

#endif

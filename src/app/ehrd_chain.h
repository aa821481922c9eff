/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd chain": making, copying, checking and trimming an embedded chain while no node runs on it.
 */
#ifndef EHRD_APP_EHRD_CHAIN_H
#define EHRD_APP_EHRD_CHAIN_H

#include "chain/chain.h"
#include "codec/json.h"

#define CHAIN_EXIT_USAGE 2
#define CHAIN_EXIT_WRONG 3 /* what was verified is not as it should be */

int ehrd_chain_main(int argc, char **argv);

/* --- for the files ehrd_chain_*.c ------------------------------------------------------------ */

struct chain_cmd {
    const char *dir;
    const char *file;
    const char *out;
    const char *logs;
    const char *key;             /* key file of the deployer */
    const char *passphrase_file; /* that opens it */
    const char *admin;           /* addresses */
    const char *registrar;
    uint64_t number;
    bool has_number;
    uint64_t chain_id;
    uint64_t gas_limit;
    bool json;
    bool plain;
    struct jw w; /* with --json: an object is open */
};

extern const char ehrd_chain_help[];
/* The i-th command's name; NULL: there are no more. */
const char *ehrd_chain_command(size_t i);

/* Open the folder with the authority's key if it is there, without sealing. */
status chain_cmd_open(const struct chain_cmd *c, struct chain **ret, struct err *reterr) MUST_USE;
/* A line on stderr at most each two seconds; done == total always. */
void chain_cmd_progress(const char *what, uint64_t done, uint64_t total);
/* For chain_options.upgrading. */
void chain_cmd_upgrading(uint64_t block, uint64_t head);
/* "key: value" on stdout, or a member. */
void chain_cmd_say_u64(struct chain_cmd *c, const char *name, uint64_t v);
void chain_cmd_say_hex(struct chain_cmd *c, const char *name, slice bytes);
void chain_cmd_say(struct chain_cmd *c, const char *name, const char *text);

status chain_cmd_init(struct chain_cmd *c, struct err *reterr) MUST_USE;
status chain_cmd_deploy(struct chain_cmd *c, struct err *reterr) MUST_USE;
status chain_cmd_export(struct chain_cmd *c, struct err *reterr) MUST_USE;
status chain_cmd_import(struct chain_cmd *c, struct err *reterr) MUST_USE;
status chain_cmd_verify(struct chain_cmd *c, struct err *reterr) MUST_USE;
status chain_cmd_export_genesis(struct chain_cmd *c, struct err *reterr) MUST_USE;

#endif

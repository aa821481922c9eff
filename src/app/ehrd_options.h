/* SPDX-License-Identifier: Apache-2.0 */
/* Options of ehrd: command line over configuration file over defaults. */
#ifndef EHRD_APP_EHRD_OPTIONS_H
#define EHRD_APP_EHRD_OPTIONS_H

#include "base/log.h"
#include "base/slice.h"
#include "base/status.h"

#define EHRD_MAX_AGE_AUTO UINT64_MAX

struct ehrd_options {
    char *data;
    char *listen_address; /* numeric */
    uint16_t listen_port;
    char *origin;              /* NULL: made from the listening address */
    char *ledger;              /* NULL: the embedded chain */
    char *chain;               /* folder of the embedded chain; NULL: "chain" in data */
    uint64_t block_interval_s; /* of the embedded chain; 0: seal at once */
    char *second_ledger;       /* NULL: none */
    char *log_archive;         /* logs of the chain before a move, with --ledger; NULL: none */
    addr20 proxy;
    addr20 forwarder;
    uint64_t chain_id; /* 0: whatever the ledger says */
    uint64_t first_block;
    uint32_t confirmations;
    uint64_t max_age_s; /* of the head; 0: the chain seals on demand; or EHRD_MAX_AGE_AUTO */
    char *relayer_key;  /* NULL: this node does not relay */
    char *relayer_passphrase_file;
    char *tls_cert; /* PEM files; both or neither */
    char *tls_key;
    char *port_file;
    char *rpc_cors;  /* origins that may use /rpc; NULL: the node's own */
    char *rpc_hosts; /* names /rpc is served under; NULL: addresses and localhost */
    char *web;       /* folder of the built page; NULL: looked for beside the program; "none" */
    uint64_t quota_bytes;    /* an account may upload in a day; 0: any */
    uint64_t max_cost;       /* of one of the relayer's transactions, in gwei */
    uint64_t quota_gas;      /* the relayer pays at most for an account in a day; 0: any */
    uint64_t keep_uploads_s; /* what no record on the chain refers to, before it is swept */
    unsigned threads;
    enum log_level log_level;
};

enum ehrd_action { EHRD_RUN, EHRD_HELP, EHRD_VERSION };

/* Read argv and the file that --config names. ret: to be released with ehrd_options_done, also on
 * failure. OK | E_USAGE (the message names option and place) | errors of the file. */
status ehrd_options_read(int argc, char **argv, struct ehrd_options *ret,
                         enum ehrd_action *ret_action, struct err *reterr) MUST_USE;
void ehrd_options_done(struct ehrd_options *o);
/* The text of --help. */
const char *ehrd_help(void);

#endif

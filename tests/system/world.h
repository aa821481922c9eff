/* SPDX-License-Identifier: Apache-2.0 */
/* What system tests of the node stand on: the embedded chain, or anvil (EHRD_TEST_LEDGER=anvil),
 * with the contracts deployed, the real ehrd, and a client that signs requests and can be told to
 * sign them wrongly. */
#ifndef EHRD_TESTS_WORLD_H
#define EHRD_TESTS_WORLD_H

#include "test.h"

#include "anvil.h"
#include "api/auth.h"
#include "contract/registry_abi.h"
#include "ledger/sender.h"
#include "local_chain.h"
#include "net/http_client.h"

struct world {
    bool up;            /* there is a ledger */
    struct anvil anvil; /* pid 0 with the embedded chain */
    struct local_chain local;
    struct ledger *ledger;
    struct netid net;
    addr20 forwarder;
    struct ledger_sender *admin; /* deployer, administrator and registrar: anvil's account 0 */
    char dir[256];
    char data[320];           /* ehrd's folder */
    const char *const *extra; /* arguments for ehrd_start behind the usual ones, or NULL */
    const char *scheme;       /* of ehrd's address; NULL: http */
    pid_t ehrd;
    char origin[64]; /* http://127.0.0.1:PORT */
    struct http_client *http;
    struct err err;
};

/* False when there is no anvil (said on stdout). Everything else that fails fails the test. */
bool world_start(struct world *w);
void world_stop(struct world *w);

/* A block, with nothing of interest in it. */
void world_mine(struct world *w);

/* Start ehrd on the world's data folder and wait until it serves; stop it by sig and wait. Returns
 * its exit code, 128 + signal when it was killed. */
void ehrd_start(struct world *w);
int ehrd_stop(struct world *w, int sig);
/* Run ehrd until it ends by itself; extra: arguments behind the usual ones, which win.
 * ret_said: what it wrote to stderr. Returns its exit code. */
int ehrd_run(struct world *w, const char *const *extra, struct buf *ret_said);

/* Send calldata to the registry and wait for the receipt; must succeed. data is released. */
void world_send(struct world *w, struct ledger_sender *from, struct buf *data);
addr20 key_addr(const struct secp_key *key);

/* A request, signed as it says unless told otherwise. */
struct ask {
    const struct secp_key *key; /* NULL: not signed */
    const char *method;
    const char *target; /* below the origin */
    slice body;
    const char *etag;  /* If-Match, or NULL */
    const char *range; /* or NULL */
    /* how to sign it wrongly */
    const addr20 *signer;      /* said to be the signer */
    const char *signed_target; /* signed instead of target */
    const char *signed_method;
    const char *signed_origin;
    slice signed_body; /* when .p is not NULL */
    int64_t late_s;    /* signed so long ago */
    const hash32 *nonce;
    bool no_signature_field;
};

struct reply {
    int code;
    struct http_answer http;
};

void ask(struct world *w, const struct ask *q, struct reply *ret);
/* The same when the node may be gone. */
status ask_try(struct world *w, const struct ask *q, struct reply *ret);
void reply_done(struct reply *r);
/* The usual ones. */
void get(struct world *w, const struct secp_key *key, const char *target, struct reply *ret);
/* Ask and fail with the answer's text unless its code is the wanted one. */
void expect(struct world *w, const struct ask *q, int code);
/* The same, and the answer must contain text. */
void expect_text(struct world *w, const struct ask *q, int code, const char *text);
bool reply_has(struct reply *r, const char *text);

#endif

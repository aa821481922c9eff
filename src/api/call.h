/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of api/: the open API, one request on its way through it, and the route table. */
#ifndef EHRD_API_CALL_H
#define EHRD_API_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"
#include "api/auth.h"
#include "api/chain.h"
#include "api/metrics.h"
#include "api/session.h"
#include "api/throttle.h"
#include "api/uploads.h"
#include "codec/json.h"
#include "relay/quota.h"

#define API_PARAM_ID 32u
#define CALL_ARENA ((size_t)160 << 20) /* bounds the memory of one request */

struct api {
    struct api_config cfg;     /* its node_key is wiped */
    struct secp_key *node_key; /* in memory for secrets */
    _Atomic(char *) origin;    /* set once more when the port is known */
    char *origin_before;       /* the empty one, which a request may still be reading */
    char *version;
    addr20 node_address;
    addr20 authority; /* when cfg.authority is set */
    struct chain_reader *chain;
    struct metrics metrics;
    struct throttle refusals;
    struct throttle refusals_all; /* over all folders */
    struct throttle notes;
    struct uploads uploads[1];
    struct sessions sessions;
    struct throttle registrations;
    struct throttle local_registrations;
    struct quota bytes;      /* uploaded, of each account */
    struct quota log_bytes;  /* entries in access logs, likewise */
    struct quota last_bytes; /* what goes on though the disk is nearly full, likewise */
    hash32 throttle_salt;    /* random: nobody can find a key that shares another's bucket */
    /* Of vault row and pin together: bodies are added by many at once (shared), a sweep drops alone
     * (exclusive), so that none is dropped between its row and its pin. */
    pthread_rwlock_t body_lock;
};

/* Who may use a route. All but ANYONE need a signed request. */
enum api_who {
    WHO_ANYONE,
    WHO_SIGNER,        /* any key, registered or not */
    WHO_REGISTRAR,     /* an account that registers others */
    WHO_ACCOUNT,       /* an active account, or the certifier of its card */
    WHO_READER,        /* the same, or an account that registers others */
    WHO_SELF,          /* the active account that the path names, by its own key */
    WHO_MEMBER,        /* whoever signs: the route judges account and signer */
    WHO_OWNER,         /* the folder's owner */
    WHO_HOLDER,        /* owner, or holder of any live grant on the folder */
    WHO_WRITER,        /* owner, or live ADD or AMEND on the folder */
    WHO_VIEWER,        /* owner, or live VIEW on the folder */
    WHO_RECORD_VIEWER, /* the same, or live VIEW on the record that the path names */
    WHO_WRAP_READER,   /* owner, or the holder that the path names with live VIEW */
};

struct api_call;

/* How a route takes a body that is not buffered. state is in the call. */
struct api_stream {
    status (*begin)(struct api_call *c, struct err *reterr);
    status (*chunk)(struct api_call *c, slice piece, struct err *reterr);
    void (*abort)(struct api_call *c); /* frees the state; also after handle, when it is left */
};

struct api_route {
    const char *method;
    const char
        *pattern; /* {f} folder, {r} record, {h} 32 bytes, {a} address, {e} number, {c} CID */
    enum api_who who;
    uint64_t body_cap;
    const char *action;  /* in access log and metrics */
    const char *outcome; /* in the access log when it went well; NULL: not logged then */
    status (*handle)(struct api_call *c, struct err *reterr);
    const struct api_stream *stream;
    bool session; /* a browser's session serves instead of a signature: account matters only */
};

/* What the chain says about signer and folder at the head. */
struct api_facts {
    struct chain_head head;
    struct registry_account signer;
    struct registry_folder folder;
    bool is_owner;
    struct registry_grant grant; /* of the signer on the folder */
};

/* A record that the request stored or got, for the access log. */
struct api_touched {
    hash32 *records; /* in the arena */
    size_t n;
};

struct api_call {
    struct api *api;
    const struct api_route *route;
    const struct http_request *req; /* of the callback that runs */
    struct http_response *resp;     /* only while handle runs */
    struct arena arena;
    struct auth_header auth; /* all zero for WHO_ANYONE */
    bool is_claimed;         /* auth holds what the header says, true or not */
    bool is_signed;          /* the signature was checked and the nonce is new */
    bool on_last_bytes;      /* served though the disk is nearly full */
    addr20 account;          /* whom the signer acts for; zero: nobody known */
    addr20 actor;            /* whose right on the folder is used: the signer, or the account of a
                                certifier that signed for it */
    /* path parameters */
    hash32 folder;
    hash32 record;
    hash32 id;
    addr20 address;
    uint32_t number;
    slice cid;
    bool has_folder;
    bool has_record;
    struct api_facts facts;
    struct api_touched touched;
    void *stream; /* state of route->stream */
};

/* route.c: all routes, and the one that fits: fills the path parameters of c.
 * OK | E_NOT_FOUND | E_METHOD | E_SYNTAX (a parameter). */
extern const struct api_route api_routes[];
extern const size_t api_routes_n;
status route_find(struct api_call *c, struct err *reterr) MUST_USE;

/* Wait until the index holds what it may of the chain up to head. OK | E_STALE. */
status index_follow(struct api *a, const struct chain_head *head, uint32_t timeout_ms,
                    struct err *reterr) MUST_USE;

/* access.c: judge the signer by the route's rule at the head.
 * OK | E_FORBIDDEN | E_NOT_FOUND (folder) | E_STALE, E_UNAVAILABLE, E_TIMEOUT. */
status access_check(struct api_call *c, struct err *reterr) MUST_USE;
/* The signer may register others, as the contract's onlyRegistrar says: the role, and no account of
 * its own that is suspended or over. OK | E_FORBIDDEN | chain's. */
status registrar_check(struct api_call *c, struct err *reterr) MUST_USE;
/* access_log.c. Write what happened into the folder's access log: one entry, or one for each
 * touched record. */
status access_log(struct api_call *c, const char *outcome, const char *reason,
                  struct err *reterr) MUST_USE;
/* A refused request: the entry is written when the folder exists; failures are logged only. */
void access_log_refusal(struct api_call *c, const char *reason);

/* cards.c: the chain names a card of account with this key: nobody takes the key from it any more,
 * also while the card is replaced. */
status certkey_known(struct api_call *c, const addr20 *account, const addr20 *cert_key,
                     struct err *reterr) MUST_USE;
/* certificates.c: whom the signer acts for; fill c->account and c->facts.signer.
 * The account whose card names the signer as its certifier. OK | E_FORBIDDEN | chain's. */
status certifier_account(struct api_call *c, struct err *reterr) MUST_USE;
/* The active account that a certificate names for the signer. OK | E_FORBIDDEN | chain's. */
status member_account(struct api_call *c, struct err *reterr) MUST_USE;
/* That no certificate names a suspended or expired account for member; who: for the message.
 * OK | E_FORBIDDEN | chain's. */
status member_not_barred(struct api_call *c, const addr20 *member, const char *who,
                         struct err *reterr) MUST_USE;

/* sign_in.c: the session that the request's cookie names; fills auth.signer.
 * OK | E_AUTH (no session, or the request comes from another page). */
status session_check(struct api_call *c, struct err *reterr) MUST_USE;

/* answer.c: bodies of answers. */
status answer_begin(struct api_call *c, struct jw *w, struct err *reterr) MUST_USE;
status answer_end(struct jw *w, struct err *reterr) MUST_USE;
status answer_bytes(struct api_call *c, const char *media, slice bytes,
                    struct err *reterr) MUST_USE;
status answer_none(struct api_call *c, int code, struct err *reterr) MUST_USE; /* no body */
void answer_error(const struct http_request *req, status s, const struct err *e,
                  struct http_response *resp);
/* text in printable ASCII, other bytes as '?': messages may quote what a client sent, cut anywhere.
 * Returns out. */
const char *plain_text(const char *text, char out[ERR_MSG_MAX]);
/* "0x…" members. */
void jw_member_hash(struct jw *w, const char *key, const hash32 *h);
void jw_member_addr(struct jw *w, const char *key, const addr20 *a);
void jw_member_u64(struct jw *w, const char *key, uint64_t v);
void jw_member_str(struct jw *w, const char *key, const char *text);

/* query parameters. OK (also when absent: *ret keeps its value) | E_SYNTAX | E_RANGE … */
status query_u64(struct api_call *c, const char *name, uint64_t max, uint64_t *ret,
                 struct err *reterr) MUST_USE;
status query_hash(struct api_call *c, const char *name, bool *ret_given, hash32 *ret,
                  struct err *reterr) MUST_USE;
/* The request's body as JSON object; the document lives in the call's arena. */
status body_json(struct api_call *c, struct json *ret, struct err *reterr) MUST_USE;

#endif

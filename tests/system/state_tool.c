/* SPDX-License-Identifier: Apache-2.0 */
/* state_tool get|put|raw HOME NAME PASSPHRASE-FILE FILE: an account's owner state to a file; back
 * from it as the newest version, as a device writes it that forgot what came later; the same with
 * the text as it is, also what our programs would not write. state_tool forge …:
 * as somebody makes it who only knows the key card: the newest state, in which a key for the first
 * folder's next epoch (its age identity to FILE) and the owners' names of shared folders are made
 * up. state_tool sign …: a forward request to FILE by which the address that the account uses in
 * its first folder opens another one; nothing is sent. */
#include <stdio.h>

#include "app/cli.h"
#include "base/file.h"
#include "codec/eip712.h"
#include "contract/registry_abi.h"

#define GAS 300000u

static status nonce_of(struct client *c, const addr20 *from, uint64_t *ret, struct err *e)
{
    struct arena a;
    struct buf data;
    u256 nonce = {{0}};
    struct ledger_req q = {.kind = LEDGER_CALL, .at = LEDGER_LATEST};
    arena_init(&a, 1u << 20, false);
    buf_init(&data, 256);
    status st = forwarder_put_nonces(&data, *from);
    q.in.call = (struct ledger_call){.to = c->forwarder, .data = buf_slice(&data)};
    if (st == OK)
        st = ledger_run(c->ledger, &q, 1, &a, e);
    if (st == OK)
        st = q.st == OK ? forwarder_read_nonces(q.out.data, &nonce) : q.st;
    *ret = nonce.w[0];
    buf_done(&data);
    arena_done(&a);
    return st;
}

static status request_write(struct client *c, const struct actor *who, uint64_t nonce, slice data,
                            const char *path, struct err *e)
{
    struct eip712_forward_request q = {.from = who->addr,
                                       .to = c->net.proxy,
                                       .gas = u256_from_u64(GAS),
                                       .nonce = u256_from_u64(nonce),
                                       .deadline = clock_unix_s(c->clock) + 600,
                                       .data = data};
    struct buf out;
    struct jw w;
    uint8_t sig[SECP_SIG];
    hash32 digest;
    eip712_forward_request_digest(c->net.chain_id, c->forwarder, &q, &digest);
    status st = secp_sign(&who->key, &digest, sig);
    buf_init(&out, 65536);
    jw_init(&w, &out);
    jw_object(&w);
    jw_addr(&w, "from", &q.from), jw_addr(&w, "to", &q.to);
    jw_key(&w, "value"), jw_cstr(&w, "0");
    jw_key(&w, "gas"), jw_u64(&w, GAS);
    jw_key(&w, "nonce"), jw_u64(&w, nonce);
    jw_key(&w, "deadline"), jw_u64(&w, q.deadline);
    jw_key(&w, "data"), jw_hex(&w, data);
    jw_key(&w, "signature"), jw_hex(&w, slice_of(sig, sizeof sig));
    jw_end(&w);
    if (st == OK)
        st = jw_done(&w, e);
    if (st == OK)
        st = file_replace(path, buf_slice(&out), 0600, e);
    buf_done(&out);
    return st;
}

static status sign(struct cli *c, const char *path, struct err *e)
{
    struct client *k = &c->client;
    const struct actor *who = NULL;
    struct buf data;
    hash32 salt;
    uint64_t nonce = 0;
    buf_init(&data, 4096);
    status st = cli_open(c, e);
    if (st == OK)
        st = client_state(k, e);
    if (st == OK && k->state.folders_n + k->state.shared_n == 0)
        st = ERR(e, E_NOT_FOUND, "no folder");
    if (st == OK)
        st = client_actor(
            k, k->state.folders_n > 0 ? &k->state.folders[0].id : &k->state.shared[0].folder, &who,
            e);
    if (st == OK)
        st = random_fill(&random_system, salt.b, sizeof salt.b);
    if (st == OK)
        st = nonce_of(k, &who->addr, &nonce, e);
    if (st == OK)
        st = registry_put_open_folder(&data, salt, salt);
    if (st == OK)
        st = request_write(k, who, nonce, buf_slice(&data), path, e);
    buf_done(&data);
    return st;
}

static status get(struct cli *c, const char *path, struct err *e)
{
    struct buf text;
    buf_init_secret(&text, STATE_BYTES);
    status st = state_put(&c->client.state, &text, e);
    if (st == OK)
        st = file_replace(path, buf_slice(&text), 0600, e);
    buf_done(&text);
    return st;
}

struct putting {
    slice text;
};

static status putting_apply(void *ctx, struct owner_state *s, struct err *e)
{
    const struct putting *p = ctx;
    uint64_t version = s->version;
    state_done(s);
    status st = state_read(p->text, s, e);
    s->version = version;
    return st;
}

static status put(struct cli *c, const char *path, struct err *e)
{
    struct buf text;
    buf_init_secret(&text, STATE_BYTES);
    status st = file_read(path, &text, e);
    struct putting p = {buf_slice(&text)};
    struct client_change change = {putting_apply, &p};
    if (st == OK)
        st = client_state_change(&c->client, &change, e);
    buf_done(&text);
    return st;
}

static status made_up(struct owner_state *s, const char *path, struct err *e)
{
    struct state_epoch next = {0};
    char text[AGE_IDENTITY_TEXT];
    for (size_t i = 0; i < s->shared_n; i++)
        (void)snprintf(s->shared[i].owner_name, sizeof s->shared[i].owner_name, "Dr. Nobody");
    if (s->folders_n == 0 || s->shared_n == 0)
        return ERR(e, E_NOT_FOUND, "a folder of one's own and one of another's are needed");
    struct state_folder *f = &s->folders[0];
    struct grant_note planted = s->shared[0];
    planted.folder.b[0] ^= 1;
    memcpy(planted.folder_name, "planted", 8);
    status put = state_shared_set(s, &planted);
    next.key.epoch = (uint32_t)f->epochs_n + 1;
    status st = put == OK ? age_identity_generate(&random_system, &next.key.id) : put;
    if (st == OK)
        st = age_identity_write(&next.key.id, text);
    if (st == OK)
        st = state_epoch_add(f, &next);
    return st == OK ? file_replace(path, slice_str(text), 0600, e) : ERR(e, st, "a key");
}

static status forge(struct cli *c, const char *path, struct err *e)
{
    struct client *k = &c->client;
    struct buf plain;
    struct buf file;
    struct age_to to = {.r = &k->age.recipient, .n = 1};
    uint64_t version = k->state.version;
    buf_init_secret(&plain, STATE_BYTES);
    buf_init(&file, STATE_BYTES);
    status st = made_up(&k->state, path, e);
    if (st == OK)
        st = state_put(&k->state, &plain, e);
    if (st == OK)
        st = age_seal(&file, &to, buf_slice(&plain), &random_system, e);
    if (st == OK)
        st = vault_state_put(k->vault, &k->me, version, buf_slice(&file), &version, e);
    buf_done(&plain);
    buf_done(&file);
    return st;
}

/* The text as it is, as a program writes it that takes what ours do not. */
static status raw(struct cli *c, const char *path, struct err *e)
{
    struct client *k = &c->client;
    struct buf text;
    struct buf file;
    struct buf blob;
    struct age_to to = {.r = &k->age.recipient, .n = 1};
    struct state_place at = {.id = &k->id, .account = k->me, .version = k->state.version + 1};
    uint64_t version;
    hash32 mac;
    buf_init_secret(&text, STATE_BYTES);
    buf_init(&file, STATE_BYTES);
    buf_init(&blob, STATE_BYTES);
    status st = file_read(path, &text, e);
    if (st == OK)
        st = age_seal(&file, &to, buf_slice(&text), &random_system, e);
    if (st == OK)
        st = state_mac(&at, buf_slice(&file), &mac);
    if (st == OK)
        st = buf_put(&blob, slice_of(mac.b, sizeof mac.b));
    if (st == OK)
        st = buf_put(&blob, buf_slice(&file));
    if (st == OK)
        st = vault_state_put(k->vault, &k->me, at.version - 1, buf_slice(&blob), &version, e);
    buf_done(&text);
    buf_done(&file);
    buf_done(&blob);
    return st;
}

static status run(struct cli *c, const char *what, const char *path, struct err *e)
{
    status st = cli_open(c, e);
    if (st == OK)
        st = client_state(&c->client, e);
    if (st != OK)
        return st;
    if (what[0] == 'r')
        return raw(c, path, e);
    return what[0] == 'g' ? get(c, path, e) : what[0] == 'p' ? put(c, path, e) : forge(c, path, e);
}

int main(int argc, char **argv)
{
    static struct cli c;
    struct err e = {.msg = ""};
    if (argc != 6 || secp_init(&random_system) != OK)
        return 2;
    (void)snprintf(c.home, sizeof c.home, "%s", argv[2]);
    c.as = argv[3];
    c.pass_file = argv[4];
    c.pass_fd = -1;
    buf_init_secret(&c.pass, 1024);
    buf_init(&c.out, 4096);
    status st = argv[1][0] == 's' ? sign(&c, argv[5], &e) : run(&c, argv[1], argv[5], &e);
    if (st != OK)
        (void)fprintf(stderr, "state_tool: %s: %s\n", status_name(st), e.msg);
    cli_close(&c);
    secp_done();
    return st == OK ? 0 : 1;
}

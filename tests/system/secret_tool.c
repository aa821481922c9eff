/* SPDX-License-Identifier: Apache-2.0 */
/* secret_tool home HOME NAME PASSPHRASE-FILE: the secrets of a home, a line each: what they are and
 * their bytes as hex; secret_tool key KEYFILE PASSPHRASE-FILE: of a key file; secret_tool file
 * SEALED KEYS: the file key of an age file. Tests look for them where they must not be.
 * secret_tool sign HOME NAME PASSPHRASE-FILE: a browser's sign-in message from standard input, in
 * which ADDRESS stands for the account's with its checksum; that message and, on a last line, what
 * personal_sign of a wallet answers to it. */
#include <stdio.h>

#include "app/cli.h"
#include "app/ehrd_keys.h"
#include "base/file.h"
#include "base/hex.h"
#include "codec/eip191.h"
#include "codec/siwe.h"
#include "crypto/addr.h"

static void tell(const char *what, const void *p, size_t n)
{
    char hex[65] = "";
    hex_write(slice_of(p, n), hex);
    hex[2 * n] = 0;
    printf("%s %s\n", what, hex);
}

static status tell_scalars(const struct identity *id)
{
    static const char *const labels[] = {"spend", "view", "cert"};
    struct secp_key k;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        char what[32];
        status st = identity_scalar(id, labels[i], &k);
        if (st != OK)
            return st;
        (void)snprintf(what, sizeof what, "%s-key", labels[i]);
        tell(what, k.b, sizeof k.b);
    }
    status st = identity_owner(id, 0, &k);
    if (st == OK)
        tell("owner-key", k.b, sizeof k.b);
    return st;
}

static status tell_folders(struct client *c, struct err *e)
{
    status st = client_state(c, e);
    for (size_t i = 0; st == OK && i < c->state.folders_n; i++)
        for (size_t k = 0; k < c->state.folders[i].epochs_n; k++)
            tell("folder-key", c->state.folders[i].epochs[k].key.id.secret, 32);
    for (size_t i = 0; st == OK && i < c->state.shared_n; i++) {
        struct secp_key k;
        if (c->state.shared[i].is_stealth &&
            (st = client_holder_key(c, &c->state.shared[i], &k, e)) == OK)
            tell("holder-key", k.b, sizeof k.b);
    }
    return st;
}

static status home(struct cli *c, struct err *e)
{
    status st = cli_open(c, e);
    if (st != OK)
        return st;
    tell("account-key", c->client.key.b, sizeof c->client.key.b);
    tell("identity-root", c->client.id.root, sizeof c->client.id.root);
    tell("age-key", c->client.age.secret, sizeof c->client.age.secret);
    st = tell_scalars(&c->client.id);
    return st == OK ? tell_folders(&c->client, e) : st;
}

static status sign(struct cli *c, struct err *e)
{
    static const char mark[] = "ADDRESS";
    char in[SIWE_MAX + 1];
    char message[SIWE_MAX + 64];
    char address[ADDR_TEXT];
    char hex[2 * 65 + 3];
    uint8_t sig[65];
    hash32 digest;
    in[fread(in, 1, SIWE_MAX, stdin)] = '\0';
    const char *at = strstr(in, mark);
    status st = at == NULL ? ERR(e, E_SYNTAX, "no %s in the message", mark) : cli_open(c, e);
    if (st != OK)
        return st;
    addr_text(c->client.me, address);
    (void)snprintf(message, sizeof message, "%.*s%s%s", (int)(at - in), in, address,
                   at + strlen(mark));
    eip191_digest(slice_str(message), &digest);
    st = secp_sign(&c->client.key, &digest, sig);
    if (st == OK)
        printf("%s\n%s\n", message, hex_0x(slice_of(sig, sizeof sig), hex));
    return st;
}

static status file(const char *sealed, const char *keys, struct err *e)
{
    struct buf in;
    struct buf text;
    struct age_identity ids[64];
    struct age_keys k = {.ids = ids};
    struct age_header h;
    struct age_file_key fk;
    buf_init(&in, (size_t)64 << 20);
    buf_init_secret(&text, (size_t)64 << 10);
    status st = file_read(sealed, &in, e);
    if (st == OK)
        st = file_read(keys, &text, e);
    if (st == OK)
        st = age_identities_read(buf_slice(&text), ids, 64, &k.n_ids, e);
    if (st == OK)
        st = age_header_read(buf_slice(&in), &h, e);
    if (st == OK)
        st = age_header_open(&h, &k, &fk, e);
    if (st == OK)
        tell("file-key", fk.k, sizeof fk.k);
    buf_done(&in);
    buf_done(&text);
    return st;
}

int main(int argc, char **argv)
{
    static struct cli c;
    struct err e = {.msg = ""};
    status st = E_USAGE;
    if (secp_init(&random_system) != OK)
        return 2;
    c.pass_fd = -1;
    buf_init_secret(&c.pass, 1024);
    buf_init(&c.out, 4096);
    if (argc == 5 && (strcmp(argv[1], "home") == 0 || strcmp(argv[1], "sign") == 0)) {
        (void)snprintf(c.home, sizeof c.home, "%s", argv[2]);
        c.as = argv[3];
        c.pass_file = argv[4];
        st = argv[1][0] == 'h' ? home(&c, &e) : sign(&c, &e);
    } else if (argc == 4 && strcmp(argv[1], "key") == 0) {
        struct secp_key key;
        st = ehrd_relayer_key(argv[2], argv[3], &key, &e);
        if (st == OK)
            tell("key", key.b, sizeof key.b);
    } else if (argc == 4 && strcmp(argv[1], "file") == 0) {
        st = file(argv[2], argv[3], &e);
    }
    if (st != OK)
        (void)fprintf(stderr, "secret_tool: %s: %s\n", status_name(st), e.msg);
    cli_close(&c);
    secp_done();
    return st == OK ? 0 : 1;
}

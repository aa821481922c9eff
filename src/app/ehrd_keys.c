/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and making the keys of a node. */
#include "app/ehrd_keys.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/wipe.h"
#include "keys/keyfile.h"

#define PASSPHRASE_MAX ((size_t)4 << 10)

static status key_make(const char *path, const struct random_src *rnd, struct secp_key *ret,
                       struct err *reterr)
{
    char hex[65];
    struct secp_key key;
    status st = secp_key_generate(rnd, &key);
    if (st != OK)
        return ERR(reterr, st, "the node's key cannot be made");
    hex_write(slice_of(key.b, sizeof key.b), hex);
    hex[64] = '\n';
    st = file_create(path, slice_of(hex, sizeof hex), 0600, reterr);
    if (st == OK)
        *ret = key;
    wipe(hex, sizeof hex);
    secp_key_done(&key);
    return st;
}

static status key_load(const char *path, struct secp_key *ret, struct err *reterr)
{
    struct buf text;
    struct stat sb;
    struct secp_key key;
    if (stat(path, &sb) != 0 || (sb.st_mode & 077) != 0)
        return ERR(reterr, E_FORBIDDEN, "%s: others may read it; chmod 600 it", path);
    buf_init_secret(&text, 128);
    status st = file_read(path, &text, reterr);
    slice hex = buf_slice(&text);
    if (st == OK && hex.n == 65 && hex.p[64] == '\n')
        hex.n--;
    if (st == OK && (hex_read(hex, key.b, sizeof key.b) != OK || !secp_key_is_valid(&key)))
        st = ERR(reterr, E_CORRUPT, "%s: holds no key of 64 hex digits", path);
    if (st == OK)
        *ret = key;
    buf_done(&text);
    secp_key_done(&key);
    return st;
}

/* dir/name in path, which holds it. NULL: too long. */
static const char *path_of(struct buf *path, const char *dir, const char *name)
{
    buf_init(path, 4096);
    return buf_printf(path, "%s/%s", dir, name) == OK ? buf_cstr(path) : NULL;
}

status ehrd_node_key(const char *dir, const struct random_src *rnd, struct secp_key *ret,
                     struct err *reterr)
{
    struct buf path;
    const char *p = path_of(&path, dir, "node.key");
    status st = p == NULL        ? ERR(reterr, E_TOO_LONG, "path of the data folder")
                : file_exists(p) ? key_load(p, ret, reterr)
                                 : key_make(p, rnd, ret, reterr);
    buf_done(&path);
    return st;
}

status ehrd_authority_key(const char *dir, struct secp_key *ret, bool *ret_has, struct err *reterr)
{
    struct buf path;
    const char *p = path_of(&path, dir, "authority.key");
    status st = p != NULL ? OK : ERR(reterr, E_TOO_LONG, "path of the chain");
    bool has = st == OK && file_exists(p);
    if (has)
        st = key_load(p, ret, reterr);
    if (st == OK)
        *ret_has = has;
    buf_done(&path);
    return st;
}

status ehrd_authority_key_make(const char *dir, const struct random_src *rnd, struct err *reterr)
{
    struct buf path;
    struct secp_key key = {{0}};
    const char *p = path_of(&path, dir, "authority.key");
    status st = p != NULL ? OK : ERR(reterr, E_TOO_LONG, "path of the chain");
    if (st == OK && !file_exists(p))
        st = key_make(p, rnd, &key, reterr);
    secp_key_done(&key);
    buf_done(&path);
    return st;
}

status ehrd_relayer_key(const char *path, const char *passphrase_path, struct secp_key *ret,
                        struct err *reterr)
{
    struct buf json;
    struct buf pass;
    buf_init(&json, LIMIT_KEYFILE_BYTES);
    buf_init_secret(&pass, PASSPHRASE_MAX);
    status st = file_read(path, &json, reterr);
    if (st == OK)
        st = file_read(passphrase_path, &pass, reterr);
    if (st == OK) {
        slice word = buf_slice(&pass);
        const uint8_t *end = word.n > 0 ? memchr(word.p, '\n', word.n) : NULL;
        if (end != NULL)
            word.n = (size_t)(end - word.p);
        st = keyfile_read(buf_slice(&json), word, ret, reterr);
        if (st != OK)
            st = err_prefix(reterr, st, path);
    }
    buf_done(&json);
    buf_done(&pass);
    return st;
}

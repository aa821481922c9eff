/* SPDX-License-Identifier: Apache-2.0 */
/* Local names of people, and folders by their names. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cli.h"
#include "base/file.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/members.h"
#include "keys/keyfile.h"

#define BOOK_BYTES ((size_t)4 << 20)

static status person_read(struct json v, struct person *p, struct err *reterr)
{
    *p = (struct person){0};
    status st = members_text_read(json_get(v, "name"), p->name, sizeof p->name, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "address"), &p->addr, reterr);
    if (st == OK && !json_is_absent(json_get(v, "cardHash")))
        st = json_hex_hash(json_get(v, "cardHash"), &p->card, reterr);
    return st;
}

static status people_read(struct json list, struct person **ret, size_t *ret_n, struct err *reterr)
{
    size_t n = json_count(list);
    size_t i = 0;
    status st = OK;
    struct person *p = calloc(n + 1, sizeof *p); /* room for one more */
    if (p == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it); i++)
        st = person_read(it.value, &p[i], reterr);
    if (st != OK) {
        free(p);
        return err_prefix(reterr, st, "book.json");
    }
    *ret = p;
    *ret_n = n;
    return OK;
}

status cli_book_load(struct cli *c, struct person **ret, size_t *ret_n, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct arena a;
    struct json_doc doc;
    buf_init(&text, BOOK_BYTES);
    arena_init(&a, BOOK_BYTES * 8, false);
    status st = cli_path(c, "", "book.json", "", path, reterr);
    if (st == OK && !file_exists(path))
        st = buf_put_str(&text, "{\"people\":[]}");
    else if (st == OK)
        st = file_read(path, &text, reterr);
    if (st == OK)
        st = json_read(buf_slice(&text), &a, &doc, reterr);
    if (st == OK)
        st = people_read(json_get(json_root(&doc), "people"), ret, ret_n, reterr);
    arena_done(&a);
    buf_done(&text);
    return st;
}

static status book_write(struct cli *c, const struct person *list, size_t n, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct jw w;
    buf_init(&text, BOOK_BYTES);
    jw_init(&w, &text);
    jw_object(&w);
    jw_key(&w, "people"), jw_array(&w);
    for (size_t i = 0; i < n; i++) {
        jw_object(&w);
        jw_key(&w, "name"), jw_cstr(&w, list[i].name);
        jw_addr(&w, "address", &list[i].addr);
        if (!hash32_is_zero(list[i].card))
            jw_hash(&w, "cardHash", &list[i].card);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    status st = jw_done(&w, reterr);
    if (st == OK)
        st = cli_path(c, "", "book.json", "", path, reterr);
    if (st == OK)
        st = file_mkdirs(c->home, 0700, reterr);
    if (st == OK)
        st = file_replace(path, buf_slice(&text), 0600, reterr);
    buf_done(&text);
    return st;
}

static status book_change(struct cli *c, const struct person *p, struct err *reterr)
{
    struct person *list;
    size_t n;
    size_t i = 0;
    status st = cli_book_load(c, &list, &n, reterr);
    if (st != OK)
        return st;
    while (i < n && strcmp(list[i].name, p->name) != 0)
        i++;
    list[i] = *p;
    for (size_t j = 0; j < n; j++) /* the card is the account's, whatever names it has here */
        if (addr20_eq(list[j].addr, p->addr))
            list[j].card = p->card;
    st = book_write(c, list, i == n ? n + 1 : n, reterr);
    free(list);
    return st;
}

bool cli_is_book_name(const char *name)
{
    return name[0] != 0 && strchr(name, '/') == NULL && strncmp(name, "0x", 2) != 0 &&
           strncmp(name, "0X", 2) != 0;
}

status cli_book_put(struct cli *c, const struct person *p, struct err *reterr)
{
    int lock;
    status st = cli_home_lock(c, &lock, reterr);
    if (st != OK)
        return st;
    st = book_change(c, p, reterr);
    (void)close(lock);
    return st;
}

/* The address in an own account's key file. */
static status own_account(struct cli *c, const char *name, addr20 *ret)
{
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    status st = cli_name_check(name, NULL);
    if (st == OK)
        st = cli_path(c, "keys", name, ".json", path, NULL);
    if (st == OK)
        st = file_exists(path) ? file_read(path, &text, NULL) : E_NOT_FOUND;
    if (st == OK)
        st = keyfile_addr(buf_slice(&text), ret, NULL);
    buf_done(&text);
    return st;
}

/* Of several names the first that is more than the address, or NULL. */
static const struct person *person_at(const struct person *list, size_t n, const addr20 *a)
{
    const struct person *found = NULL;
    for (size_t i = 0; i < n; i++)
        if (addr20_eq(list[i].addr, *a) &&
            (found == NULL || (!cli_is_book_name(found->name) && cli_is_book_name(list[i].name))))
            found = &list[i];
    return found;
}

static const struct person *person_called(const struct person *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

status cli_person(struct cli *c, const char *text, struct person *ret, struct err *reterr)
{
    struct person *list;
    size_t n = 0;
    struct person p = {0};
    if (members_text(slice_str(text), p.name, sizeof p.name) != OK)
        return ERR(reterr, E_USAGE, "not a name");
    status st = cli_book_load(c, &list, &n, reterr);
    if (st != OK)
        return st;
    bool is_addr = hex_read_addr(slice_str(text), &p.addr) == OK; /* whatever names there are */
    const struct person *found =
        is_addr ? person_at(list, n, &p.addr) : person_called(list, n, text);
    bool known = is_addr || found != NULL;
    if (found != NULL)
        p = *found;
    free(list);
    if (!known && own_account(c, text, &p.addr) != OK)
        return ERR(reterr, E_NOT_FOUND, "nobody is called \"%s\" here: \"ehr people add NAME 0x…\"",
                   text);
    *ret = p;
    return OK;
}

const char *cli_name_of(struct cli *c, const addr20 *a, char out[STATE_NAME + 1])
{
    struct person *list;
    size_t n;
    (void)hex_0x(slice_of(a->b, sizeof a->b), out);
    addr20 account;
    if (c->is_open && client_is_me(&c->client, a))
        return memcpy(out, "me", 3);
    char name[STATE_NAME + 1];
    if (c->is_open && state_account_of(&c->client.state, a, &account, name)) {
        a = &account;
        (void)hex_0x(slice_of(a->b, sizeof a->b), out);
        if (name[0] != 0)
            memcpy(out, name, sizeof name);
    }
    if (cli_book_load(c, &list, &n, NULL) != OK)
        return out;
    const struct person *p = person_at(list, n, a);
    if (p != NULL)
        (void)snprintf(out, STATE_NAME + 1, "%s", p->name);
    free(list);
    return out;
}

bool cli_is_in_book(struct cli *c, const char *name, size_t len)
{
    struct person *list;
    size_t n;
    bool found = false;
    if (cli_book_load(c, &list, &n, NULL) != OK)
        return true; /* when in doubt, no name that others chose */
    for (size_t i = 0; i < n; i++)
        found = found || (strlen(list[i].name) == len && memcmp(list[i].name, name, len) == 0);
    free(list);
    return found;
}

/* "owner/folder" fits when owner is the local name, or the name the owner gives itself unless
 * somebody has it in the book. */
static bool shared_fits(struct cli *c, const struct grant_note *n, const char *text)
{
    char local[STATE_NAME + 1];
    const char *slash = strchr(text, '/');
    if (slash == NULL || strcmp(slash + 1, n->folder_name) != 0)
        return false;
    size_t len = (size_t)(slash - text);
    const char *name = cli_name_of(c, &n->owner_account, local);
    return (strlen(name) == len && strncmp(text, name, len) == 0) ||
           (strlen(n->owner_name) == len && strncmp(text, n->owner_name, len) == 0 &&
            !cli_is_in_book(c, text, len));
}

static status folder_find(struct cli *c, const char *text, hash32 *ret, struct err *reterr)
{
    const struct owner_state *s = &c->client.state;
    const struct state_folder *own = state_folder_find(s, text);
    size_t hits = 0;
    if (own != NULL) {
        *ret = own->id;
        return OK;
    }
    for (size_t i = 0; i < s->shared_n; i++) {
        if (shared_fits(c, &s->shared[i], text)) {
            *ret = s->shared[i].folder;
            hits++;
        }
    }
    if (hits > 1)
        return ERR(reterr, E_CONFLICT,
                   "several owners share a folder \"%s\": give the owners "
                   "names with \"ehr people add\"",
                   text);
    return hits == 1 ? OK : ERR(reterr, E_NOT_FOUND, "no folder \"%s\"", text);
}

/* A folder that is not known, or shared by a grant that is revoked: another note may be waiting. */
static bool is_settled(struct cli *c, const hash32 *folder)
{
    struct registry_grant g;
    const struct grant_note *n = state_shared_by_id(&c->client.state, folder);
    if (state_folder_by_id(&c->client.state, folder) != NULL)
        return true;
    return n != NULL && client_grant_get(&c->client, folder, &n->holder, &g, NULL) == OK &&
           g.status != REGISTRY_GRANT_REVOKED;
}

status cli_folder(struct cli *c, const char *text, hash32 *ret, struct err *reterr)
{
    struct inbox_taken taken;
    status st = client_state(&c->client, reterr);
    if (st != OK)
        return st;
    if (strlen(text) == 66 && strncmp(text, "0x", 2) == 0) {
        st = hex_read_hash(slice_str(text), ret);
        if (st != OK || is_settled(c, ret))
            return st;
        return flow_inbox(&c->client, &taken, reterr);
    }
    st = folder_find(c, text, ret, reterr);
    if (strchr(text, '/') == NULL || (st == OK && is_settled(c, ret)) ||
        (st != OK && st != E_NOT_FOUND))
        return st;
    st = flow_inbox(&c->client, &taken, reterr);
    return st == OK ? folder_find(c, text, ret, reterr) : st;
}

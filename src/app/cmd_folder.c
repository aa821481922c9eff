/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr folder". */
#include <stdio.h>

#include "app/commands.h"
#include "app/grant_args.h"
#include "app/out_file.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"

static void folder_json(struct cli *c, const char *owner, const char *name, const hash32 *id)
{
    jw_key(&c->w, "owner"), jw_cstr(&c->w, owner);
    jw_key(&c->w, "name"), jw_cstr(&c->w, name);
    jw_hash(&c->w, "folderId", id);
}

status cmd_folder_new(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 id;
    char hex[67];
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_text_check("a folder's name", a->v[0], STATE_NAME, reterr);
    if (st == OK && strchr(a->v[0], '/') != NULL)
        st = ERR(reterr, E_USAGE, "a folder's name has no \"/\"");
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = flow_folder_new(&c->client, a->v[0], &id, reterr);
    if (st != OK)
        return st;
    if (c->json)
        folder_json(c, "me", a->v[0], &id);
    else
        printf("Folder \"%s\" is open.\n%s\n", a->v[0], hex_0x(slice_of(id.b, sizeof id.b), hex));
    return OK;
}

/* Of the grants that the owner state has: ended ones stay there, for the access log's names. */
static size_t live_grants(const struct state_folder *f)
{
    uint64_t now = clock_unix_s(&clock_system);
    size_t n = 0;
    for (size_t i = 0; i < f->grants_n; i++)
        if (f->grants[i].ended == 0 && f->grants[i].not_after > now)
            n++;
    return n;
}

/* What the chain says of a folder, or why it cannot be said. */
static void own_print(struct cli *c, const struct state_folder *f)
{
    struct folder_facts facts;
    status st = client_folder_facts(&c->client, &f->id, &facts, NULL);
    if (c->json) {
        jw_object(&c->w);
        folder_json(c, "me", f->name, &f->id);
        jw_addr(&c->w, "address", &f->owner);
        jw_key(&c->w, "epoch"), jw_u64(&c->w, st == OK ? facts.epoch : 0);
        jw_key(&c->w, "grants"), jw_u64(&c->w, live_grants(f));
        jw_end(&c->w);
        return;
    }
    cli_print_text(slice_str(f->name), 32);
    if (st == OK)
        printf("  mine    key %u, shared with %zu\n", facts.epoch, live_grants(f));
    else
        printf("  mine    begun, not open yet: \"ehr folder new\" with its name goes on\n");
}

/* What the folder's owner is called here, so that "NAME/FOLDER" finds it: as the owner calls itself
 * only where nobody else is called so. ret_self: it is. */
static const char *owner_name(struct cli *c, const struct grant_note *n, char out[STATE_NAME + 1],
                              bool *ret_self)
{
    const char *who = cli_name_of(c, &n->owner_account, out);
    *ret_self = !cli_is_book_name(who) && cli_is_book_name(n->owner_name) &&
                !cli_is_in_book(c, n->owner_name, strlen(n->owner_name));
    return *ret_self ? n->owner_name : who;
}

static void shared_print(struct cli *c, const struct grant_note *n)
{
    struct registry_grant g = {0};
    char owner[STATE_NAME + 1];
    char name[2 * STATE_NAME + 4];
    char may[GRANT_MAY];
    char until[32];
    bool is_self;
    const char *who = owner_name(c, n, owner, &is_self);
    bool told = client_grant_get(&c->client, &n->folder, &n->holder, &g, NULL) == OK;
    bool live =
        told && g.status == REGISTRY_GRANT_ACTIVE && clock_unix_s(&clock_system) < g.not_after;
    grant_may(told ? g.permissions : n->permissions, may);
    if (c->json) {
        jw_object(&c->w);
        folder_json(c, who, n->folder_name, &n->folder);
        jw_addr(&c->w, "ownerAccount", &n->owner_account);
        jw_addr(&c->w, "address", &n->holder);
        jw_key(&c->w, "permissions"), jw_u64(&c->w, g.permissions);
        jw_key(&c->w, "notAfter"), jw_u64(&c->w, g.not_after);
        jw_key(&c->w, "live"), jw_bool(&c->w, live);
        jw_end(&c->w);
        return;
    }
    (void)snprintf(name, sizeof name, "%s/%s", who, n->folder_name);
    cli_print_text(slice_str(name), strlen(name) < 32 ? 32 : 0);
    printf("  %s %suntil %s%s\n", live ? "shared " : "over   ", may, cli_time(g.not_after, until),
           is_self ? "  (as it calls itself)" : "");
}

status cmd_folder_list(struct cli *c, struct args *a, struct err *reterr)
{
    struct inbox_taken taken;
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = client_state(&c->client, reterr);
    if (st == OK)
        st = flow_inbox(&c->client, &taken, reterr);
    if (st != OK)
        return st;
    jw_key(&c->w, "folders"), jw_array(&c->w);
    for (size_t i = 0; i < c->client.state.folders_n; i++)
        own_print(c, &c->client.state.folders[i]);
    for (size_t i = 0; i < c->client.state.shared_n; i++)
        shared_print(c, &c->client.state.shared[i]);
    jw_end(&c->w);
    if (!c->json && c->client.state.folders_n + c->client.state.shared_n == 0)
        printf("No folders yet: ehr folder new NAME\n");
    return OK;
}

status cmd_folder_rotate(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 id;
    uint32_t epoch;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &id, reterr);
    if (st == OK)
        st = flow_folder_rotate(&c->client, &id, &epoch, reterr);
    if (st != OK)
        return st;
    if (c->json)
        jw_key(&c->w, "epoch"), jw_u64(&c->w, epoch);
    else
        printf("New records of \"%s\" are sealed for key %u.\n", a->v[0], epoch);
    return OK;
}

status cmd_folder_forget(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 id;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &id, reterr);
    if (st == OK && state_folder_by_id(&c->client.state, &id) != NULL)
        st = ERR(reterr, E_USAGE, "\"%s\" is your own folder", a->v[0]);
    if (st == OK)
        st = cli_confirm(
            c, "You will not reach it again until its owner sends a new grant. Forget it?", reterr);
    if (st == OK)
        st = flow_forget(&c->client, &id, reterr);
    if (st != OK)
        return st;
    if (c->json)
        jw_hash(&c->w, "folderId", &id);
    else
        printf("\"%s\" is forgotten, and the node's word for who you were there is erased.\n",
               a->v[0]);
    return OK;
}

/* The identity file goes to a file (mode 0600) or to standard output. */
static status export_write(const struct folder_access *f, const char *path, struct err *reterr)
{
    struct buf text;
    struct out_file out;
    buf_init_secret(&text, WRAP_NOTE_BYTES);
    status st = wrap_text_put(&f->facts.folder, f->ids, f->ids_n, &text, reterr);
    if (st == OK)
        st = out_file_open(&out, path, 0600, reterr);
    if (st == OK) {
        st = out_file_write(&out, buf_slice(&text), reterr);
        if (st == OK)
            st = out_file_commit(&out, reterr);
        else
            out_file_abort(&out);
    }
    buf_done(&text);
    return st;
}

status cmd_folder_export_key(struct cli *c, struct args *a, struct err *reterr)
{
    const char *path;
    hash32 id;
    struct folder_access f;
    struct folder_ring ring;
    status st = cli_out_take(c, a, &path, reterr);
    if (st == OK)
        st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &id, reterr);
    if (st == OK)
        st = folder_access_open(&c->client, &id, &f, reterr);
    if (st != OK)
        return st;
    st = folder_access_ring(&f, &ring, reterr);
    if (st == OK)
        st = cli_confirm(c, "Whoever holds this key can read the folder's records. Write it out?",
                         reterr);
    if (st == OK)
        st = export_write(&f, path, reterr);
    if (st == OK && c->json)
        jw_key(&c->w, "epochs"), jw_u64(&c->w, f.ids_n);
    folder_access_done(&f);
    return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The program ehrd-rpctest: import the chain of execution-apis into a folder of its own and give
 * each .io case to the JSON-RPC methods. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "chain/chain.h"
#include "codec/rlp.h"
#include "conf.h"
#include "crypto/secp256k1.h"
#include "rpc/rpc.h"
#include "rpctest.h"
#include "tmpdir.h"

#define FILE_BYTES ((size_t)64 << 20)
#define REPLY_BYTES ((size_t)64 << 20)
#define MEMORY ((size_t)1 << 30)

static const char help[] =
    "usage: ehrd-rpctest [OPTION…] DIR\n"
    "Run the JSON-RPC cases of ethereum/execution-apis: DIR holds genesis.json, chain.rlp,\n"
    "headfcu.json (optional) and .io files in folders.\n"
    "  --filter TEXT  only cases whose path holds TEXT\n"
    "  --json         a JSON line for each case\n"
    "  --verbose      name the cases that passed, too\n"
    "  --help         this text\n"
    "Exit code: 0 all passed, 1 a case failed, 2 nothing was run.\n"
    "The method testing_buildBlockV1, which ehrd does not offer, is switched on here.\n";

struct options {
    const char *dir;
    const char *filter;
    bool json;
    bool verbose;
};

struct tester {
    const struct options *o;
    char tmp[512];
    struct chain *chain;
    struct rpc *rpc;
    size_t passed;
    size_t failed;
    size_t spec_only;
};

/* --- the chain -------------------------------------------------------------------------------- */

static status read_in(const char *dir, const char *name, struct buf *ret, struct err *reterr)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return ERR(reterr, E_TOO_LONG, "%s: path too long", dir);
    return file_read(path, ret, reterr);
}

static status import_blocks(struct chain *c, slice rlp, struct err *reterr)
{
    status s = OK;
    for (size_t n = 1; s == OK && rlp.n > 0; n++) {
        struct rlp_item item;
        s = rlp_read(rlp, &item, &rlp, reterr);
        if (s == OK)
            s = chain_import(c, item.raw, NULL, reterr);
        if (s != OK)
            (void)fprintf(stderr, "chain.rlp: block %zu\n", n);
    }
    return s;
}

/* The head must be the one that headfcu.json names, if it is there. */
static status check_head(const struct tester *t, struct err *reterr)
{
    struct buf text;
    struct arena a;
    struct json_doc doc;
    struct chain_news news;
    hash32 want;
    buf_init(&text, FILE_BYTES);
    arena_init(&a, MEMORY, false);
    status s = read_in(t->o->dir, "headfcu.json", &text, reterr);
    if (s == OK)
        s = json_read(buf_slice(&text), &a, &doc, reterr);
    if (s == OK)
        s = json_hex_hash(
            json_get(json_at(json_get(json_root(&doc), "params"), 0), "headBlockHash"), &want,
            reterr);
    chain_news_get(t->chain, &news);
    if (s == OK && !hash32_eq(want, news.hash))
        s = ERR(reterr, E_MISMATCH, "block %llu is not the head of headfcu.json",
                (unsigned long long)news.head);
    arena_done(&a);
    buf_done(&text);
    return s == E_NOT_FOUND ? OK : s;
}

static status open_chain(struct tester *t, struct err *reterr)
{
    struct buf genesis;
    struct buf blocks;
    hash32 hash;
    const struct chain_options o = {
        .dir = t->tmp, .sealing = CHAIN_SEAL_MANUAL, .pool = {.blobs = true}};
    buf_init(&genesis, FILE_BYTES);
    buf_init(&blocks, FILE_BYTES);
    status s = read_in(t->o->dir, "genesis.json", &genesis, reterr);
    if (s == OK)
        s = read_in(t->o->dir, "chain.rlp", &blocks, reterr);
    if (s == OK)
        s = chain_create(t->tmp, buf_slice(&genesis), false, &hash, reterr);
    if (s == OK)
        s = chain_open(&o, &t->chain, reterr);
    if (s == OK)
        s = import_blocks(t->chain, buf_slice(&blocks), reterr);
    if (s == OK)
        s = check_head(t, reterr);
    buf_done(&genesis);
    buf_done(&blocks);
    return s;
}

static status open_rpc(struct tester *t, struct err *reterr)
{
    const struct rpc_config cfg = {
        .chain = t->chain,
        .clock = &clock_system,
        .random = &random_system,
        .client_version = "ehrd-rpctest",
        .groups = RPC_GROUPS_DEFAULT | RPC_TESTING,
    };
    return rpc_new(&cfg, &t->rpc, reterr);
}

/* --- cases ------------------------------------------------------------------------------------ */

static bool run_step(const struct tester *t, const struct io_step *step, bool spec_only, char *why,
                     size_t why_n)
{
    struct buf reply;
    struct arena a;
    struct json_doc want;
    struct json_doc have;
    struct err e;
    bool ok = false;
    buf_init(&reply, REPLY_BYTES);
    arena_init(&a, MEMORY, false);
    if (json_read(step->answer, &a, &want, &e) != OK)
        (void)snprintf(why, why_n, "the wanted answer is no JSON: %s", e.msg);
    else if (rpc_serve(t->rpc, NULL, step->request, &reply, &e) != OK ||
             json_read(buf_slice(&reply), &a, &have, &e) != OK)
        (void)snprintf(why, why_n, "no answer: %s", e.msg);
    else
        ok = io_matches(json_root(&want), json_root(&have), spec_only, why, why_n);
    arena_done(&a);
    buf_done(&reply);
    return ok;
}

static void report(struct tester *t, const char *path, bool ok, bool spec_only, const char *why)
{
    t->passed += ok ? 1 : 0;
    t->failed += ok ? 0 : 1;
    t->spec_only += ok && spec_only ? 1 : 0;
    if (t->o->json) {
        struct buf line;
        struct jw w;
        buf_init(&line, 1 << 16);
        jw_init(&w, &line);
        jw_object(&w);
        jw_key(&w, "case"), jw_cstr(&w, path);
        jw_key(&w, "pass"), jw_bool(&w, ok);
        jw_key(&w, "specOnly"), jw_bool(&w, spec_only);
        if (!ok)
            jw_key(&w, "why"), jw_cstr(&w, why);
        jw_end(&w);
        if (jw_done(&w, NULL) == OK)
            (void)printf("%.*s\n", (int)line.n, (const char *)line.p);
        else
            (void)printf("{\"case\":null,\"pass\":%s}\n", ok ? "true" : "false");
        buf_done(&line);
    } else if (!ok) {
        (void)printf("FAILED %s: %s\n", path, why);
    } else if (t->o->verbose) {
        (void)printf("passed %s%s\n", path, spec_only ? " (shape)" : "");
    }
}

static void run_file(struct tester *t, const char *path, const char *shown)
{
    struct buf text;
    struct io_case c;
    struct err e;
    char why[1024];
    bool ok = true;
    buf_init(&text, FILE_BYTES);
    status s = file_read(path, &text, &e);
    if (s == OK)
        s = io_read(buf_slice(&text), &c, &e);
    if (s != OK) {
        report(t, shown, false, false, e.msg);
    } else {
        for (size_t i = 0; ok && i < c.n; i++)
            ok = run_step(t, &c.step[i], c.spec_only, why, sizeof why);
        report(t, shown, ok, c.spec_only, why);
    }
    buf_done(&text);
}

static void run_all(struct tester *t, const struct conf_files *files)
{
    size_t skip = strlen(t->o->dir);
    for (size_t i = 0; i < files->n; i++) {
        const char *shown = files->path[i] + skip;
        while (*shown == '/')
            shown++;
        if (t->o->filter == NULL || strstr(shown, t->o->filter) != NULL)
            run_file(t, files->path[i], shown);
    }
}

/* --- */

static int usage(const char *what)
{
    (void)fprintf(stderr, "ehrd-rpctest: %s\n%s", what, help);
    return 2;
}

/* < 0: go on. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"filter", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (c == 'f')
            o->filter = optarg;
        else if (c == 'j')
            o->json = true;
        else if (c == 'v')
            o->verbose = true;
        else if (c == 'h')
            return (void)fputs(help, stdout), 0;
        else
            return usage("wrong option");
    }
    if (optind + 1 != argc)
        return usage("one DIR is wanted");
    o->dir = argv[optind];
    return -1;
}

static int run(struct tester *t)
{
    struct conf_files files = {.path = NULL};
    struct err e;
    char *dir = strdup(t->o->dir);
    status s = dir != NULL ? conf_files_find(&dir, 1, ".io", &files, &e) : E_NOMEM;
    free(dir);
    if (s == OK)
        s = open_chain(t, &e);
    if (s == OK)
        s = open_rpc(t, &e);
    if (s == OK)
        run_all(t, &files);
    else
        (void)fprintf(stderr, "ehrd-rpctest: %s\n", e.msg);
    conf_files_done(&files);
    rpc_free(t->rpc);
    chain_close(t->chain);
    if (s != OK)
        return 2;
    if (t->passed + t->failed == 0) {
        (void)fprintf(stderr, "ehrd-rpctest: no case matches\n");
        return 2;
    }
    (void)printf("execution-apis: %zu passed (%zu of them by shape), %zu failed, 0 skipped\n",
                 t->passed, t->spec_only, t->failed);
    return t->failed > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct options o = {.dir = NULL};
    int rc = read_options(argc, argv, &o);
    if (rc >= 0)
        return rc;
    if (secp_init(&random_system) != OK) {
        (void)fprintf(stderr, "ehrd-rpctest: secp256k1\n");
        return 2;
    }
    struct tester t = {.o = &o};
    tmpdir_make(t.tmp, sizeof t.tmp);
    rc = run(&t);
    tmpdir_remove(t.tmp);
    return rc;
}

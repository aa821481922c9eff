/* SPDX-License-Identifier: Apache-2.0 */
/* Options of ehrd: command line, configuration file, and the example against the help. */
#include "test.h"

#include "app/ehrd_options.h"
#include "tmpdir.h"

#define ADDR "0x00000000000000000000000000000000000000aa"
#define EMBEDDED "--data", "d", "--proxy", ADDR, "--forwarder", ADDR
#define NEEDED EMBEDDED, "--ledger", "http://l"

struct result {
    status st;
    struct ehrd_options o;
    enum ehrd_action action;
    struct err err;
};

static struct result read_args(const char *const *args)
{
    char text[32][512];
    char *argv[33];
    int n = 1;
    struct result r = {0};
    argv[0] = text[0];
    (void)snprintf(text[0], sizeof text[0], "ehrd");
    for (; *args != NULL; args++, n++) {
        (void)snprintf(text[n], sizeof text[0], "%s", *args);
        argv[n] = text[n];
    }
    r.st = ehrd_options_read(n, argv, &r.o, &r.action, &r.err);
    return r;
}

static void has_defaults_for_what_is_not_needed(void **state)
{
    (void)state;
    const char *const args[] = {NEEDED, NULL};
    struct result r = read_args(args);
    assert_ok(r.st, &r.err);
    assert_int_equal(r.action, EHRD_RUN);
    assert_string_equal(r.o.listen_address, "127.0.0.1");
    assert_int_equal(r.o.listen_port, 8545);
    assert_int_equal(r.o.keep_uploads_s, 3600);
    assert_true(r.o.max_age_s == EHRD_MAX_AGE_AUTO);
    assert_null(r.o.relayer_key);
    ehrd_options_done(&r.o);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    const struct {
        const char *args[13];
        const char *said;
    } cases[] = {
        {{NULL}, "--data is needed"},
        {{"--data", "d", NULL}, "--proxy is needed"},
        {{NEEDED, "--relayer-key", "f", NULL}, "--relayer-passphrase-file is needed"},
        {{NEEDED, "--relayer-passphrase-file", "f", NULL}, "--relayer-key is needed"},
        {{NEEDED, "--tls-cert", "f", NULL}, "--tls-key is needed"},
        {{NEEDED, "--tls-key", "f", NULL}, "--tls-cert is needed"},
        {{NEEDED, "--keep-uploads", "0", NULL}, "--keep-uploads: at least 1"},
        {{NEEDED, "--port", "1", NULL}, "--port: unknown option"},
        {{NEEDED, "--listen", NULL}, "--listen: a value is needed"},
        {{NEEDED, "--listen", "127.0.0.1", NULL}, "ADDRESS:PORT"},
        {{NEEDED, "--listen", "127.0.0.1:70000", NULL}, "a number up to 65535"},
        {{NEEDED, "--proxy", "0x12", NULL}, "an address 0x"},
        {{NEEDED, "--log-level", "loud", NULL}, "error, warn, info or debug"},
        {{NEEDED, "--threads", "0", NULL}, "at least 1"},
        {{NEEDED, "words", NULL}, "words: no option"},
        {{NEEDED, "--nosuch", NULL}, "--nosuch: unknown option"},
        {{NEEDED, "--max-age", "x", NULL}, "a number up to 86400, or auto"},
        {{EMBEDDED, "--log-archive", "f", NULL}, "--log-archive: only with --ledger"},
        {{EMBEDDED, "--second-ledger", "u", NULL}, "--second-ledger: only with --ledger"},
        {{NEEDED, "--chain", "d", NULL}, "--chain: only without --ledger"},
        {{NEEDED, "--block-interval", "1", NULL}, "--block-interval: only without --ledger"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result r = read_args(cases[i].args);
        assert_status(r.st, E_USAGE);
        if (strstr(r.err.msg, cases[i].said) == NULL)
            fail_msg("\"%s\" instead of \"%s\"", r.err.msg, cases[i].said);
        ehrd_options_done(&r.o);
    }
}

static status origin_status(const char *origin)
{
    const char *const args[] = {NEEDED, "--origin", origin, NULL};
    struct result r = read_args(args);
    assert_true(r.st != OK || strcmp(r.o.origin, origin) == 0);
    ehrd_options_done(&r.o);
    return r.st;
}

static void takes_origins_as_browsers_write_them_and_no_others(void **state)
{
    (void)state;
    const char *const good[] = {"https://records.example.org", "http://127.0.0.1:8545",
                                "http://[::1]:8545",           "https://[2001:db8::1]",
                                "https://node_1.internal:80",  "http://localhost:65535"};
    const char *const bad[] = {"foo",
                               "http://",
                               "https://records.example.org/",
                               "https://records.example.org/ehr",
                               "https://Records.example.org",
                               "HTTPS://records.example.org",
                               "ftp://records.example.org",
                               "https://records.example.org:443",
                               "http://records.example.org:80",
                               "http://records.example.org:",
                               "http://records.example.org:0",
                               "http://records.example.org:08545",
                               "http://records.example.org:65536",
                               "http://records.example.org:85x",
                               "http://:8545",
                               "http://user@records.example.org",
                               "http://records.example.org?x",
                               "http://[::1",
                               "http://[]:1",
                               "http://[::1]x",
                               "http://a b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_status(origin_status(good[i]), OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_status(origin_status(bad[i]), E_USAGE);
}

static void takes_an_ipv6_address_in_brackets(void **state)
{
    (void)state;
    const char *const args[] = {NEEDED, "--listen", "[::1]:0", NULL};
    struct result r = read_args(args);
    assert_ok(r.st, &r.err);
    assert_string_equal(r.o.listen_address, "::1");
    assert_int_equal(r.o.listen_port, 0);
    ehrd_options_done(&r.o);
}

static void tells_help_and_version_before_anything_is_needed(void **state)
{
    (void)state;
    const char *const help[] = {"--help", NULL};
    const char *const version[] = {"--version", NULL};
    struct result r = read_args(help);
    assert_ok(r.st, &r.err);
    assert_int_equal(r.action, EHRD_HELP);
    ehrd_options_done(&r.o);
    r = read_args(version);
    assert_int_equal(r.action, EHRD_VERSION);
    ehrd_options_done(&r.o);
}

static bool is_of_embedded_chain(slice line)
{
    return slice_has_prefix(line, SLICE_LIT("chain ")) ||
           slice_has_prefix(line, SLICE_LIT("block-interval "));
}

/* The example with every option switched on, but for the kind of ledger that it has not: all names
 * known, all in the help. */
static void example_and_help_know_the_same_options(void **state)
{
    (void)state;
    char dir[256];
    char path[512];
    char name[64];
    struct buf example;
    struct buf config;
    struct err err;
    unsigned options = 0;
    buf_init(&example, 65536);
    buf_init(&config, 65536);
    assert_ok(file_read(EHRD_SOURCE_DIR "/docs/ehrd.conf.example", &example, &err), &err);
    slice rest = buf_slice(&example);
    while (rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        slice line = slice_first(rest, end != NULL ? (size_t)(end - rest.p) : rest.n);
        rest = slice_after(rest, line.n + 1);
        if (line.n < 2 || slice_has_prefix(line, SLICE_LIT("# ")))
            continue;
        line = line.p[0] == '#' ? slice_after(line, 1) : line;
        if (!is_of_embedded_chain(line)) {
            assert_int_equal(buf_put(&config, line), OK);
            assert_int_equal(buf_put_str(&config, "\n"), OK);
        }
        (void)snprintf(name, sizeof name, "--%.*s ", (int)strcspn((const char *)line.p, " ="),
                       (const char *)line.p);
        if (strstr(ehrd_help(), name) == NULL)
            fail_msg("the help lacks %s", name);
        options++;
    }
    tmpdir_make(dir, sizeof dir);
    (void)snprintf(path, sizeof path, "%s/c", dir);
    assert_ok(file_create(path, buf_slice(&config), 0600, &err), &err);
    const char *const args[] = {"--config", path, "--proxy", ADDR, "--forwarder", ADDR, NULL};
    struct result r = read_args(args);
    assert_ok(r.st, &r.err);
    assert_int_equal(options, 27);
    ehrd_options_done(&r.o);
    tmpdir_remove(dir);
    buf_done(&example);
    buf_done(&config);
}

static void the_example_as_it_is_has_the_embedded_chain(void **state)
{
    (void)state;
    const char *const args[] = {
        "--config", EHRD_SOURCE_DIR "/docs/ehrd.conf.example", "--proxy", ADDR, "--forwarder", ADDR,
        NULL};
    struct result r = read_args(args);
    assert_ok(r.st, &r.err);
    assert_null(r.o.ledger);
    ehrd_options_done(&r.o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults_for_what_is_not_needed),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(takes_origins_as_browsers_write_them_and_no_others),
        cmocka_unit_test(takes_an_ipv6_address_in_brackets),
        cmocka_unit_test(tells_help_and_version_before_anything_is_needed),
        cmocka_unit_test(example_and_help_know_the_same_options),
        cmocka_unit_test(the_example_as_it_is_has_the_embedded_chain),
    };
    return cmocka_run_group_tests_name("ehrd_options", tests, NULL, NULL);
}

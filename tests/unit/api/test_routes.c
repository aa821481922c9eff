/* SPDX-License-Identifier: Apache-2.0 */
/* Paths to routes, and the description of the API against the route table. */
#include "test.h"

#include <ctype.h>

#include "api/call.h"

#define ID "0x00000000000000000000000000000000000000000000000000000000000000ab"
#define ADDR "0x00000000000000000000000000000000000000cd"

static status find(const char *method, const char *target, struct api_call *c)
{
    static struct http_request req;
    struct err err;
    req = (struct http_request){.method = method};
    *c = (struct api_call){.req = &req};
    arena_init(&c->arena, 65536, false);
    status st = http_target_read(slice_str(target), &req.target, &err);
    if (st == OK)
        st = route_find(c, &err);
    arena_done(&c->arena);
    return st;
}

static void finds_a_route_and_its_parameters(void **state)
{
    (void)state;
    struct api_call c;
    assert_status(find("GET", "/api/v1/folders/" ID "/wraps/" ADDR "?x=1", &c), OK);
    assert_string_equal(c.route->action, "wrap");
    assert_int_equal(c.route->who, WHO_WRAP_READER);
    assert_true(c.has_folder);
    assert_int_equal(c.folder.b[31], 0xab);
    assert_int_equal(c.address.b[19], 0xcd);
    assert_status(find("PUT", "/api/v1/folders/" ID "/keys/17", &c), OK);
    assert_int_equal(c.number, 17);
    assert_status(find("GET", "/", &c), OK);
}

static void tells_unknown_paths_from_wrong_methods(void **state)
{
    (void)state;
    struct api_call c;
    assert_status(find("GET", "/api/v1/nothing", &c), E_NOT_FOUND);
    assert_status(find("GET", "/api/v1/node/", &c), E_NOT_FOUND);
    assert_status(find("GET", "/api/v1", &c), E_NOT_FOUND);
    assert_status(find("PATCH", "/api/v1/state", &c), E_METHOD);
    assert_status(find("get", "/api/v1/node", &c), E_METHOD);
}

static void takes_ids_in_one_spelling_only(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "/api/v1/cards/00000000000000000000000000000000000000cd",
        "/api/v1/cards/0x00000000000000000000000000000000000000CD",
        "/api/v1/cards/0X00000000000000000000000000000000000000cd",
        "/api/v1/cards/0x00000000000000000000000000000000000000c",
        "/api/v1/cards/0x00000000000000000000000000000000000000cdd",
        "/api/v1/cards/0x00000000000000000000000000000000000000cg",
    };
    struct api_call c;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        assert_status(find("GET", targets[i], &c), E_SYNTAX);
    assert_status(find("PUT", "/api/v1/folders/" ID "/keys/01", &c), E_SYNTAX);
    assert_status(find("PUT", "/api/v1/folders/" ID "/keys/4294967296", &c), E_SYNTAX);
}

static void every_folder_route_needs_a_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_routes_n; i++) {
        if (strstr(api_routes[i].pattern, "{f}") != NULL)
            assert_true(api_routes[i].who >= WHO_OWNER);
        else
            assert_true(api_routes[i].who < WHO_OWNER && api_routes[i].outcome == NULL);
    }
}

/* "/folders/{f}" and "/folders/{folder}" with every parameter as "{}". */
static void plain(const char *path, char *out, size_t max)
{
    size_t n = 0;
    for (; *path != '\0' && n + 3 < max; path++) {
        out[n++] = *path;
        if (*path == '{') {
            path = strchr(path, '}');
            assert_non_null(path);
            out[n++] = '}';
        }
    }
    out[n] = '\0';
}

static bool describes(struct json paths, const struct api_route *r)
{
    char want[128];
    char have[128];
    char key[128];
    char method[16] = {0};
    plain(r->pattern, want, sizeof want);
    for (size_t i = 0; r->method[i] != '\0' && i + 1 < sizeof method; i++)
        method[i] = (char)tolower((unsigned char)r->method[i]);
    for (struct json_iter it = json_iter(paths); json_next(&it);) {
        slice text;
        assert_int_equal(json_str(it.key, &text, NULL), OK);
        (void)snprintf(key, sizeof key, "%.*s", (int)text.n, (const char *)text.p);
        plain(key, have, sizeof have);
        if (strcmp(have, want) == 0 && !json_is_absent(json_get(it.value, method)))
            return true;
    }
    return false;
}

static void the_description_names_every_route_and_no_other(void **state)
{
    (void)state;
    struct buf text;
    struct arena arena;
    struct json_doc doc;
    struct err err;
    size_t described = 0;
    size_t routes = 0;
    buf_init(&text, 1 << 20);
    arena_init(&arena, 4 << 20, false);
    assert_ok(file_read(EHRD_SOURCE_DIR "/docs/openapi.json", &text, &err), &err);
    assert_ok(json_read(buf_slice(&text), &arena, &doc, &err), &err);
    struct json paths = json_get(json_root(&doc), "paths");
    for (size_t i = 0; i < api_routes_n; i++) {
        if (strcmp(api_routes[i].pattern, "/") == 0)
            continue; /* the page, and another way to /rpc */
        routes++;
        if (!describes(paths, &api_routes[i]))
            fail_msg("%s %s is not described", api_routes[i].method, api_routes[i].pattern);
    }
    for (struct json_iter it = json_iter(paths); json_next(&it);)
        described += json_count(it.value);
    assert_int_equal(described, routes);
    arena_done(&arena);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_route_and_its_parameters),
        cmocka_unit_test(tells_unknown_paths_from_wrong_methods),
        cmocka_unit_test(takes_ids_in_one_spelling_only),
        cmocka_unit_test(every_folder_route_needs_a_signature),
        cmocka_unit_test(the_description_names_every_route_and_no_other),
    };
    return cmocka_run_group_tests_name("api_routes", tests, NULL, NULL);
}

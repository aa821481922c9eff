/* SPDX-License-Identifier: Apache-2.0 */
/* Where a JSON value stands, for messages. Found from the root, so it costs nothing before. */
#include <stdarg.h>
#include <stdio.h>

#include "codec/json.h"
#include "codec/json_node.h"

#define PATH_MAX_TEXT 160u /* bytes of a path in a message */
#define PATH_KEY_MAX 48    /* bytes of one member name in it */

struct text {
    char *p;
    size_t n;
    size_t max;
};

static void text_put(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n && t->n + 1 < t->max; i++) {
        bool is_plain = s[i] > ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\';
        t->p[t->n++] = (char)(is_plain ? s[i] : '?');
    }
    t->p[t->n] = '\0';
}

static void text_put_key(struct text *t, slice key)
{
    if (t->n > 0 && (key.n == 0 || key.p[0] != '['))
        text_put(t, ".", 1);
    key = slice_first(key, PATH_KEY_MAX);
    text_put(t, (const char *)key.p, key.n);
}

/* The child of the container at row from that is row want or holds it, named in t. */
static uint32_t path_step(const struct json_doc *doc, uint32_t from, uint32_t want, struct text *t)
{
    const struct json_node *node = doc->node;
    bool is_object = node_type(&node[from]) == JSON_OBJECT;
    size_t index = 0;
    for (uint32_t i = from + 1; i < node[from].next; index++) {
        uint32_t child = is_object ? i + 1 : i;
        if (want < node[child].next) {
            char number[24];
            (void)snprintf(number, sizeof number, "[%zu]", index);
            text_put_key(t, is_object ? node_str(doc->text, &node[i]) : slice_str(number));
            return child;
        }
        i = node[child].next;
    }
    return want;
}

char *json_path(struct json v, char *out, size_t n)
{
    struct text t = {.p = out, .max = n};
    if (n == 0)
        return out;
    out[0] = '\0';
    if (v.doc == NULL)
        return out;
    uint32_t want = v.key != NULL ? v.parent : v.i;
    for (uint32_t i = 0; i < want;)
        i = path_step(v.doc, i, want, &t);
    if (v.key != NULL)
        text_put_key(&t, slice_str(v.key));
    return out;
}

status json_err_set(struct err *reterr, status s, struct json v, const char *fmt, ...)
{
    char path[PATH_MAX_TEXT];
    char what[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    (void)json_path(v, path, sizeof path);
    return ERR(reterr, s, "%s: %s", path[0] != '\0' ? path : "document", what);
}

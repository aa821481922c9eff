/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes and error details shared by the whole program.
 *
 * A function returns a status; OK is 0. ret_x is written only on OK, *reterr only on failure.
 * Callers branch on the status, never on the text. The text never holds record content or secrets.
 */
#ifndef EHRD_BASE_STATUS_H
#define EHRD_BASE_STATUS_H

#include <stdbool.h>

typedef enum {
#define STATUS(name, value, text, rpc, http, fhir) name = (value),
#include "base/status.def"
#undef STATUS
} status;

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#define ERR_MSG_MAX 512 /* bytes with the final NUL */

struct err {
    status code;
    const char *file; /* static string */
    int line;
    char msg[ERR_MSG_MAX];
};

/* Texts and codes of a status; unknown values give those of E_INTERNAL. Static strings. */
const char *status_name(status s);
const char *status_text(status s);
int status_rpc_code(status s);
int status_http(status s);
const char *status_fhir_code(status s);

/* Fill *reterr (may be NULL) and return code, so that one line says both:
 *     return ERR(reterr, E_RANGE, "gas: %llu is over the limit", gas);
 * The message is cut to fit. code is evaluated twice, so that analyzers see what is returned. */
status err_set(struct err *reterr, status code, const char *file, int line, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
#define ERR(reterr, code, ...)                                                                     \
    ((void)err_set((reterr), (code), __FILE__, __LINE__, __VA_ARGS__), (code))

/* Put "what: " before the message of *reterr (may be NULL), and return s, whatever *reterr held: a
 * failure that did not fill it stays one. s is evaluated twice, as in ERR. */
void err_prefix_put(struct err *reterr, status s, const char *what);
#define err_prefix(reterr, s, what) (err_prefix_put((reterr), (s), (what)), (s))

#endif

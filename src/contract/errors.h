/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what the contracts refuse: revert data to text such as "StaleEpoch(current=3)". */
#ifndef EHRD_CONTRACT_ERRORS_H
#define EHRD_CONTRACT_ERRORS_H

#include "base/buf.h"

struct contract_error {
    uint8_t selector[4];
    const char *name;
    const char *args; /* "type name,type name", empty without arguments */
};

/* Errors of the registry, the forwarder and the proxy, Error(string) and Panic(uint256), ordered by
 * selector. */
extern const struct contract_error contract_errors[];
extern const size_t contract_errors_n;

/* The error that revert_data begins with, or NULL. */
const struct contract_error *contract_error_find(slice revert_data);

/* True when revert_data is the named error, e.g. contract_error_is(data, "StaleEpoch"). */
bool contract_error_is(slice revert_data, const char *name);

/* Append one line of printable ASCII, at most CONTRACT_ERROR_TEXT_MAX bytes: name and arguments,
 * "reverted without a reason" for no data, "unknown error 0x…" for a foreign selector; arguments
 * that cannot be read are shown as "?".
 * OK | buf statuses (ret_text is then as it was). */
#define CONTRACT_ERROR_TEXT_MAX 640u
status contract_error_text(slice revert_data, struct buf *ret_text) MUST_USE;

/* In words what such a line says to who was refused; it may stand within a longer text, as a node's
 * message. Static string; NULL: there are no words for it. */
const char *contract_error_words(slice text);

#endif

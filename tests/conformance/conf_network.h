/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of block tests: one fork, or one after the other. */
#ifndef EHRD_TESTS_CONF_NETWORK_H
#define EHRD_TESTS_CONF_NETWORK_H

#include "chain/rules.h"
#include "codec/json.h"

/* "Osaka", "FrontierToHomesteadAt5", "ShanghaiToCancunAtTime15k", "ArrowGlacierToParisAtDiffC0000".
 * config: the test's, with its blob schedules; may be absent.
 * OK | E_UNSUPPORTED (no such network) | statuses of conf_u64. */
status conf_network(slice name, struct json config, struct chain_config *ret,
                    struct err *reterr) MUST_USE;

#endif

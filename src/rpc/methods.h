/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of methods.def. */
#ifndef EHRD_RPC_METHODS_H
#define EHRD_RPC_METHODS_H

#include "rpc/method.h"

#define METHOD(name, handler, min, max, group) status rpc_##handler(struct rpc_req *q) MUST_USE;
#include "rpc/methods.def"
#undef METHOD

/* The i-th row's name and group; NULL: there are no more. */
const char *rpc_method_name(size_t i, unsigned *ret_group);

#endif

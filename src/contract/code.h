/* SPDX-License-Identifier: Apache-2.0 */
/* Creation bytecode of the contracts that ehrd deploys; constructor arguments follow it.
 * Made by tools/gen-bindings.mjs; do not edit. */
/* clang-format off */
#ifndef EHRD_CONTRACT_CODE_H
#define EHRD_CONTRACT_CODE_H

#include "base/slice.h"

extern const slice registry_code; /* EhrRegistry */
extern const slice forwarder_code; /* ERC2771Forwarder */
extern const slice proxy_code; /* TransparentUpgradeableProxy */

#endif

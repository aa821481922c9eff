/* SPDX-License-Identifier: Apache-2.0 */
/* The loop without tracing. */
#include "evm/loop.h"

/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are part of the program: docs/openapi.json and the page at /. */
#ifndef EHRD_API_EMBEDDED_H
#define EHRD_API_EMBEDDED_H

#include "base/slice.h"

slice embedded_openapi(void);
slice embedded_page(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Where the node's web page comes from. */
#ifndef EHRD_APP_EHRD_WEB_H
#define EHRD_APP_EHRD_WEB_H

#include "api/page.h"

/* Load the page of --web. option NULL: looked for beside the program (build/web of a checkout, or
 * share/ehrd/web); "none", or nothing found: *ret = NULL, the node serves its small page.
 * OK | errors of page_load, for a folder that was named. */
status ehrd_web_load(const char *option, struct page **ret, struct err *reterr) MUST_USE;

#endif

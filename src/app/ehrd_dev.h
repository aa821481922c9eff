/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd dev: a chain for development and its JSON-RPC, without the rest of a node. */
#ifndef EHRD_APP_EHRD_DEV_H
#define EHRD_APP_EHRD_DEV_H

extern const char ehrd_dev_help[];
/* argv[1] is "dev". Returns the exit code. */
int ehrd_dev_main(int argc, char **argv, const char *version);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr content": files by CID in a local content store. */
#ifndef EHRD_APP_CMD_CONTENT_H
#define EHRD_APP_CMD_CONTENT_H

/* argv[0] is "content". Returns the exit code: 0, 1 (failed) or 2 (usage). */
int cmd_content(int argc, char **argv);
/* What its --help prints. */
extern const char cmd_content_usage[];

#endif

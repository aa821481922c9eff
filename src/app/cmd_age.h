/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr age": seal and open age files from the command line, with age's own options. */
#ifndef EHRD_APP_CMD_AGE_H
#define EHRD_APP_CMD_AGE_H

/* argv[0] is "age". Returns the exit code: 0, 1 (failed) or 2 (usage). */
int cmd_age(int argc, char **argv);
/* What its --help prints. */
extern const char cmd_age_usage[];

#endif

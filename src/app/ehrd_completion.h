/* SPDX-License-Identifier: Apache-2.0 */
/* "ehrd completion": a shell script that completes the options and commands of ehrd. */
#ifndef EHRD_APP_EHRD_COMPLETION_H
#define EHRD_APP_EHRD_COMPLETION_H

/* argv[1] is "completion". Returns the exit code. */
int ehrd_completion_main(int argc, char **argv);

#endif

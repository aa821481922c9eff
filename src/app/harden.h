/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that holds keys does first. */
#ifndef EHRD_APP_HARDEN_H
#define EHRD_APP_HARDEN_H

/* No core dumps, no debuggers of the same user: memory holds keys. The leak check of sanitizers
 * traces the process, so builds with them stay traceable. */
void harden(void);

#endif

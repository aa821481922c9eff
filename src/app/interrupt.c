/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that ask to stop. */
#include "app/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void on_signal(int sig)
{
    (void)sig;
    came = 1;
}

void interrupt_watch(void)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
}

bool interrupt_came(void)
{
    return came != 0;
}

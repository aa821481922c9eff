/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations of our own code, by -Wl,--wrap: those of libraries do not fail. */
#include <errno.h>
#include <stddef.h>

#include "failing.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

void __sanitizer_print_stack_trace(void) __attribute__((weak));

static bool fails(void)
{
    if (!failing_now())
        return false;
    if (__sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
    return fails() ? NULL : __real_strdup(s);
}

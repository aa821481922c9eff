/* SPDX-License-Identifier: Apache-2.0 */
/* The assembler takes the files in; the build names their paths. */
#include "api/embedded.h"

#define EMBED(symbol, path)                                                                        \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global " #symbol "_begin\n" #symbol "_begin:\n"                                      \
            ".incbin \"" path "\"\n"                                                               \
            ".global " #symbol "_end\n" #symbol "_end:\n"                                          \
            ".byte 0\n"                                                                            \
            ".popsection\n");                                                                      \
    extern const uint8_t symbol##_begin[];                                                         \
    extern const uint8_t symbol##_end[]

EMBED(embedded_openapi_file, EHRD_OPENAPI_PATH);
EMBED(embedded_page_file, EHRD_PAGE_PATH);

slice embedded_openapi(void)
{
    return slice_of(embedded_openapi_file_begin,
                    (size_t)(embedded_openapi_file_end - embedded_openapi_file_begin));
}

slice embedded_page(void)
{
    return slice_of(embedded_page_file_begin,
                    (size_t)(embedded_page_file_end - embedded_page_file_begin));
}

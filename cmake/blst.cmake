# SPDX-License-Identifier: Apache-2.0
# blst, built from the C and assembly sources that tools/blst-setup installs; target blst when they are there.
set(EHRD_BLST_DIR "${CMAKE_SOURCE_DIR}/.blst/node_modules/c-kzg/deps/blst" CACHE PATH "blst's source folder")

if(EXISTS "${EHRD_BLST_DIR}/src/server.c" AND EXISTS "${EHRD_BLST_DIR}/build/assembly.S")
    enable_language(ASM)
    add_library(blst STATIC "${EHRD_BLST_DIR}/src/server.c" "${EHRD_BLST_DIR}/build/assembly.S")
    target_include_directories(blst SYSTEM INTERFACE "${EHRD_BLST_DIR}/bindings")
    # PORTABLE: ADX or not is decided at run time.
    target_compile_definitions(blst PRIVATE __BLST_PORTABLE__)
    target_compile_options(blst PRIVATE -O2 -fno-builtin -w)
else()
    message(STATUS "blst absent (run tools/blst-setup): BLS12-381 and KZG calls fail")
endif()

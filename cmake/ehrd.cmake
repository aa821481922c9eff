# SPDX-License-Identifier: Apache-2.0
# Compiler settings and the three helpers every folder uses: ehrd_module, ehrd_unit_test, ehrd_fuzz.
include(GNUInstallDirs)

add_library(ehrd_flags INTERFACE)
target_compile_definitions(ehrd_flags INTERFACE _GNU_SOURCE)
target_include_directories(ehrd_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(ehrd_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual
    -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wformat=2 -Wwrite-strings
    -Wimplicit-fallthrough -fno-omit-frame-pointer)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(ehrd_flags INTERFACE -Wnull-dereference)
endif()
if(EHRD_WERROR)
    target_compile_options(ehrd_flags INTERFACE -Werror)
endif()
if(EHRD_SANITIZE)
    target_compile_options(ehrd_flags INTERFACE -fsanitize=${EHRD_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(ehrd_flags INTERFACE -fsanitize=${EHRD_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" OR CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(ehrd_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
        -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
    target_link_options(ehrd_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

# ehrd_module(name SOURCES a.c ... DEPS base ... LIBS PkgConfig::X ...): one static library per folder of src/.
function(ehrd_module name)
    cmake_parse_arguments(M "" "" "SOURCES;DEPS;LIBS" ${ARGN})
    add_library(ehrd_${name} STATIC ${M_SOURCES})
    list(TRANSFORM M_DEPS PREPEND ehrd_)
    target_link_libraries(ehrd_${name} PUBLIC ehrd_flags ${M_DEPS} ${M_LIBS})
endfunction()

# ehrd_unit_test(name SOURCES test_x.c ... DEPS module ...): a cmocka program run by ctest with label "unit";
# THREADS: ./check tsan runs it, too.
function(ehrd_unit_test name)
    cmake_parse_arguments(T "THREADS" "LABEL" "SOURCES;DEPS" ${ARGN})
    if(NOT T_LABEL)
        set(T_LABEL unit)
    endif()
    if(T_THREADS)
        list(APPEND T_LABEL threads)
    endif()
    add_executable(test_${name} ${T_SOURCES})
    list(TRANSFORM T_DEPS PREPEND ehrd_)
    target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE ehrd_flags ${T_DEPS} cmocka)
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES LABELS "${T_LABEL}" TIMEOUT 300)
    if(NOT DEFINED ENV{EHRD_FIXTURES})
        set_tests_properties(${name} PROPERTIES ENVIRONMENT "EHRD_FIXTURES=${CMAKE_SOURCE_DIR}/../shared")
    endif()
endfunction()

# ehrd_fuzz(name SOURCES fuzz_x.c DEPS module ...): with EHRD_FUZZ a libFuzzer program; always a test that replays the corpus.
function(ehrd_fuzz name)
    cmake_parse_arguments(F "" "" "SOURCES;DEPS" ${ARGN})
    list(TRANSFORM F_DEPS PREPEND ehrd_)
    add_executable(fuzz_${name} ${F_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ehrd_flags ${F_DEPS})
    if(EHRD_FUZZ)
        target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
        add_test(NAME fuzz_${name}_corpus
            COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
        set_tests_properties(fuzz_${name}_corpus PROPERTIES LABELS fuzz TIMEOUT 120)
    endif()
endfunction()

/* SPDX-License-Identifier: Apache-2.0 */
/* The program ehrd-blocktest. */
#include "blocktest.h"

int main(int argc, char **argv)
{
    return conf_main(argc, argv, &blocktest_suite);
}

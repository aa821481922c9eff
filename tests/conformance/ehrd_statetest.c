/* SPDX-License-Identifier: Apache-2.0 */
/* The program ehrd-statetest. */
#include "statetest.h"

int main(int argc, char **argv)
{
    return conf_main(argc, argv, &statetest_suite);
}

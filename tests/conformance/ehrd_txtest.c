/* SPDX-License-Identifier: Apache-2.0 */
/* The program ehrd-txtest. */
#include "txtest.h"

int main(int argc, char **argv)
{
    return conf_main(argc, argv, &txtest_suite);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr age" as a program of its own, so that it is tested without the rest of ehr. */
#include "app/cmd_age.h"

int main(int argc, char **argv)
{
    return cmd_age(argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Modular exponentiation by mpz_powm. */
#include "crypto/modexp.h"

#include <gmp.h>

static void number_init(mpz_t z, struct modexp_number a)
{
    mpz_init(z);
    mpz_import(z, a.head.n, 1, 1, 1, 0, a.head.p);
    mpz_mul_2exp(z, z, (a.n - a.head.n) * 8);
}

void modexp(struct modexp_number base, struct modexp_number exp, struct modexp_number mod,
            uint8_t *ret)
{
    mpz_t b, e, m;
    if (mod.n == 0)
        return;
    memset(ret, 0, mod.n);
    number_init(m, mod);
    if (mpz_cmp_ui(m, 1) > 0) {
        number_init(b, base);
        number_init(e, exp);
        mpz_powm(b, b, e, m);
        size_t n = (mpz_sizeinbase(b, 2) + 7) / 8;
        if (mpz_sgn(b) != 0)
            (void)mpz_export(ret + mod.n - n, NULL, 1, 1, 1, 0, b);
        mpz_clear(b);
        mpz_clear(e);
    }
    mpz_clear(m);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What precompile.c asks of the files that hold the single contracts. */
#ifndef EHRD_EVM_PRECOMPILE_IMPL_H
#define EHRD_EVM_PRECOMPILE_IMPL_H

#include "evm/precompile.h"

/* A price that nobody can pay. */
#define PRECOMPILE_GAS_NEVER INT64_MAX

/* Price of a call; any input. PRECOMPILE_GAS_NEVER also says that the length is refused. */
typedef int64_t precompile_gas_fn(enum evm_rev rev, slice in);

/* Append the output to out, which is empty. The price has been paid.
 * OK | > 0: the call fails | E_NOMEM | E_INTERNAL. */
typedef status precompile_run_fn(slice in, struct buf *out);

precompile_gas_fn precompile_modexp_gas;
precompile_run_fn precompile_modexp_run;

precompile_gas_fn precompile_bn254_add_gas;
precompile_run_fn precompile_bn254_add_run;
precompile_gas_fn precompile_bn254_mul_gas;
precompile_run_fn precompile_bn254_mul_run;
precompile_gas_fn precompile_bn254_pairing_gas;
precompile_run_fn precompile_bn254_pairing_run;

precompile_run_fn precompile_kzg_run;
precompile_gas_fn precompile_bls_g1add_gas;
precompile_run_fn precompile_bls_g1add_run;
precompile_gas_fn precompile_bls_g1msm_gas;
precompile_run_fn precompile_bls_g1msm_run;
precompile_gas_fn precompile_bls_g2add_gas;
precompile_run_fn precompile_bls_g2add_run;
precompile_gas_fn precompile_bls_g2msm_gas;
precompile_run_fn precompile_bls_g2msm_run;
precompile_gas_fn precompile_bls_pairing_gas;
precompile_run_fn precompile_bls_pairing_run;
precompile_gas_fn precompile_bls_map_fp_gas;
precompile_run_fn precompile_bls_map_fp_run;
precompile_gas_fn precompile_bls_map_fp2_gas;
precompile_run_fn precompile_bls_map_fp2_run;

/* The first n bytes of in at offset at, filled up with zeros (inputs are read as if infinite). */
static inline void precompile_read(slice in, size_t at, uint8_t *ret, size_t n)
{
    slice s = slice_first(slice_after(in, at), n);
    if (s.n > 0)
        memcpy(ret, s.p, s.n);
    memset(ret + s.n, 0, n - s.n);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One clinic for a whole test program: what cmocka runs before its tests and behind them, and what
 * most of them ask with. */
#ifndef EHRD_TESTS_FIXTURE_H
#define EHRD_TESTS_FIXTURE_H

#include "clinic.h"

extern struct clinic world;
extern struct sample sample; /* of sample_setup */

/* Else there is nothing to test: skip(). */
bool has_ledger(void);

/* The clinic, and its ehrd when there is a ledger. */
int clinic_setup(void **state);
int clinic_teardown(void **state);
/* The same with a record of the patient's, uploaded and on the chain. */
int sample_setup(void **state);
int sample_teardown(void **state);

struct ask as(const struct secp_key *key, const char *method, const char *target, slice body);
/* Ask; the answer must have the code and contain text. */
void ask_for(const struct secp_key *key, const char *method, const char *target, slice body,
             int code, const char *text);
/* A member of the answer's JSON object, a text shorter than n. */
void answer_text(const struct http_answer *a, const char *key, char *out, size_t n);
/* Path of the sample's record below the folder, in storage of the clinic. */
const char *sample_target(void);

/* The clinic's ehrd again, on a disk whose free room the test says. false: there is no ledger, or
 * no library for it (NEARLY_FULL names it); skip(). */
bool disk_setup(void);
/* So much is free from now on; NULL: what there is. */
void disk_free(const char *mib);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether who signed a record on the chain is the author that its meta names. */
#ifndef EHRD_EHR_AUTHOR_H
#define EHRD_EHR_AUTHOR_H

#include "ehr/card.h"
#include "ehr/client.h"
#include "fhir/meta.h"

enum author_verdict {
    AUTHOR_PROVED,  /* the signer acts for the account that meta names, whose card has that name */
    AUTHOR_RENAMED, /* so it does, but the card has another name: one of before, or a false one */
    AUTHOR_SAID,    /* nothing says whose address the signer is, or its name: meta's own word */
    AUTHOR_OWNER,   /* the folder's owner signed somebody's document: sealed again, or taken over */
    AUTHOR_OTHER,   /* the signer is somebody else, or its certificate is false */
};

struct author {
    enum author_verdict verdict;
    char card_name[CARD_NAME + 1]; /* PROVED, RENAMED: on the account's present card; else "" */
};

/* By what this account knows of the signer (its own addresses, its grantees, the owners of shared
 * folders), otherwise by the certificate in meta and the account's present card; that the
 * certificate is over by now does not matter. A name is believed from the account's card alone: in
 * meta everybody may call themselves as they like.
 * OK | vault and ledger statuses below 0. */
status author_judge(struct client *c, const addr20 *signer, const struct fhir_meta *m,
                    struct author *ret, struct err *reterr) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Documents on their way into records: files, and parts of a FHIR Bundle. */
#ifndef EHRD_APP_RECORD_DOC_H
#define EHRD_APP_RECORD_DOC_H

#include "app/cli.h"
#include "ehr/flow_add.h"
#include "fhir/bundle_split.h"
#include "fhir/meta.h"

/* Who writes, for the meta of all documents of a command. */
struct doc_author {
    char name[CARD_NAME + 1];
    addr20 account;
    hash32 card;
    char certificate[FHIR_META_CERTIFICATE + 1]; /* "": the account itself writes */
};
status doc_author_load(struct cli *c, const hash32 *folder, struct doc_author *ret,
                       struct err *reterr) MUST_USE;

/* What the user says about a document; NULL: as found. */
struct doc_options {
    const char *title;
    const char *category; /* slug */
    const char *date;     /* FHIR dateTime */
    const char *type;     /* media type */
};

/* OK | E_USAGE. */
status doc_options_check(const struct doc_options *o, struct err *reterr) MUST_USE;

struct doc {
    const char *path; /* a file, or: */
    const struct fhir_split *split;
    uint32_t part;
    int fd;
    struct buf bytes;
    slice rest;
    struct fhir_meta meta;
    char date[32];
    char file_name[256];
};

/* d must not move afterwards: the item points to it. Strings are borrowed.
 * o: checked. OK | E_NOT_FOUND (file). */
status doc_of_file(struct doc *d, const char *path, const struct doc_options *o,
                   const struct doc_author *author, struct add_item *ret,
                   struct err *reterr) MUST_USE;
status doc_of_part(struct doc *d, const struct fhir_split *split, uint32_t part,
                   const struct doc_author *author, struct add_item *ret,
                   struct err *reterr) MUST_USE;

#endif

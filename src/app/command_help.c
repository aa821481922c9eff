/* SPDX-License-Identifier: Apache-2.0 */
/* Help of commands, and what their options mean. */
#include "app/command_help.h"

#include <string.h>

#include "app/commands.h"
#include "fhir/category.h"

const char command_global_usage[] =
    "\nFOLDER: a name of your own, or OWNER/NAME of somebody else's.\n"
    "RECORD: its number in the list, at least 8 digits of its id, or its exact title.\n\n"
    "Everywhere:\n"
    "  --home DIR              default $EHR_HOME or ~/.local/share/ehr\n"
    "  --as NAME               the account to act as\n"
    "  --passphrase-fd N       read the passphrase from a descriptor,\n"
    "  --passphrase-file FILE  or from the first line of a file; else it is asked for\n"
    "  --json                  answer in JSON\n"
    "  --yes                   do not ask back\n"
    "  --help                  usage of a command\n\n"
    "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by node or contract, 4 something does not\n"
    "match what it is bound to, 5 node or ledger cannot be reached.\n";

#define TIME_TEXT "2027-01-31 (the end of that day, UTC), or a time from now: 90d, 12h, 30s"

/* What an option means; of the command that begins with `of`, or of any that has it. The first that
 * fits counts. */
static const struct option_text {
    const char *option;
    const char *of;
    const char *text;
} option_texts[] = {
    {"--node", "recover", "the node's URL, in a home that has none yet"},
    {"--node", NULL, "the node's URL, http:// or https://"},
    {"--second-ledger", NULL, "JSON-RPC of an Ethereum node that vouches for block hashes"},
    {"--origin", NULL, "what the node says it is, where that is not its URL"},
    {"--wallet-mode", NULL, "folders and grants under the account's own address"},
    {"--relationship-mode", NULL, "each under an address of its own (default)"},
    {"--light", NULL, "a passphrase that is cheap to guess; for tests"},
    {"--hex-fd", NULL, "64 hex digits, from a descriptor"},
    {"--keyfile", NULL, "a key file (Web3 Secret Storage, version 3)"},
    {"--mnemonic-fd", NULL, "the words of a wallet (BIP-39), from a descriptor"},
    {"--index", NULL, "which of the wallet's accounts; default 0, the first"},
    {"--name", "card", "what others see, up to 200 bytes"},
    {"--name", NULL, "what the administrator sees, up to 200 bytes"},
    {"--role", NULL, "patient, practitioner or organisation"},
    {"--contact", NULL, "how the administrator reaches you, up to 500 bytes"},
    {"--withdraw", NULL, "take the request back; the node erases it"},
    {"--new-passphrase-fd", NULL, "the new passphrase, from a descriptor"},
    {"--code", NULL, "ask for the recovery code (default)"},
    {"--code-fd", NULL, "the recovery code, from a descriptor"},
    {"--identity-file", NULL, "an identity file instead, under the passphrase"},
    {"--accept", NULL, "names or addresses: move their grants although not all of them fits"},
    {"--accept-state", NULL, "also an owner state older than what was seen here"},
    {"--old-passphrase-fd", NULL, "OLD's passphrase, from a descriptor,"},
    {"--old-passphrase-file", NULL, "or from the first line of a file"},
    {"--rpc", NULL, "JSON-RPC to send to; default: the node's"},
    {"--max-cost", NULL, "what a transaction may cost at most; default 1000000000 (1 ether)"},
    {"--out", NULL, "keep the addresses there, as JSON"},
    {"--admin", NULL, "who may upgrade and appoint; default: the sender"},
    {"--registrar", NULL, "who registers accounts; default: the sender"},
    {"--valid-until", NULL, "seconds since 1970; default: no end"},
    {"--proxy", NULL, "the registry; default: the node's"},
    {"--approve", NULL, "register the account"},
    {"--refuse", NULL, "erase its request"},
    {"--implementation", NULL, "one that is on the chain; default: deploy ours"},
    {"-o", "record", "write there; with --all, into that folder"},
    {"-o", NULL, "write there"},
    {"--title", NULL, "up to 1024 bytes; default: the file's name"},
    {"--category", NULL, NULL}, /* the slugs */
    {"--date", NULL, "of what it tells: 2026, 2026-11, 2026-11-30 or 2026-11-30T08:00:00Z"},
    {"--type", NULL, "media type, as text/plain; default: by its first bytes"},
    {"--bundle", NULL, "the files are FHIR Bundles: a record of each part"},
    {"--all", "record list", "removed ones too"},
    {"--all", NULL, "every record of the folder"},
    {"--version", NULL, "an earlier one; the first is 1"},
    {"--age", NULL, "sealed, as a plain age file"},
    {"--entered-in-error", NULL, "mark it as an error instead"},
    {"--undo", NULL, "take the removal, or that mark, back"},
    {"--view", "request new", "to read; asked for when none of the four is"},
    {"--view", NULL, "to read"},
    {"--add", NULL, "to add records"},
    {"--amend", NULL, "to add versions of records"},
    {"--remove", NULL, "to remove records"},
    {"--until", NULL, TIME_TEXT},
    {"--answer-by", NULL, TIME_TEXT},
    {"--for", NULL, "what it is needed for"},
    {"--days", NULL, "for how long, 1 to 3660"},
    {"--folder", NULL, "the name of the folder that is meant"},
    {"--to", NULL, "leave it in this person's inbox, which the node sees"},
    {"--moved", NULL, "also folders whose owner has another account than before"},
    {"--others", NULL, "leave out what you did yourself"},
};

static bool is_of(const struct option_text *o, const struct command *k)
{
    char words[64];
    if (o->of == NULL)
        return true;
    (void)snprintf(words, sizeof words, "%s %s ", k->name, k->sub != NULL ? k->sub : "");
    size_t n = strlen(o->of);
    return strncmp(words, o->of, n) == 0 && words[n] == ' ';
}

static const struct option_text *text_find(const struct command *k, const char *option, size_t len)
{
    for (size_t i = 0; i < sizeof option_texts / sizeof *option_texts; i++) {
        const struct option_text *o = &option_texts[i];
        if (strlen(o->option) == len && strncmp(o->option, option, len) == 0 && is_of(o, k))
            return o;
    }
    return NULL;
}

/* Each option once, in the order of the usage line. */
static void options_print(const struct command *k, FILE *f)
{
    for (const char *p = k->usage; (p = strchr(p, '-')) != NULL;) {
        size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz-");
        const struct option_text *o = len > 1 ? text_find(k, p, len) : NULL;
        const char *seen = strstr(k->usage, o != NULL ? o->option : p);
        while (o != NULL && seen < p && strspn(seen, "abcdefghijklmnopqrstuvwxyz-") != len)
            seen = strstr(seen + 1, o->option);
        if (o != NULL && seen == p && o->text != NULL)
            (void)fprintf(f, "  %-22s %s\n", o->option, o->text);
        else if (o != NULL && seen == p)
            (void)fprintf(f, "  %-22s %s;\n%25sdefault: results for DICOM images, else other\n",
                          o->option, fhir_category_slugs(), "");
        p += len > 0 ? len : 1;
    }
}

static const char *sub_of(const struct command *k)
{
    return k->sub != NULL ? k->sub : "";
}

void command_help_usage(const struct command *k, FILE *f)
{
    (void)fprintf(f, "usage: ehr %s%s%s %s\n", k->name, k->sub != NULL ? " " : "", sub_of(k),
                  k->usage);
}

void command_help_one(const struct command *k, FILE *f)
{
    command_help_usage(k, f);
    (void)fprintf(f, "       %s\n", k->about);
    options_print(k, f);
}

bool command_help_group(const char *name, FILE *f)
{
    bool found = false;
    for (size_t i = 0; i < command_count; i++) {
        const struct command *k = &command_table[i];
        if (strcmp(k->name, name) != 0)
            continue;
        command_help_usage(k, f);
        (void)fprintf(f, "       %s\n", k->about);
        found = true;
    }
    return found;
}

void command_help_all(FILE *f)
{
    char head[64];
    (void)fprintf(f, "ehr: health records under their patient's keys\n\n");
    for (size_t i = 0; i < command_count; i++) {
        const struct command *k = &command_table[i];
        (void)snprintf(head, sizeof head, "ehr %s%s%s", k->name, k->sub != NULL ? " " : "",
                       sub_of(k));
        (void)fprintf(f, "  %-22s %s\n", head, k->about);
    }
    (void)fprintf(f, "  %-22s %s\n  %-22s %s\n", "ehr age", "seal and open age files",
                  "ehr content", "files in an IPFS-compatible store");
    (void)fputs(command_global_usage, f);
}

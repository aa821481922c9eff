/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of the contracts in the words of who is refused. */
#include "contract/errors.h"

#define ZERO_ROLE "neededRole=0x0000000000000000000000000000000000000000000000000000000000000000"

/* The first row whose name and value the text has. value: "argument=value", or NULL for any. */
static const struct {
    const char *name;
    const char *value;
    const char *words;
} error_words[] = {
    {"RecordInvalidStatus", "status=1", "the record is active, there is nothing to undo"},
    {"RecordInvalidStatus", "status=2", "the record is marked as an error already"},
    {"RecordInvalidStatus", "status=3", "the record is removed already"},
    {"RecordNotPermitted", "permission=1", "you may not read in this folder"},
    {"RecordNotPermitted", "permission=2", "you may not add in this folder"},
    {"RecordNotPermitted", "permission=4", "you may not amend in this folder"},
    {"RecordNotPermitted", "permission=8", "you may not remove in this folder"},
    {"RecordUnknown", NULL, "there is no such record in this folder"},
    {"RecordExists", NULL, "the record is there already"},
    {"VersionMismatch", NULL, "somebody has amended the record meanwhile"},
    {"StaleEpoch", NULL, "the folder has a new key meanwhile"},
    {"GenerationMismatch", NULL, "somebody has changed it meanwhile"},
    {"FolderUnknown", NULL, "there is no such folder"},
    {"FolderExists", NULL, "the folder is there already"},
    {"FolderNotOwned", NULL, "the folder is not yours"},
    {"AccessControlUnauthorizedAccount", ZERO_ROLE, "you do not administer this registry"},
    {"AccessControlUnauthorizedAccount", NULL, "you are no registrar"},
    {"OwnableUnauthorizedAccount", NULL, "you do not own this contract"},
    {"AccountUnknown", NULL, "the account is not registered"},
    {"AccountSuspended", NULL, "the account is suspended"},
    {"AccountExpired", NULL, "the account's registration is over"},
    {"AccountStatusUnchanged", NULL, "the account is so already"},
    {"GrantInvalidPeriod", NULL, "the grant would be over before it begins"},
    {"GrantInvalidPermissions", NULL, "the grant would allow nothing, or what there is not"},
    {"ERC2771ForwarderExpiredRequest", NULL, "the signed request came too late"},
};

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What stands between the brackets of "name(…)". False: it is not in the text. */
static bool arguments_of(slice text, const char *name, slice *ret)
{
    size_t n = strlen(name);
    for (size_t i = 0; i + n < text.n; i++) {
        if (memcmp(text.p + i, name, n) != 0 || text.p[i + n] != '(' ||
            (i > 0 && is_letter(text.p[i - 1])))
            continue;
        *ret = slice_after(text, i + n + 1);
        const uint8_t *end = ret->n > 0 ? memchr(ret->p, ')', ret->n) : NULL;
        *ret = slice_first(*ret, end != NULL ? (size_t)(end - ret->p) : ret->n);
        return true;
    }
    return false;
}

/* "name=value" is one of the arguments. */
static bool has_value(slice arguments, const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i + n <= arguments.n; i++)
        if (memcmp(arguments.p + i, value, n) == 0 && (i == 0 || !is_letter(arguments.p[i - 1])) &&
            (i + n == arguments.n || !is_letter(arguments.p[i + n])))
            return true;
    return false;
}

const char *contract_error_words(slice text)
{
    slice arguments;
    for (size_t i = 0; i < sizeof error_words / sizeof *error_words; i++)
        if (arguments_of(text, error_words[i].name, &arguments) &&
            (error_words[i].value == NULL || has_value(arguments, error_words[i].value)))
            return error_words[i].words;
    return NULL;
}

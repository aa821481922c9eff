/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `ehr`, one function each. All have the form of struct command's run. */
#ifndef EHRD_APP_COMMANDS_H
#define EHRD_APP_COMMANDS_H

#include "app/cli.h"

/* All commands but "age" and "content", which read their options themselves. */
extern const struct command command_table[];
extern const size_t command_count;
/* The options that every command takes, as usage prints them. */
extern const char command_global_usage[];

status cmd_version(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_completion(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_init(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_doctor(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

/* "active", "suspended", "expired" by this computer's clock, "not registered". */
const char *account_status_text(const struct registry_account *r);
const char *account_role_text(uint8_t role); /* "none" for 0 */
status cmd_account_new(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_account_import(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_account_list(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_account_show(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_account_request(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_admin_requests(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_identity_new(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_show(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_add_way(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_remove_way(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_change_passphrase(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_recovery_code(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_identity_restore(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_admin_deploy(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_admin_register(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_admin_suspend(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_admin_reinstate(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_admin_upgrade(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_card_show(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_card_publish(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_people_add(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_people_list(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_folder_new(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_folder_list(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_folder_rotate(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_folder_forget(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_folder_export_key(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_record_add(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_amend(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_list(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_show(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_get(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
/* What cmd_record_get does for --all. */
status cmd_record_export(struct cli *c, const char *folder, const char *dir, bool sealed,
                         struct err *reterr) MUST_USE;
status cmd_record_remove(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_erase(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_record_history(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

status cmd_grant(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_revoke(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_transfer(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_recover(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_request_new(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_request_list(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_request_show(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_request_accept(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_request_refuse(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_reseal(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_grants(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_inbox(struct cli *c, struct args *a, struct err *reterr) MUST_USE;
status cmd_audit(struct cli *c, struct args *a, struct err *reterr) MUST_USE;

#endif

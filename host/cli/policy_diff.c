/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy diff: what a new policy allows that the old one does not. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/report.h"

#include <stdio.h>

static void print_result(const struct cli *cli, struct policy_findings *findings) {
    if (cli->json) {
        struct json_object *object = json_object_new_object();
        output_flag(object, "looser", findings->looser != 0);
        json_object_object_add(object, "findings", findings->rows);
        output_object(cli, object);
        return;
    }
    printf("%s\n", findings->looser == 0 ? "Nothing is allowed that was not before."
                                         : "The new policy is looser than the old one.");
    policy_findings_print(findings);
    json_object_put(findings->rows);
}

enum status policy_diff_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document from, to;
    struct arguments arguments = {.least = 2, .most = 2};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[0], &from));
    TRY(policy_load(cli, arguments.words[1], &to));
    struct policy_findings findings = {json_object_new_array(), 0, 0};
    const struct review review = {policy_finding_take, &findings};
    if (review_change(&from.policy, &to.policy, &review) != STATUS_OK) {
        json_object_put(findings.rows);
        return report_failure(
            cli, STATUS_TOO_LARGE,
            (struct reason){"together they tell too many combinations of fields apart",
                            "read both, and try both on the same table: edgehsm policy test"},
            "compare '%s' with '%s'", arguments.words[0], arguments.words[1]);
    }
    print_result(cli, &findings);
    return STATUS_OK;
}

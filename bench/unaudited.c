/* SPDX-License-Identifier: Apache-2.0 */
/* A double of the log for the benchmark alone: the same daemon, but no command leaves a record. */
#include "core/audit/audit.h"

/* The names are the linker's: __wrap_X is called where X is. */
enum status __wrap_audit_append(struct audit *audit, const struct audit_record *record);

enum status __wrap_audit_append(struct audit *audit, const struct audit_record *record) {
    if (record->held) {
        audit_drop(audit, record->class);
    }
    return STATUS_OK;
}

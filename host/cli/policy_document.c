/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from files. What was text goes through the compiled form, so that every verb works with
 * what the module will see. */
#include "host/cli/policy_document.h"

enum { FIRST_BYTE = 0xa7 }; /* a map of seven: no text starts so */

enum status policy_document_read(struct policy_document *document, struct bytes whole) {
    struct span form = {document->form, sizeof(document->form)};
    document->text = whole.size == 0 || whole.data[0] != FIRST_BYTE;
    if (!document->text) {
        if (whole.size > form.size) {
            return STATUS_TOO_LARGE;
        }
        bytes_copy(form.data, whole);
        document->size = whole.size;
        return form_read(bytes_of(document->form, document->size), &document->policy);
    }
    TRY(policy_source_read(&document->source, whole));
    TRY(form_write(&document->source.policy, &form));
    document->size = form.size;
    /* what the compiler takes, the module must take */
    return form_read(bytes_of(document->form, document->size), &document->policy) == STATUS_OK
               ? STATUS_OK
               : STATUS_INTERNAL;
}

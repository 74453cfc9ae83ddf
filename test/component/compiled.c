/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from tests of the core: the reader of texts and the core each have a `struct token`. */
#include "test/component/compiled.h"

#include "host/cli/policy_document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct bytes compiled_policy(const char *text) {
    static struct policy_document document;
    if (policy_document_read(&document, bytes_of_text(text)) != STATUS_OK) {
        fail_msg("%u:%u %s", document.source.error.line, document.source.error.column,
                 document.source.error.text);
    }
    return bytes_of(document.form, document.size);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as a file: its text, or its compiled form. */
#ifndef HOST_CLI_POLICY_DOCUMENT_H
#define HOST_CLI_POLICY_DOCUMENT_H

#include "host/cli/policy_source.h"

struct policy_document {
    struct policy_source source; /* its error, where it was text */
    struct policy policy;        /* as the module reads it: texts point into `form` */
    uint8_t form[POLICY_SIZE_MAX];
    size_t size;
    bool text; /* it was text */
};

/* Reads either; *document is large, and not to be moved afterwards. STATUS_FILE_FORMAT: it was
 * text, and document->source.error says why; STATUS_DATA_INVALID: it was not a compiled policy;
 * STATUS_TOO_LARGE: its compiled form is longer than POLICY_SIZE_MAX. */
enum status policy_document_read(struct policy_document *document, struct bytes whole) MUST_USE;

#endif

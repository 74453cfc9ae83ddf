/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate requests (PKCS #10), built here and signed in the module. Failures are told. */
#ifndef HOST_CLI_CSR_H
#define HOST_CLI_CSR_H

#include "host/cli/public_key.h"

struct csr_given {
    const char *subject; /* "/O=Example/CN=gw7"; NULL: /CN=NAME */
    const char *san;     /* "DNS:a.example,IP:10.0.0.1" or NULL */
    const char *out;     /* file, "-" is stdout */
};

/* Makes the request for a key and writes it as PEM. */
enum status csr_write(struct cli *cli, const char *name, const struct key_pair *pair,
                          const struct csr_given *given) MUST_USE;

/* Whether the subject can be read; before anything is made. */
enum status csr_check(const struct cli *cli, const struct csr_given *given) MUST_USE;

#endif

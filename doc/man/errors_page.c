/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the manual page edgehsm-errors(7) from base/status.def. */
#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

static const struct error_row {
    unsigned number;
    unsigned long ck_rv;
    const char *name;
    const char *text;
    const char *advice;
} rows[] = {
#define STATUS(name, number, ck_rv, text, advice) {(number), (ck_rv), #name, (text), (advice)},
#include "base/status.def"
#undef STATUS
};

/* Hyphens that are to be copied, and dots at the start of a line, are written so for troff. */
static void print_text(const char *text) {
    for (; *text != 0; text++) {
        if (*text == '-') {
            fputs("\\-", stdout);
        } else if (*text == '\\') {
            fputs("\\e", stdout);
        } else {
            putchar(*text);
        }
    }
}

int main(void) {
    puts(".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Printed from base/status.def.\n"
         ".TH EDGEHSM\\-ERRORS 7 2026-11-25 \"Edge HSM " EHSM_VERSION "\" \"Miscellaneous\"\n"
         ".SH NAME\nedgehsm-errors \\- the error codes of Edge HSM\n"
         ".SH DESCRIPTION\n"
         "Every error has a number that never changes its meaning. It is the same in the command "
         "line, the audit log and\n.BR \"edgehsm last\\-error\" ;\n"
         "a program that uses PKCS #11 gets the result code named behind it.\n.SH CODES");
    for (size_t i = 1; i < COUNT(rows); i++) {
        printf(".TP\n.B EH\\-%04u\n", rows[i].number);
        print_text(rows[i].text);
        printf(" (PKCS #11: 0x%03lx).", rows[i].ck_rv);
        if (rows[i].advice[0] != 0) {
            fputs("\nWhat to do: ", stdout);
            print_text(rows[i].advice);
            putchar('.');
        }
        putchar('\n');
    }
    puts(".SH \"SEE ALSO\"\n.BR edgehsm (1),\n.BR edgehsm\\-pkcs11 (7)");
    return 0;
}

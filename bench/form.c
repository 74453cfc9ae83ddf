/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that the bench signs under. */
#include "bench/bench.h"
#include "host/cli/policy_document.h"

/* The worked policy of the pumping line, with rates that nobody reaches and without hours. */
static const char policy_text[] =
    "policy \"bench\" version 7 key \"bench\" message cbor {\n"
    "  1 op : one of \"pump.speed\" \"valve.set\" \"estop\" \"recipe.load\"\n"
    "  2 unit : 1..64  ? 3 value : int  4 seq : module counter  5 at : module time }\n"
    "allow op is \"estop\" and value absent\n"
    "allow op is \"pump.speed\" and value in 0..1500 and step(value by unit) <= 200"
    " rate 1000000/1s burst 1000\n"
    "allow op is \"valve.set\" and value in 0..1 rate 2/10s\n"
    "allow op is \"recipe.load\" and value >= 1 needs 2 of [shift-lead, safety] within 10m\n"
    "deny unit in 60..64 except op is \"estop\"\n"
    "limit 1000000 per 1s except op is \"estop\"\n"
    "spike normal 1000000 per 1s factor 2 then alert except op is \"estop\"\n";

size_t policy_form(unsigned char *form, size_t room) {
    static struct policy_document document;
    if (policy_document_read(&document, bytes_of_text(policy_text)) != STATUS_OK ||
        document.size > room) {
        return 0;
    }
    memcpy(form, document.form, document.size);
    return document.size;
}

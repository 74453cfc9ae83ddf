/* SPDX-License-Identifier: Apache-2.0 */
/* What the core answers was written to its last byte, whatever lay in the memory that it got for
 * the reply. (The linker's --wrap.) */
#include "core/hsm.h"

#include <sanitizer/msan_interface.h>

void __real_hsm_check(struct hsm *hsm, struct call *call, uint32_t connection, struct bytes request,
                      struct span reply);
void __wrap_hsm_check(struct hsm *hsm, struct call *call, uint32_t connection, struct bytes request,
                      struct span reply);
struct bytes __real_hsm_commit(struct hsm *hsm, struct call *call);
struct bytes __wrap_hsm_commit(struct hsm *hsm, struct call *call);

void __wrap_hsm_check(struct hsm *hsm, struct call *call, uint32_t connection, struct bytes request,
                      struct span reply) {
    __msan_allocated_memory(reply.data, reply.size);
    __real_hsm_check(hsm, call, connection, request, reply);
}

struct bytes __wrap_hsm_commit(struct hsm *hsm, struct call *call) {
    struct bytes reply = __real_hsm_commit(hsm, call);
    __msan_check_mem_is_initialized(reply.data, reply.size);
    return reply;
}

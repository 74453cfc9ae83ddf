/* SPDX-License-Identifier: Apache-2.0 */
/* What the core gives to flash and to the log's archive was written to its last byte. (The linker's
 * --wrap.) */
#include "port/port.h"

#include <sanitizer/msan_interface.h>

enum status __real_port_flash_program(uint64_t at, struct bytes data);
enum status __wrap_port_flash_program(uint64_t at, struct bytes data);
enum status __real_port_log_append(struct bytes entry);
enum status __wrap_port_log_append(struct bytes entry);

enum status __wrap_port_flash_program(uint64_t at, struct bytes data) {
    __msan_check_mem_is_initialized(data.data, data.size);
    return __real_port_flash_program(at, data);
}

enum status __wrap_port_log_append(struct bytes entry) {
    __msan_check_mem_is_initialized(entry.data, entry.size);
    return __real_port_log_append(entry);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of the log on flash; its functions are port_log_* of port/port.h. */
#ifndef PORT_M33_RING_H
#define PORT_M33_RING_H

/* Forgets what is known of the flash, as a restart does. */
void ring_forget(void);

#endif

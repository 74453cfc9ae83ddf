/* SPDX-License-Identifier: Apache-2.0 */
/* What the stories of endpoint and chip stand on: both programs, the wire between them (tap.h), a
 * token, and ways to talk to it. Failures are cmocka's. */
#ifndef TEST_LINE_GROUND_H
#define TEST_LINE_GROUND_H

#include "client/client.h"

#include <sys/types.h>

enum { CHUNK = 4096 };

extern const char *endpoint_program, *chip_program; /* set them first */
extern char folder[64], chip_path[96], door_path[96], state[96], log_path[96];
extern pid_t endpoint, chip;
extern const char user_pin[9], officer_pin[14];

/* Room for the replies of one thread. */
extern uint8_t room[CLIENT_ROOM_SIZE];
#define ROOM ((struct span){room, sizeof(room)})

/* Chip, wire, pairing, endpoint and a token with both PINs; and the end of it. */
int set_up(void **unused);
int tear_down(void **unused);

/* Starts an endpoint with the state folder `state`, or has one pair. */
pid_t start_endpoint(bool pair);
/* Sends a signal and waits for the end. */
void end(pid_t pid, int signal);
void pause_ms(int ms);
/* How often the endpoint said a text; waits until it was so often. */
unsigned said(const char *text);
void wait_until_said(const char *text, unsigned times);

enum status open_client(struct client **client) MUST_USE;
/* A client; tried again while the line is down. */
struct client *opened(void);
/* A session with the user logged in. */
uint32_t session_of(struct client *client);
/* Has CHUNK bytes hashed, and judges the answer. */
enum status digest(struct client *client, uint32_t session, uint8_t seed);
/* Everything works, and the token is there. */
void all_is_well(void);

#endif

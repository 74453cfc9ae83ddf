/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through all RAM of the emulated chip for the bytes of keys. */
#ifndef TEST_CHIP_WATCH_H
#define TEST_CHIP_WATCH_H

#include "base/bytes.h"

extern uint64_t watch_looks, watch_residues;

/* Opens the probe in the chip's folder. */
void watch_open(const char *folder);
/* Keys may be in [from, to); where `when` is given, only while that is not zero. */
void watch_allow(const char *name, uint32_t from, uint32_t to, const int *when);
void watch_close(void);
bool watch_is_open(void);
/* Each window of eight bytes of it, forwards and backwards, is looked for from now on. */
void watch_secret(const char *name, struct bytes value);
/* Looks now; what stays outside the arena for a while is told and counted. */
void watch_look(const char *after);
/* Tells how often it looked and what it saw; the search must have found the key where it may be. */
void watch_report(void);

#endif

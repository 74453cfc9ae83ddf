/* SPDX-License-Identifier: Apache-2.0 */
/* Stories about keys with limits: one module, one session, keys that are made, used up, renewed. */
#ifndef TEST_COMPONENT_LIMITED_H
#define TEST_COMPONENT_LIMITED_H

#include "test/component/renewals.h"

struct limited {
    struct module module;
    uint32_t session;
};
extern struct limited limited;

#define STORY(name) cmocka_unit_test_setup_teardown(name, limited_begin, limited_end)
int limited_begin(void **state);
int limited_end(void **state);

/* One limit of a list that LIMITS() ends; of LEASE_KEY the value is the form. */
struct limit {
    enum attribute attribute;
    uint32_t value;
};
#define LIMITS(...) ((const struct limit[]){__VA_ARGS__, {ATTRIBUTE_CLASS, 0}})
void limited_add_limits(struct template *template, const struct limit *limits);

extern const struct mechanism limited_hmac;

/* A key for MACs with these limits, labelled "limited"; in the token where `stored`. */
enum status limited_make_with(const struct limit *limits, bool stored, uint64_t *key);
uint64_t limited_make(const struct limit *limits);
enum status limited_set(uint64_t key, const struct limit *limits);
enum status limited_use(uint64_t key);
/* Uses that are done before one is refused, and how that is refused. */
uint32_t limited_uses_until(uint64_t key, enum status refusal);
struct key_usage_rep limited_usage_of(uint64_t key);
/* Starts again, after an orderly end or a power cut; returns the handle of the key. */
uint64_t limited_restart(bool orderly);
/* Renews a lease; fills in device and key. */
enum status limited_renew(uint64_t key, enum lease_key_form form, uint8_t seed, struct lease lease);

#endif

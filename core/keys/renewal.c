/* SPDX-License-Identifier: Apache-2.0 */
/* Renewals of a lease. */
#include "core/keys/renewal.h"

#include "crypto/crypto.h"

static const uint8_t p256_oid[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t ed25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

static enum status load(struct bytes spki, struct crypto_key *key) {
    bool p256 = lease_key_form(spki) == LEASE_KEY_P256;
    if (lease_key_form(spki) == LEASE_KEY_OTHER) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    struct key_parts parts = {.type = p256 ? KEY_EC : KEY_ED25519,
                              .ec_params = p256 ? bytes_of(p256_oid, sizeof(p256_oid))
                                                : bytes_of(ed25519_oid, sizeof(ed25519_oid)),
                              .ec_point = lease_key_point(spki)};
    return crypto_key_load(key, &parts);
}

enum status renewal_key_check(struct bytes spki) {
    struct crypto_key key = {{0}};
    if (spki.size == 0) {
        return STATUS_OK;
    }
    enum status status = load(spki, &key);
    if (status == STATUS_OK) {
        crypto_key_unload(&key);
    }
    return status == STATUS_PUBLIC_KEY_INVALID ? STATUS_ATTRIBUTE_VALUE_INVALID : status;
}

static enum status verify(struct bytes spki, struct bytes payload, struct bytes signature) {
    static const struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    static const struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    uint8_t text[LEASE_TEXT_MAX];
    struct span is_signed = {text, sizeof(text)};
    struct crypto_key key = {{0}};
    enum lease_key_form form = lease_key_form(spki);
    TRY(lease_signed(form, payload, &is_signed));
    TRY(load(spki, &key));
    enum status status = crypto_verify(&key, form == LEASE_KEY_P256 ? &ecdsa : &eddsa,
                                       bytes_of_span(is_signed), signature);
    crypto_key_unload(&key);
    return status;
}

/* A grant within what the key's limit says; 0 where there is no such limit. */
static bool grants(uint32_t grant, uint32_t limit) {
    return limit == 0 ? grant == 0 : grant > 0 && grant <= limit;
}

static const char *misfit(const struct lease *lease, const struct renewal_for *target) {
    const struct limits *limits = &target->usage->limits;
    if (!bytes_equal(lease->device, bytes_of(target->device_id, LEASE_DEVICE_SIZE))) {
        return "it is for another device";
    }
    if (!bytes_equal(lease->unique_id, target->unique_id)) {
        return "it is for another key";
    }
    if (lease->sequence <= target->usage->sequence) {
        return "its sequence is not higher than that of the newest renewal";
    }
    if (!grants(lease->uses, limits->lease_uses)) {
        return "its uses do not fit LEASE_USES";
    }
    return grants(lease->seconds, limits->lease_seconds) ? NULL
                                                         : "its seconds do not fit LEASE_SECONDS";
}

enum status renewal_read(struct bytes cose, const struct renewal_for *target,
                         struct usage_grant *grant, const char **why) {
    struct bytes payload, signature;
    struct lease lease;
    enum lease_key_form form = LEASE_KEY_OTHER;
    *why = "it is not a renewal";
    if (lease_cose_read(cose, &form, &payload, &signature) != STATUS_OK ||
        payload.size > LEASE_PAYLOAD_MAX) {
        return STATUS_RENEWAL_REFUSED;
    }
    *why = "LEASE_KEY did not sign it, or it was altered";
    if (form != lease_key_form(target->lease_key)) {
        return STATUS_RENEWAL_REFUSED;
    }
    enum status status = verify(target->lease_key, payload, signature);
    if (status != STATUS_OK) {
        bool wrong = status == STATUS_SIGNATURE_INVALID || status == STATUS_SIGNATURE_LENGTH;
        return wrong ? STATUS_RENEWAL_REFUSED : status;
    }
    *why = "it is not a renewal";
    if (lease_read(payload, &lease) != STATUS_OK) {
        return STATUS_RENEWAL_REFUSED;
    }
    *why = misfit(&lease, target);
    *grant = (struct usage_grant){lease.sequence, lease.uses, lease.seconds};
    return *why == NULL ? STATUS_OK : STATUS_RENEWAL_REFUSED;
}

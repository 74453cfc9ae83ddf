/* SPDX-License-Identifier: Apache-2.0 */
/* Statements from files, and whether the key signed them. */
#include "host/cli/policy_evidence.h"

#include "client/signature_form.h"
#include "host/cli/approve.h"
#include "host/cli/file.h"
#include "host/cli/report.h"

#include <stdlib.h>

enum { FILE_MAX = 1 << 28 };

/* ---- files ---- */

static enum status add(const struct cli *cli, struct past_list *list,
                       const struct past_statement *found) {
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 1024 : list->room * 2;
        struct past_statement *larger = realloc(list->list, room * sizeof(*larger));
        if (larger == NULL) {
            return report_failure(cli, STATUS_MEMORY, (struct reason){0}, "read the statements");
        }
        list->list = larger;
        list->room = room;
    }
    struct past_statement *place = &list->list[list->count];
    unsigned size = 0;
    *place = *found;
    if (EVP_Digest(found->parts.payload.data, found->parts.payload.size, place->hash, &size,
                   EVP_sha256(), NULL) != 1) {
        return report_failure(cli, STATUS_INTERNAL, (struct reason){0}, "hash a statement");
    }
    list->count++;
    return STATUS_OK;
}

static enum status read_one(const struct cli *cli, const char *path, struct past_list *list) {
    struct past_statement found;
    struct span *whole = &list->files[list->file_count];
    TRY(file_read(cli, path, FILE_MAX, whole));
    list->file_count++;
    struct bytes rest = bytes_of_span(*whole);
    enum status status = past_next(&rest, &found);
    while (status == STATUS_OK) {
        TRY(add(cli, list, &found));
        status = past_next(&rest, &found);
    }
    if (status == STATUS_NOT_FOUND && whole->size > 0) {
        return STATUS_OK;
    }
    char why[96];
    snprintf(why, sizeof(why), "at byte %zu stands no COSE_Sign1 that a module signs messages with",
             whole->size - rest.size);
    return report_failure(cli, STATUS_FILE_FORMAT,
                          (struct reason){why, "give files with statements, one or one behind the "
                                               "other"},
                          "read the statements in '%s'", path);
}

static int by_counter(const void *a, const void *b) {
    uint64_t x = ((const struct past_statement *)a)->said.facts.counter;
    uint64_t y = ((const struct past_statement *)b)->said.facts.counter;
    return x < y ? -1 : x > y;
}

/* Puts them in order; what is there twice stays once. */
static enum status order(const struct cli *cli, struct past_list *list) {
    size_t kept = 0;
    if (list->count > 0) {
        qsort(list->list, list->count, sizeof(*list->list), by_counter);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct past_statement *before = kept > 0 ? &list->list[kept - 1] : NULL;
        if (before == NULL || by_counter(before, &list->list[i]) != 0) {
            list->list[kept++] = list->list[i];
            continue;
        }
        if (!bytes_equal(before->encoding, list->list[i].encoding)) {
            char why[96];
            snprintf(why, sizeof(why), "two different ones have the counter %llu",
                     (unsigned long long)before->said.facts.counter);
            return report_failure(
                cli, STATUS_DATA_INVALID,
                (struct reason){why, "give the statements of one key; --key tells which are its"},
                "take these statements for those of one key");
        }
        list->doubles++;
    }
    list->count = kept;
    return STATUS_OK;
}

enum status past_list_read(const struct cli *cli, char **paths, int count, struct past_list *list) {
    *list = (struct past_list){.files = calloc((size_t)count, sizeof(struct span))};
    if (list->files == NULL) {
        return report_failure(cli, STATUS_MEMORY, (struct reason){0}, "read the statements");
    }
    for (int i = 0; i < count; i++) {
        TRY(read_one(cli, paths[i], list));
    }
    return order(cli, list);
}

void past_list_free(struct past_list *list) {
    free(list->list);
    for (size_t i = 0; i < list->file_count; i++) {
        file_free(&list->files[i]);
    }
    free(list->files);
    *list = (struct past_list){.count = 0};
}

/* ---- signatures ---- */

/* The hash that goes with the algorithm, and whether the key is of its kind. */
static bool fits_algorithm(EVP_PKEY *key, int32_t algorithm, const EVP_MD **md) {
    *md = algorithm == STATEMENT_ES256   ? EVP_sha256()
          : algorithm == STATEMENT_ES384 ? EVP_sha384()
          : algorithm == STATEMENT_ES512 ? EVP_sha512()
                                         : NULL;
    return EVP_PKEY_is_a(key, *md != NULL ? "EC" : "ED25519") == 1;
}

static bool verifies(EVP_PKEY *key, const struct past_statement *one) {
    uint8_t text_room[STATEMENT_SIGNED_MAX], der_room[256];
    struct span text = {text_room, sizeof(text_room)}, der = {der_room, sizeof(der_room)};
    struct bytes signature = one->parts.signature;
    const EVP_MD *md = NULL;
    if (!fits_algorithm(key, one->said.algorithm, &md) || signature.size > 192 ||
        statement_signed(one->parts.header, one->parts.payload, &text) != STATUS_OK) {
        return false;
    }
    if (md != NULL) {
        if (signature_form_ecdsa(signature, &der) != STATUS_OK) {
            return false;
        }
        signature = bytes_of_span(der);
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context != NULL && EVP_DigestVerifyInit(context, NULL, md, NULL, key) == 1 &&
        EVP_DigestVerify(context, signature.data, signature.size, text.data, text.size) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

enum status past_list_verify(const struct cli *cli, const struct past_list *list,
                             const char *path) {
    EVP_PKEY *key = approve_key_load(cli, path);
    enum status status = key != NULL ? STATUS_OK : STATUS_FILE_READ;
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        if (!verifies(key, &list->list[i])) {
            status = report_failure(
                cli, STATUS_SIGNATURE_INVALID,
                (struct reason){NULL,
                                "it is of another key, or forged: leave it out, and ask where it "
                                "came from"},
                "accept the statement with the counter %llu",
                (unsigned long long)list->list[i].said.facts.counter);
        }
    }
    EVP_PKEY_free(key);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier of the log: whatever is done to an export is found, and the leaf is named. */
#include "client/log_crypto.h"
#include "client/log_text.h"
#include "proto/base64.h"
#include "proto/cbor.h"
#include "test/share.h"
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ENTRIES_MAX = 400 };

/* An export taken apart, to be put together otherwise. */
struct pieces {
    struct bytes header;
    struct log_entry entries[ENTRIES_MAX];
    uint64_t leaf[ENTRIES_MAX]; /* number of the leaf at or after each entry */
    size_t count;
};

static struct log_export original;
static struct log_identity identity;
static struct pieces pieces;

static struct pieces take_apart(struct log_export export) {
    struct pieces all = {.count = 0};
    struct log_file file;
    uint64_t leaf = 0;
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    all.header = bytes_of(export.data, export.size - file.entries.size);
    while (log_entry_next(&file.entries, &all.entries[all.count]) == STATUS_OK) {
        all.leaf[all.count] = leaf;
        leaf += all.entries[all.count].kind == LOG_LEAF;
        all.count++;
        assert_true(all.count < ENTRIES_MAX);
    }
    return all;
}

static void put(struct log_export *export, struct bytes more) {
    bytes_copy(export->data + export->size, more);
    export->size += more.size;
}

static struct log_export put_together(const struct pieces *all) {
    static uint8_t room[ENTRIES_MAX * 600];
    struct log_export export = {room, 0};
    put(&export, all->header);
    for (size_t i = 0; i < all->count; i++) {
        uint8_t head[8];
        save_u32(head, (uint32_t)all->entries[i].bytes.size);
        save_u32(head + 4, all->entries[i].kind);
        put(&export, bytes_of(head, sizeof(head)));
        put(&export, all->entries[i].bytes);
    }
    return export;
}

/* A log of 150 leaves, some checkpoints and a restart, of one device or another. */
static struct log_export make_log(uint64_t seed_of_device) {
    bool sync = false;
    log_module_reset();
    sim_seed_random(seed_of_device);
    assert_int_equal(log_module_start(), STATUS_OK);
    for (uint32_t i = 0; i < 150; i++) {
        char detail[32];
        (void)snprintf(detail, sizeof(detail), "device %u leaf %u", (unsigned)seed_of_device, i);
        assert_int_equal(log_module_say(detail), STATUS_OK);
        if (i == 40) {
            log_module_stop();
            assert_int_equal(log_module_start(), STATUS_OK);
        }
        if (i == 41 || i == 100) {
            sim_advance(61000);
            assert_int_equal(audit_tick(&log_audit, &sync), STATUS_OK);
        }
    }
    return log_module_export(0, true);
}

static int set_up_log(void **state) {
    (void)state;
    original = make_log(1);
    log_module_identity(&identity);
    pieces = take_apart(original);
    return 0;
}

static int tear_down_log(void **state) {
    (void)state;
    free(original.data);
    log_module_kill();
    return 0;
}

static uint64_t seed = 11;
static uint32_t next_random(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

/* Verifies a mutated export; it must be found, and one of the leaves `low` to `high` be named by
 * the first finding, whose range is no longer than two leaves. */
static void must_find(struct log_export export, uint64_t low, uint64_t high, const char *what) {
    struct log_finding first;
    struct log_result result = log_module_verify(export, &identity, &first);
    if (result.ok || first.fault == LOG_FAULT_NONE) {
        fail_msg("%s at leaf %u was not found", what, (unsigned)low);
    }
    bool named = high >= first.first && low <= first.last && first.last - first.first <= 1;
    bool begins = first.first == low &&
                  (first.fault == LOG_FAULT_MISSING || first.fault == LOG_FAULT_TRUNCATED);
    if (!named && !begins) {
        fail_msg("%s at leaf %u: found fault %d at %u to %u", what, (unsigned)low, first.fault,
                 (unsigned)first.first, (unsigned)first.last);
    }
}

static void whole_log_is_found_whole(void **state) {
    (void)state;
    struct log_finding first;
    struct log_result result = log_module_verify(original, &identity, &first);
    assert_true(result.ok && result.end_proved && result.findings == 0);
    assert_true(result.first == 0 && result.size == 150 && result.signed_size == 150);
    assert_true(result.checkpoints == 5 && result.unproved == 0);
    assert_true(result.time_first >= 1795000000 && result.time_last >= result.time_first);
    assert_true(result.release > 0);
}

/* ---- R-71, G2 ---- */

/* Number of the leaf at which byte `at` of the export stands. */
static uint64_t leaf_at(size_t at) {
    size_t end = pieces.header.size;
    for (size_t i = 0; i < pieces.count; i++) {
        end += 8 + pieces.entries[i].bytes.size;
        if (at < end) {
            return pieces.leaf[i];
        }
    }
    return 150;
}

/* The header and the head carry no leaf: what is altered there is found without a number. */
static bool is_before_entries(size_t at) {
    return at < pieces.header.size + 8 + pieces.entries[0].bytes.size;
}

static void flipped_bit_is_found_and_its_leaf_named(void **state) {
    (void)state;
    const char *rounds = getenv("EHSM_MUTATIONS");
    size_t count = rounds != NULL ? (size_t)strtoul(rounds, NULL, 10) : share_of(1000);
    struct log_export copy = {malloc(original.size), original.size};
    assert_non_null(copy.data);
    for (size_t i = 0; i < count; i++) {
        size_t bit = next_random() % (8 * original.size);
        memcpy(copy.data, original.data, original.size);
        copy.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (is_before_entries(bit / 8)) {
            struct log_finding first;
            struct log_result result = log_module_verify(copy, &identity, &first);
            /* what the header says of key and origin is not believed anyway */
            struct log_file file;
            bool header = bit / 8 < pieces.header.size;
            bool opened = log_file_open(bytes_of(copy.data, copy.size), &file) == STATUS_OK;
            bool told = opened && memcmp(&file.identity, &identity, sizeof(identity)) != 0;
            assert_true(!result.ok || (header && told));
        } else {
            must_find(copy, leaf_at(bit / 8), leaf_at(bit / 8), "flipped bit");
        }
    }
    free(copy.data);
}

static void entry_taken_out_is_found_and_its_leaf_named(void **state) {
    (void)state;
    for (size_t i = 1; i < pieces.count; i++) {
        struct pieces less = pieces;
        less.count--;
        memmove(less.entries + i, less.entries + i + 1, (less.count - i) * sizeof(less.entries[0]));
        struct log_finding first;
        struct log_result result = log_module_verify(put_together(&less), &identity, &first);
        assert_false(result.ok);
        if (pieces.entries[i].kind == LOG_LEAF && i + 1 < pieces.count) {
            assert_int_equal(first.fault, pieces.leaf[i] == 149 ? LOG_FAULT_TRUNCATED
                                                                 : LOG_FAULT_MISSING);
            assert_true(first.first == pieces.leaf[i] && first.last == pieces.leaf[i]);
        }
    }
}

static void swapped_entries_are_found_and_the_leaf_named(void **state) {
    (void)state;
    for (size_t round = 0; round < 350; round++) {
        size_t i = 1 + next_random() % (pieces.count - 1);
        size_t j = 1 + next_random() % (pieces.count - 1);
        if (round < pieces.count - 2) {
            i = round + 1;
            j = round + 2;
        }
        if (i == j) {
            continue;
        }
        size_t low = i < j ? i : j, high = i < j ? j : i;
        struct pieces other = pieces;
        other.entries[i] = pieces.entries[j];
        other.entries[j] = pieces.entries[i];
        /* a checkpoint or frontier is named by the leaf it stands before */
        uint64_t leaf = pieces.leaf[low];
        bool leaves = pieces.entries[i].kind == LOG_LEAF && pieces.entries[j].kind == LOG_LEAF;
        must_find(put_together(&other), leaf, leaves ? leaf : pieces.leaf[high] + 1, "swap");
    }
}

static void entry_put_in_twice_is_found(void **state) {
    (void)state;
    for (size_t round = 0; round < 300; round++) {
        size_t from = 1 + next_random() % (pieces.count - 1);
        size_t to = from + 1 + next_random() % (pieces.count - from);
        struct pieces more = pieces;
        memmove(more.entries + to + 1, more.entries + to,
                (more.count - to) * sizeof(more.entries[0]));
        more.entries[to] = pieces.entries[from];
        more.count++;
        struct log_finding first;
        struct log_result result = log_module_verify(put_together(&more), &identity, &first);
        assert_false(result.ok);
        if (pieces.entries[from].kind == LOG_LEAF) {
            assert_int_equal(first.fault, LOG_FAULT_ORDER);
            assert_true(first.first == pieces.leaf[from]);
        }
    }
}

/* G1: the last k entries, or bytes, are cut off. */
static void log_cut_off_is_found_and_says_where(void **state) {
    (void)state;
    for (size_t left = 1; left < pieces.count; left++) {
        struct pieces less = pieces;
        struct log_finding first;
        less.count = left;
        struct log_result result = log_module_verify(put_together(&less), &identity, &first);
        assert_false(result.ok);
        if (pieces.leaf[left] < 150) {
            assert_int_equal(first.fault, LOG_FAULT_TRUNCATED);
            assert_true(first.first == pieces.leaf[left] && first.last == 149);
        }
    }
    for (size_t round = 0; round < 400; round++) {
        struct log_export less = original;
        less.size = next_random() % original.size;
        struct log_finding first;
        struct log_result result = log_module_verify(less, &identity, &first);
        /* cut right behind its header it is an empty export that proves no end */
        assert_false(result.ok && (result.end_proved || less.size != pieces.header.size));
    }
}

static void head_cannot_stand_for_an_archived_checkpoint(void **state) {
    (void)state;
    struct pieces other = pieces;
    struct log_finding first;
    assert_int_equal(other.entries[0].kind, LOG_HEAD);
    other.entries[other.count] = other.entries[0];
    other.entries[other.count].kind = LOG_CHECKPOINT;
    other.count++;
    assert_false(log_module_verify(put_together(&other), &identity, &first).ok);
    assert_int_equal(first.fault, LOG_FAULT_CHECKPOINT);
    /* nor an archived checkpoint for a head */
    other = pieces;
    for (size_t i = 1; i < pieces.count; i++) {
        if (pieces.entries[i].kind == LOG_CHECKPOINT) {
            other.entries[0] = pieces.entries[i];
            other.entries[0].kind = LOG_HEAD;
            assert_false(log_module_verify(put_together(&other), &identity, &first).ok);
            assert_int_equal(first.fault, LOG_FAULT_CHECKPOINT);
        }
    }
}

static void garbage_is_never_found_whole(void **state) {
    (void)state;
    struct log_export copy = {malloc(2 * original.size), 0};
    assert_non_null(copy.data);
    for (size_t round = 0; round < 300; round++) {
        struct log_finding first;
        memcpy(copy.data, original.data, original.size);
        copy.size = original.size;
        for (uint32_t edits = 1 + next_random() % 8; edits > 0; edits--) {
            size_t at = pieces.header.size + next_random() % (copy.size - pieces.header.size);
            size_t some = next_random() % 300;
            if (next_random() % 2 == 0 && at + some <= copy.size) {
                memmove(copy.data + at, copy.data + at + some, copy.size - at - some);
                copy.size -= some;
            } else {
                copy.data[at] = (uint8_t)(copy.data[at] + 1 + next_random() % 255);
            }
        }
        struct log_result result = log_module_verify(copy, &identity, &first);
        bool same = copy.size == original.size && memcmp(copy.data, original.data, copy.size) == 0;
        assert_true(same || !result.ok || !result.end_proved);
    }
    free(copy.data);
}

static void leaf_of_another_device_is_found_and_named(void **state) {
    (void)state;
    struct log_export foreign_export = make_log(2);
    struct pieces foreign = take_apart(foreign_export);
    assert_int_equal(foreign.count, pieces.count);
    for (size_t i = 1; i < pieces.count; i++) {
        struct pieces mixed = pieces;
        mixed.entries[i] = foreign.entries[i];
        must_find(put_together(&mixed), pieces.leaf[i], pieces.leaf[i], "splice");
    }
    /* a run of leaves up to the end */
    for (size_t i = 1; i + 1 < pieces.count; i++) {
        struct pieces mixed = pieces;
        struct log_finding first;
        for (size_t k = i; k < pieces.count; k++) {
            mixed.entries[k] = foreign.entries[k];
        }
        assert_false(log_module_verify(put_together(&mixed), &identity, &first).ok);
    }
    free(foreign_export.data);
}

/* Whoever alters a leaf and mends its mark and the mark after it is found by the signed root: the
 * range up to the checkpoint is named, and everything outside it stays proved. */
static void leaf_altered_with_all_marks_mended_is_found_by_the_root(void **state) {
    (void)state;
    for (size_t i = 1; i + 1 < pieces.count; i++) {
        if (pieces.entries[i].kind != LOG_LEAF) {
            continue;
        }
        static const uint8_t prefix[1] = {0};
        struct pieces other = pieces;
        uint8_t one[LOG_ENTRY_MAX], two[LOG_ENTRY_MAX], hash[32];
        struct bytes leaf = pieces.entries[i].bytes;
        bytes_copy(one, leaf);
        one[leaf.size - 20] ^= 1;
        const struct bytes parts[] = {bytes_of(prefix, 1),
                                      bytes_of(one + LOG_MARK_SIZE, leaf.size - LOG_MARK_SIZE)};
        assert_int_equal(log_sha256(parts, 2, hash), STATUS_OK);
        memcpy(one, hash, 8);
        other.entries[i].bytes.data = one;
        size_t k = i + 1;
        while (k < pieces.count && pieces.entries[k].kind != LOG_LEAF) {
            k++;
        }
        if (k < pieces.count) {
            bytes_copy(two, pieces.entries[k].bytes);
            memcpy(two + 8, hash + 8, 8);
            other.entries[k].bytes.data = two;
        }
        struct log_finding first;
        struct log_result result = log_module_verify(put_together(&other), &identity, &first);
        assert_int_equal(first.fault, LOG_FAULT_RANGE);
        assert_true(first.first <= pieces.leaf[i] && first.last >= pieces.leaf[i]);
        /* what follows is proved again by the next frontier */
        assert_int_equal(result.findings, 1);
        assert_true(first.last - first.first < 60);
    }
}

/* ---- what was kept elsewhere ---- */

static void checkpoint_kept_elsewhere_shows_a_log_that_was_continued_twice(void **state) {
    (void)state;
    uint8_t cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX];
    struct span cose = {cose_bytes, sizeof(cose_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    struct log_checkpoint kept;
    struct log_verifier verifier;
    struct log_result result;
    struct log_file file;
    /* the whole state of the module is put back to an older one, and goes on otherwise */
    struct sim_memory *memory = sim_remember(NULL);
    assert_int_equal(log_module_say("one way"), STATUS_OK);
    assert_int_equal(audit_checkpoint(&log_audit, REASON_DEMAND, bytes_of_text("n1"), &cose, &note),
                     STATUS_OK);
    sim_recall(memory);
    sim_forget(memory);
    assert_int_equal(log_module_start(), STATUS_OK);
    assert_int_equal(log_module_say("other"), STATUS_OK);
    assert_int_equal(log_module_say("other"), STATUS_OK);
    struct log_export export = log_module_export(0, true);
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    assert_int_equal(log_checkpoint_read(bytes_of_span(cose), bytes_of_span(note), &kept),
                     STATUS_OK);
    log_verify_start(&verifier, &identity, NULL, NULL);
    assert_int_equal(log_verify_expect(&verifier, &kept, bytes_of_text("n2")),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(log_verify_expect(&verifier, &kept, bytes_of_text("n1")), STATUS_OK);
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    assert_false(result.ok);
    free(export.data);
}

static void log_released_in_part_verifies_from_its_first_frontier(void **state) {
    (void)state;
    struct log_finding first;
    struct log_result whole = log_module_verify(original, &identity, &first);
    assert_int_equal(audit_release(&log_audit, whole.release), STATUS_OK);
    assert_int_equal(log_module_say("later"), STATUS_OK);
    struct log_export rest = log_module_export(0, true);
    struct log_result result = log_module_verify(rest, &identity, &first);
    assert_true(result.ok && result.end_proved && result.unproved == 0);
    assert_true(result.first == 101 && result.size == 151 && result.signed_size == 151);
    free(rest.data);
    /* where leaves come before the first frontier, they are counted as not proved */
    assert_int_equal(audit_release(&log_audit, whole.release + 10), STATUS_OK);
    assert_int_equal(audit_checkpoint(&log_audit, REASON_TIME, bytes_of(NULL, 0), NULL, NULL),
                     STATUS_OK);
    rest = log_module_export(0, true);
    result = log_module_verify(rest, &identity, &first);
    assert_true(result.ok && result.unproved > 0 && result.end_proved);
    free(rest.data);
}

static void exports_that_follow_each_other_verify_as_one(void **state) {
    (void)state;
    struct log_verifier verifier;
    struct log_result result;
    struct log_file file;
    struct log_export second = log_module_export(50, false);
    log_verify_start(&verifier, &identity, NULL, NULL);
    assert_int_equal(log_file_open(bytes_of(original.data, original.size), &file), STATUS_OK);
    log_verify_file(&verifier, &file);
    assert_int_equal(log_module_say("later"), STATUS_OK);
    struct log_export third = log_module_export(60, true);
    assert_int_equal(log_file_open(bytes_of(second.data, second.size), &file), STATUS_OK);
    assert_true(file.first == 50);
    log_verify_file(&verifier, &file); /* nothing new in it */
    assert_int_equal(log_file_open(bytes_of(third.data, third.size), &file), STATUS_OK);
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    assert_true(result.ok && result.size == 151 && result.signed_size == 151 && result.end_proved);
    free(second.data);
    free(third.data);
}

/* ---- text ---- */

static void entries_are_shown_in_a_line_that_nothing_can_forge(void **state) {
    (void)state;
    char line[LOG_TEXT_MAX];
    struct log_entry entry;
    const struct audit_record record = {.event = COMMAND_login,
                                        .status = STATUS_PIN_INCORRECT,
                                        .has_uid = true,
                                        .uid = 1000,
                                        .role = ROLE_USER,
                                        .session = 9,
                                        .detail = bytes_of("a\n#9 \x1b[2J\"\\\xff", 12)};
    sim_set_clock(1795000000);
    assert_int_equal(audit_append(&log_audit, &record), STATUS_OK);
    uint8_t page_bytes[LOG_ENTRY_MAX + 8];
    struct audit_page page;
    struct span room = {page_bytes, sizeof(page_bytes)};
    assert_int_equal(audit_read(log_audit.entries - 1, &page, &room), STATUS_OK);
    struct bytes entries = bytes_of_span(room);
    assert_int_equal(log_entry_next(&entries, &entry), STATUS_OK);
    size_t size = log_entry_text(&entry, 7, line, sizeof(line));
    assert_int_equal(size, strlen(line));
    print_message("# %s\n", line);
    for (size_t i = 0; i < size; i++) {
        assert_true(line[i] >= ' ' && line[i] <= '~');
    }
    assert_non_null(strstr(line, "#150 2026-11-18T"));
    assert_non_null(strstr(line, "login refused (EH-2101: the PIN is wrong) uid 1000 session 9"));
    assert_non_null(strstr(line, "\"a\\u000a#9 \\u001b[2J\\u0022\\u005c\\u00ff"));
    size = log_entry_json(&entry, 7, line, sizeof(line));
    print_message("# %s\n", line);
    assert_true(strncmp(line, "{\"entry\":7,\"kind\":\"leaf\",\"seq\":150,", 35) == 0);
    assert_true(line[size - 1] == '}');
    const struct log_entry nothing = {LOG_UNREADABLE, bytes_of(NULL, 0)};
    assert_true(log_entry_text(&nothing, 17, line, sizeof(line)) > 0);
    assert_string_equal(line, "?? entry 17 cannot be read");
}

int main(void) {
#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_log, tear_down_log)
    const struct CMUnitTest tests[] = {
        STORY(whole_log_is_found_whole),
        STORY(flipped_bit_is_found_and_its_leaf_named),
        STORY(entry_taken_out_is_found_and_its_leaf_named),
        STORY(swapped_entries_are_found_and_the_leaf_named),
        STORY(entry_put_in_twice_is_found),
        STORY(log_cut_off_is_found_and_says_where),
        STORY(head_cannot_stand_for_an_archived_checkpoint),
        STORY(garbage_is_never_found_whole),
        STORY(leaf_of_another_device_is_found_and_named),
        STORY(leaf_altered_with_all_marks_mended_is_found_by_the_root),
        STORY(checkpoint_kept_elsewhere_shows_a_log_that_was_continued_twice),
        STORY(log_released_in_part_verifies_from_its_first_frontier),
        STORY(exports_that_follow_each_other_verify_as_one),
        STORY(entries_are_shown_in_a_line_that_nothing_can_forge),
    };
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_stop();
    return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies the audit log away from the module. */
#include "client/log_verify.h"

#include "client/log_crypto.h"
#include "proto/text.h"

void log_verify_start(struct log_verifier *verifier, const struct log_identity *identity,
                      void (*report)(void *context, const struct log_finding *finding),
                      void *context) {
    *verifier = (struct log_verifier){.identity = *identity, .report = report, .context = context};
}

/* ---- findings ---- */

/* Reports a finding about leaves first to last. In `words`, "#" stands for the first, "@" for the
 * last. */
static void find(struct log_verifier *verifier, enum log_fault fault, uint64_t first,
                 uint64_t last, const char *words) {
    char line[200];
    struct text text = text_in((struct span){(uint8_t *)line, sizeof(line) - 1});
    for (const char *c = words; *c != '\0'; c++) {
        if (*c == '#' || *c == '@') {
            text_add_number(&text, *c == '#' ? first : last);
        } else {
            text_add_bytes(&text, bytes_of(c, 1));
        }
    }
    line[text.used] = '\0';
    const struct log_finding finding = {fault, first, last, verifier->entry, line};
    verifier->range_bad = true;
    verifier->result.findings++;
    if (verifier->report != NULL && verifier->result.findings <= LOG_FINDINGS_MAX) {
        verifier->report(verifier->context, &finding);
    }
}

/* ---- checkpoints that were given beforehand ---- */

/* The tree has come to a signed point: everything before it is proved. */
static void settle(struct log_verifier *verifier, const uint8_t root[LOG_HASH_SIZE]) {
    verifier->result.signed_size = verifier->next;
    bytes_copy(verifier->result.root, bytes_of(root, LOG_HASH_SIZE));
    verifier->range_first = verifier->next;
    verifier->range_bad = false;
}

/* The tree has a root that no signature fits: one of the leaves since the last good one is wrong,
 * unless something said so already. It is of no use until the next frontier. */
static void doubt(struct log_verifier *verifier) {
    verifier->known = false;
    if (verifier->range_bad) {
        return;
    }
    if (verifier->range_first == verifier->next) {
        find(verifier, LOG_FAULT_CHECKPOINT, verifier->next, verifier->next,
             "two signed checkpoints of # leaves differ: the log was continued twice from an "
             "older state");
    } else {
        find(verifier, LOG_FAULT_RANGE, verifier->range_first, verifier->next - 1,
             "leaves # to @ do not give the signed root: at least one of them was altered");
    }
}

/* Compares the tree with the checkpoints given beforehand that have its size. */
static void meet_expected(struct log_verifier *verifier) {
    uint8_t root[LOG_HASH_SIZE];
    for (size_t i = 0; i < verifier->expected_count; i++) {
        struct log_expected *expected = &verifier->expected[i];
        if (expected->size != verifier->next || expected->met || !verifier->known ||
            merkle_root(&verifier->tree, root) != STATUS_OK) {
            continue;
        }
        if (bytes_equal(bytes_of(root, sizeof(root)), bytes_of(expected->root, sizeof(root)))) {
            expected->met = true;
            settle(verifier, root);
        } else {
            doubt(verifier);
        }
    }
}

enum status log_verify_expect(struct log_verifier *verifier,
                              const struct log_checkpoint *checkpoint, struct bytes nonce) {
    TRY(log_checkpoint_verify(checkpoint, &verifier->identity));
    if (nonce.size > 0 && !bytes_equal(nonce, checkpoint->nonce)) {
        return STATUS_SIGNATURE_INVALID;
    }
    if (verifier->expected_count == LOG_EXPECTED_MAX) {
        return STATUS_TOO_LARGE;
    }
    if (verifier->started && checkpoint->size < verifier->next) {
        return STATUS_DATA_INVALID;
    }
    struct log_expected *expected = &verifier->expected[verifier->expected_count++];
    *expected = (struct log_expected){.size = checkpoint->size, .entry = checkpoint->entry};
    bytes_copy(expected->root, bytes_of(checkpoint->root, LOG_HASH_SIZE));
    meet_expected(verifier);
    return STATUS_OK;
}

/* ---- leaves ---- */

/* The first entry: the tree is known when it begins with leaf 0. */
static void begin(struct log_verifier *verifier, uint64_t first) {
    bool from_start = verifier->entry == 0;
    verifier->started = true;
    verifier->next = from_start ? 0 : first;
    verifier->known = verifier->next == 0;
    verifier->link_known = verifier->known; /* zeros */
    verifier->range_first = verifier->next;
    verifier->result.first = verifier->next;
    meet_expected(verifier);
}

/* Adds leaf number verifier->next, whose hash is `hash`. */
static void add_leaf(struct log_verifier *verifier, const uint8_t hash[LOG_HASH_SIZE],
                     bool link_known) {
    if (verifier->known && merkle_add(&verifier->tree, hash) != STATUS_OK) {
        verifier->known = false;
    }
    bytes_copy(verifier->link, bytes_of(hash + 8, sizeof(verifier->link)));
    verifier->link_known = link_known;
    verifier->next++;
    meet_expected(verifier);
}

/* Leaf with a number that is not the next one. */
static bool in_order(struct log_verifier *verifier, uint64_t sequence) {
    if (sequence < verifier->next) {
        find(verifier, LOG_FAULT_ORDER, sequence, sequence,
             "leaf # stands in a wrong place or a second time");
        return false;
    }
    if (sequence > verifier->next) {
        find(verifier, LOG_FAULT_MISSING, verifier->next, sequence - 1,
             sequence - 1 == verifier->next ? "leaf # is missing"
                                            : "leaves # to @ are missing");
        verifier->next = sequence;
        verifier->known = false;
        verifier->link_known = false;
    }
    return true;
}

static void note_time(struct log_result *result, uint64_t time) {
    if (time != 0) {
        result->time_first = result->time_first == 0 ? time : result->time_first;
        result->time_last = time;
    }
}

static void look_at_leaf(struct log_verifier *verifier, struct bytes bytes) {
    struct log_leaf leaf;
    enum status readable = log_leaf_read(bytes, &leaf);
    uint8_t hash[LOG_HASH_SIZE];
    bool fits = bytes.size > LOG_MARK_SIZE &&
                merkle_leaf(leaf.map, hash) == STATUS_OK &&
                bytes_equal(bytes_of(leaf.mark.data, 8), bytes_of(hash, 8));
    if (!verifier->started && (verifier->entry == 0 || (fits && readable == STATUS_OK))) {
        begin(verifier, leaf.sequence);
    }
    uint64_t here = verifier->started ? verifier->next : leaf.sequence;
    if (bytes.size <= LOG_MARK_SIZE || (fits && readable != STATUS_OK)) {
        find(verifier, LOG_FAULT_MALFORMED, here, here, "leaf # is not a leaf of this format");
        verifier->known = false;
        return;
    }
    if (!fits) {
        find(verifier, LOG_FAULT_EDITED, here, here,
             "leaf # was altered: it does not fit its mark");
        if (verifier->started) {
            add_leaf(verifier, hash, false);
        }
        return;
    }
    if (!in_order(verifier, leaf.sequence)) {
        return;
    }
    here = verifier->next;
    if (verifier->link_known &&
        !bytes_equal(bytes_of(leaf.mark.data + 8, 8), bytes_of(verifier->link, 8))) {
        find(verifier, LOG_FAULT_SPLICED, here == 0 ? 0 : here - 1, here,
             "leaf @ does not follow on leaf #: one of the two was replaced or altered");
    }
    note_time(&verifier->result, leaf.time);
    add_leaf(verifier, hash, true);
}

/* ---- checkpoints and frontiers ---- */

/* Whether the checkpoint has the entry number of its place; if not, entries are missing or too
 * many. */
static void check_place(struct log_verifier *verifier, uint64_t entry) {
    if (entry != verifier->entry && !verifier->range_bad) {
        bool missing = entry > verifier->entry;
        find(verifier, missing ? LOG_FAULT_MISSING : LOG_FAULT_ORDER, verifier->next,
             verifier->next,
             missing ? "entries are missing before leaf #: a checkpoint or a frontier was taken out"
                     : "there are more entries before leaf # than the module wrote");
    }
    verifier->entry = entry;
}

/* Compares the tree with the signed root. */
static void check_root(struct log_verifier *verifier, const struct log_checkpoint *checkpoint) {
    uint8_t root[LOG_HASH_SIZE];
    if (!verifier->known) {
        return;
    }
    bool same = merkle_root(&verifier->tree, root) == STATUS_OK &&
                bytes_equal(bytes_of(root, sizeof(root)), bytes_of(checkpoint->root, sizeof(root)));
    if (same) {
        settle(verifier, root);
    } else {
        doubt(verifier);
    }
}

static void look_at_checkpoint(struct log_verifier *verifier, struct bytes bytes) {
    struct log_checkpoint checkpoint;
    if (log_checkpoint_read_entry(bytes, &checkpoint) != STATUS_OK ||
        log_checkpoint_verify(&checkpoint, &verifier->identity) != STATUS_OK ||
        checkpoint.reason == REASON_DEMAND) {
        find(verifier, LOG_FAULT_CHECKPOINT, verifier->next, verifier->next,
             "the checkpoint before leaf # was altered or is another log's");
        return;
    }
    if (!verifier->started) {
        begin(verifier, checkpoint.size);
    }
    if (checkpoint.size < verifier->next) {
        find(verifier, LOG_FAULT_ORDER, checkpoint.size, checkpoint.size,
             "the checkpoint of # leaves stands in a wrong place or a second time");
        return;
    }
    (void)(checkpoint.size == verifier->next || in_order(verifier, checkpoint.size));
    check_place(verifier, checkpoint.entry);
    check_root(verifier, &checkpoint);
    verifier->result.checkpoints++;
    verifier->result.lost = checkpoint.lost;
    verifier->frontier.size = checkpoint.size;
    verifier->frontier_left = merkle_frontier(&verifier->frontier);
    verifier->frontier_entry = verifier->entry;
    bytes_copy(verifier->frontier_root, bytes_of(checkpoint.root, LOG_HASH_SIZE));
}

/* The frontier is complete and has the signed root: whatever was wrong, from here on all is known.
 * */
static void adopt_frontier(struct log_verifier *verifier) {
    verifier->result.release = verifier->frontier_entry;
    if (verifier->known) {
        return;
    }
    if (!verifier->range_bad) {
        verifier->result.unproved += verifier->next - verifier->range_first;
    }
    verifier->tree = verifier->frontier;
    verifier->known = true;
    settle(verifier, verifier->frontier_root);
    meet_expected(verifier);
}

/* Takes hashes into the frontier: they go to the highest subtrees that are still open. */
static void take_hashes(struct log_verifier *verifier, struct bytes hashes) {
    struct merkle *frontier = &verifier->frontier;
    uint32_t skip = merkle_frontier(frontier) - verifier->frontier_left;
    for (uint32_t level = MERKLE_LEVELS; level-- > 0 && hashes.size > 0;) {
        if ((frontier->size >> level & 1) == 0) {
            continue;
        }
        if (skip > 0) {
            skip--;
            continue;
        }
        bytes_copy(frontier->nodes[level], bytes_of(hashes.data, MERKLE_HASH_SIZE));
        hashes = bytes_of(hashes.data + MERKLE_HASH_SIZE, hashes.size - MERKLE_HASH_SIZE);
        verifier->frontier_left--;
    }
}

static void look_at_frontier(struct log_verifier *verifier, struct bytes bytes) {
    uint32_t count = verifier->frontier_left < LOG_FRONTIER_HASHES ? verifier->frontier_left
                                                                   : LOG_FRONTIER_HASHES;
    uint8_t root[LOG_HASH_SIZE];
    bool good = count > 0 && bytes.size == 8 + (size_t)count * MERKLE_HASH_SIZE &&
                load_u64(bytes.data) == verifier->frontier.size;
    if (good) {
        take_hashes(verifier, bytes_of(bytes.data + 8, bytes.size - 8));
        if (verifier->frontier_left > 0) {
            return;
        }
        good = merkle_root(&verifier->frontier, root) == STATUS_OK &&
               bytes_equal(bytes_of(root, sizeof(root)),
                           bytes_of(verifier->frontier_root, sizeof(root)));
    }
    verifier->frontier_left = 0;
    if (good) {
        adopt_frontier(verifier);
    } else {
        find(verifier, LOG_FAULT_CHECKPOINT, verifier->next, verifier->next,
             "the frontier before leaf # was altered or stands in a wrong place");
    }
}

static void look_at_head(struct log_verifier *verifier, struct bytes bytes) {
    struct log_checkpoint head;
    if (log_checkpoint_read_entry(bytes, &head) != STATUS_OK || head.reason != REASON_DEMAND ||
        log_verify_expect(verifier, &head, bytes_of(NULL, 0)) != STATUS_OK) {
        find(verifier, LOG_FAULT_CHECKPOINT, verifier->next, verifier->next,
             "the head of this export was altered or is another log's");
    }
}

/* ---- entries ---- */

void log_verify_place(struct log_verifier *verifier, uint64_t entry) {
    verifier->entry = entry;
}

void log_verify_entry(struct log_verifier *verifier, const struct log_entry *entry) {
    if (entry->kind == LOG_HEAD) {
        look_at_head(verifier, entry->bytes);
        return;
    }
    if (entry->kind == LOG_LEAF) {
        verifier->frontier_left = 0;
        look_at_leaf(verifier, entry->bytes);
    } else if (entry->kind == LOG_CHECKPOINT) {
        look_at_checkpoint(verifier, entry->bytes);
    } else if (entry->kind == LOG_FRONTIER) {
        look_at_frontier(verifier, entry->bytes);
    } else if (entry->kind == LOG_UNREADABLE && entry->bytes.size == 0) {
        find(verifier, LOG_FAULT_UNREADABLE, verifier->next, verifier->next,
             "the module's archive cannot read the entry before or at leaf # any more");
        verifier->known = false;
    } else {
        find(verifier, LOG_FAULT_MALFORMED, verifier->next, verifier->next,
             "at leaf # stands something that is no entry of this format");
        verifier->known = false;
    }
    verifier->entry++;
}

void log_verify_file(struct log_verifier *verifier, const struct log_file *file) {
    struct bytes entries = file->entries;
    struct log_entry entry;
    uint64_t again = 0; /* entries that the file before had already */
    if (verifier->started && file->first < verifier->entry) {
        again = verifier->entry - file->first;
    } else {
        log_verify_place(verifier, file->first);
    }
    enum status status = log_entry_next(&entries, &entry);
    for (; status == STATUS_OK; status = log_entry_next(&entries, &entry)) {
        if (again > 0 && entry.kind != LOG_HEAD) {
            again--;
        } else {
            log_verify_entry(verifier, &entry);
        }
    }
    if (status != STATUS_NOT_FOUND) {
        find(verifier, LOG_FAULT_MALFORMED, verifier->next, verifier->next,
             "the entries end in the middle of one, at leaf #");
    }
}

/* A checkpoint given beforehand that the leaves do not reach. */
static void end_expected(struct log_verifier *verifier, const struct log_expected *expected) {
    if (expected->size > verifier->next) {
        find(verifier, LOG_FAULT_TRUNCATED, verifier->next, expected->size - 1,
             "leaves # to @ were signed but are not here: the log was cut off");
    } else if (expected->entry > verifier->entry && verifier->result.findings == 0) {
        find(verifier, LOG_FAULT_MISSING, verifier->next, verifier->next,
             "entries that are no leaves are missing before leaf #");
    }
    if (expected->met && expected->size >= verifier->result.signed_size) {
        verifier->result.end_proved = true;
    }
}

void log_verify_end(struct log_verifier *verifier, struct log_result *result) {
    if (!verifier->started) {
        begin(verifier, 0);
    }
    for (size_t i = 0; i < verifier->expected_count; i++) {
        end_expected(verifier, &verifier->expected[i]);
    }
    if (!verifier->known && verifier->result.findings == 0) {
        verifier->result.unproved += verifier->next - verifier->range_first;
    }
    verifier->result.size = verifier->next;
    verifier->result.ok = verifier->result.findings == 0;
    *result = verifier->result;
}

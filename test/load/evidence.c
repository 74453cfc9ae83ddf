/* SPDX-License-Identifier: Apache-2.0 */
/* After the load: what the module still holds, and what its log says, beside what was
 * acknowledged. */
#include "client/log_verify.h"
#include "client/objects.h"
#include "test/load/load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- objects ---- */

struct inventory {
    struct client *client;
    uint32_t session;
    uint8_t room[CLIENT_ROOM_SIZE];
    uint8_t second_room[CLIENT_ROOM_SIZE];
    uint8_t seen[OBJECTS_IN_LOAD];
    char *text;
    size_t size;
};

static bool look_at(struct inventory *own, uint64_t handle) {
    static const uint32_t wanted[] = {ATTRIBUTE_LABEL, ATTRIBUTE_VALUE, OBJECTS_TYPES_END};
    uint8_t types[4 * OBJECTS_TYPES_MAX], expected[32];
    const struct object_get_req request = {own->session, handle, objects_types(wanted, types)};
    struct object_get_rep reply;
    struct bytes label, value;
    char number[16] = "";
    struct span room = {own->second_room, sizeof(own->second_room)};
    if (client_object_get(own->client, &request, &reply, room) != STATUS_OK ||
        attributes_find(reply.attributes, ATTRIBUTE_LABEL, &label) != STATUS_OK ||
        attributes_find(reply.attributes, ATTRIBUTE_VALUE, &value) != STATUS_OK ||
        label.size >= sizeof(number)) {
        snprintf(own->text, own->size, "an object cannot be read");
        return false;
    }
    bytes_copy((uint8_t *)number, label);
    unsigned long index = strtoul(number, NULL, 10);
    if (index == 0 || index >= OBJECTS_IN_LOAD || own->seen[index] != 0) {
        snprintf(own->text, own->size, "object '%s' is there twice, or was never made", number);
        return false;
    }
    own->seen[index] = 1;
    object_value((uint32_t)index, expected);
    if (!bytes_equal(value, bytes_of(expected, sizeof(expected)))) {
        snprintf(own->text, own->size, "object %lu has another value", index);
        return false;
    }
    return true;
}

static bool look_at_all(struct inventory *own) {
    uint8_t template[64];
    size_t used = 0;
    struct span to = {template, sizeof(template)};
    struct object_find_rep reply = {.cursor = 0};
    if (attributes_add(to, &used, ATTRIBUTE_APPLICATION, bytes_of_text("load")) != STATUS_OK) {
        return false;
    }
    do {
        const struct object_find_req request = {own->session, reply.cursor,
                                                bytes_of(template, used)};
        if (client_object_find(own->client, &request, &reply,
                               (struct span){own->room, sizeof(own->room)}) != STATUS_OK) {
            snprintf(own->text, own->size, "the objects cannot be searched");
            return false;
        }
        for (size_t i = 0; i + 8 <= reply.objects.size; i += 8) {
            if (!look_at(own, load_u64(reply.objects.data + i))) {
                return false;
            }
        }
    } while (reply.cursor != 0);
    return true;
}

bool objects_are_right(char *text, size_t size) {
    static struct inventory own;
    own.text = text;
    own.size = size;
    const struct session_open_req request = {.slot = 0, .read_write = 0};
    struct session_open_rep reply;
    if (client_open(&own.client, client_address(NULL)) != STATUS_OK ||
        client_session_open(own.client, &request, &reply,
                            (struct span){own.room, sizeof(own.room)}) != STATUS_OK) {
        snprintf(text, size, "the module cannot be reached any more");
        return false;
    }
    own.session = reply.session;
    bool right = look_at_all(&own);
    uint32_t count = atomic_load(&load->object_count);
    for (uint32_t i = 1; right && i <= count && i < OBJECTS_IN_LOAD; i++) {
        uint8_t state = atomic_load(&load->objects[i]);
        if ((state == OBJECT_THERE && !own.seen[i]) || (state == OBJECT_GONE && own.seen[i])) {
            snprintf(text, size, "object %u, %s, is %s", (unsigned)i,
                     state == OBJECT_THERE ? "acknowledged" : "destroyed",
                     own.seen[i] ? "there" : "lost");
            right = false;
        }
    }
    client_close(own.client);
    return right;
}

/* ---- the log ---- */

static bool open_log(const char *path, struct log_file *file) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return false;
    }
    void *map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return map != MAP_FAILED &&
           log_file_open(bytes_of(map, (size_t)info.st_size), file) == STATUS_OK;
}

static char first_finding[256];

static void keep_finding(void *context, const struct log_finding *finding) {
    (void)context;
    if (first_finding[0] == 0) {
        snprintf(first_finding, sizeof(first_finding), "%s", finding->text);
    }
}

bool log_is_whole(const char *path, char *text, size_t size) {
    static struct log_verifier verifier;
    struct log_file file;
    struct log_result result;
    if (!open_log(path, &file)) {
        snprintf(text, size, "the export %s cannot be read", path);
        return false;
    }
    log_verify_start(&verifier, &file.identity, keep_finding, NULL);
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    snprintf(text, size, "%llu leaves, %llu lost, end %s. %s", (unsigned long long)result.size,
             (unsigned long long)result.lost, result.end_proved ? "proved" : "not proved",
             first_finding);
    return result.ok && result.end_proved && result.lost == 0 && result.first == 0;
}

struct logged {
    uint32_t session;
    uint32_t life;
    uint32_t count[COMMANDS_MAX];
};

static struct logged logged[LIVES_MAX];
static size_t logged_count;

static int by_session(const void *a, const void *b) {
    uint32_t one = ((const struct logged *)a)->session, other = ((const struct logged *)b)->session;
    return one < other ? -1 : one > other;
}

static void collect_sessions(void) {
    uint32_t lives = atomic_load(&load->life_count);
    logged_count = 0;
    for (uint32_t i = 0; i < lives && i < LIVES_MAX; i++) {
        uint32_t session = atomic_load(&load->lives[i].session);
        if (session != 0) {
            logged[logged_count++] = (struct logged){.session = session, .life = i};
        }
    }
    qsort(logged, logged_count, sizeof(logged[0]), by_session);
}

/* Leaves of what was done; what was refused is not acknowledged. */
static bool count_leaves(struct bytes entries) {
    struct log_entry entry;
    struct log_leaf leaf;
    enum status status = log_entry_next(&entries, &entry);
    for (; status == STATUS_OK; status = log_entry_next(&entries, &entry)) {
        if (entry.kind != LOG_LEAF) {
            continue;
        }
        if (log_leaf_read(entry.bytes, &leaf) != STATUS_OK) {
            return false;
        }
        struct logged key = {.session = (uint32_t)leaf.session};
        struct logged *of = bsearch(&key, logged, logged_count, sizeof(key), by_session);
        if (of != NULL && leaf.status == STATUS_OK && leaf.event < COMMANDS_MAX) {
            of->count[leaf.event] += leaf.count;
        }
    }
    return status == STATUS_NOT_FOUND;
}

/* A life that was cut may have asked for one thing whose reply it did not see any more. */
static bool life_is_logged(const struct logged *of, char *text, size_t size) {
    const struct life *life = &load->lives[of->life];
    for (uint32_t command = 0; command < COMMANDS_MAX; command++) {
        uint32_t asked = atomic_load(&life->asked[command]);
        uint32_t acknowledged = atomic_load(&life->acknowledged[command]);
        uint32_t most = life->exact ? acknowledged : asked;
        if (of->count[command] < acknowledged || of->count[command] > most) {
            snprintf(text, size, "session %x: %u of %s acknowledged, %u asked, %u in the log",
                     (unsigned)of->session, (unsigned)acknowledged, event_name(command),
                     (unsigned)asked, (unsigned)of->count[command]);
            return false;
        }
    }
    return true;
}

bool log_has_everything(const char *path, char *text, size_t size) {
    struct log_file file;
    collect_sessions();
    if (!open_log(path, &file) || !count_leaves(file.entries)) {
        snprintf(text, size, "the export %s cannot be read", path);
        return false;
    }
    for (size_t i = 0; i < logged_count; i++) {
        if (!life_is_logged(&logged[i], text, size)) {
            return false;
        }
    }
    snprintf(text, size, "%zu sessions", logged_count);
    return logged_count > 0;
}

/* ---- times ---- */

uint64_t latency_count(enum phase phase, enum work work) {
    uint64_t sum = 0;
    for (size_t i = 0; i < LATENCY_CELLS; i++) {
        sum += atomic_load(&load->latencies[phase][work][i]);
    }
    return sum;
}

double latency_us(enum phase phase, enum work work, uint32_t part) {
    uint64_t rank = latency_count(phase, work) * part / 1000;
    uint64_t sum = 0;
    size_t cell = 0;
    while (cell < LATENCY_CELLS) {
        sum += atomic_load(&load->latencies[phase][work][cell]);
        if (sum > rank) {
            break;
        }
        cell++;
    }
    size_t power = cell < 2 * LATENCY_STEPS ? 0 : cell / LATENCY_STEPS - 1;
    size_t digits = cell < 2 * LATENCY_STEPS ? cell : LATENCY_STEPS + cell % LATENCY_STEPS;
    return (double)((uint64_t)digits << power);
}

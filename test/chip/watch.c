/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through all RAM of the emulated chip for the bytes of keys. */
#include "test/chip/watch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    RAM_SIZE = 128 * 1024,
    WINDOW = 8,
    WINDOWS_MAX = 8192,
    PATIENCE = 20,
    PAUSE_MS = 25,
    PLACES = 3
};
static const uint32_t ram_at = 0x38000000;

uint64_t watch_looks, watch_residues;

struct window {
    const char *name;
    uint8_t bytes[WINDOW];
    int next; /* with the same first two bytes; -1: none */
};
static struct window windows[WINDOWS_MAX];
static int window_count, first[65536];
static FILE *probe;
static struct {
    const char *name;
    uint32_t from, to;
    const int *when;
    uint64_t hits;
} places[PLACES];
static size_t place_count;
static uint8_t ram[RAM_SIZE];

static void must(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "watch: %s\n", what);
        exit(1);
    }
}

void watch_open(const char *folder) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/test.sock", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(length > 0 && (size_t)length < sizeof(address.sun_path), "the folder's name is too long");
    must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "no probe");
    probe = fdopen(fd, "r+");
    must(probe != NULL, "no probe");
    memset(first, 0xff, sizeof(first));
}

void watch_allow(const char *name, uint32_t from, uint32_t to, const int *when) {
    must(place_count < PLACES && from < to, name);
    places[place_count].name = name;
    places[place_count].from = from;
    places[place_count].when = when;
    places[place_count++].to = to;
}

void watch_close(void) {
    fclose(probe);
    probe = NULL;
}

bool watch_is_open(void) {
    return probe != NULL;
}

/* ---- what is looked for ---- */

static int bucket_of(const uint8_t *bytes) {
    return bytes[0] | bytes[1] << 8;
}

static void add_window(const char *name, const uint8_t *bytes, bool backwards) {
    must(window_count < WINDOWS_MAX, "too many secrets");
    struct window *window = &windows[window_count];
    for (int i = 0; i < WINDOW; i++) {
        window->bytes[i] = bytes[backwards ? WINDOW - 1 - i : i];
    }
    window->name = name;
    window->next = first[bucket_of(window->bytes)];
    first[bucket_of(window->bytes)] = window_count++;
}

void watch_secret(const char *name, struct bytes value) {
    for (size_t at = 0; at + WINDOW <= value.size; at++) {
        add_window(name, value.data + at, false);
        add_window(name, value.data + at, true);
    }
}

/* ---- looking ---- */

static int digit(int c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void read_ram(void) {
    static char line[2 * RAM_SIZE + 64];
    fprintf(probe, "read 0x%x 0x%x\n", ram_at, RAM_SIZE);
    fflush(probe);
    do {
        must(fgets(line, sizeof(line), probe) != NULL, "the chip is off");
    } while (strncmp(line, "OK 0x", 5) != 0);
    for (size_t i = 0; i < RAM_SIZE; i++) {
        ram[i] = (uint8_t)(digit(line[5 + 2 * i]) << 4 | digit(line[6 + 2 * i]));
    }
}

static const struct window *window_at(size_t at) {
    for (int i = first[bucket_of(ram + at)]; i >= 0; i = windows[i].next) {
        if (memcmp(windows[i].bytes, ram + at, WINDOW) == 0) {
            return &windows[i];
        }
    }
    return NULL;
}

static bool is_allowed(uint32_t address) {
    for (size_t i = 0; i < place_count; i++) {
        bool now = places[i].when == NULL || *places[i].when != 0;
        if (now && address >= places[i].from && address + WINDOW <= places[i].to) {
            places[i].hits++;
            return true;
        }
    }
    return false;
}

/* Hits outside the arena; tells of each run of them where asked to. */
static size_t search(const char *tell) {
    size_t outside = 0, last = 0;
    for (size_t at = 0; at + WINDOW <= RAM_SIZE; at++) {
        const struct window *found = window_at(at);
        uint32_t address = ram_at + (uint32_t)at;
        if (found == NULL) {
            continue;
        }
        if (is_allowed(address)) {
            continue;
        }
        if (tell != NULL && (outside == 0 || at > last + 1)) {
            printf("# RESIDUE after %s: %s at 0x%x\n", tell, found->name, address);
        }
        last = at;
        outside++;
    }
    return outside;
}

void watch_look(const char *after) {
    watch_looks++;
    for (int i = 0; i < PATIENCE; i++) {
        read_ram();
        if (search(NULL) == 0) {
            return;
        }
        poll(NULL, 0, PAUSE_MS); /* the answer is out before the loop has come to its end */
    }
    watch_residues++;
    (void)search(after);
}

void watch_report(void) {
    printf("# memory: searched %llu times for %d pieces of keys, %llu times a residue\n",
           (unsigned long long)watch_looks, window_count, (unsigned long long)watch_residues);
    for (size_t i = 0; i < place_count; i++) {
        printf("# memory: %s, 0x%x to 0x%x: %llu hits\n", places[i].name, places[i].from,
               places[i].to, (unsigned long long)places[i].hits);
    }
    must(place_count > 0 && places[0].hits > 0, "the search never saw a key that was ready");
}

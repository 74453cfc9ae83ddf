/* SPDX-License-Identifier: Apache-2.0 */
/* Connections by address. */
#include "host/openssl-provider/connection.h"

#include <pthread.h>
#include <stdlib.h>

static struct {
    pthread_mutex_t lock;
    bool watches_fork;
    uint64_t newest;
    struct connection *list;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Runs in the child of fork(), alone: the parent's connections are let go untouched, at once, since
 * later their descriptors may be somebody else's. */
static void forget_parent(void) {
    (void)pthread_mutex_init(&process.lock, NULL);
    while (process.list != NULL) {
        struct connection *first = process.list;
        process.list = first->next;
        client_abandon(first->client);
        free(first);
    }
}

/* Drops one reference; a broken connection that nobody uses goes. The lock is held. */
static void drop(struct connection *connection) {
    if (--connection->references > 0 || !connection->broken) {
        return;
    }
    for (struct connection **at = &process.list; *at != NULL; at = &(*at)->next) {
        if (*at == connection) {
            *at = connection->next;
            break;
        }
    }
    client_close(connection->client);
    free(connection);
}

static struct connection *find(const char *address) {
    for (struct connection *each = process.list; each != NULL; each = each->next) {
        if (!each->broken && strcmp(each->address, address) == 0) {
            return each;
        }
    }
    return NULL;
}

static enum status connect_to(const char *address, struct connection **connection) {
    size_t size = strlen(address) + 1;
    if (!process.watches_fork && pthread_atfork(NULL, NULL, forget_parent) != 0) {
        return STATUS_MEMORY;
    }
    process.watches_fork = true;
    struct connection *fresh = calloc(1, sizeof(*fresh) + size);
    if (fresh == NULL) {
        return STATUS_MEMORY;
    }
    enum status status = client_open(&fresh->client, address);
    if (status != STATUS_OK) {
        free(fresh);
        return status;
    }
    memcpy(fresh->address, address, size);
    fresh->serial = ++process.newest;
    fresh->next = process.list;
    process.list = fresh;
    *connection = fresh;
    return STATUS_OK;
}

enum status connection_take(const char *address, struct connection **connection) {
    enum status status = STATUS_OK;
    (void)pthread_mutex_lock(&process.lock);
    struct connection *found = find(address);
    if (found == NULL) {
        status = connect_to(address, &found);
    }
    if (status == STATUS_OK) {
        found->references++;
        *connection = found;
    }
    (void)pthread_mutex_unlock(&process.lock);
    return status;
}

void connection_give(struct connection *connection, enum status outcome) {
    (void)pthread_mutex_lock(&process.lock);
    connection->broken = connection->broken || outcome == STATUS_DISCONNECTED;
    drop(connection);
    (void)pthread_mutex_unlock(&process.lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The library in this process: start, stop, fork, and the connection to the module. */
#include "host/pkcs11/library.h"

#include "host/pkcs11/session.h"

#include <pthread.h>
#include <stdlib.h>

static struct {
    pthread_mutex_t lock;
    atomic_bool ready;
    bool watching_fork;
    atomic_uint epoch;
    atomic_uint newest;
    struct connection *current;
    struct connection *all;
} library = {.lock = PTHREAD_MUTEX_INITIALIZER, .epoch = 1};

CK_RV library_ready(void) {
    return atomic_load_explicit(&library.ready, memory_order_acquire)
               ? CKR_OK
               : CKR_CRYPTOKI_NOT_INITIALIZED;
}

unsigned epoch_now(void) {
    return atomic_load_explicit(&library.epoch, memory_order_acquire);
}

void epoch_end(void) {
    atomic_fetch_add_explicit(&library.epoch, 1, memory_order_acq_rel);
}

unsigned connection_newest(void) {
    return atomic_load_explicit(&library.newest, memory_order_acquire);
}

/* Runs in the child of fork(), alone. What belongs to the parent is let go at once, without
 * touching it: later its file descriptors may be somebody else's. Other threads of the parent may
 * have held locks. */
static void forget_parent(void) {
    atomic_store(&library.ready, false);
    (void)pthread_mutex_init(&library.lock, NULL);
    for (struct connection *each = library.all; each != NULL; each = each->next) {
        client_abandon(each->client);
    }
    library.all = NULL;
    library.current = NULL;
    session_forget_all();
    epoch_end();
}

CK_RV library_start(void) {
    CK_RV rv = CKR_OK;
    (void)pthread_mutex_lock(&library.lock);
    if (atomic_load(&library.ready)) {
        rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
    } else if (!library.watching_fork && pthread_atfork(NULL, NULL, forget_parent) != 0) {
        rv = CKR_HOST_MEMORY;
    } else {
        library.watching_fork = true;
        atomic_store_explicit(&library.ready, true, memory_order_release);
    }
    (void)pthread_mutex_unlock(&library.lock);
    return rv;
}

/* Drops one reference; the last one closes. The library's lock is held. */
static void drop(struct connection *connection) {
    if (--connection->references > 0) {
        return;
    }
    for (struct connection **at = &library.all; *at != NULL; at = &(*at)->next) {
        if (*at == connection) {
            *at = connection->next;
            break;
        }
    }
    client_close(connection->client);
    free(connection);
}

static void drop_current(void) {
    if (library.current != NULL) {
        struct connection *old = library.current;
        library.current = NULL;
        drop(old);
    }
}

/* Closes what C_Finalize finds open. The module would do so by itself as the connection goes;
 * asked, it has done so when C_Finalize returns. The library's lock is held. */
static void close_in_module(uint32_t slots) {
    SMALL_ROOM(room);
    struct session_close_all_rep reply;
    for (uint32_t slot = 0; library.current != NULL && slot < 32; slot++) {
        if ((slots >> slot & 1) != 0) {
            struct session_close_all_req request = {.slot = slot};
            enum status status =
                client_session_close_all(library.current->client, &request, &reply, room);
            (void)status; /* see above */
        }
    }
}

CK_RV library_stop(void) {
    if (!atomic_exchange(&library.ready, false)) {
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    uint32_t slots = session_end_all(NULL);
    (void)pthread_mutex_lock(&library.lock);
    close_in_module(slots);
    drop_current();
    (void)pthread_mutex_unlock(&library.lock);
    return CKR_OK;
}

/* Opens a new connection as the current one. The library's lock is held. */
static enum status open_current(void) {
    struct client *client = NULL;
    TRY(client_open(&client, client_address(NULL)));
    struct connection *fresh = calloc(1, sizeof(*fresh));
    if (fresh == NULL) {
        client_close(client);
        return STATUS_MEMORY;
    }
    fresh->client = client;
    fresh->references = 1;
    fresh->serial = atomic_fetch_add(&library.newest, 1) + 1;
    fresh->next = library.all;
    library.all = fresh;
    library.current = fresh;
    return STATUS_OK;
}

enum status connection_take(struct connection **connection) {
    enum status status = STATUS_OK;
    (void)pthread_mutex_lock(&library.lock);
    if (library.current != NULL && !client_alive(library.current->client)) {
        atomic_store(&library.current->broken, true);
    }
    if (library.current != NULL && atomic_load(&library.current->broken)) {
        drop_current();
        epoch_end();
    }
    if (library.current == NULL) {
        status = open_current();
    }
    if (status == STATUS_OK) {
        library.current->references++;
        *connection = library.current;
    }
    (void)pthread_mutex_unlock(&library.lock);
    return status;
}

void connection_release(struct connection *connection) {
    (void)pthread_mutex_lock(&library.lock);
    drop(connection);
    (void)pthread_mutex_unlock(&library.lock);
}

enum status connection_heed(struct connection *connection, enum status status) {
    if (status == STATUS_DISCONNECTED) {
        atomic_store(&connection->broken, true);
        epoch_end();
    }
    return status;
}

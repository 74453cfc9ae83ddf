/* SPDX-License-Identifier: Apache-2.0 */
/* The table of sessions.
 *
 * A handle is generation * TABLE_SIZE + index + 1: an entry that is used again has another
 * handle. */
#include "host/pkcs11/session.h"

#include "base/wipe.h"

#include <stdlib.h>

enum { TABLE_SIZE = SESSIONS_PER_CONNECTION, GENERATIONS = 1 << 18 };

static struct {
    pthread_mutex_t lock; /* of the fields below; taken after a session's own lock */
    unsigned free_count;
    uint16_t free[TABLE_SIZE];
    atomic_uint known; /* entries that have ever been used; their locks are ready */
    unsigned swept;    /* connection for which dead sessions were removed */
    struct session entries[TABLE_SIZE];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static unsigned index_of(const struct session *session) {
    return (unsigned)(session - table.entries);
}

static CK_SESSION_HANDLE handle_of(const struct session *session) {
    return (CK_SESSION_HANDLE)session->generation * TABLE_SIZE + index_of(session) + 1;
}

/* Takes an entry that is not open, its lock held; NULL when all are in use. */
static struct session *take_entry(void) {
    struct session *session = NULL;
    (void)pthread_mutex_lock(&table.lock);
    unsigned known = atomic_load(&table.known);
    if (table.free_count > 0) {
        session = &table.entries[table.free[--table.free_count]];
    } else if (known < TABLE_SIZE) {
        session = &table.entries[known];
        (void)pthread_mutex_init(&session->lock, NULL);
        atomic_store_explicit(&table.known, known + 1, memory_order_release);
    }
    (void)pthread_mutex_unlock(&table.lock);
    if (session != NULL) {
        (void)pthread_mutex_lock(&session->lock);
    }
    return session;
}

static void give_entry(struct session *session) {
    (void)pthread_mutex_lock(&table.lock);
    table.free[table.free_count++] = (uint16_t)index_of(session);
    (void)pthread_mutex_unlock(&table.lock);
}

void session_end_search(struct session *session) {
    buffer_free(&session->search.request);
    buffer_free(&session->search.page);
    session->search = (struct search){.active = false};
}

/* Empties an open entry; its lock is held. */
static void end_session(struct session *session) {
    for (unsigned i = 0; i < PLACE_COUNT; i++) {
        operation_clear(&session->operations[i]);
        session->operations[i].epoch = 0;
    }
    session_end_search(session);
    buffer_free(&session->room);
    struct connection *connection = session->connection;
    session->connection = NULL;
    session->strict_epoch = 0;
    session->open = false;
    session->generation = (session->generation + 1) % GENERATIONS;
    give_entry(session);
    connection_release(connection);
}

/* Removes the sessions that ended with an older connection, once for each new one. */
static void sweep_dead(unsigned serial) {
    (void)pthread_mutex_lock(&table.lock);
    bool needed = table.swept != serial;
    table.swept = serial;
    (void)pthread_mutex_unlock(&table.lock);
    unsigned known = needed ? atomic_load_explicit(&table.known, memory_order_acquire) : 0;
    for (unsigned i = 0; i < known; i++) {
        struct session *session = &table.entries[i];
        (void)pthread_mutex_lock(&session->lock);
        if (session->open && atomic_load(&session->connection->broken)) {
            end_session(session);
        }
        (void)pthread_mutex_unlock(&session->lock);
    }
}

static CK_RV open_in_module(struct connection *connection, CK_SLOT_ID slot, bool read_write,
                            uint32_t *number) {
    SMALL_ROOM(room);
    if (slot > UINT32_MAX) {
        return CKR_SLOT_ID_INVALID;
    }
    struct session_open_req request = {.slot = (uint32_t)slot, .read_write = read_write ? 1 : 0};
    struct session_open_rep reply = {0};
    enum status status = connection_heed(
        connection, client_session_open(connection->client, &request, &reply, room));
    *number = reply.session;
    return result_of(status);
}

CK_RV session_open(CK_SLOT_ID slot, bool read_write, CK_SESSION_HANDLE *handle) {
    struct connection *connection = NULL;
    uint32_t number = 0;
    enum status status = connection_take(&connection);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    sweep_dead(connection->serial);
    CK_RV rv = open_in_module(connection, slot, read_write, &number);
    struct session *session = rv == CKR_OK ? take_entry() : NULL;
    if (session == NULL) {
        connection_release(connection);
        return rv == CKR_OK ? CKR_SESSION_COUNT : rv;
    }
    session->open = true;
    session->connection = connection;
    session->number = number;
    session->slot = slot;
    *handle = handle_of(session);
    (void)pthread_mutex_unlock(&session->lock);
    return CKR_OK;
}

/* Finds and locks an open entry, whether or not its module is still there. */
static CK_RV lock_entry(CK_SESSION_HANDLE handle, struct session **session) {
    RV_TRY(library_ready());
    CK_SESSION_HANDLE place = handle - 1;
    struct session *entry = &table.entries[place % TABLE_SIZE];
    if (handle == CK_INVALID_HANDLE ||
        index_of(entry) >= atomic_load_explicit(&table.known, memory_order_acquire)) {
        return CKR_SESSION_HANDLE_INVALID;
    }
    (void)pthread_mutex_lock(&entry->lock);
    if (!entry->open || handle_of(entry) != handle) {
        (void)pthread_mutex_unlock(&entry->lock);
        return CKR_SESSION_HANDLE_INVALID;
    }
    *session = entry;
    return CKR_OK;
}

CK_RV session_enter(CK_SESSION_HANDLE handle, struct session **session) {
    struct session *entry = NULL;
    RV_TRY(lock_entry(handle, &entry));
    if (atomic_load_explicit(&entry->connection->broken, memory_order_acquire)) {
        bool replaced = entry->connection->serial != connection_newest();
        session_leave(entry);
        return replaced ? CKR_SESSION_HANDLE_INVALID : CKR_DEVICE_REMOVED;
    }
    *session = entry;
    return CKR_OK;
}

void session_leave(struct session *session) {
    (void)pthread_mutex_unlock(&session->lock);
}

CK_RV session_check(CK_SESSION_HANDLE handle) {
    struct session *session = NULL;
    RV_TRY(session_enter(handle, &session));
    session_leave(session);
    return CKR_OK;
}

/* Closes an open entry here and in the module; its lock is held. Whatever the module answers, the
 * caller is rid of it: a session that the module does not know is closed. */
static void close_entry(struct session *session) {
    SMALL_ROOM(room);
    struct session_close_req request = {0};
    struct session_close_rep reply;
    enum status status = STATUS_OK;
    if (!atomic_load(&session->connection->broken)) {
        SESSION_CALL(status, session, session_close, request, &reply, room);
    }
    (void)status;
    end_session(session);
}

CK_RV session_close(CK_SESSION_HANDLE handle) {
    struct session *session = NULL;
    RV_TRY(lock_entry(handle, &session));
    close_entry(session);
    session_leave(session);
    epoch_end(); /* the last session of a token takes the login along */
    return CKR_OK;
}

uint32_t session_end_all(const CK_SLOT_ID *slot) {
    unsigned known = atomic_load_explicit(&table.known, memory_order_acquire);
    uint32_t slots = 0;
    for (unsigned i = 0; i < known; i++) {
        struct session *session = &table.entries[i];
        (void)pthread_mutex_lock(&session->lock);
        if (session->open && (slot == NULL || session->slot == *slot)) {
            bool there = !atomic_load(&session->connection->broken) && session->slot < 32;
            slots |= there ? 1u << session->slot : 0;
            end_session(session);
        }
        (void)pthread_mutex_unlock(&session->lock);
    }
    epoch_end();
    return slots;
}

void session_forget_all(void) {
    (void)pthread_mutex_init(&table.lock, NULL);
    unsigned known = atomic_load(&table.known);
    for (unsigned i = 0; i < known; i++) {
        uint32_t generation = table.entries[i].generation;
        /* Another thread of the parent may have been changing it: nothing in it is freed. */
        wipe(&table.entries[i], sizeof(table.entries[i]));
        table.entries[i].generation = (generation + 1) % GENERATIONS;
    }
    atomic_store(&table.known, 0);
    table.free_count = 0;
}

struct span session_room(struct session *session) {
    struct buffer *room = &session->room;
    room->used = 0;
    if (buffer_reserve(room, CLIENT_ROOM_SIZE) != CKR_OK) {
        return (struct span){NULL, 0};
    }
    room->used = CLIENT_ROOM_SIZE; /* wiped as a whole when it is freed */
    return (struct span){room->data, room->used};
}

/* Only the strict profile is remembered: a token may become strict at any time, and then takes no
 * other IV; one that became compatible unseen makes the IV all the same. */
static CK_RV ask_for_profile(struct session *session, bool *strict) {
    SMALL_ROOM(room);
    struct token_info_req request = {.slot = (uint32_t)session->slot};
    struct token_info_rep reply = {0};
    unsigned epoch = epoch_now();
    enum status status =
        connection_heed(session->connection,
                        client_token_info(session->connection->client, &request, &reply, room));
    *strict = status == STATUS_OK && reply.profile == PROFILE_OF_TOKEN_STRICT;
    session->strict_epoch = *strict ? epoch : 0;
    return result_of(status);
}

CK_RV session_settle_iv(struct session *session, struct mechanism_read *read) {
    bool strict = session->strict_epoch == epoch_now();
    CK_RV rv = CKR_OK;
    if (!read->iv_wanted) {
        return CKR_OK;
    }
    if (!strict) {
        rv = ask_for_profile(session, &strict);
    }
    if (strict) {
        read->mechanism.iv = bytes_of(NULL, 0);
        read->mechanism.make_iv = 1;
    } else {
        read->iv = NULL;
    }
    return rv;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Objects: create, copy, destroy, attributes, search (section 5.7). */
#include "host/pkcs11/session.h"
#include "host/pkcs11/templates.h"

static CK_RV create(struct session *session, struct bytes attributes, CK_OBJECT_HANDLE *object) {
    SMALL_ROOM(room);
    struct object_create_req request = {.attributes = attributes};
    struct object_create_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, object_create, request, &reply, room);
    return status == STATUS_OK ? result_handle(reply.object, object) : result_of(status);
}

CK_RV C_CreateObject(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount,
                     CK_OBJECT_HANDLE_PTR phObject) {
    struct session *session = NULL;
    struct buffer attributes = {NULL, 0, 0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = phObject == NULL ? CKR_ARGUMENTS_BAD
                                : templates_encode(pTemplate, ulCount, &attributes);
    if (rv == CKR_OK) {
        rv = create(session, buffer_bytes(&attributes), phObject);
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}

static CK_RV copy(struct session *session, uint64_t object, struct bytes attributes,
                  CK_OBJECT_HANDLE *made) {
    SMALL_ROOM(room);
    struct object_copy_req request = {.object = object, .attributes = attributes};
    struct object_copy_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, object_copy, request, &reply, room);
    return status == STATUS_OK ? result_handle(reply.object, made) : result_of(status);
}

CK_RV C_CopyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate,
                   CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phNewObject) {
    struct session *session = NULL;
    struct buffer attributes = {NULL, 0, 0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = phNewObject == NULL ? CKR_ARGUMENTS_BAD
                                   : templates_encode(pTemplate, ulCount, &attributes);
    if (rv == CKR_OK) {
        rv = copy(session, hObject, buffer_bytes(&attributes), phNewObject);
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    struct object_destroy_req request = {.object = hObject};
    struct object_destroy_rep reply;
    enum status status = STATUS_INTERNAL;
    RV_TRY(session_enter(hSession, &session));
    SESSION_CALL(status, session, object_destroy, request, &reply, room);
    epoch_end();
    session_leave(session);
    return result_of(status);
}

/* Asks for attributes; the answer lies in the session's room. */
static CK_RV ask(struct session *session, uint64_t object, struct bytes types,
                 struct object_get_rep *reply) {
    struct span room = session_room(session);
    struct object_get_req request = {.object = object, .types = types};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, object_get, request, reply, room);
    return result_of(status);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize) {
    struct session *session = NULL;
    struct object_get_rep reply = {0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (pulSize != NULL) {
        rv = ask(session, hObject, bytes_of(NULL, 0), &reply);
    }
    if (rv == CKR_OK) {
        *pulSize = reply.size;
    }
    session_leave(session);
    return rv;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject,
                          CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
    struct session *session = NULL;
    struct buffer types = {NULL, 0, 0};
    struct object_get_rep reply = {0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = pTemplate == NULL ? CKR_ARGUMENTS_BAD : templates_types(pTemplate, ulCount, &types);
    if (rv == CKR_OK) {
        rv = ask(session, hObject, buffer_bytes(&types), &reply);
    }
    if (rv == CKR_OK) {
        rv = templates_fill(pTemplate, ulCount, reply.attributes);
    }
    buffer_free(&types);
    session_leave(session);
    return rv;
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject,
                          CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    struct buffer attributes = {NULL, 0, 0};
    struct object_set_rep reply;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = pTemplate == NULL ? CKR_ARGUMENTS_BAD
                                 : templates_encode(pTemplate, ulCount, &attributes);
    if (rv == CKR_OK) {
        struct object_set_req request = {.object = hObject,
                                         .attributes = buffer_bytes(&attributes)};
        enum status status = STATUS_INTERNAL;
        SESSION_CALL(status, session, object_set, request, &reply, room);
        rv = result_of(status);
        epoch_end();
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}

/* Gets the next page of a search. */
static CK_RV next_page(struct session *session) {
    struct search *search = &session->search;
    struct span room = session_room(session);
    struct object_find_req request = {.cursor = search->cursor,
                                      .attributes = buffer_bytes(&search->request)};
    struct object_find_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, object_find, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    search->page.used = 0;
    search->given = 0;
    search->cursor = reply.cursor;
    search->ended = reply.cursor == 0;
    return reply.objects.size % 8 == 0 ? buffer_append(&search->page, reply.objects)
                                       : CKR_DEVICE_ERROR;
}

static CK_RV start_search(struct session *session, const CK_ATTRIBUTE *template, CK_ULONG count) {
    struct search *search = &session->search;
    if (search->active) {
        return CKR_OPERATION_ACTIVE;
    }
    CK_RV rv = templates_encode(template, count, &search->request);
    /* What no object can have matches none. */
    bool nothing = rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_VALUE_INVALID;
    if (nothing) {
        search->ended = true;
        rv = CKR_OK;
    } else if (rv == CKR_OK) {
        rv = next_page(session);
    }
    if (rv != CKR_OK) {
        session_end_search(session);
        return rv;
    }
    search->active = true;
    return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = start_search(session, pTemplate, ulCount);
    session_leave(session);
    return rv;
}

static CK_RV give_handles(struct session *session, CK_OBJECT_HANDLE *handles, CK_ULONG max,
                          CK_ULONG *count) {
    struct search *search = &session->search;
    *count = 0;
    while (*count < max) {
        if (search->given == search->page.used) {
            if (search->ended) {
                break;
            }
            RV_TRY(next_page(session));
            continue;
        }
        uint64_t handle = load_u64(search->page.data + search->given);
        RV_TRY(result_handle(handle, &handles[*count]));
        search->given += sizeof(handle);
        (*count)++;
    }
    return CKR_OK;
}

CK_RV C_FindObjects(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE_PTR phObject,
                    CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_OPERATION_NOT_INITIALIZED;
    if (pulObjectCount == NULL || (phObject == NULL && ulMaxObjectCount > 0)) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (session->search.active) {
        rv = give_handles(session, phObject, ulMaxObjectCount, pulObjectCount);
    }
    session_leave(session);
    return rv;
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE hSession) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = session->search.active ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    session_end_search(session);
    session_leave(session);
    return rv;
}

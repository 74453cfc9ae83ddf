/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's end of the line. */
#include "body/firmware/serve.h"
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/crypto.h"
#include "port/port.h"

void serve_start(struct serve *serve, struct hsm *hsm, struct call *call) {
    wipe(serve, sizeof(*serve));
    serve->hsm = hsm;
    serve->call = call;
    line_start(&serve->line, false);
}

/* ---- the channel ---- */

static void drop_connection(struct serve *serve, uint32_t connection) {
    serve->connections &= ~((uint64_t)1 << connection);
    hsm_disconnect(serve->hsm, connection);
}

static void end_channel(struct serve *serve) {
    noise_close(&serve->channel);
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        if ((serve->connections >> i & 1) != 0) {
            drop_connection(serve, i);
        }
    }
}

static void refuse(struct serve *serve, enum status status) {
    end_channel(serve);
    serve->line.out[0] = MESSAGE_REFUSED;
    save_u32(serve->line.out + 1, (uint32_t)status);
    line_send(&serve->line, REFUSED_SIZE);
}

/* The chip's own key: made of the root key each time, so that it ends with it. */
static enum status own_pair(struct noise_pair *pair) {
    SECRET_BYTES(root, ROOT_KEY_SIZE);
    enum status status = port_root_read(root, false);
    if (status != STATUS_OK) {
        return status != STATUS_NOT_FOUND ? status
               : port_tampered()          ? STATUS_TAMPERED
                                          : STATUS_ZEROIZED;
    }
    struct span out = {pair->private_key, sizeof(pair->private_key)};
    TRY(crypto_hkdf(bytes_of(root, sizeof(root)), (struct bytes){0},
                    bytes_of_text("Edge HSM line key 1"), out));
    return noise_pair_complete(pair);
}

/* The host that is known already may ask again: its answer may have been lost with the power. */
static enum status keep_host(struct bytes host) {
    uint8_t known[PAIRING_SIZE];
    enum status status = port_pairing_read(known);
    if (status == STATUS_NOT_FOUND) {
        return port_pairing_write(host.data);
    }
    TRY(status);
    return ct_equal(known, host.data, sizeof(known)) ? STATUS_OK : STATUS_ALREADY_PAIRED;
}

static enum status pair_with(struct serve *serve, struct bytes host) {
    struct noise_pair own;
    WIPE_AT_END(own, sizeof(own));
    TRY(own_pair(&own));
    TRY(keep_host(host));
    uint8_t *out = serve->line.out;
    TRY(message_chip_number(own.public_key, out + 1 + NOISE_KEY_SIZE));
    out[0] = MESSAGE_PAIRED;
    memcpy(out + 1, own.public_key, NOISE_KEY_SIZE);
    line_send(&serve->line, PAIRED_SIZE);
    return STATUS_OK;
}

static enum status answer_handshake(struct serve *serve, struct bytes message,
                                    const uint8_t *host) {
    struct noise noise;
    struct noise_pair own;
    WIPE_AT_END(noise, sizeof(noise));
    WIPE_AT_END(own, sizeof(own));
    uint8_t number[CHIP_NUMBER_SIZE];
    uint8_t prologue[PROLOGUE_SIZE];
    struct span nothing = {number, 0};
    struct span out = {serve->line.out + 1, NOISE_HANDSHAKE_SIZE};
    TRY(own_pair(&own));
    TRY(message_chip_number(own.public_key, number));
    message_prologue(number, prologue);
    TRY(noise_begin(&noise, false, bytes_of(prologue, sizeof(prologue)), &own, host));
    enum status status = noise_read(&noise, message, &nothing);
    if (status == STATUS_AEAD_FAILED || status == STATUS_PUBLIC_KEY_INVALID) {
        return STATUS_WRONG_PAIRING;
    }
    TRY(status);
    TRY(noise_write(&noise, (struct bytes){0}, &out));
    return noise_split(&noise, &serve->channel);
}

static enum status begin_channel(struct serve *serve, struct bytes message) {
    uint8_t host[PAIRING_SIZE];
    enum status status = port_pairing_read(host);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_NOT_PAIRED : status;
    }
    end_channel(serve);
    TRY(answer_handshake(serve, message, host));
    serve->line.out[0] = MESSAGE_BEGUN;
    line_send(&serve->line, BEGIN_SIZE);
    return STATUS_OK;
}

/* ---- requests ---- */

static enum status sync_for(struct hsm *hsm, const struct call *call) {
    if (!call_wants_sync(call)) {
        return STATUS_OK;
    }
    TRY(port_flash_sync());
    TRY(call_wants_log_sync(call) ? port_log_sync() : STATUS_OK);
    hsm_synced(hsm, call);
    return STATUS_OK;
}

static struct bytes run(struct serve *serve, uint32_t connection, struct bytes request) {
    uint8_t *room = serve->line.out + CONTENT_AT;
    bool known = connection < CONNECTIONS_MAX && (serve->connections >> connection & 1) != 0;
    if (!known) {
        return hsm_failure_reply(STATUS_DISCONNECTED, room);
    }
    if (request.size > FRAME_HEADER_SIZE + FRAME_BODY_MAX) {
        return hsm_failure_reply(STATUS_TOO_LARGE, room);
    }
    struct span reply = {room, FRAME_HEADER_SIZE + FRAME_BODY_MAX};
    hsm_check(serve->hsm, serve->call, connection, request, reply);
    enum status before = sync_for(serve->hsm, serve->call);
    hsm_compute(serve->call);
    struct bytes frame = hsm_commit(serve->hsm, serve->call);
    enum status after = sync_for(serve->hsm, serve->call);
    if (before != STATUS_OK || after != STATUS_OK) {
        return hsm_failure_reply(STATUS_STORE_IO, room);
    }
    return frame;
}

static enum status read_peer(struct bytes raw, struct peer *peer) {
    struct message_peer said;
    TRY(message_peer_read(raw, &said));
    *peer = (struct peer){.uid = said.uid, .pid = said.pid};
    for (uint32_t i = 0; i < said.group_count && i < PEER_GROUPS_MAX; i++) {
        peer->groups[peer->group_count++] = said.groups[i];
    }
    return STATUS_OK;
}

static enum status connect_peer(struct serve *serve, struct bytes raw, uint32_t *connection) {
    struct peer peer;
    TRY(read_peer(raw, &peer));
    TRY(hsm_connect(serve->hsm, &peer, connection));
    serve->connections |= (uint64_t)1 << *connection;
    return STATUS_OK;
}

/* Answers in line->out from CONTENT_AT on; *size is that of the answer. STATUS_BAD_FRAME: what the
 * host's end never says. */
static enum status answer(struct serve *serve, uint8_t inner, uint32_t *connection,
                          struct bytes content, size_t *size) {
    uint8_t *out = serve->line.out + CONTENT_AT;
    struct peer peer;
    struct bytes frame;
    switch (inner) {
    case INNER_HELLO:
        save_u32(out, FRAME_BODY_MAX);
        save_u32(out + 4, CONNECTIONS_MAX);
        *size = 8;
        return STATUS_OK;
    case INNER_CONNECT:
        save_u32(out, (uint32_t)connect_peer(serve, content, connection));
        *size = 4;
        return STATUS_OK;
    case INNER_DISCONNECT:
        if (*connection < CONNECTIONS_MAX && (serve->connections >> *connection & 1) != 0) {
            drop_connection(serve, *connection);
        }
        return STATUS_OK;
    case INNER_REQUEST:
        frame = run(serve, *connection, content);
        if (frame.data != out) {
            memmove(out, frame.data, frame.size);
        }
        *size = frame.size;
        return STATUS_OK;
    case INNER_REFUSED_PEER:
        TRY(read_peer(content, &peer));
        hsm_peer_refused(serve->hsm, &peer);
        return STATUS_OK;
    default:
        return STATUS_BAD_FRAME;
    }
}

static enum status serve_sealed(struct serve *serve, struct span message) {
    uint8_t inner = 0;
    uint32_t connection = 0;
    struct bytes content = {0};
    size_t size = 0;
    if (!serve->channel.open) {
        return STATUS_DISCONNECTED;
    }
    TRY(message_open_sealed(message, &serve->channel, &inner, &connection, &content));
    TRY(answer(serve, inner, &connection, content, &size));
    serve->line.out[1] = inner;
    save_u32(serve->line.out + 2, connection);
    return message_send_sealed(&serve->line, &serve->channel, size);
}

/* ---- the loop's functions ---- */

void serve_feed(struct serve *serve, struct bytes bytes, uint64_t now_ms) {
    line_feed(&serve->line, bytes, now_ms);
    if (serve->resets != serve->line.resets) {
        serve->resets = serve->line.resets;
        end_channel(serve);
    }
}

size_t serve_take(struct serve *serve, uint8_t *to, size_t room, uint64_t now_ms) {
    return line_take(&serve->line, to, room, now_ms);
}

uint32_t serve_wait_ms(const struct serve *serve, uint64_t now_ms) {
    return line_wait_ms(&serve->line, now_ms);
}

static enum status serve_message(struct serve *serve, struct span message) {
    struct bytes rest = bytes_of(message.data + 1, message.size - 1);
    switch (message.data[0]) {
    case MESSAGE_PAIR:
        return message.size == PAIR_SIZE ? pair_with(serve, rest) : STATUS_BAD_FRAME;
    case MESSAGE_BEGIN:
        return message.size == BEGIN_SIZE ? begin_channel(serve, rest) : STATUS_BAD_FRAME;
    case MESSAGE_SEALED:
        return serve_sealed(serve, message);
    default:
        return STATUS_BAD_FRAME;
    }
}

bool serve_work(struct serve *serve) {
    struct span message;
    if (!line_message(&serve->line, &message) || !line_idle(&serve->line)) {
        return false;
    }
    enum status status = serve_message(serve, message);
    if (status != STATUS_OK) {
        refuse(serve, status);
    }
    line_done(&serve->line);
    return true;
}

void serve_tick(struct serve *serve) {
    if (hsm_tick(serve->hsm) && port_flash_sync() == STATUS_OK && port_log_sync() == STATUS_OK) {
        return; /* otherwise the next command that needs the store is refused */
    }
}

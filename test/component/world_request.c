/* SPDX-License-Identifier: Apache-2.0 */
/* A valid request of every command: one function each, so that a new command without one does not
 * link. */
#include "test/component/officer.h"
#include "test/component/world.h"

#define COMMAND(number, name, states, role, audit, steps, text) \
    static void ask_##name(struct world *world, struct name##_req *req);
#include "proto/commands.def"
#undef COMMAND

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};

static const struct world_keys *keys_of(const struct world *world) {
    return &world->keys[world->open];
}

/* Objects that requests make: private ones in the token; those for everybody in the session. */
static struct bytes template_for(struct world *world, struct template *template) {
    template_start(template);
    template_bool(template, ATTRIBUTE_TOKEN, !world->open);
    template_bool(template, ATTRIBUTE_PRIVATE, !world->open);
    template_text(template, ATTRIBUTE_LABEL, "made");
    return template_of(template);
}

/* ---- the module ---- */

static void ask_hello(struct world *world, struct hello_req *req) {
    (void)world;
    req->version = PROTOCOL_VERSION;
}

static void ask_status(struct world *world, struct status_req *req) {
    (void)world;
    (void)req;
}

static void ask_self_test(struct world *world, struct self_test_req *req) {
    (void)world;
    (void)req;
}

static void ask_random(struct world *world, struct random_req *req) {
    *req = (struct random_req){world->session, 32};
}

static void ask_zeroize(struct world *world, struct zeroize_req *req) {
    req->session = world->session;
}

static void ask_algorithms(struct world *world, struct algorithms_req *req) {
    (void)world;
    req->slot = 0;
}

static void ask_refusals(struct world *world, struct refusals_req *req) {
    (void)world;
    (void)req;
}

/* ---- tokens ---- */

static void ask_slot_list(struct world *world, struct slot_list_req *req) {
    (void)world;
    (void)req;
}

static void ask_token_info(struct world *world, struct token_info_req *req) {
    (void)world;
    req->slot = 0;
}

static void ask_token_init(struct world *world, struct token_init_req *req) {
    (void)world;
    *req = (struct token_init_req){0, bytes_of_text(SO_PIN), bytes_of_text("again")};
}

static void ask_token_set(struct world *world, struct token_set_req *req) {
    *req = (struct token_set_req){.session = world->session,
                                  .profile = PROFILE_OF_TOKEN_STRICT,
                                  .options = OPTION_VERIFY_SIGNATURES};
}

static void ask_pin_init(struct world *world, struct pin_init_req *req) {
    *req = (struct pin_init_req){world->session, bytes_of_text("another-pin")};
}

static void ask_pin_set(struct world *world, struct pin_set_req *req) {
    const char *old = world->role == WORLD_SO ? SO_PIN : USER_PIN;
    *req = (struct pin_set_req){world->session, bytes_of_text(old), bytes_of_text("another-pin")};
}

static void ask_login(struct world *world, struct login_req *req) {
    *req = (struct login_req){world->session, USER_USER, bytes_of_text(USER_PIN)};
}

static void ask_logout(struct world *world, struct logout_req *req) {
    req->session = world->session;
}

/* ---- sessions ---- */

static void ask_session_open(struct world *world, struct session_open_req *req) {
    (void)world;
    *req = (struct session_open_req){0, 1};
}

static void ask_session_close(struct world *world, struct session_close_req *req) {
    req->session = world->session;
}

static void ask_session_close_all(struct world *world, struct session_close_all_req *req) {
    (void)world;
    req->slot = 0;
}

static void ask_session_info(struct world *world, struct session_info_req *req) {
    req->session = world->session;
}

/* ---- objects ---- */

static void ask_object_create(struct world *world, struct object_create_req *req) {
    template_for(world, &world->first);
    template_num(&world->first, ATTRIBUTE_CLASS, CLASS_DATA);
    template_text(&world->first, ATTRIBUTE_VALUE, world_text);
    *req = (struct object_create_req){world->session, template_of(&world->first)};
}

static void ask_object_copy(struct world *world, struct object_copy_req *req) {
    template_start(&world->first);
    template_text(&world->first, ATTRIBUTE_LABEL, "copied");
    template_bool(&world->first, ATTRIBUTE_TOKEN, !world->open);
    *req = (struct object_copy_req){world->session, keys_of(world)->data,
                                    template_of(&world->first)};
}

static void ask_object_destroy(struct world *world, struct object_destroy_req *req) {
    *req = (struct object_destroy_req){world->session, keys_of(world)->spare};
}

static void ask_object_get(struct world *world, struct object_get_req *req) {
    static uint8_t types[8];
    save_u32(types, ATTRIBUTE_LABEL);
    save_u32(types + 4, ATTRIBUTE_VALUE);
    *req = (struct object_get_req){world->session, keys_of(world)->data,
                                   bytes_of(types, sizeof(types))};
}

static void ask_object_set(struct world *world, struct object_set_req *req) {
    template_start(&world->first);
    template_text(&world->first, ATTRIBUTE_LABEL, "changed");
    *req = (struct object_set_req){world->session, keys_of(world)->data,
                                   template_of(&world->first)};
}

static void ask_object_find(struct world *world, struct object_find_req *req) {
    template_start(&world->first);
    template_num(&world->first, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    *req = (struct object_find_req){.session = world->session,
                                    .attributes = template_of(&world->first)};
}

/* ---- keys ---- */

static void ask_key_generate(struct world *world, struct key_generate_req *req) {
    template_for(world, &world->first);
    template_num(&world->first, ATTRIBUTE_VALUE_LEN, 32);
    *req = (struct key_generate_req){world->session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                     template_of(&world->first)};
}

static void ask_key_generate_pair(struct world *world, struct key_generate_pair_req *req) {
    template_for(world, &world->first);
    template_for(world, &world->second);
    template_bytes(&world->first, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    *req = (struct key_generate_pair_req){.session = world->session,
                                          .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                          .public_attributes = template_of(&world->first),
                                          .private_attributes = template_of(&world->second)};
}

static void ask_key_wrap(struct world *world, struct key_wrap_req *req) {
    *req = (struct key_wrap_req){.session = world->session,
                                 .mechanism = {.algorithm = ALGORITHM_AES_KWP},
                                 .wrapping_key = keys_of(world)->kek,
                                 .key = keys_of(world)->target};
}

static void ask_key_unwrap(struct world *world, struct key_unwrap_req *req) {
    template_for(world, &world->first);
    template_num(&world->first, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&world->first, ATTRIBUTE_KEY_TYPE, KEY_AES);
    *req = (struct key_unwrap_req){
        .session = world->session,
        .mechanism = {.algorithm = ALGORITHM_AES_KWP},
        .unwrapping_key = keys_of(world)->kek,
        .wrapped = bytes_of(world->wrapped[world->open], world->wrapped_size[world->open]),
        .attributes = template_of(&world->first)};
}

static void ask_key_derive(struct world *world, struct key_derive_req *req) {
    template_for(world, &world->first);
    template_num(&world->first, ATTRIBUTE_VALUE_LEN, 32);
    template_num(&world->first, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    *req = (struct key_derive_req){.session = world->session,
                                   .mechanism = {.algorithm = ALGORITHM_HKDF,
                                                 .hash = HASH_SHA256,
                                                 .label = bytes_of_text("one purpose"),
                                                 .steps = HKDF_EXTRACT | HKDF_EXPAND},
                                   .base_key = keys_of(world)->base,
                                   .attributes = template_of(&world->first)};
}

/* ---- limits of keys ---- */

static void ask_key_usage(struct world *world, struct key_usage_req *req) {
    *req = (struct key_usage_req){world->session, keys_of(world)->leased};
}

static void ask_key_renew(struct world *world, struct key_renew_req *req) {
    struct lease lease = {
        .device = bytes_of(world->device, sizeof(world->device)),
        .unique_id = bytes_of(world->unique_id[world->open], sizeof(world->unique_id[0])),
        .sequence = ++world->lease.sequence,
        .uses = WORLD_LEASE_USES};
    *req = (struct key_renew_req){world->session, keys_of(world)->leased,
                                  renewals_sign(LEASE_KEY_ED25519, WORLD_LEASE_SEED, &lease)};
}

static void ask_key_suspend(struct world *world, struct key_suspend_req *req) {
    *req = (struct key_suspend_req){world->session, keys_of(world)->leased};
}

static void ask_key_resume(struct world *world, struct key_resume_req *req) {
    *req = (struct key_resume_req){world->session, keys_of(world)->guarded};
}

/* ---- use of keys ---- */

static void ask_key_check(struct world *world, struct key_check_req *req) {
    *req = (struct key_check_req){world->session, F_SIGN, keys_of(world)->signer, ecdsa};
}

static void ask_sign(struct world *world, struct sign_req *req) {
    *req = (struct sign_req){world->session, keys_of(world)->signer, ecdsa,
                             bytes_of_text(world_text)};
}

static void ask_sign_message(struct world *world, struct sign_message_req *req) {
    *req = (struct sign_message_req){world->session, keys_of(world)->guarded, world_message};
}

static void ask_verify(struct world *world, struct verify_req *req) {
    *req = (struct verify_req){
        .session = world->session,
        .key = keys_of(world)->verifier,
        .mechanism = ecdsa,
        .data = bytes_of_text(world_text),
        .signature = bytes_of(world->signature[world->open], sizeof(world->signature[0]))};
}

static void ask_encrypt(struct world *world, struct encrypt_req *req) {
    *req = (struct encrypt_req){
        .session = world->session,
        .key = keys_of(world)->cipher,
        .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128, .make_iv = 1},
        .data = bytes_of_text(world_text)};
}

static void ask_decrypt(struct world *world, struct decrypt_req *req) {
    bool open = world->open;
    *req = (struct decrypt_req){
        .session = world->session,
        .key = keys_of(world)->cipher,
        .mechanism = {.algorithm = ALGORITHM_AES_GCM,
                      .tag_bits = 128,
                      .iv = bytes_of(world->iv[open], sizeof(world->iv[open]))},
        .data = bytes_of(world->sealed[open], world->sealed_size[open])};
}

static void ask_digest(struct world *world, struct digest_req *req) {
    *req = (struct digest_req){world->session, HASH_SHA256, bytes_of_text(world_text)};
}

/* ---- operations in parts ---- */

static void ask_stream_open(struct world *world, struct stream_open_req *req) {
    *req = (struct stream_open_req){world->session, F_SIGN, keys_of(world)->signer, ecdsa};
}

static void open_stream(struct world *world) {
    struct stream_open_req open;
    ask_stream_open(world, &open);
    enum status status = call_stream_open(&world->module, open, NULL);
    (void)status; /* where it may not be opened, what follows is refused */
}

static void ask_stream_update(struct world *world, struct stream_update_req *req) {
    open_stream(world);
    *req = (struct stream_update_req){world->session, F_SIGN, bytes_of_text(world_text)};
}

static void ask_stream_close(struct world *world, struct stream_close_req *req) {
    open_stream(world);
    *req = (struct stream_close_req){.session = world->session, .function = F_SIGN};
}

static void ask_stream_cancel(struct world *world, struct stream_cancel_req *req) {
    *req = (struct stream_cancel_req){world->session, F_SIGN | F_DIGEST};
}

/* ---- the log ---- */

static void ask_log_read(struct world *world, struct log_read_req *req) {
    (void)world;
    req->from = 0;
}

static void ask_log_release(struct world *world, struct log_release_req *req) {
    *req = (struct log_release_req){world->session, 1};
}

static void ask_log_checkpoint(struct world *world, struct log_checkpoint_req *req) {
    (void)world;
    req->nonce = bytes_of_text("a fresh number");
}

static void ask_log_key(struct world *world, struct log_key_req *req) {
    (void)world;
    (void)req;
}

static void ask_alarm_list(struct world *world, struct alarm_list_req *req) {
    (void)world;
    req->from = 0;
}

/* ---- approval: by one officer, of a first roles file, which the security officer gives ---- */

static struct officer officer;
static uint8_t roles_file[ROLES_FILE_MAX], approval_room[APPROVAL_MAX];
static uint8_t request_kept[APPROVAL_REQUEST_MAX];

static struct bytes first_file(void) {
    struct roles roles;
    officer_make(&officer, 0, OFFICER_EDDSA);
    officer_roles(&officer, 1, 1, 1, &roles);
    roles.roles[1] = (struct role){bytes_of_text(TOLD_TIME_ROLE), 1, 1};
    roles.role_count = 2;
    return officer_file(&roles, (struct span){roles_file, sizeof(roles_file)});
}

/* Lets the request wait; 0 where this role may not ask. */
static uint64_t let_wait(struct world *world) {
    struct roles_set_req set = {world->session, first_file()};
    enum status status = call_roles_set(&world->module, set, NULL);
    return status == STATUS_APPROVAL_NEEDED ? officer_newest(&world->module, world->session) : 0;
}

static void ask_roles_get(struct world *world, struct roles_get_req *req) {
    req->session = world->session;
}

static void ask_roles_set(struct world *world, struct roles_set_req *req) {
    uint64_t number = let_wait(world);
    if (number != 0) {
        assert_int_equal(officer_give(&world->module, world->session, number, &officer),
                         STATUS_OK);
    }
    *req = (struct roles_set_req){world->session, first_file()};
}

static void ask_approval_list(struct world *world, struct approval_list_req *req) {
    req->session = world->session;
}

static void ask_approval_get(struct world *world, struct approval_get_req *req) {
    *req = (struct approval_get_req){world->session, let_wait(world)};
}

static void ask_approval_give(struct world *world, struct approval_give_req *req) {
    struct approval_get_rep get;
    uint64_t number = let_wait(world);
    struct bytes request = bytes_of(request_kept, 0);
    if (call_approval_get(&world->module, (struct approval_get_req){world->session, number},
                          &get) == STATUS_OK) {
        bytes_copy(request_kept, get.request);
        request.size = get.request.size;
    }
    *req = (struct approval_give_req){
        world->session, number,
        officer_approve(&officer, request, (struct span){approval_room, sizeof(approval_room)})};
}

/* ---- time: told by the same officer, once there is a role for that ---- */

static void let_tell(struct world *world) {
    struct roles_set_req set;
    ask_roles_set(world, &set);
    enum status status = call_roles_set(&world->module, set, NULL);
    (void)status; /* where it may not be set, what follows is refused */
}

static void ask_time_get(struct world *world, struct time_get_req *req) {
    req->session = world->session;
}

static void ask_time_ask(struct world *world, struct time_ask_req *req) {
    let_tell(world);
    req->session = world->session;
}

static void ask_time_set(struct world *world, struct time_set_req *req) {
    static uint8_t time_room[TOLD_TIME_MAX], nonce[TOLD_TIME_NONCE_SIZE];
    struct time_ask_rep asked;
    struct told_time told = {bytes_of(world->device, sizeof(world->device)),
                             bytes_of(nonce, sizeof(nonce)), 1800000000};
    let_tell(world);
    if (call_time_ask(&world->module, (struct time_ask_req){world->session}, &asked) ==
        STATUS_OK) {
        bytes_copy(nonce, asked.nonce);
    }
    *req = (struct time_set_req){
        world->session,
        officer_tell(&officer, &told, (struct span){time_room, sizeof(time_room)})};
}

/* ---- any of them ---- */

void world_request(struct world *world, enum command command, union any_req *request) {
    memset(request, 0, sizeof(*request));
    switch (command) {
#define COMMAND(number, name, states, role, audit, steps, text) \
    case COMMAND_##name:                                        \
        ask_##name(world, &request->name);                      \
        break;
#include "proto/commands.def"
#undef COMMAND
    }
}

size_t world_frame(struct world *world, const struct command_row *row, struct span frame) {
    union any_req request;
    struct span body = {frame.data + FRAME_HEADER_SIZE, frame.size - FRAME_HEADER_SIZE};
    size_t used = 0;
    world_request(world, row->command, &request);
    assert_int_equal(codec_write(row->request, &request, body, &used), STATUS_OK);
    frame_write_header(frame.data, (uint32_t)row->command, used);
    return FRAME_HEADER_SIZE + used;
}

enum world_role world_role_for(const struct command_row *row) {
    switch (row->command) {
    case COMMAND_token_init:
        return WORLD_NONE;
    case COMMAND_login:
        return WORLD_PUBLIC;
    case COMMAND_roles_set:
    case COMMAND_approval_get:
    case COMMAND_approval_give:
    case COMMAND_time_ask:
    case COMMAND_time_set:
        return WORLD_SO;
    default:
        return row->role == ROLE_SO ? WORLD_SO : WORLD_USER;
    }
}

enum status world_call(struct world *world, enum command command, union any_rep *reply) {
    union any_req request;
    world_request(world, command, &request);
    return module_call(&world->module, command, &request, reply);
}

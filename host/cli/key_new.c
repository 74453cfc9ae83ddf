/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key new: a key that is made in the module and never leaves it. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/key_limit.h"
#include "host/cli/key_type.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/report.h"
#include "host/cli/csr.h"
#include "host/cli/session.h"
#include "host/cli/uri.h"

#include <stdio.h>
#include <sys/random.h>

enum { TEMPLATE_ROOM = 4096, ID_SIZE = 8 };

struct key_new_given {
    const char *name;
    const char *type;
    const char *usage;
    const char *limit;
    struct key_limits limits;
    const char *policy_file;
    struct bytes policy;
    struct csr_given request;
    const struct key_type_row *row;
    uint8_t id[ID_SIZE];
};

/* Attributes that every object of a new key has. */
static enum status common_add(const struct key_new_given *given, bool is_private,
                              struct span template, size_t *used) {
    TRY(attributes_add_bool(template, used, ATTRIBUTE_TOKEN, true));
    TRY(attributes_add_bool(template, used, ATTRIBUTE_PRIVATE, is_private));
    TRY(attributes_add(template, used, ATTRIBUTE_LABEL, bytes_of_text(given->name)));
    return attributes_add(template, used, ATTRIBUTE_ID, bytes_of(given->id, ID_SIZE));
}

static enum status secrecy_add(struct span template, size_t *used) {
    TRY(attributes_add_bool(template, used, ATTRIBUTE_SENSITIVE, true));
    return attributes_add_bool(template, used, ATTRIBUTE_EXTRACTABLE, false);
}

static enum status public_template(const struct cli *cli, const struct key_new_given *given,
                                   struct span template, size_t *used) {
    static const uint8_t exponent[] = {1, 0, 1};
    TRY(common_add(given, false, template, used));
    if (given->row->type == KEY_RSA) {
        TRY(attributes_add_num(template, used, ATTRIBUTE_MODULUS_BITS, given->row->bits));
        TRY(attributes_add(template, used, ATTRIBUTE_PUBLIC_EXPONENT,
                           bytes_of(exponent, sizeof(exponent))));
    } else {
        TRY(attributes_add(template, used, ATTRIBUTE_EC_PARAMS, given->row->params));
    }
    return key_usage_add(cli, given->row, given->usage, CLASS_PUBLIC_KEY, template, used);
}

static enum status private_template(const struct cli *cli, const struct key_new_given *given,
                                    struct span template, size_t *used) {
    TRY(common_add(given, true, template, used));
    TRY(secrecy_add(template, used));
    TRY(key_limit_add(&given->limits, template, used));
    if (given->policy.size > 0) {
        TRY(attributes_add(template, used, ATTRIBUTE_POLICY, given->policy));
    }
    return key_usage_add(cli, given->row, given->usage, CLASS_PRIVATE_KEY, template, used);
}

static enum status pair_make(struct cli *cli, const struct key_new_given *given) {
    uint8_t public_room[TEMPLATE_ROOM], private_room[TEMPLATE_ROOM];
    size_t public_used = 0, private_used = 0;
    TRY(public_template(cli, given, (struct span){public_room, TEMPLATE_ROOM}, &public_used));
    TRY(private_template(cli, given, (struct span){private_room, TEMPLATE_ROOM}, &private_used));
    const struct key_generate_pair_req request = {
        .session = cli->session,
        .mechanism = {.algorithm = (uint32_t)given->row->algorithm},
        .public_attributes = bytes_of(public_room, public_used),
        .private_attributes = bytes_of(private_room, private_used)};
    struct key_generate_pair_rep reply;
    return session_call(cli, COMMAND_key_generate_pair, &request, &reply, "make the key");
}

static enum status secret_make(struct cli *cli, const struct key_new_given *given) {
    uint8_t room[TEMPLATE_ROOM];
    struct span template = {room, sizeof(room)};
    size_t used = 0;
    TRY(common_add(given, true, template, &used));
    TRY(secrecy_add(template, &used));
    TRY(key_limit_add(&given->limits, template, &used));
    if (given->row->type != KEY_CHACHA20) {
        TRY(attributes_add_num(template, &used, ATTRIBUTE_VALUE_LEN, given->row->bits / 8));
    }
    TRY(key_usage_add(cli, given->row, given->usage, CLASS_SECRET_KEY, template, &used));
    const struct key_generate_req request = {
        .session = cli->session,
        .mechanism = {.algorithm = (uint32_t)given->row->algorithm},
        .attributes = bytes_of(room, used)};
    struct key_generate_rep reply;
    return session_call(cli, COMMAND_key_generate, &request, &reply, "make the key");
}

static enum status request_make(struct cli *cli, const struct key_new_given *given) {
    struct key_pair pair;
    TRY(key_pair_find(cli, given->name, true, &pair));
    enum status status = csr_write(cli, given->name, &pair, &given->request);
    key_pair_free(&pair);
    return status;
}

static void result_print(const struct cli *cli, const struct key_new_given *given, bool is_pair) {
    char uri[URI_MAX];
    struct json_object *object = json_object_new_object();
    uri_make(cli->label, given->name, is_pair ? "private" : "secret-key", uri);
    output_bytes(object, "key", bytes_of_text(given->name));
    output_text(object, "type", given->row->name);
    output_text(object, "usage", given->usage ? given->usage : given->row->usage);
    if (given->limit) {
        output_text(object, "limits", given->limit);
    }
    output_text(object, "uri", uri);
    if (given->request.out) {
        output_bytes(object, "request", bytes_of_text(given->request.out));
    }
    output_object(cli, object);
}

static void advice_print(const struct cli *cli, const struct key_new_given *given) {
    if (given->request.out) {
        report_talk(cli, "\nnext: give %s to your CA, then: edgehsm key cert %s FILE",
                    given->request.out, given->name);
    } else if (given->policy_file) {
        report_talk(cli, "\nnext: edgehsm sign -k %s --message 'FIELD=VALUE ...' -o FILE",
                    given->name);
    } else if (strstr(given->usage ? given->usage : given->row->usage, "sign") &&
               given->row->params.size + given->row->bits > 0 && given->row->type != KEY_GENERIC &&
               given->row->type != KEY_AES) {
        report_talk(cli,
                    "\nnext: edgehsm sign -k %s FILE, or for TLS: edgehsm key csr %s -o %s.csr",
                    given->name, given->name, given->name);
    } else {
        report_talk(cli, "\nnext: edgehsm key show %s", given->name);
    }
}

static enum status given_check(const struct cli *cli, struct key_new_given *given) {
    char names[256];
    TRY(object_name_check(cli, given->name));
    given->row = key_type_find(given->type);
    if (!given->row) {
        key_type_names(names, sizeof(names));
        return report_usage(cli, "there is no key type '%s'; there are: %s", given->type, names);
    }
    TRY(key_limit_read(cli, given->limit, &given->limits));
    TRY(csr_check(cli, &given->request));
    bool asks = given->request.out || given->request.subject || given->request.san;
    const char *usage = given->usage ? given->usage : given->row->usage;
    bool signs = strstr(usage, "sign") && given->row->algorithm != ALGORITHM_GENERIC_KEY_GEN &&
                 given->row->algorithm != ALGORITHM_AES_KEY_GEN;
    if (asks && !signs) {
        return report_usage(cli, "only a key pair for signatures can have a certificate request");
    }
    if (asks && !given->request.out) {
        return report_usage(cli, "--subject and --san are for a request: add --csr FILE");
    }
    return STATUS_OK;
}

/* A key that signs under a policy is a pair for signatures, and says nothing else: no request. */
static enum status policy_take(const struct cli *cli, struct key_new_given *given) {
    static struct policy_document document;
    if (!given->policy_file) {
        return STATUS_OK;
    }
    bool signs = given->row->type == KEY_EC || given->row->type == KEY_ED25519;
    if (!signs || (given->usage && strcmp(given->usage, "sign") != 0)) {
        return report_usage(cli, "a key with a policy is of type p256, p384, p521 or ed25519, and "
                                 "signs only");
    }
    if (given->request.out) {
        return report_usage(cli, "a key with a policy signs no certificate request");
    }
    TRY(policy_load(cli, given->policy_file, &document));
    given->policy = bytes_of(document.form, document.size);
    return STATUS_OK;
}

enum status key_new_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct key_new_given given = {.type = "p256"};
    const struct option_row rows[] = {
        {"type", 0, "TYPE",
         "p256 (default), p384, p521, ed25519, x25519, rsa2048/3072/4096, "
         "aes128/192/256, chacha20, hmac256/512",
         NULL, &given.type, NULL},
        {"usage", 0, "LIST", "sign, decrypt, encrypt, derive, wrap (default: fits the type)", NULL,
         &given.usage, NULL},
        {"limit", 0, "LIST",
         "uses=1000,rate=20/1s,burst=40,hours=06:00-22:00,login-after=50,lease=100000/30d,"
         "lease-key=FILE",
         NULL, &given.limit, NULL},
        {"policy", 0, "POLICY", "bind it to a policy: it signs messages that this allows, no more",
         NULL, &given.policy_file, NULL},
        {"csr", 0, "FILE", "also write a certificate request (- is stdout)", NULL,
         &given.request.out, NULL},
        {"subject", 0, "SUBJECT", "of the request: /O=Example/CN=gw7 (default: /CN=NAME)", NULL,
         &given.request.subject, NULL},
        {"san", 0, "LIST", "of the request: DNS:gw7.example.net,IP:10.0.0.7", NULL,
         &given.request.san, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    given.name = arguments.words[0];
    TRY(given_check(cli, &given));
    TRY(policy_take(cli, &given));
    bool is_pair = given.row->params.size > 0 || given.row->type == KEY_RSA;
    if (getrandom(given.id, ID_SIZE, 0) != ID_SIZE) {
        return report_failure(cli, STATUS_NO_ENTROPY, (struct reason){0}, "make the key");
    }
    TRY(session_start(cli, SESSION_USER, true));
    TRY(object_name_free(cli, is_pair ? CLASS_PRIVATE_KEY : CLASS_SECRET_KEY, given.name));
    TRY(is_pair ? pair_make(cli, &given) : secret_make(cli, &given));
    if (given.request.out) {
        TRY(request_make(cli, &given));
    }
    result_print(cli, &given, is_pair);
    advice_print(cli, &given);
    return STATUS_OK;
}

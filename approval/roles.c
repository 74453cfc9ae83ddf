/* SPDX-License-Identifier: Apache-2.0 */
/* The roles file. {1 format, 2 version, 3 members [[name, algorithm, key, rp id hash], ...],
 * 4 roles [[name, threshold, [member, ...]], ...], 5 {class: role, ...}} */
#include "approval/roles.h"

#include "proto/cbor.h"

enum { KEY_FORMAT = 1, KEY_VERSION, KEY_MEMBERS, KEY_ROLES, KEY_NEEDED };
enum { ES256_KEY_SIZE = 65, EDDSA_KEY_SIZE = 32, UNCOMPRESSED = 4 };

static enum status fail_unless(bool good) {
    return good ? STATUS_OK : STATUS_DATA_INVALID;
}

/* ---- reading ---- */

static enum status take_key(struct cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, KEY_NEEDED, &found));
    return fail_unless(found == key);
}

static enum status take_count(struct cbor_reader *reader, uint64_t least, uint64_t most,
                              uint64_t *count) {
    TRY(cbor_get(reader, CBOR_ARRAY, count));
    return fail_unless(*count >= least && *count <= most);
}

/* For people: no control characters. */
static enum status take_name(struct cbor_reader *reader, struct bytes *name) {
    TRY(cbor_get_text(reader, name));
    TRY(fail_unless(name->size > 0 && name->size <= ROLE_NAME_MAX));
    for (size_t i = 0; i < name->size; i++) {
        TRY(fail_unless(name->data[i] >= 0x20 && name->data[i] != 0x7f));
    }
    return STATUS_OK;
}

static enum status take_member(struct cbor_reader *reader, struct member *member) {
    uint64_t items = 0;
    int64_t algorithm = 0;
    TRY(take_count(reader, 4, 4, &items));
    TRY(take_name(reader, &member->name));
    TRY(cbor_get_int(reader, &algorithm));
    TRY(cbor_get_bytes(reader, &member->key));
    TRY(cbor_get_bytes(reader, &member->rp_id_hash));
    member->algorithm = (int32_t)algorithm;
    bool point = algorithm == MEMBER_ES256 && member->key.size == ES256_KEY_SIZE &&
                 member->key.data[0] == UNCOMPRESSED;
    bool raw = algorithm == MEMBER_EDDSA && member->key.size == EDDSA_KEY_SIZE;
    size_t hash = member->rp_id_hash.size;
    return fail_unless((point || raw) && (hash == 0 || hash == RP_ID_HASH_SIZE));
}

static enum status take_members(struct cbor_reader *reader, struct roles *roles) {
    uint64_t count = 0;
    TRY(take_key(reader, KEY_MEMBERS));
    TRY(take_count(reader, 1, MEMBERS_MAX, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct member *member = &roles->members[i];
        TRY(take_member(reader, member));
        for (uint32_t k = 0; k < i; k++) { /* nobody counts twice */
            TRY(fail_unless(!bytes_equal(roles->members[k].key, member->key) &&
                            !bytes_equal(roles->members[k].name, member->name)));
        }
    }
    roles->member_count = (uint32_t)count;
    return STATUS_OK;
}

static uint32_t count_bits(uint32_t set) {
    uint32_t count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

static enum status take_role(struct cbor_reader *reader, const struct roles *roles,
                             struct role *role) {
    uint64_t items = 0, threshold = 0, count = 0, member = 0, before = 0;
    TRY(take_count(reader, 3, 3, &items));
    TRY(take_name(reader, &role->name));
    TRY(cbor_get_uint(reader, MEMBERS_MAX, &threshold));
    TRY(take_count(reader, 1, MEMBERS_MAX, &count));
    for (uint64_t i = 0; i < count; i++) {
        TRY(cbor_get_uint(reader, MEMBERS_MAX - 1, &member));
        TRY(fail_unless(member < roles->member_count && (i == 0 || member > before)));
        role->members |= 1u << member;
        before = member;
    }
    role->threshold = (uint32_t)threshold;
    return fail_unless(threshold > 0 && threshold <= count_bits(role->members));
}

static enum status take_roles(struct cbor_reader *reader, struct roles *roles) {
    uint64_t count = 0;
    TRY(take_key(reader, KEY_ROLES));
    TRY(take_count(reader, 1, ROLES_MAX, &count));
    for (uint32_t i = 0; i < count; i++) {
        TRY(take_role(reader, roles, &roles->roles[i]));
        for (uint32_t k = 0; k < i; k++) {
            TRY(fail_unless(!bytes_equal(roles->roles[k].name, roles->roles[i].name)));
        }
    }
    roles->role_count = (uint32_t)count;
    return STATUS_OK;
}

/* Classes that are not named need the first role. */
static enum status take_needed(struct cbor_reader *reader, struct roles *roles) {
    uint64_t pairs = 0, class = 0, role = 0;
    TRY(take_key(reader, KEY_NEEDED));
    TRY(cbor_get(reader, CBOR_MAP, &pairs));
    for (uint64_t i = 0; i < pairs; i++) {
        TRY(cbor_get_uint(reader, APPROVAL_CLASSES - 1, &class));
        TRY(cbor_get_uint(reader, ROLES_MAX - 1, &role));
        TRY(fail_unless(class > APPROVAL_ROLES && role < roles->role_count));
        roles->needed[class] = (uint8_t)role;
    }
    return STATUS_OK;
}

enum status roles_read(struct bytes file, struct roles *roles) {
    struct cbor_reader reader;
    uint64_t pairs = 0, format = 0, version = 0;
    memset(roles, 0, sizeof(*roles));
    TRY(fail_unless(file.size <= ROLES_FILE_MAX));
    cbor_read(&reader, file);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    TRY(fail_unless(pairs == KEY_NEEDED));
    TRY(take_key(&reader, KEY_FORMAT));
    TRY(cbor_get_uint(&reader, ROLES_FORMAT, &format));
    TRY(take_key(&reader, KEY_VERSION));
    TRY(cbor_get_uint(&reader, UINT32_MAX, &version));
    TRY(fail_unless(format == ROLES_FORMAT && version > 0));
    roles->version = (uint32_t)version;
    TRY(take_members(&reader, roles));
    TRY(take_roles(&reader, roles));
    TRY(take_needed(&reader, roles));
    return cbor_close(&reader);
}

/* ---- writing ---- */

static void put_members(struct cbor_writer *writer, const struct roles *roles) {
    cbor_put(writer, CBOR_UINT, KEY_MEMBERS);
    cbor_put(writer, CBOR_ARRAY, roles->member_count);
    for (uint32_t i = 0; i < roles->member_count; i++) {
        const struct member *member = &roles->members[i];
        cbor_put(writer, CBOR_ARRAY, 4);
        cbor_put_text(writer, member->name);
        cbor_put_int(writer, member->algorithm);
        cbor_put_bytes(writer, member->key);
        cbor_put_bytes(writer, member->rp_id_hash);
    }
}

static void put_roles(struct cbor_writer *writer, const struct roles *roles) {
    cbor_put(writer, CBOR_UINT, KEY_ROLES);
    cbor_put(writer, CBOR_ARRAY, roles->role_count);
    for (uint32_t i = 0; i < roles->role_count; i++) {
        const struct role *role = &roles->roles[i];
        cbor_put(writer, CBOR_ARRAY, 3);
        cbor_put_text(writer, role->name);
        cbor_put(writer, CBOR_UINT, role->threshold);
        cbor_put(writer, CBOR_ARRAY, count_bits(role->members));
        for (uint32_t k = 0; k < MEMBERS_MAX; k++) {
            if ((role->members >> k & 1) != 0) {
                cbor_put(writer, CBOR_UINT, k);
            }
        }
    }
}

static void put_needed(struct cbor_writer *writer, const struct roles *roles) {
    uint32_t count = 0;
    for (uint32_t class = 0; class < APPROVAL_CLASSES; class++) {
        count += roles->needed[class] != 0;
    }
    cbor_put(writer, CBOR_UINT, KEY_NEEDED);
    cbor_put(writer, CBOR_MAP, count);
    for (uint32_t class = 0; class < APPROVAL_CLASSES; class++) {
        if (roles->needed[class] != 0) {
            cbor_put(writer, CBOR_UINT, class);
            cbor_put(writer, CBOR_UINT, roles->needed[class]);
        }
    }
}

enum status roles_write(const struct roles *roles, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, KEY_NEEDED);
    cbor_put(&writer, CBOR_UINT, KEY_FORMAT);
    cbor_put(&writer, CBOR_UINT, ROLES_FORMAT);
    cbor_put(&writer, CBOR_UINT, KEY_VERSION);
    cbor_put(&writer, CBOR_UINT, roles->version);
    put_members(&writer, roles);
    put_roles(&writer, roles);
    put_needed(&writer, roles);
    return cbor_written(&writer, out);
}

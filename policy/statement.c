/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 with the module's own header fields. */
#include "policy/statement.h"

#include "proto/cose.h"

enum { LABEL_ALGORITHM = 1, LABEL_CONTENT = 3, LABEL_KEY_ID = 4 };
enum { CONTENT_CBOR = 60, SIMPLE_NULL = 22, PAIRS = 10 };

static void put_pair(struct cbor_writer *writer, int64_t label, uint64_t value) {
    cbor_put_int(writer, label);
    cbor_put(writer, CBOR_UINT, value);
}

enum status statement_header(const struct statement *statement, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, PAIRS + (statement->key_id.size > 0));
    cbor_put(&writer, CBOR_UINT, LABEL_ALGORITHM);
    cbor_put_int(&writer, statement->algorithm);
    put_pair(&writer, LABEL_CONTENT, CONTENT_CBOR);
    if (statement->key_id.size > 0) {
        cbor_put(&writer, CBOR_UINT, LABEL_KEY_ID);
        cbor_put_bytes(&writer, statement->key_id);
    }
    put_pair(&writer, STATEMENT_COUNTER, statement->facts.counter);
    put_pair(&writer, STATEMENT_BOOT, statement->facts.boot);
    put_pair(&writer, STATEMENT_UPTIME_MS, statement->facts.uptime_ms);
    cbor_put_int(&writer, STATEMENT_TIME);
    if (statement->facts.time == 0) {
        cbor_put(&writer, CBOR_SIMPLE, SIMPLE_NULL);
    } else {
        cbor_put(&writer, CBOR_UINT, statement->facts.time);
    }
    put_pair(&writer, STATEMENT_QUALITY, statement->quality);
    cbor_put_int(&writer, STATEMENT_POLICY_HASH);
    cbor_put_bytes(&writer, statement->policy_hash);
    put_pair(&writer, STATEMENT_VERSION, statement->version);
    put_pair(&writer, STATEMENT_RULE, statement->rule);
    return cbor_written(&writer, out);
}

enum status statement_signed(struct bytes header, struct bytes payload, struct span *out) {
    return cose_signed(header, payload, out);
}

enum status statement_pieces(struct bytes whole, struct bytes *header, struct bytes *payload) {
    struct cbor_reader reader;
    struct bytes skipped;
    uint64_t items = 0;
    cbor_read(&reader, whole);
    TRY(cbor_get(&reader, CBOR_ARRAY, &items));
    TRY(cbor_get_text(&reader, &skipped));
    TRY(cbor_get_bytes(&reader, header));
    TRY(cbor_get_bytes(&reader, &skipped));
    TRY(cbor_get_bytes(&reader, payload));
    return cbor_close(&reader);
}

enum status statement_write(struct bytes header, struct bytes payload, struct bytes signature,
                            struct span *out) {
    return cose_write(header, &payload, signature, out);
}

/* ---- reading ---- */

static enum status take_label(struct cbor_reader *reader, int64_t label) {
    int64_t found = 0;
    TRY(cbor_get_int(reader, &found));
    return found == label ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status take_number(struct cbor_reader *reader, int64_t label, uint64_t max,
                               uint64_t *value) {
    TRY(take_label(reader, label));
    return cbor_get_uint(reader, max, value);
}

static enum status take_small(struct cbor_reader *reader, int64_t label, uint32_t *value) {
    uint64_t number = 0;
    TRY(take_number(reader, label, UINT32_MAX, &number));
    *value = (uint32_t)number;
    return STATUS_OK;
}

static enum status take_time(struct cbor_reader *reader, uint64_t *time) {
    struct cbor_item item;
    TRY(take_label(reader, STATEMENT_TIME));
    TRY(cbor_next(reader, &item));
    bool none = item.type == CBOR_SIMPLE && item.value == SIMPLE_NULL;
    *time = none ? 0 : item.value;
    return none || (item.type == CBOR_UINT && item.value > 0) ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status take_start(struct cbor_reader *reader, struct statement *statement) {
    uint64_t pairs = 0, content = 0;
    int64_t algorithm = 0;
    TRY(cbor_get(reader, CBOR_MAP, &pairs));
    if (pairs != PAIRS && pairs != PAIRS + 1) {
        return STATUS_DATA_INVALID;
    }
    TRY(take_label(reader, LABEL_ALGORITHM));
    TRY(cbor_get_int(reader, &algorithm));
    if (algorithm != STATEMENT_ES256 && algorithm != STATEMENT_EDDSA &&
        algorithm != STATEMENT_ES384 && algorithm != STATEMENT_ES512) {
        return STATUS_DATA_INVALID;
    }
    statement->algorithm = (int32_t)algorithm;
    TRY(take_number(reader, LABEL_CONTENT, CONTENT_CBOR, &content));
    if (pairs == PAIRS) {
        return content == CONTENT_CBOR ? STATUS_OK : STATUS_DATA_INVALID;
    }
    TRY(take_label(reader, LABEL_KEY_ID));
    TRY(cbor_get_bytes(reader, &statement->key_id));
    bool good = statement->key_id.size > 0 && statement->key_id.size <= STATEMENT_KEY_ID_MAX;
    return good && content == CONTENT_CBOR ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status header_read(struct bytes header, struct statement *statement) {
    struct cbor_reader reader;
    memset(statement, 0, sizeof(*statement));
    cbor_read(&reader, header);
    TRY(take_start(&reader, statement));
    TRY(take_number(&reader, STATEMENT_COUNTER, UINT64_MAX, &statement->facts.counter));
    TRY(take_number(&reader, STATEMENT_BOOT, UINT64_MAX, &statement->facts.boot));
    TRY(take_number(&reader, STATEMENT_UPTIME_MS, UINT64_MAX, &statement->facts.uptime_ms));
    TRY(take_time(&reader, &statement->facts.time));
    TRY(take_small(&reader, STATEMENT_QUALITY, &statement->quality));
    TRY(take_label(&reader, STATEMENT_POLICY_HASH));
    TRY(cbor_get_bytes(&reader, &statement->policy_hash));
    TRY(take_small(&reader, STATEMENT_VERSION, &statement->version));
    TRY(take_small(&reader, STATEMENT_RULE, &statement->rule));
    return statement->policy_hash.size == STATEMENT_HASH_SIZE ? cbor_close(&reader)
                                                              : STATUS_DATA_INVALID;
}

enum status statement_read(struct bytes encoding, struct statement_parts *parts,
                           struct statement *statement) {
    struct cose cose;
    TRY(cose_open(encoding, &cose));
    *parts = (struct statement_parts){cose.header, cose.payload, cose.signature};
    return cose.detached ? STATUS_DATA_INVALID : header_read(cose.header, statement);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Prints doc/PROTOCOL.md from the tables of proto/. With a file as argument: compares instead, and
 * says how to renew it. */
#include "proto/attributes.h"
#include "proto/frame.h"
#include "proto/messages.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const state_names[] = {"any", "working"};
static const char *const role_names[] = {"anyone", "session", "user", "security officer"};
static const char *const audit_names[] = {"must", "routine", "reserved"};
static const char *const step_names[] = {"one", "three"};
static const char *const kind_names[] = {"", "u32", "u64", "bytes"};

static void print_intro(FILE *out) {
    fprintf(
        out,
        "# The protocol between host and module\n\n"
        "This page is printed from the tables in `proto/` by `doc/protocol_text.c`; a test\n"
        "compares the two. To renew it: `build/doc/protocol_text > doc/PROTOCOL.md`.\n\n"
        "Version %d. Every message is one frame of %d header bytes and a body of at most %d\n"
        "bytes; numbers are little-endian; there is one valid encoding of each message, and\n"
        "anything truncated or with bytes left over is refused (`BAD_FRAME`).\n\n"
        "    request   'E' 'H' version 0   command u32   body size u32   body\n"
        "    reply     'E' 'H' version 0   status u32    body size u32   body, empty unless OK\n\n"
        "A body is its fields in order: u32 4 bytes, u64 8 bytes, bytes a u32 size and the\n"
        "bytes. A field `mechanism` is the group of fields listed under it.\n\n"
        "A command passes the gate when the module's state, the role of its session and the\n"
        "room in the audit log allow it; the columns say what each needs. `three` steps may\n"
        "run their middle step beside other commands.\n\n",
        PROTOCOL_VERSION, FRAME_HEADER_SIZE, FRAME_BODY_MAX);
}

static void print_fields(FILE *out, const char *title, const struct field *fields) {
    fprintf(out, "%s:", title);
    if (fields[0].kind == FIELD_END) {
        fprintf(out, " nothing");
    }
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        fprintf(out, "%s `%s` %s", field == fields ? "" : ",", field->name,
                kind_names[field->kind]);
        if (field->kind == FIELD_BYTES) {
            fprintf(out, " (up to %u)", (unsigned)field->max);
        }
    }
    fprintf(out, "\n");
}

static void print_commands(FILE *out) {
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    fprintf(out,
            "## Commands\n\n"
            "| number | command | states | role | audit | steps |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| 0x%04x | [%s](#%s) | %s | %s | %s | %s |\n", (unsigned)rows[i].command,
                rows[i].name, rows[i].name, state_names[rows[i].states], role_names[rows[i].role],
                audit_names[rows[i].audit], step_names[rows[i].steps]);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "\n### %s\n\n%s.\n\n", rows[i].name, rows[i].text);
        print_fields(out, "Request", rows[i].request);
        fprintf(out, "\n");
        print_fields(out, "Reply", rows[i].reply);
    }
}

static void print_algorithms(FILE *out) {
    static const char *const functions[] = {"sign",     "verify",       "encrypt", "decrypt",
                                            "wrap",     "unwrap",       "derive",  "digest",
                                            "generate", "generate pair"};
    size_t count = 0;
    const struct algorithm_row *rows = algorithm_rows(&count);
    fprintf(out,
            "\n## Algorithms\n\n| number | algorithm | functions | profile |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| 0x%04x | %s |", (unsigned)rows[i].algorithm, rows[i].name);
        const char *comma = " ";
        for (size_t bit = 0; bit < COUNT(functions); bit++) {
            if ((rows[i].functions & 1u << bit) != 0) {
                fprintf(out, "%s%s", comma, functions[bit]);
                comma = ", ";
            }
        }
        fprintf(out, " | %s |\n", rows[i].compatible_only ? "compatible" : "strict");
    }
}

static void print_attributes(FILE *out) {
    static const char *const kinds[] = {"bool", "u32",         "bytes",   "text",
                                        "date", "list of u32", "template"};
    static const char *const setters[] = {"the caller", "import only", "import or generation",
                                          "the module", "the security officer"};
    static const char *const changes[CHANGE_APPROVED + 1] = {
        "never", "freely", "only to true", "only to false",
        "to stricter; looser where people approve", "where people approve"};
    size_t count = 0;
    const struct attribute_row *rows = attribute_rows(&count);
    fprintf(out,
            "\n## Attributes\n\nNumbers are those of PKCS #11. A list of attributes is: type u32, "
            "size u32, value, for each.\n\n"
            "| number | attribute | kind | set by | changed |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| 0x%04x | %s | %s | %s | %s |\n", (unsigned)rows[i].attribute, rows[i].name,
                kinds[rows[i].kind], setters[rows[i].set], changes[rows[i].change]);
    }
}

static void print_statuses(FILE *out) {
    fprintf(out, "\n## Statuses\n\n| code | status | CK_RV | what happened | what to do next |\n"
                 "|---|---|---|---|---|\n");
#define STATUS(name, number, ck_rv, text, advice)                                             \
    fprintf(out, "| EH-%04d | %s | 0x%03x | %s | %s |\n", (number), #name, (unsigned)(ck_rv), \
            (text), (advice));
#include "base/status.def"
#undef STATUS
}

static void print_events(FILE *out) {
    fprintf(out, "\n## Events of the audit log besides commands\n\n| number | event | meaning |\n"
                 "|---|---|---|\n");
#define EVENT(number, name, text) fprintf(out, "| 0x%04x | %s | %s |\n", (number), #name, (text));
#include "proto/events.def"
#undef EVENT
}

static void print_all(FILE *out) {
    print_intro(out);
    print_commands(out);
    print_algorithms(out);
    print_attributes(out);
    print_statuses(out);
    print_events(out);
}

static int compare(const char *path) {
    char *now = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&now, &size);
    print_all(memory);
    fclose(memory);
    char *there = calloc(1, size + 2);
    FILE *file = fopen(path, "r");
    size_t read = file != NULL ? fread(there, 1, size + 1, file) : 0;
    bool same = read == size && strcmp(now, there) == 0;
    if (file != NULL) {
        fclose(file);
    }
    free(now);
    free(there);
    printf("1..1\n%s 1 - the protocol document says what the tables say\n", same ? "ok" : "not ok");
    if (!same) {
        printf("# renew it: build/doc/protocol_text > doc/PROTOCOL.md\n");
    }
    return same ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        return compare(argv[1]);
    }
    print_all(stdout);
    return 0;
}

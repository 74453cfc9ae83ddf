/* SPDX-License-Identifier: Apache-2.0 */
/* A second reader of CBOR, for tests. */
#include "test/policy/plain_cbor.h"

#include <string.h>

struct plain_input {
    const uint8_t *at, *end;
};

static bool read_head(struct plain_input *input, unsigned *type, uint64_t *value) {
    static const uint64_t least[] = {24, 1u << 8, 1u << 16, 1ull << 32};
    if (input->at == input->end) {
        return false;
    }
    unsigned first = *input->at++, low = first & 31;
    *type = first >> 5;
    *value = low;
    if (low < 24) {
        return true;
    }
    unsigned bytes = low <= 27 ? 1u << (low - 24) : 0;
    if (bytes == 0 || (size_t)(input->end - input->at) < bytes) {
        return false; /* indefinite, reserved or cut off */
    }
    *value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        *value = *value << 8 | *input->at++;
    }
    return *value >= least[low - 24] && *type != PLAIN_SIMPLE;
}

static bool is_utf8(const uint8_t *at, uint64_t size) {
    for (uint64_t i = 0; i < size;) {
        uint8_t c = at[i];
        unsigned more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        uint32_t point = more == 0 ? c : c & (0x3fu >> more);
        if (c > 0xf4 || (c >= 0x80 && c < 0xc2) || more >= size - i) {
            return false;
        }
        for (unsigned k = 1; k <= more; k++) {
            if ((at[i + k] & 0xc0) != 0x80) {
                return false;
            }
            point = point << 6 | (at[i + k] & 0x3fu);
        }
        if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
            (more == 3 && (point < 0x10000 || point > 0x10ffff))) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

static bool in_order(const struct plain_node *before, const struct plain_node *key) {
    size_t size = before->size < key->size ? before->size : key->size;
    int order = memcmp(before->start, key->start, size);
    return order < 0 || (order == 0 && before->size < key->size);
}

static int read_item(struct plain_tree *tree, struct plain_input *input, unsigned depth);

/* What is inside of an array, a map or a tag. */
static bool read_inside(struct plain_tree *tree, struct plain_input *input, int parent,
                        unsigned depth) {
    struct plain_node *node = &tree->nodes[parent];
    uint64_t items = node->type == PLAIN_TAG ? 1 : node->value;
    int last = -1, key = -1;
    if (items > (uint64_t)(input->end - input->at)) {
        return false;
    }
    items *= node->type == PLAIN_MAP ? 2 : 1;
    for (uint64_t i = 0; i < items; i++) {
        int item = read_item(tree, input, depth + 1);
        if (item < 0) {
            return false;
        }
        *(last < 0 ? &node->child : &tree->nodes[last].next) = item;
        last = item;
        if (node->type == PLAIN_MAP && i % 2 == 0) {
            if (key >= 0 && !in_order(&tree->nodes[key], &tree->nodes[item])) {
                return false;
            }
            key = item;
        }
    }
    return true;
}

static int read_item(struct plain_tree *tree, struct plain_input *input, unsigned depth) {
    if (tree->count == PLAIN_NODES_MAX || depth > 16) {
        return -1;
    }
    int number = tree->count++;
    struct plain_node *node = &tree->nodes[number];
    *node = (struct plain_node){.start = input->at, .child = -1, .next = -1};
    if (!read_head(input, &node->type, &node->value)) {
        return -1;
    }
    if (node->type == PLAIN_BYTES || node->type == PLAIN_TEXT) {
        if (node->value > (uint64_t)(input->end - input->at)) {
            return -1;
        }
        node->at = input->at;
        input->at += node->value;
        if (node->type == PLAIN_TEXT && !is_utf8(node->at, node->value)) {
            return -1;
        }
    } else if (node->type == PLAIN_SIMPLE && (node->value < 20 || node->value > 22)) {
        return -1;
    } else if (node->type >= PLAIN_ARRAY && node->type <= PLAIN_TAG &&
               !read_inside(tree, input, number, depth)) {
        return -1;
    }
    node->size = (size_t)(input->at - node->start);
    return number;
}

bool plain_read(struct plain_tree *tree, const uint8_t *data, size_t size) {
    struct plain_input input = {data, data + size};
    tree->count = 0;
    return read_item(tree, &input, 0) == 0 && input.at == input.end;
}

bool plain_int(const struct plain_node *node, int64_t *number) {
    if (node == NULL || node->type > PLAIN_NEGATIVE || node->value > INT64_MAX) {
        return false;
    }
    *number = node->type == PLAIN_UINT ? (int64_t)node->value : -1 - (int64_t)node->value;
    return true;
}

const struct plain_node *plain_find(const struct plain_tree *tree, const struct plain_node *map,
                                    int64_t key) {
    int64_t number = 0;
    for (int at = map->type == PLAIN_MAP ? map->child : -1; at >= 0;
         at = tree->nodes[tree->nodes[at].next].next) {
        if (plain_int(&tree->nodes[at], &number) && number == key) {
            return &tree->nodes[tree->nodes[at].next];
        }
    }
    return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the attributes of session objects. */
#include "core/keys/blocks.h"

#include "base/wipe.h"

static uint32_t take_block(struct blocks *blocks) {
    uint32_t taken = blocks->free;
    if (taken != 0) {
        blocks->free = blocks->next[taken - 1];
    } else if (blocks->untouched < SESSION_BLOCKS) {
        taken = ++blocks->untouched;
    }
    return taken;
}

enum status blocks_put(struct blocks *blocks, struct bytes value, uint32_t *chain) {
    uint32_t first = 0;
    uint32_t *link = &first;
    for (size_t done = 0; done < value.size; done += SESSION_BLOCK_SIZE) {
        uint32_t block = take_block(blocks);
        *link = block;
        if (block == 0) {
            blocks_free(blocks, first);
            return STATUS_MEMORY;
        }
        size_t left = value.size - done;
        size_t part = left < SESSION_BLOCK_SIZE ? left : SESSION_BLOCK_SIZE;
        bytes_copy(blocks->data[block - 1], bytes_of(value.data + done, part));
        link = &blocks->next[block - 1];
        *link = 0;
    }
    *chain = first;
    return first != 0 ? STATUS_OK : STATUS_INTERNAL;
}

void blocks_get(const struct blocks *blocks, uint32_t chain, size_t size, uint8_t *out) {
    for (size_t done = 0; done < size && chain != 0; done += SESSION_BLOCK_SIZE) {
        size_t left = size - done;
        size_t part = left < SESSION_BLOCK_SIZE ? left : SESSION_BLOCK_SIZE;
        bytes_copy(out + done, bytes_of(blocks->data[chain - 1], part));
        chain = blocks->next[chain - 1];
    }
}

void blocks_free(struct blocks *blocks, uint32_t chain) {
    while (chain != 0) {
        uint32_t next = blocks->next[chain - 1];
        wipe(blocks->data[chain - 1], SESSION_BLOCK_SIZE);
        blocks->next[chain - 1] = blocks->free;
        blocks->free = chain;
        chain = next;
    }
}

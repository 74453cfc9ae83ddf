/* SPDX-License-Identifier: Apache-2.0 */
/* A plain model of a store: what must be in it after any cut. Each value tells its own id and
 * version, so that a wrong, old or foreign value shows. */
#ifndef TEST_POWERLOSS_STORE_MODEL_H
#define TEST_POWERLOSS_STORE_MODEL_H

#include "core/store/store_state.h"

enum { MODEL_IDS = 40, MODEL_FLIGHT = 64 };

struct model_change {
    uint32_t index;
    uint32_t version; /* 0: a removal */
    bool last;        /* ends a group */
};

struct store_model {
    uint32_t version[MODEL_IDS]; /* acknowledged; 0: not there */
    uint32_t newest;             /* version given last */
    uint32_t flights;            /* changes begun since, in order: after a cut any number of whole
                                    groups of them counts */
    struct model_change flight[MODEL_FLIGHT];
    uint64_t counter; /* the port's counter when last acknowledged */
    uint32_t refused; /* changes refused because the store was full */
    uint32_t large;   /* values are between half of it and it; 0: mostly small, now and then as
                         large as can be */
};

/* Ids of the model: objects, but for every fifth, which is a PIN. */
uint64_t model_id(uint32_t index);

/* Puts a new version; what was unsynced is acknowledged by a bound change. False when the store
 * is full. */
bool model_put(struct store_model *model, struct store *store, uint32_t index, enum store_end end);
/* Removes it. False when it is not there. */
bool model_remove(struct store_model *model, struct store *store, uint32_t index,
                  enum store_end end);
/* Drops an unfinished group from both. */
void model_abandon(struct store_model *model, struct store *store);
/* Syncs, and acknowledges all that is in flight. */
void model_sync(struct store_model *model, struct store *store);
/* After a start: the store holds what was acknowledged and a whole part of what was in flight,
 * which from now on is acknowledged too. Returns NULL, or what does not hold. */
const char *model_settle(struct store_model *model, struct store *store);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Power loss as a way to run any story. */
#include "test/powerloss/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Chance repeats: a failure is found again by running the same test. */
enum { SEED = 20261125 };

struct run {
    const struct power_story *story;
    const struct power_plan *plan;
    struct power_count *count;
    struct sim_memory *start, *before, *torn;
    void *model_start, *model_before;
    uint64_t chance;
};

/* Where the run is, for the message. */
static struct {
    const char *story;
    uint64_t write;
    struct sim_tear tear;
    uint64_t deep_write;
    struct sim_tear deep_tear;
    uint64_t lost_seed;
} now;

static void print_tear(uint64_t write, const struct sim_tear *tear) {
    if (tear->scatter) {
        print_message("# cut at write %llu, any bits, seed %llu\n", (unsigned long long)write,
                      (unsigned long long)tear->seed);
    } else {
        print_message("# cut at write %llu, %u bytes done\n", (unsigned long long)write,
                      tear->bytes);
    }
}

void power_name(const char *story) {
    now.story = story;
    now.write = 0;
}

_Noreturn void power_fail(const char *format, ...) {
    char text[300];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    print_message("# story '%s': %s\n", now.story, text);
    if (now.write != 0) {
        print_tear(now.write, &now.tear);
    }
    if (now.lost_seed != 0) {
        print_message("# unsynced blocks lost with seed %llu\n", (unsigned long long)now.lost_seed);
    }
    if (now.deep_write != 0) {
        print_message("# then, in the recovery:\n");
        print_tear(now.deep_write, &now.deep_tear);
    }
    fail_msg("%s", text);
    abort();
}

static void expect_end(enum sim_end end, enum sim_end expected, const char *what) {
    if (end == SIM_HALTED) {
        power_fail("%s: the module halted: %s", what, sim_halt_reason());
    }
    if (end != expected) {
        power_fail("%s %s", what, end == SIM_CUT ? "was cut" : "came to its end uncut");
    }
}

static void go_back(const struct run *run, const struct sim_memory *memory, const void *model) {
    sim_recall(memory);
    memcpy(run->story->model, model, run->story->model_size);
}

static void recover(const struct run *run) {
    expect_end(sim_run(run->story->recover, NULL), SIM_DONE, "the recovery");
}

static struct sim_tear tear_by_chance(struct run *run) {
    uint64_t number = sim_chance(&run->chance);
    return (struct sim_tear){
        .bytes = (uint32_t)(number >> 8) % ((number & 2) != 0 ? 64 : 1200),
        .scatter = (number & 1) != 0,
        .seed = number,
    };
}

/* From a platform that was cut: the recovery is cut at each of its writes, once. */
static void cut_recovery(struct run *run) {
    run->torn = sim_remember(run->torn);
    for (now.deep_write = 1;; now.deep_write++) {
        go_back(run, run->torn, run->model_before);
        now.deep_tear = tear_by_chance(run);
        sim_cut(now.deep_write, now.deep_tear);
        enum sim_end end = sim_run(run->story->recover, NULL);
        sim_cut(0, now.deep_tear);
        if (end == SIM_DONE) {
            break;
        }
        expect_end(end, SIM_CUT, "the recovery");
        run->count->deep_cuts++;
        recover(run);
    }
    now.deep_write = 0;
}

/* From a platform that was cut with nothing done: another part of the same write is done. */
static void cut_here(struct run *run, struct sim_tear tear) {
    now.tear = tear;
    run->count->cuts++;
    go_back(run, run->before, run->model_before);
    sim_tear_again(tear);
    if (run->plan->deep_every != 0 && run->count->cuts % run->plan->deep_every == 0) {
        cut_recovery(run);
    } else {
        recover(run);
    }
}

static void play_until(struct run *run, uint64_t write, struct sim_tear tear) {
    now.write = write;
    now.tear = tear;
    go_back(run, run->start, run->model_start);
    sim_cut(write, tear);
    expect_end(sim_run(run->story->play, NULL), SIM_CUT, "the story");
}

/* Every way to cut one write, in order. */
static void cut_write(struct run *run, uint64_t write) {
    play_until(run, write, (struct sim_tear){0});
    run->before = sim_remember(run->before);
    memcpy(run->model_before, run->story->model, run->story->model_size);
    uint32_t size = sim_cut_size();
    uint32_t step = sim_cut_erasing() ? run->plan->erase_step : run->plan->program_step;
    for (uint32_t bytes = 0; bytes < size; bytes += step) {
        cut_here(run, (struct sim_tear){.bytes = bytes});
    }
    cut_here(run, (struct sim_tear){.bytes = size});
    for (uint32_t i = 0; size > 1 && i < run->plan->scatters; i++) {
        cut_here(run, (struct sim_tear){.scatter = true, .seed = sim_chance(&run->chance)});
    }
}

/* One write is cut, and what was not synced before may be lost too. */
static void cut_unsynced(struct run *run, uint64_t write) {
    for (uint32_t i = 0; i < run->plan->unsynced; i++) {
        now.lost_seed = sim_chance(&run->chance) | 1;
        go_back(run, run->start, run->model_start);
        sim_lose_unsynced(now.lost_seed);
        play_until(run, write, tear_by_chance(run));
        sim_lose_unsynced(0);
        run->count->unsynced_cuts++;
        recover(run);
    }
    now.lost_seed = 0;
}

static void *copy_of_model(const struct power_story *story) {
    void *copy = malloc(story->model_size);
    assert_non_null(copy);
    memcpy(copy, story->model, story->model_size);
    return copy;
}

void power_run(const struct power_story *story, const struct power_plan *plan,
               struct power_count *count) {
    struct run run = {.story = story, .plan = plan, .count = count, .chance = SEED};
    now.story = story->name;
    now.write = now.deep_write = now.lost_seed = 0;
    *count = (struct power_count){0};
    story->prepare();
    run.start = sim_remember(NULL);
    run.model_start = copy_of_model(story);
    run.model_before = copy_of_model(story);

    uint64_t writes = sim_writes();
    expect_end(sim_run(story->play, NULL), SIM_DONE, "the story");
    count->writes = sim_writes() - writes;
    for (uint64_t write = 1; write <= count->writes; write++) {
        cut_write(&run, write);
        cut_unsynced(&run, write);
    }
    print_message("# power loss '%s': %llu writes, %llu cuts, %llu second cuts, %llu with unsynced "
                  "blocks lost\n",
                  story->name, (unsigned long long)count->writes, (unsigned long long)count->cuts,
                  (unsigned long long)count->deep_cuts, (unsigned long long)count->unsynced_cuts);
    sim_forget(run.start);
    sim_forget(run.before);
    sim_forget(run.torn);
    free(run.model_start);
    free(run.model_before);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bench TARGET CASE [threads] [processes] [seconds]: runs one case and prints a line of
 * tab-separated values: target, case, threads, processes, operations a second, p50 and p99 in
 * microseconds, peak memory in KiB. TARGET is raw, or any name for the module in $MODULE.
 * bench TARGET policy SECONDS BLOCK: signs without and with a policy in turns of BLOCK; two lines.
 * bench TARGET fill|find|start|start-pin COUNT: prints the seconds it took (find: of one search)
 * instead of the rate. */
#include "bench/bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct thread {
    pthread_t thread;
    struct worker worker;
    long count;
    bool failed;
    float *samples; /* microseconds of single operations */
    size_t sample_count;
};

static atomic_bool stop;

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *work(void *argument) {
    struct thread *thread = argument;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        double start = seconds();
        if (!thread->worker.once(thread->worker.state)) {
            thread->failed = true;
            break;
        }
        thread->samples[thread->sample_count++ % SAMPLES_MAX] = (float)((seconds() - start) * 1e6);
        thread->count++;
    }
    return NULL;
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a;
    float y = *(const float *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

struct result {
    double rate;
    double p50;
    double p99;
};

static void percentiles(struct thread *threads, int count, struct result *result) {
    size_t total = 0;
    float *all = malloc(sizeof(float) * SAMPLES_MAX * (size_t)count);
    for (int i = 0; i < count; i++) {
        size_t kept = threads[i].sample_count < SAMPLES_MAX ? threads[i].sample_count : SAMPLES_MAX;
        memcpy(all + total, threads[i].samples, kept * sizeof(float));
        total += kept;
    }
    qsort(all, total, sizeof(float), compare);
    result->p50 = total > 0 ? (double)all[total / 2] : 0;
    result->p99 = total > 0 ? (double)all[total * 99 / 100] : 0;
    free(all);
}

static bool run_threads(bool raw, const char *name, int count, double duration,
                        struct result *result) {
    static struct thread threads[THREADS_MAX];
    for (int i = 0; i < count; i++) {
        threads[i] = (struct thread){.samples = malloc(sizeof(float) * SAMPLES_MAX)};
        if (!(raw ? raw_worker : token_worker)(name, &threads[i].worker)) {
            return false;
        }
    }
    double start = seconds();
    for (int i = 0; i < count; i++) {
        pthread_create(&threads[i].thread, NULL, work, &threads[i]);
    }
    struct timespec pause = {(time_t)duration, (long)((duration - (double)(time_t)duration) * 1e9)};
    nanosleep(&pause, NULL);
    atomic_store(&stop, true);
    long total = 0;
    bool failed = false;
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i].thread, NULL);
        total += threads[i].count;
        failed = failed || threads[i].failed;
    }
    result->rate = (double)total / (seconds() - start);
    percentiles(threads, count, result);
    return !failed;
}

/* ---- processes: none of them has anything of the module's before it was forked ---- */

/* Runs a part of the preparation in a process of its own. */
static bool run_apart(bool (*part)(const char *name), const char *name) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(part(name) ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* One of them: gets ready, says so, waits for all others, and sends its result. */
static bool run_one(bool raw, const char *name, double duration, int go, int results) {
    struct result one = {0};
    char byte = 0;
    bool good = raw || token_join(name);
    if (write(results, &one, sizeof(one)) != (ssize_t)sizeof(one) || read(go, &byte, 1) != 0) {
        return false;
    }
    good = good && run_threads(raw, name, 1, duration, &one);
    return good && write(results, &one, sizeof(one)) == (ssize_t)sizeof(one);
}

/* They open the module one after the other: SoftHSM 2 takes its files for broken when several do so
 * at once. */
static bool start_processes(bool raw, const char *name, int count, double duration,
                            int ends[2][2]) {
    struct result ready;
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            close(ends[0][1]); /* the last one to close it lets all of them run */
            close(ends[1][0]);
            _exit(run_one(raw, name, duration, ends[0][0], ends[1][1]) ? 0 : 1);
        }
        if (child < 0 || read(ends[1][0], &ready, sizeof(ready)) != (ssize_t)sizeof(ready)) {
            return false;
        }
    }
    return true;
}

static bool run_processes(bool raw, const char *name, int count, double duration,
                          struct result *sum) {
    int ends[2][2]; /* go, results */
    struct result one;
    if (pipe(ends[0]) != 0 || pipe(ends[1]) != 0 ||
        !start_processes(raw, name, count, duration, ends)) {
        return false;
    }
    close(ends[1][1]);
    close(ends[0][1]);
    while (read(ends[1][0], &one, sizeof(one)) == (ssize_t)sizeof(one)) {
        sum->rate += one.rate;
        sum->p50 += one.p50 / count;
        sum->p99 += one.p99 / count;
    }
    bool good = true;
    for (int i = 0; i < count; i++) {
        int status = 0;
        good = wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && good;
    }
    return good;
}

static long peak_memory(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return usage.ru_maxrss;
}

/* Cases that are one long thing. */
static bool is_single(const char *name) {
    static const char *const singles[] = {"fill", "find", "start", "start-pin"};
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        if (strcmp(name, singles[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool run(bool raw, const char *name, int threads, int processes, double duration,
                struct result *result) {
    if (processes > 1) {
        bool good = raw ? raw_prepare(name) : run_apart(token_prepare, name);
        good = good && run_processes(raw, name, processes, duration, result);
        return (raw || run_apart(token_clean, name)) && good;
    }
    bool good = (raw ? raw_prepare : token_prepare)(name) &&
                run_threads(raw, name, threads, duration, result);
    return (raw || token_clean(name)) && good;
}

/* ---- with and without a policy, in turns ---- */

static void print_samples(const char *target, const char *name, struct samples *samples) {
    size_t kept = samples->count < SAMPLES_MAX ? samples->count : SAMPLES_MAX;
    double sum = 0;
    for (size_t i = 0; i < kept; i++) {
        sum += (double)samples->us[i];
    }
    qsort(samples->us, kept, sizeof(float), compare);
    printf("%s\t%s\t1\t1\t%.1f\t%.2f\t%.2f\t%ld\n", target, name,
           sum > 0 ? 1e6 * (double)kept / sum : 0, kept > 0 ? (double)samples->us[kept / 2] : 0,
           kept > 0 ? (double)samples->us[kept * 99 / 100] : 0, peak_memory(RUSAGE_SELF));
}

static int run_policy(const char *target, double duration, int block) {
    static struct samples plain, bound;
    char name[32];
    if (block < 1 || !token_policy(duration, block, &plain, &bound)) {
        return 1;
    }
    snprintf(name, sizeof(name), "plain-p256-by-%d", block);
    print_samples(target, name, &plain);
    snprintf(name, sizeof(name), "policy-p256-by-%d", block);
    print_samples(target, name, &bound);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "bench: usage: bench raw|NAME CASE [threads] [processes] [seconds]\n");
        return 2;
    }
    bool raw = strcmp(argv[1], "raw") == 0;
    const char *name = argv[2];
    if (strcmp(name, "policy") == 0) {
        return run_policy(argv[1], argc > 3 ? atof(argv[3]) : 1, argc > 4 ? atoi(argv[4]) : 100);
    }
    if (is_single(name)) {
        double took = token_once(name, argc > 3 ? atol(argv[3]) : 1000);
        printf("%s\t%s\t1\t1\t%.9f\t0\t0\t%ld\n", argv[1], name, took, peak_memory(RUSAGE_SELF));
        return took < 0 ? 1 : 0;
    }
    int threads = argc > 3 ? atoi(argv[3]) : 1;
    int processes = argc > 4 ? atoi(argv[4]) : 1;
    double duration = argc > 5 ? atof(argv[5]) : 1;
    struct result result = {0};
    if (threads < 1 || threads > THREADS_MAX ||
        !run(raw, name, threads, processes, duration, &result)) {
        return 1;
    }
    printf("%s\t%s\t%d\t%d\t%.1f\t%.2f\t%.2f\t%ld\n", argv[1], name, threads, processes,
           result.rate, result.p50, result.p99,
           peak_memory(processes > 1 ? RUSAGE_CHILDREN : RUSAGE_SELF));
    return 0;
}

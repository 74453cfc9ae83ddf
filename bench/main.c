/* SPDX-License-Identifier: Apache-2.0 */
/* bench TARGET CASE [threads] [processes] [seconds]: runs one case and prints a line of
 * tab-separated values: target, case, threads, processes, operations a second, p50 and p99 in
 * microseconds, peak memory in KiB. bench TARGET fill|find|start COUNT: prints the seconds it took
 * (find: of one search). */
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

enum { THREADS_MAX = 64, SAMPLES_MAX = 1 << 16 };

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

/* Each process sends its result through the pipe. */
static bool run_processes(bool raw, const char *name, int count, double duration,
                          struct result *sum) {
    int ends[2];
    struct result one;
    bool good = pipe(ends) == 0;
    for (int i = 0; good && i < count; i++) {
        if (fork() == 0) {
            bool ran = (raw || token_after_fork(name)) && run_threads(raw, name, 1, duration, &one);
            ran = ran && write(ends[1], &one, sizeof(one)) == (ssize_t)sizeof(one);
            _exit(ran ? 0 : 1);
        }
    }
    close(ends[1]);
    while (read(ends[0], &one, sizeof(one)) == (ssize_t)sizeof(one)) {
        sum->rate += one.rate;
        sum->p50 += one.p50 / count;
        sum->p99 += one.p99 / count;
    }
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

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "bench: usage: bench raw|NAME CASE [threads] [processes] [seconds]\n");
        return 2;
    }
    bool raw = strcmp(argv[1], "raw") == 0;
    const char *name = argv[2];
    if (strcmp(name, "fill") == 0 || strcmp(name, "find") == 0 || strcmp(name, "start") == 0) {
        double took = token_once(name, argc > 3 ? atol(argv[3]) : 1000);
        printf("%s\t%s\t1\t1\t%.9f\t0\t0\t%ld\n", argv[1], name, took, peak_memory(RUSAGE_SELF));
        return took < 0 ? 1 : 0;
    }
    int threads = argc > 3 ? atoi(argv[3]) : 1;
    int processes = argc > 4 ? atoi(argv[4]) : 1;
    double duration = argc > 5 ? atof(argv[5]) : 1;
    struct result result = {0};
    bool good = threads > 0 && threads <= THREADS_MAX && (raw ? raw_prepare : token_prepare)(name);
    good = good && (processes > 1 ? run_processes(raw, name, processes, duration, &result)
                                  : run_threads(raw, name, threads, duration, &result));
    long memory = peak_memory(processes > 1 ? RUSAGE_CHILDREN : RUSAGE_SELF);
    if (!raw) {
        token_clean(name);
    }
    if (good) {
        printf("%s\t%s\t%d\t%d\t%.1f\t%.2f\t%.2f\t%ld\n", argv[1], name, threads, processes,
               result.rate, result.p50, result.p99, memory);
    }
    return good ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between compilers and bodies; the only place below port/ and body/ with `#if`. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_USE __attribute__((warn_unused_result))
#define PUBLIC_ABI __attribute__((visibility("default")))
#define NO_INLINE __attribute__((noinline))
#define UNUSED __attribute__((unused))

/* Chooses one of the two columns of base/limits.h: the daemon's or the small bodies' (chip,
 * simulator). */
#if defined(EHSM_SMALL)
#define LIMIT_PICK(daemon, small) (small)
#else
#define LIMIT_PICK(daemon, small) (daemon)
#endif

/* Names and texts of the tables that only a person or a test reads: no byte of the chip's flash. */
#if __STDC_HOSTED__
#define HOSTED_TEXT(text) (text)
#else
#define HOSTED_TEXT(text) NULL
#endif

/* A breath in a loop that waits for another processor. */
#if defined(__x86_64__) || defined(__i386__)
#define COMPILER_RELAX() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define COMPILER_RELAX() __asm__ volatile("yield")
#else
#define COMPILER_RELAX() ((void)0)
#endif

/* Number of elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif

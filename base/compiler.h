/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between compilers and bodies; the only place below port/ and body/ with `#if`. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_USE __attribute__((warn_unused_result))
#define PUBLIC_ABI __attribute__((visibility("default")))
#define NO_INLINE __attribute__((noinline))
#define UNUSED __attribute__((unused))

/* Chooses one of the two columns of base/limits.h: the daemon's or the small bodies' (chip, simulator). */
#if defined(EHSM_SMALL)
#define LIMIT_PICK(daemon, small) (small)
#else
#define LIMIT_PICK(daemon, small) (daemon)
#endif

/* Number of elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif

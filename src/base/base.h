/* SPDX-License-Identifier: ISC */
/* What every file of postern sees first: the few words the compiler lacks,
 * and the calls that nobody here may use.
 *
 * The system headers below are included only so that the poison, which must
 * come after every mention of its names, does not hit them. */
#pragma once

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define ARRAY_LEN(a)           (sizeof(a) / sizeof((a)[0]))
#define CLEANUP(f)             __attribute__((cleanup(f)))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_LOOK              __attribute__((warn_unused_result))

/* Where a MUST_LOOK result is of no use; say why beside it. (GCC does not take
 * a cast to void for an answer.) */
static inline void ignore(intmax_t result)
{
	(void)result;
}

#undef alloca
/* Bounds nothing, or depends on the locale, or hides an error. */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison atoi atol atoll ctime asctime alloca sleep usleep

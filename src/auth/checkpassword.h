/* SPDX-License-Identifier: ISC */
/* Somebody else's judge: a program of the checkpassword kind (D. J. Bernstein,
 * "The checkpassword interface"). It reads name, password and a time from
 * descriptor 3 and runs /bin/true if they fit. */
#pragma once

#include "base/slice.h"

/* 1: they do; 0: they do not; -EAGAIN: it cannot say now, or took too long;
 * -ENOENT, … it cannot be run. name and password hold no NUL. */
int checkpassword(const char *program, struct slice name,
		  struct slice password) MUST_LOOK;

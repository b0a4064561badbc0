/* SPDX-License-Identifier: ISC */
/* A random secret of this host, in a file that only its owner reads. */
#pragma once

#include "base/base.h"

#define SECRET_BYTES 32

/* Read it, or make it when it is not there. 0 or -errno. */
int secret_get(const char *path, uint8_t ret[SECRET_BYTES]) MUST_LOOK;

/* Where it cannot be kept: one that lasts as long as the system's
 * installation (machine-id(5)), or else the process. */
void secret_fallback(uint8_t ret[SECRET_BYTES]);

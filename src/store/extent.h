/* SPDX-License-Identifier: ISC */
/* A stretch of a file: its size, its digest. Bounded memory. */
#pragma once

#include "base/digest.h"
#include "base/file.h"

#define EXTENT_BLOCK 65536

int extent_size(int fd, uint64_t *ret) MUST_LOOK;

/* SHA-256 in hex of exactly `n` bytes from `at`; -EIO when there are fewer. */
int extent_digest(int fd, uint64_t at, uint64_t n, char ret[65]) MUST_LOOK;

/* Is that its digest? False also when it cannot be read. */
bool extent_is(int fd, uint64_t at, uint64_t n, const char *digest);

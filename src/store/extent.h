/* SPDX-License-Identifier: ISC */
/* A stretch of a file: its size, its digest. Bounded memory. */
#pragma once

#include "base/digest.h"
#include "base/file.h"

#define EXTENT_BLOCK 65536

int extent_size(int fd, uint64_t *ret) MUST_LOOK;

/* How many octets of empty lines (LF or CRLF) does it begin with? */
int extent_empty_lines(int fd, uint64_t *ret) MUST_LOOK;

/* How many LFs are missing at `at` before a From_ line may follow there? */
int extent_missing_lfs(int fd, uint64_t at, size_t *ret) MUST_LOOK;

/* Add exactly `n` bytes from `at` to a digest; -EIO when there are fewer. */
int extent_add(int fd, uint64_t at, uint64_t n, struct digest *d) MUST_LOOK;

/* SHA-256 in hex of exactly `n` bytes from `at`; -EIO when there are fewer. */
int extent_digest(int fd, uint64_t at, uint64_t n, char ret[65]) MUST_LOOK;

/* Is that its digest? False also when it cannot be read. */
bool extent_is(int fd, uint64_t at, uint64_t n, const char *digest);

/* Are `n` bytes of one file, from its `at` on, those of the other? False also
 * when either cannot be read. */
bool extent_same(int fd, uint64_t at, int other, uint64_t other_at, uint64_t n);

/* What a power cut leaves of octets that did not reach the disk: the first
 * NULs from..to that go on to the end of a sector, or to `to`. 1 and where, 0,
 * or -errno. */
int extent_hole(int fd, uint64_t from, uint64_t to, uint64_t *ret) MUST_LOOK;

/* Is there a sector of NULs, or the part of one that lies in from..to? 1, 0,
 * or -errno. */
int extent_has_hole(int fd, uint64_t from, uint64_t to) MUST_LOOK;

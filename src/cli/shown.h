/* SPDX-License-Identifier: ISC */
/* Values as a person reads them on a terminal. */
#pragma once

#include "base/slice.h"

#define SHOWN_MAX 512

/* Escaped, and cut where it is too long. Returns `ret`. */
const char *shown_text(struct slice s, char ret[SHOWN_MAX]);

/* "812 B", "12 KiB", "1.4 MiB" */
const char *shown_size(uint64_t octets, char ret[SHOWN_MAX]);

/* A span of time: "45 s", "12 min", "5 h", "3 d"; never negative. */
const char *shown_span(int64_t us, char ret[SHOWN_MAX]);

/* SPDX-License-Identifier: ISC */
/* Where a message's bytes lie (in memory, or in a file), and what its header
 * says that a delivery must know. */
#pragma once

#include "mail/header.h"

struct content {
	struct slice text; /* when fd < 0 */
	int fd;
	uint64_t offset;
	uint64_t length;
};

/* The next piece from `at` on, into `room` bytes at `p` where it has to be
 * read. Its length, 0 at the end, or -errno. */
ssize_t content_piece(const struct content *c, uint64_t at, char *p,
		      size_t room, struct slice *ret) MUST_LOOK;

/* Give the header's fields out; *ret_length is the header's, its empty line
 * included. 0 or -errno. */
int content_header(const struct content *c, header_field *on_field,
		   void *context, uint64_t *ret_length) MUST_LOOK;

/* Is there an octet over 127 in the first `length`? 1, 0, or -errno. */
int content_eight_bit(const struct content *c, uint64_t length) MUST_LOOK;

/* Set been[i] for each of those `n` addresses which a Delivered-To field
 * names. 0 or -errno. */
struct content_address {
	struct slice address;
	bool been;
};
int content_loops(const struct content *c, struct content_address *v,
		  size_t n) MUST_LOOK;

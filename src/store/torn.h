/* SPDX-License-Identifier: ISC */
/* Appends that a crash tore. Every message of ours is sealed (mail/seal.h):
 * what is not as long, or not the content, that its seal says, and shows the
 * marks of a crash (cut off, or octets that never reached the disk) is taken
 * out. What an MUA edited, and what others wrote, stays. */
#pragma once

#include "store/place.h"

struct mark;

/* from … to of the mailbox. */
typedef void torn_seen(void *context, uint64_t from, uint64_t to);

/* Look at what has come since the mark of `notes`; take out what is torn, note
 * named deliveries that are whole, and move the mark. With the mailbox locked.
 *
 * notes  notes_open's answer
 *
 * 1: *ret is the mark now; 0 (there is none), or -errno. */
int torn_repair(const struct place *p, int fd, int notes,
		struct mark *ret) MUST_LOOK;

/* What torn_repair would take out; changes nothing. 0 or -errno. */
int torn_survey(const struct place *p, int fd, torn_seen *seen,
		void *context) MUST_LOOK;

/* The first From_ line behind `at` (mid_line: at it, too, and in the middle of
 * a line), or `size`. 0 or -errno. */
int torn_find_from(int fd, uint64_t at, uint64_t size, bool mid_line,
		   uint64_t *ret) MUST_LOOK;

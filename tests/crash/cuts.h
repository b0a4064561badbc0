/* SPDX-License-Identifier: ISC */
/* Which of the many trees that a power cut may leave are looked at: all of
 * them where they are few, otherwise the corners and a random sample. */
#pragma once

#include "disk.h"

/* A number that looks random; the same ones after the same seed. */
struct dice {
	uint64_t state;
};
uint64_t dice_roll(struct dice *d, uint64_t below);

/* A choice for disk_tree and what it is called. False: enough. */
typedef bool cuts_seen(void *context, const uint16_t *choice, const char *what);

/* Give out choices for the disk as it is now: all when there are no more than
 * `all`, else the corners and random ones, `most` in sum. */
void cuts_each(const struct disk *d, size_t all, size_t most, struct dice *dice,
	       cuts_seen *seen, void *context);

/* SPDX-License-Identifier: ISC */
/* What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 §3, 7677):
 *
 *     iterations,salt,StoredKey,ServerKey
 *
 * the last three in base64. Who steals it can guess passwords, but not log
 * in with it. */
#pragma once

#include "base/slice.h"

#define SCRAM_MAX 256 /* octets of the text, with NUL */

struct scram {
	char iterations[12];
	char salt[64], stored[64], server[64]; /* base64, as they stand */
};

/* From a password (prepared by SASLprep), with a fresh salt. 0; -EINVAL: it
 * cannot be prepared; -ENOMEM, -EIO. */
int scram_make(struct slice password, char ret[SCRAM_MAX]) MUST_LOOK;

/* 0 or -EBADMSG. */
int scram_parse(struct slice text, struct scram *ret) MUST_LOOK;

/* Is that the password? Costs what making the keys did. 1, 0, or -errno. */
int scram_is(const struct scram *s, struct slice password) MUST_LOOK;

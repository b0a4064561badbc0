/* SPDX-License-Identifier: ISC */
/* What a session and its keeper say to each other: the same program, forked,
 * so structs as they are. Behind a request come its strings, in this order,
 * and the message. */
#pragma once

#include "store/mbox.h"

enum keeper_verb {
	KEEPER_APPEND,
	KEEPER_FORGET,
	KEEPER_USAGE,
	KEEPER_WARN_ONCE,
	KEEPER_WARN_AGAIN,
};

enum { KEEPER_MAILBOX, KEEPER_SENDER, KEEPER_ONCE, KEEPER_HEAD, KEEPER_TEXTS };

#define KEEPER_TEXT_MAX 65536 /* octets of one of them */

struct keeper_request {
	enum keeper_verb verb;
	unsigned count; /* a bool */
	uid_t owner;
	int64_t real_us;
	struct quota quota;
	size_t n[KEEPER_TEXTS];
	uint64_t length; /* of the message */
};

struct keeper_reply {
	int result;
	struct mbox_appended did;
	struct usage usage;
};

/* All of it: 0, -EPIPE (the other side has gone), or -errno. */
int keeper_put(int fd, struct slice bytes) MUST_LOOK;
int keeper_take(int fd, void *p, size_t n) MUST_LOOK;

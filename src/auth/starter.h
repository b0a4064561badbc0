/* SPDX-License-Identifier: ISC */
/* Where nothing listens on postern-authd's socket, somebody has to start that
 * program; not the session, which may run none. So a process that does nothing
 * else is forked before the session is fenced in. It holds neither the
 * client's connection nor anything else of the session's but perhaps its
 * standard error, and ends with it. */
#pragma once

#include "conf/settings.h"

/* Needed? Only when the settings name no socket, or none is there. */
bool starter_needed(const struct settings *s);

/* Fork it. config: postern.conf, for what it starts; both are borrowed until
 * it ends. stderr_is_ours: it is no client's, so that what is started may log
 * there. Descriptor by which it is asked (close it to end it), or -errno. For
 * one session: whoever holds a socket can shut it down for all others. */
int starter_new(const struct settings *s, const char *config,
		bool stderr_is_ours) MUST_LOOK;

/* The same for an acceptor, which keeps the descriptor to itself: each of its
 * sessions has one end of a socket pair as its starter, and the other end is
 * passed on when the session has said something there. */
int starter_of_many(const struct settings *s, const char *config,
		    bool stderr_is_ours) MUST_LOOK;

/* Closing `line` is left to the caller. 0, -EAGAIN (too many at once), -errno
 * (it is no more). */
int starter_pass(int starters, int line) MUST_LOOK;

/* A postern-authd of our own: descriptor to talk to it, or -errno. Where it
 * could not be started, all it says is a line of this and the errno. */
#define STARTER_FAILED "FAILED "
int starter_ask(int starter) MUST_LOOK;

/* SPDX-License-Identifier: ISC */
/* Other hosts, for tests: an SMTP server on the loopback in a process of its
 * own that does what the test says, and a name server. What they saw lies in
 * memory shared with the test. */
#pragma once

#include "base/slice.h"

#define REMOTE_PART_MAX 8192

struct remote_seen {
	_Atomic unsigned connections, messages, rcpts;
	_Atomic unsigned asked; /* DATA answered, the text not yet there */
	_Atomic unsigned quits;
	_Atomic unsigned texts;     /* octets used below */
	char rcpt[256];             /* the last one's line */
	char text[REMOTE_PART_MAX]; /* the messages, one behind the other */
};

struct remote {
	/* what it says; NULL: yes */
	const char *greeting, *rcpt, *end;
	const char *offers; /* EHLO lines, "250-DSN\r\n" */
	int hang_ms;        /* before the end of data is answered */
	unsigned drops_at;  /* hangs up at the end of every n-th message */
	unsigned enough;    /* messages, then MAIL is answered with 421 */
	/* filled in */
	uint16_t port;
	pid_t pid;
	struct remote_seen *seen;
};

/* Listen on ip; port 0: any. */
void remote_start(struct remote *r, const char *ip, uint16_t port);
void remote_stop(struct remote *r);

/* A port of that address nobody listens on. */
uint16_t remote_free_port(void);

/* null.example has a null MX; two.example a mail host at 127.0.0.1 and, if
 * that fails, one at 127.0.0.2; nothing else is there. Its port. */
uint16_t remote_names(pid_t *ret_pid);

/* Most connections open at the same time, to all of them. */
extern _Atomic unsigned *remote_most;

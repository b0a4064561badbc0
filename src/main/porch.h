/* SPDX-License-Identifier: ISC */
/* A POP3 session in two processes. On the porch, with the client, is one that
 * speaks TLS and takes logins, and can open no mailbox. In the house is the
 * other: it hears what is said to postern-authd and what that answers
 * (auth/usher.h), opens the mailbox of who has logged in, shuts itself in with
 * it, and carries on with the session. Within TLS the porch then only hands
 * bytes to and fro; in the clear it is no longer needed, and the client is the
 * house's from then on. */
#pragma once

#include "main/handler.h"
#include "pop3/session.h"

struct porch {
	int line;  /* to the other process */
	pid_t pid; /* in the house: the porch's process; on the porch 0 */
};

/* Fork; behind fence_process, before fence_session. The house has the client's
 * connection too, and must not touch it before a login. 0 or -errno. */
int porch_open(struct porch *p) MUST_LOOK;

/* On the porch: ask the house to let in who has logged in. A pop3_hooks.enter
 * with `context` the porch; POP3_LOGIN_AWAY: the house goes on, porch_pump. */
enum pop3_login porch_enter(void *context, struct maildrop **ret,
			    struct slice *ret_fill);

/* On the porch, behind that: until the session ends. 0 or -errno. */
int porch_pump(const struct porch *p, struct stream *client,
	       int64_t idle_ms) MUST_LOOK;

/* On the porch, in place of that: the client is the house's; what was read from
 * him already goes there. 0 or -errno. */
int porch_hand_over(struct porch *p, struct stream *client) MUST_LOOK;

/* In the house, the other end of that, on the stream `line` over p->line: wait
 * until the porch has said all it had to, and have `client` begin with what was
 * read too early. 0 or -errno. */
int porch_take_over(struct stream *line, struct stream *client) MUST_LOOK;

/* In the house, in place of that: the client stays the porch's. 0 or -errno. */
int porch_leave_client(void) MUST_LOOK;

/* In the house: the answer to porch_enter. 0 or -errno. */
int porch_answer(const struct porch *p, enum pop3_login login) MUST_LOOK;

/* In the house: hang up, and wait until the porch has given the client what is
 * his. Its exit status. */
int porch_close(struct porch *p);

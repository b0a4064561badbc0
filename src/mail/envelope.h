/* SPDX-License-Identifier: ISC */
/* The envelope: who sent a message, who is to get it, and what was asked for
 * (RFC 5321 §2.3.1, RFC 3461). What the SMTP session fills, the queue keeps
 * and the retry run works off. Plain data; lives in one arena. */
#pragma once

#include "base/arena.h"

enum dsn_ret { DSN_RET_UNSAID, DSN_RET_FULL, DSN_RET_HDRS };

/* NOTIFY= of RFC 3461 §4.1: a set. 0: not given (as FAILURE | DELAY). */
enum {
	DSN_NEVER = 1,
	DSN_SUCCESS = 2,
	DSN_FAILURE = 4,
	DSN_DELAY = 8,
};

/* What became of one recipient so far. */
enum recipient_state {
	RECIPIENT_PENDING,   /* still to be tried */
	RECIPIENT_DELIVERED, /* in a mailbox here */
	RECIPIENT_RELAYED,   /* accepted by another host */
	RECIPIENT_FAILED,    /* given up */
	RECIPIENT_EXPANDED,  /* replaced by what its alias names */
};

struct recipient {
	struct slice address;  /* as routed: local@domain; UTF-8 allowed */
	struct slice orcpt;    /* ORCPT= as given: type;xtext; may be empty */
	struct slice original; /* what RCPT named, where an alias led here */
	unsigned notify;       /* DSN_… set */
	bool final;            /* is not looked up as an alias again */
	enum recipient_state state;
	bool warned;   /* a delay DSN has been sent */
	bool reported; /* its final DSN (if any) is in the queue */
	unsigned attempts;
	/* the last outcome, for DSNs and people: "4.4.1" and text */
	struct slice status;
	struct slice detail;
	struct slice remote; /* name of the host that said so; may be empty */
	size_t slot;         /* where its state lies; the queue's own */
};

struct envelope {
	struct slice from;  /* reverse-path without <>; empty: null sender */
	struct slice envid; /* ENVID= as given (xtext); may be empty */
	enum dsn_ret ret;
	bool eight_bit;    /* BODY=8BITMIME */
	bool smtputf8;     /* the message needs RFC 6531 all the way */
	bool requiretls;   /* RFC 8689: only over verified TLS, or not at all */
	bool tls_optional; /* TLS-Required: No; RFC 8689 §3. Never with
			      requiretls */
	int64_t arrived_us;
	struct slice id;    /* queue id, also in our Received line */
	struct slice peer;  /* who handed it in: "name [address]", for people */
	struct slice login; /* authenticated as; may be empty */
	struct recipient *to;
	size_t n_to;
	uint64_t octets; /* of the message with CRLF lines; known at its end */
};

/* Room for one more recipient, zeroed, at the end of env->to; NULL when the
 * arena is full. Pointers to earlier ones become invalid. */
struct recipient *envelope_add(struct envelope *env, struct arena *arena);

/* Recipients that are RECIPIENT_PENDING. */
size_t envelope_pending(const struct envelope *env);

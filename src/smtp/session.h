/* SPDX-License-Identifier: ISC */
/* The server's session, for the files of this room only. */
#pragma once

#include "base/log.h"
#include "mail/header.h"
#include "smtp/data.h"
#include "smtp/server.h"

/* Where a session stands; one bit each. */
enum {
	OPENING = 1,    /* banner sent, nothing read: is this SMTP at all? */
	STRANGER = 2,   /* before HELO */
	READY = 4,      /* no transaction */
	ADDRESSING = 8, /* MAIL taken, perhaps recipients */
	CHUNKED = 16,   /* BDAT taken, more to come */
	FAILED = 32,    /* a chunk failed: RSET or MAIL (RFC 3030 §2) */
	IN_DATA = 64,   /* mode: the body behind DATA */
	IN_CHUNK = 128, /* mode: a chunk behind BDAT */
	IN_LOGIN = 256, /* mode: a response behind a challenge */
	ANY = STRANGER | READY | ADDRESSING | CHUNKED | FAILED,
};

/* The message that is coming in. */
struct message {
	bool open; /* begin was called; commit or abort is due */
	struct data_in in;
	struct header_scan header;
	struct buf out;     /* gathered for the hook */
	uint64_t added;     /* octets of lines of our own */
	uint64_t discarded; /* octets read without a message to put them in */
	uint64_t hops;
	bool any_field, has_date, has_id, has_tls_required;
	bool long_line;
	int error; /* the first one of the hooks */
	/* the chunk being read */
	uint64_t chunk_left;
	bool chunk_last;
	struct verdict chunk_refused; /* REPLY_OK: it is not */
};

struct session {
	struct dialogue d; /* first: commands get the whole session */
	const struct smtp_config *config;
	struct smtp_config own; /* the config behind XCLIENT */
	const struct smtp_hooks *hooks;
	struct arena *arena; /* the transaction's */
	struct buf helo;
	struct buf told_helo, peer_name; /* by XCLIENT */
	bool told_login;                 /* likewise: `login` */
	bool esmtp;
	struct tls_info tls; /* .version empty: there is none */
	struct buf login;    /* who it is; empty: nobody we know */
	bool may_relay;
	uint64_t logins_failed;
	int64_t until_ms; /* of the monotonic clock; 0: unbounded */
	uint64_t commands, errors, accepted;
	enum reply_id last;
	int error; /* of the stream or memory */
	struct envelope env;
	size_t rcpts;         /* RCPT commands accepted */
	struct slice rcpt;    /* the first of them */
	unsigned chunk_state; /* where the chunk leads, if all is well */
	struct message message;
};

extern const struct dialogue_command session_commands[];

/* Answer; closes the session when there were too many errors. */
void session_answer(struct session *s, enum reply_id reply,
		    struct slice detail);
/* Likewise, and close in any case. */
void session_close(struct session *s, enum reply_id reply);

/* Forget the transaction; a message that is open is aborted. The state is
 * READY, unless nobody has said HELO. */
void session_reset(struct session *s);

/* As if nothing had been said: RFC 3207 §4.2, XCLIENT. */
void session_begin_anew(struct session *s);

/* Can it be a host's name or a user's, as far as the log and Received care? */
bool session_is_name(struct slice name);

void session_log(struct session *s, const struct log_kind *kind,
		 struct slice to, enum reply_id reply);

/* Begin the message: the hook, and our Received line. REPLY_OK or why not. */
enum reply_id message_begin(struct session *s, bool dots);
void message_abort(struct session *s);
void message_data(struct dialogue *d);  /* mode IN_DATA */
void message_chunk(struct dialogue *d); /* mode IN_CHUNK */

/* STARTTLS and AUTH: security.c */
void session_starttls(struct dialogue *d, struct slice args);
void session_auth(struct dialogue *d, struct slice args);
void session_login_response(struct dialogue *d); /* mode IN_LOGIN */
/* The lines of EHLO that belong to them. */
void session_put_security(struct session *s);
bool session_in_tls(const struct session *s);

/* XCLIENT and its line of EHLO: xclient.c */
void session_xclient(struct dialogue *d, struct slice args);
void session_put_xclient(struct session *s);

/* The guard's say, and that of the hooks: guard.c */
struct verdict guard_connect(struct session *s);
void guard_helo(struct session *s);
void guard_login(struct session *s);
struct verdict guard_mail(struct session *s, const struct addr *from,
			  uint64_t size);
struct verdict guard_rcpt(struct session *s, const struct addr *to,
			  const struct recipient *asked);
struct slice guard_peer_name(struct session *s);
/* Wait before a refusal: longer with each. */
void guard_tarpit(struct session *s);

/* Give bytes of our own to the message. */
void message_add(struct session *s, struct slice bytes);

/* The header's end is here: what RFC 6409 §8 lets us add. */
void submission_complete(struct session *s);

/* SPDX-License-Identifier: ISC */
/* The inside of a POP3 session, shared by the files of this room only. */
#pragma once

#include "pop3/events.h"
#include "pop3/reply.h"
#include "pop3/session.h"

#define POP3_LINE_MAX                                                          \
	512 /* RFC 2449 §4: 255, with an initial response too                 \
	       (RFC 5034 §4); room for long passwords */
#define POP3_ERRORS_MAX 50

/* RFC 1939 §3. UPDATE is what QUIT does. */
enum {
	AUTHORIZATION = 1,
	NAMED = 2, /* USER was given: PASS may follow */
	TRANSACTION = 4,
	RESPONDING = 8, /* mode: a response behind AUTH's challenge */
};

struct session {
	struct dialogue dialogue; /* first: commands get the whole */
	const struct pop3_config *config;
	const struct pop3_hooks *hooks;
	int64_t ends_ms;     /* of the monotonic clock; 0: never */
	struct buf name;     /* what USER said; then who logged in */
	struct tls_info tls; /* .version empty: there is none */
	uint64_t logins_failed;
	unsigned errors;
	const char *status; /* how it ended, for the log */

	struct maildrop *maildrop; /* from login on */
	bool *deleted;             /* one per message */
	size_t left;               /* messages not marked deleted */
	uint64_t left_octets;      /* of them */
	size_t read;               /* by RETR */
	uint64_t read_octets;
	size_t removed;
};

extern const struct dialogue_command pop3_commands[];

/* The reply's line, to the stream. */
void session_reply(struct session *s, enum pop3_reply id);

/* One event with SESSION, PEER, USER and up to four fields more. */
void session_log(struct session *s, const struct log_kind *kind,
		 const struct log_field *more, size_t n);

/* AUTHORIZATION: login.c */
void session_enter(struct session *s, struct slice fill);
void pop3_cmd_user(struct dialogue *d, struct slice args);
void pop3_cmd_pass(struct dialogue *d, struct slice args);
void pop3_cmd_auth(struct dialogue *d, struct slice args);
void pop3_response(struct dialogue *d); /* mode RESPONDING */

/* AUTHORIZATION: stls.c */
void pop3_cmd_stls(struct dialogue *d, struct slice args);
bool session_in_tls(const struct session *s);
bool session_offers_stls(const struct session *s);
/* The mechanisms of AUTH, "" if none. */
const char *session_mechanisms(const struct session *s);

/* any state: capability.c */
void pop3_cmd_capa(struct dialogue *d, struct slice args);
void pop3_cmd_lang(struct dialogue *d, struct slice args);
void pop3_cmd_utf8(struct dialogue *d, struct slice args);

/* RETR and TOP: retrieve.c */
void pop3_cmd_retr(struct dialogue *d, struct slice args);
void pop3_cmd_top(struct dialogue *d, struct slice args);

/* Read a message number off the front of *args: that of a message which is
 * there and not deleted. False: the reply has been given. */
bool session_message(struct session *s, struct slice *args, size_t *ret_index);

/* No more arguments? False: the reply has been given. */
bool session_no_more(struct session *s, struct slice args);

/* All messages as they were at login: nothing deleted. */
void session_undelete(struct session *s);

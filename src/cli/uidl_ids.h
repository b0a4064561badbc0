/* SPDX-License-Identifier: ISC */
/* Unique-ids that `postern mailbox uidl import` takes over, one for each
 * message of a mailbox or none; and where they come from. */
#pragma once

#include "store/uidl.h"

struct uidl_id {
	char text[UIDL_MAX + 1]; /* empty: it keeps the one it has */
	uint64_t line;           /* of the list; 0: from elsewhere */
};

struct uidl_ids {
	struct uidl_id *v;
	size_t n;       /* messages */
	size_t given;   /* that get another one */
	size_t without; /* for which the other server had none */
};

/* What is wrong, and what to do. */
struct uidl_complaint {
	uint64_t line; /* of the list; 0: none */
	char problem[256];
	const char *remedy;
};

/* For n messages. 0 or -ENOMEM. */
int uidl_ids_new(size_t n, struct uidl_ids *ret) MUST_LOOK;
void uidl_ids_done(struct uidl_ids *ids);

/* Are those that result, given and kept (of x), all different? 0; -EBADMSG
 * with *ret filled in; -errno. */
int uidl_ids_differ(const struct uidl_ids *ids, struct index *x,
		    struct uidl_complaint *ret) MUST_LOOK;

/* ---- a list ---- */

/* One line of a list, CR or LF behind it or not. Forms: "NUMBER UNIQUE-ID", as
 * POP3's answer to UIDL has them and `uidl export` prints them, and what
 * `doveadm fetch 'seq pop3.uidl'` prints by any of its formatters but json. */
struct uidl_list_line {
	uint64_t number;
	struct slice id; /* a part of the line */
};

struct uidl_list {
	bool by_uid;      /* numbers are IMAP's UIDs */
	uint64_t pending; /* the number of a line that its id will follow */
};

/* 1; 0 (nothing is said in it); -EBADMSG with ret_why. */
int uidl_list_line(struct uidl_list *l, struct slice line,
		   struct uidl_list_line *ret, const char **ret_why) MUST_LOOK;

/* All of `in`. 0; -EBADMSG with *ret filled in; -errno. */
int uidl_from_list(FILE *in, struct uidl_ids *ids,
		   struct uidl_complaint *ret) MUST_LOOK;

/* ---- other servers ---- */

/* Dovecot's default, %08Xu%08Xv (in lower case), of X-UID and X-IMAPbase in the
 * mailbox. Results as above. */
int uidl_from_dovecot(int mailbox, struct index *x, struct uidl_ids *ids,
		      struct uidl_complaint *ret) MUST_LOOK;

/* What popa3d computes. Where it gives two messages one unique-id, the first
 * has it. Results as above. */
int uidl_from_popa3d(int mailbox, struct index *x, struct uidl_ids *ids,
		     struct uidl_complaint *ret) MUST_LOOK;

/* That of one message: its header, or more of it. */
void uidl_popa3d(struct slice message, char ret[17]);

/* What Dovecot wrote into a header. */
struct uidl_x_uid {
	uint64_t uid;      /* X-UID; 0: none */
	uint64_t validity; /* X-IMAPbase or X-IMAP; 0: none */
	uint64_t last_uid;
};
void uidl_x_uid(struct slice header, struct uidl_x_uid *ret);

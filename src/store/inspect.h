/* SPDX-License-Identifier: ISC */
/* A mailbox and all that lies beside it, looked at from end to end: what a
 * crash left, what does not belong there, every seal held against its message,
 * the index against a scan. Mends what can be mended without losing a message;
 * the rest is told. */
#pragma once

#include "store/store.h"

enum inspect_kind {
	INSPECT_RIGHTS,      /* `name` is open to everybody */
	INSPECT_LOCK_LEFT,   /* `name` is a dead process's */
	INSPECT_EXPUNGE,     /* one was broken off */
	INSPECT_EXPUNGE_ODD, /* one that fits no state of the mailbox: `name` */
	INSPECT_TORN,        /* n octets at `at` of a message never finished */
	INSPECT_STALE_FILE,  /* `name`, of work broken off */
	INSPECT_NOT_MAILBOX, /* no From_ line in it */
	INSPECT_JUNK,        /* n octets before the first From_ line; mended:
				kept in `name` of .postern, where they say
				anything */
	INSPECT_DAMAGED,     /* message `message` is not what was delivered, at
				or behind `at` */
	INSPECT_NUL,         /* NUL in `message`, which we did not deliver */
	INSPECT_LINE_END,    /* n LFs are missing at the end */
	INSPECT_NOTES,       /* NAME.append cannot be read */
	INSPECT_INDEX,       /* it is damaged */
	INSPECT_INDEX_WRONG, /* it says what is not so of `message`, or (0) of
				all */
	INSPECT_UIDL,        /* NAME.uidl cannot be read from `at` on */
	INSPECT_UIDL_TWICE,  /* `message` has the unique-id of message n */
};

struct finding {
	enum inspect_kind kind;
	bool mended;
	uint64_t message; /* 1 … */
	uint64_t at, n;
	const char *name; /* valid during the call */
};

typedef void inspect_found(void *context, const struct finding *f);

/* What there is. */
struct inspected {
	uint64_t messages;
	uint64_t octets;   /* of the mailbox file */
	uint64_t whole;    /* as we delivered them */
	uint64_t edited;   /* by a mail program since */
	uint64_t unsealed; /* others' */
	bool partly;       /* what a crash left was left so, and therefore
			      nothing else looked at */
};

/* With the session's seat and the mailbox's locks, each waited for as the
 * store's options say. mend: false changes nothing.
 *
 * 0; -EBUSY (a session has it); -EAGAIN (locked); -ENOENT; -EBADMSG (after
 * INSPECT_NOT_MAILBOX); -EACCES, -ELOOP, -EMLINK, -EINVAL (not a file that
 * could be a mailbox of ours); -errno. */
int inspect(struct store *s, struct slice mailbox, bool mend,
	    inspect_found *found, void *context,
	    struct inspected *ret) MUST_LOOK;

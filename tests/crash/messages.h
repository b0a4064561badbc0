/* SPDX-License-Identifier: ISC */
/* The messages that there are: what goes in, and what must come out. */
#pragma once

#include "base/slice.h"

enum message_id {
	/* in the mailbox from the start, in this order */
	FIRST_FOREIGN,
	TINY,
	BODILESS,
	QUOTED,
	BINARY,
	LARGE,
	LAST_FOREIGN,
	/* on their way in */
	NEW_TINY,
	NEW_BODILESS,
	NEW_QUOTED,
	NEW_BINARY,
	NEW_PAGES,
	NEW_LARGE,
	NEW_NAMED,
	NEW_FOREIGN,
	AFTERWARDS,   /* after the crash, to see that it goes */
	AFTERWARDS_2, /* after the second one */
	MESSAGES
};

#define BIT(id) (1U << (id))

struct message {
	bool foreign;
	struct slice raw;        /* foreign: as it stands in the mailbox */
	struct slice head, text; /* ours: what mbox_append gets */
	struct slice once;
	struct slice wire; /* what maildrop_read gives out */
};

/* Made at the first call. */
const struct message *message(enum message_id id);
const char *message_title(enum message_id id);

/* Which one comes out so? MESSAGES: none, it is torn. */
enum message_id message_known(struct slice wire);

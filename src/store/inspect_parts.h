/* SPDX-License-Identifier: ISC */
/* The parts of an inspection. */
#pragma once

#include "store/box.h"
#include "store/inspect.h"

struct inspection {
	struct store *store;
	struct slice mailbox;
	bool mend;
	inspect_found *found;
	void *context;
	struct box box; /* locked */
	struct inspected did;
};

/* Tell it. */
void inspect_tell(const struct inspection *in, const struct finding *f);

/* Is there a mailbox? Modes of it and of .postern. */
int inspect_rights(const struct inspection *in) MUST_LOOK;

/* NAME.lock and its like; before the locks are taken. */
int inspect_locks(const struct inspection *in, const struct place *p) MUST_LOOK;

/* What a crash left: tell it, settle it. */
int inspect_leftovers(struct inspection *in) MUST_LOOK;

/* Files of work that was broken off; once leftovers are settled. */
int inspect_files(const struct inspection *in) MUST_LOOK;

/* The mailbox itself: its start, its messages, its end. */
int inspect_text(struct inspection *in) MUST_LOOK;

/* Index and unique-ids. */
int inspect_index(struct inspection *in) MUST_LOOK;

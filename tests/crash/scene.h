/* SPDX-License-Identifier: ISC */
/* A play that was given and recorded, to be cut off everywhere. */
#pragma once

#include "cuts.h"
#include "judge.h"
#include "stage.h"

/* How much is looked at. */
struct budget {
	size_t all;   /* every combination when there are no more than this, */
	size_t most;  /* else so many, at each cut */
	size_t twice; /* of so many states one is crashed again; 0: none */
};

struct show {
	struct stage stage;
	struct dice dice;
	struct budget budget, budget_again;
	size_t states, kills, doubles, failures;
};

struct scene {
	struct show *show;
	const struct play *play;
	const struct tree *base;
	const struct uids *uids;
	struct log log;
	size_t from;   /* cut no earlier than here */
	unsigned boot; /* in which it was recorded */
	bool again;    /* the crash after the crash */
	bool doubtful; /* what failed may have come in all the same; power
			  cuts only */
	char history[200];
	size_t failures;
};

/* Put the play's start together, in that boot: the tree, and the unique-ids
 * there. */
void scene_stage(const struct show *show, const struct play *p, unsigned boot,
		 struct tree *ret, struct uids *ret_uids);

/* Cut it everywhere, judge what is left. */
void scene_cut(struct scene *s);

/* SPDX-License-Identifier: ISC */
/* What becomes of a stranger's mail: what is said of its address (inquiry.h),
 * what it calls itself (helo.h) and whether it has come back (greylist.h),
 * weighed as [trust] and [greylist] want it. */
#pragma once

#include "trust/greylist.h"
#include "trust/inquiry.h"

struct stranger {
	const struct settings *settings;
	struct arena *arena;
	struct dns *dns;           /* NULL: nobody is asked */
	struct greylist *greylist; /* NULL: nobody is greylisted */
	struct peer peer;          /* whom the inquiry was about; or none */
	struct inquiry inquiry;
};

enum advice { ADVICE_PASS, ADVICE_GREYLIST, ADVICE_REFUSE };

enum advice_reason {
	REASON_NONE, /* everybody is greylisted */
	REASON_LIST,
	REASON_NAMELESS,
	REASON_HELO,
};

struct opinion {
	enum advice advice;
	enum advice_reason reason;
	struct slice detail; /* "list.example: their words"; or empty */
};

/* Do the settings want anything of this? */
bool stranger_wanted(const struct settings *s);

/* Open what that takes, sockets included: nothing is opened later. 0, or -errno
 * of the greylist's file or the resolver: what cannot be opened is done
 * without. stranger_close either way. */
int stranger_open(struct stranger *s, const struct settings *settings);
void stranger_close(struct stranger *s);

/* What to do with mail of this peer, who calls itself `helo`. The first
 * question about a peer takes up to trust.wait, and is remembered. */
struct opinion stranger_judge(struct stranger *s, const struct peer *p,
			      struct slice helo) MUST_LOOK;

/* ADVICE_GREYLIST: does it pass all the same, having come back? */
bool stranger_came_back(struct stranger *s, const struct peer *p,
			struct slice from, struct slice to) MUST_LOOK;

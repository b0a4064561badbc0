/* SPDX-License-Identifier: ISC */
/* The guard of an SMTP session: between the protocol and src/trust, which says
 * whether the peer may go on: how much he does, and who he is. Never holds up
 * who is known: a login, a trusted network, this host. */
#pragma once

#include "main/handler.h"
#include "smtp/server.h"
#include "trust/rates.h"
#include "trust/stranger.h"

struct warden {
	const struct handler *handler; /* borrowed */
	const struct settings *settings;
	struct rates *rates; /* NULL: nothing is counted */
	char login[RATES_LOGIN_MAX];
	struct slice user; /* who has logged in, in lower case; or empty */
	struct buf helo;   /* what the peer calls itself */
	bool judges;       /* port 25, and there is something to ask */
	struct stranger stranger;
	bool asked; /* and heard */
};

/* Open what this peer may need. What cannot be opened is done without, and the
 * log says so: no mail is lost for it. login: who it is already, or empty. */
void warden_open(struct warden *w, const struct handler *h, enum smtp_role role,
		 struct slice login);
void warden_close(struct warden *w);

/* XCLIENT: the peer is another now, and it is `login` who sends, or nobody. */
void warden_stand_in(struct warden *w, struct slice login);

/* Is the peer one that is never held up, before any login? */
bool warden_trusts(const struct warden *w);

/* The guard; it borrows `w`. */
struct smtp_guard warden_guard(struct warden *w);

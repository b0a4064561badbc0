/* SPDX-License-Identifier: ISC */
/* Within judge*.c: judge.c leads the exchange, judge_who.c says whose name it
 * is, and whether he is it. */
#pragma once

#include "auth/account.h"
#include "auth/auth.h"
#include "auth/brake.h"
#include "auth/judge.h"
#include "auth/mechanism.h"
#include "auth/remember.h"
#include "auth/sasl.h"
#include "auth/secret.h"

struct judge {
	const struct settings *settings;
	struct sasl *sasl;       /* the exchange; or NULL */
	struct brake *brake;     /* NULL: there is none */
	struct remember *memory; /* likewise */
	uint8_t secret[SECRET_BYTES];
	struct arena *kept;  /* the scene */
	struct arena *arena; /* the exchange */
	struct auth_scene scene;
	struct peer peer; /* no IP address: not braked */
	struct brake_try attempt;
	char offered[MECHANISM_LIST_MAX];
	const struct mechanism *mechanism;
	struct auth_account account;
	struct slice name; /* as the client gave it */
	struct slice who;  /* as the account is called, or would be */
	bool first;        /* nothing of the client's was judged yet */
	bool known;        /* account.user is who it will be */
	bool done;         /* right; the client has yet to take note of it */
	bool trouble, held;
	struct buf out;
};

/* Does the brake hold the source, before it is known who it shall be? */
bool judge_is_held(struct judge *j);

/* How a try came out. */
void judge_tell_brake(struct judge *j, enum auth_step step);

/* Is it his password? Sets j->known, and j->trouble or j->held where nobody can
 * say now. */
bool judge_check(struct judge *j, const char *name, const char *password);

/* What SASL asks; its context is the judge. */
extern const struct sasl_hooks judge_hooks;

/* Log that a library's module is not installed, or not this program's. */
void judge_no_library(const char *file);

/* SPDX-License-Identifier: ISC */
/* `postern check`: whether there is somebody to judge logins, and whether he
 * may read what he needs. */
#include <sys/stat.h>

#include "auth/mechanism.h"
#include "auth/starter.h"
#include "cli/check.h"
#include "cli/rights.h"

static void check_program(const char *path, const char *remedy,
			  struct report *r)
{
	struct stat st;

	if (access(path, X_OK) < 0)
		report_broken(r, path, 0, remedy, "no login can be judged: %s",
			      strerror(errno));
	else if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		report_broken(r, path, 0, remedy,
			      "no login can be judged: this is no program");
}

/* Root asks for the account, others for themselves. */
static bool may_read(const char *account, const char *path,
		     const struct stat *st)
{
	struct rights a;

	if (geteuid() != 0)
		return access(path, R_OK) == 0;
	return rights_of(account, &a) < 0 || rights_allow(&a, st, 4);
}

/* Handlers that have the program started share their account with it. */
static void check_handlers(const struct settings *s, const struct stat *st,
			   struct report *r)
{
	static const char *const accounts[] = { "postern", "postern-pop3" };
	static const char remedy[] =
		"start postern-authd.socket, or let them: adduser ACCOUNT "
		"postern-auth";
	const char *path = s->auth.passwords.p;

	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		if (may_read(accounts[i], path, st))
			continue;
		if (s->auth.socket.n == 0)
			report_broken(r, path, 0, remedy,
				      "the account %s has to judge logins and "
				      "may not read it",
				      accounts[i]);
		else
			report_doubtful(r, path, 0, remedy,
					"there is no %s, and the account %s "
					"may not read it: logins fail",
					s->auth.socket.p, accounts[i]);
	}
}

static void check_system(const struct settings *s, struct report *r)
{
	if (mechanism_asks_system(s) && mechanism_offers_scram(s))
		report_doubtful(r, NULL, 0,
				"mechanisms = auto in [auth], or system = no",
				"SCRAM is offered, and the system's accounts "
				"have no keys for it: clients that prefer it "
				"cannot log in");
}

void check_logins(const struct settings *s, struct report *r)
{
	static const char judge[] = "postern-auth";
	bool started = starter_needed(s);
	struct stat st;

	if (started)
		check_program(s->auth.program.p,
			      "start postern-authd.socket, or set program in "
			      "[auth]",
			      r);
	if (s->auth.checkpassword.n > 0)
		check_program(s->auth.checkpassword.p,
			      "set checkpassword in [auth]", r);
	check_system(s, r);
	if (stat(s->auth.passwords.p, &st) < 0)
		return; /* hashes stand in the users file */
	if (started)
		check_handlers(s, &st, r);
	else if (geteuid() == 0 && !may_read(judge, s->auth.passwords.p, &st))
		report_broken(r, s->auth.passwords.p, 0,
			      "chgrp postern-auth and chmod g+r it",
			      "the account %s has to judge logins and may not "
			      "read it",
			      judge);
}

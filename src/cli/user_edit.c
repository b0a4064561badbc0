/* SPDX-License-Identifier: ISC */
/* `postern user add`, passwd, lock, unlock and remove. Passwords are wiped as
 * soon as they are hashed. */
#include <getopt.h>

#include "auth/auth.h"
#include "cli/desk.h"
#include "cli/password.h"
#include "cli/shown.h"
#include "cli/user.h"
#include "cli/user_line.h"
#include "conf/users.h"

static const char *password_trouble(ssize_t error)
{
	switch (error) {
	case -EINTR:
		return "broken off; nothing is changed";
	case -EPIPE:
		return "there was no password to read";
	case -EAGAIN:
		return "the two differ; nothing is changed";
	case -EMSGSIZE:
	case -EINVAL:
		return "a password has 1 to 255 octets and no NUL";
	case -ENOENT:
		return "not ASCII, and postern-sasl.so is missing, or of "
		       "another version";
	default:
		return strerror((int)-error);
	}
}

/* Keys for SCRAM; a password that SASLprep does not know how to spell has
 * none. */
static int set_keys(struct user_edit *e, struct slice password)
{
	struct scram_keys keys;
	int r = scram_fresh(password, e->desk.settings.auth.iterations, &keys);

	e->line.scram = SLICE("");
	if (r == -EINVAL)
		(void)fprintf(e->cli->err,
			      "There are no keys for SCRAM: that password "
			      "cannot be spelled by SASLprep (is it UTF-8?), "
			      "and is good for PLAIN and LOGIN alone.\n");
	if (r == 0) {
		scram_format(&keys, e->scram);
		e->line.scram = slice_of(e->scram);
	}
	explicit_bzero(&keys, sizeof(keys));
	return r == -EINVAL ? 0 : r;
}

/* Ask for a password; its hash becomes the line's. */
static int set_password(struct user_edit *e)
{
	char password[PASSWORD_ROOM];
	ssize_t n = password_ask(e->cli, password);

	if (n >= 0) {
		struct slice secret = { password, (size_t)n };
		int r = auth_hash(secret, e->hash);

		if (r == 0 && e->passwords)
			r = set_keys(e, secret);
		n = r < 0 ? r : n;
	}
	explicit_bzero(password, sizeof(password));
	if (n < 0)
		return desk_fail(e->cli, "user", "%s", password_trouble(n));
	e->line.hash = slice_of(e->hash);
	return CLI_OK;
}

/* ---- add ---- */

/* No mail would ever come for him. */
static bool is_stranger(const struct user_edit *e, struct slice name)
{
	size_t at = slice_find(name, '@');

	return at < name.n &&
	       !settings_own(&e->desk.settings, slice_from(name, at + 1));
}

static int add(struct user_edit *e)
{
	struct user_line wanted = e->line;
	char name[SHOWN_MAX];
	int status = CLI_OK;
	int r = user_line_fetch(e);

	if (r < 0)
		return user_line_fail(e, r);
	if (r > 0)
		return desk_fail(e->cli, "user", "%s is there already",
				 shown_text(wanted.name, name));
	e->line = wanted;
	if (is_stranger(e, wanted.name))
		return desk_fail(e->cli, "user",
				 "%s: its domain is neither in local nor in "
				 "virtual of [domains]",
				 shown_text(wanted.name, name));
	if (wanted.mailbox.n > 0 && !user_mailbox_valid(wanted.mailbox))
		return desk_fail(e->cli, "user",
				 "a mailbox is a plain path below the mail "
				 "directory");
	if (!wanted.hash.p)
		status = set_password(e);
	return status == CLI_OK ? user_line_store(e) : status;
}

int user_add(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "mailbox", required_argument, NULL, 'm' },
		{ "no-login", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct user_line line = { .name = SLICE_NONE };
	int letter;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "m:n", options, NULL)) != -1) {
		if (letter == 'm')
			line.mailbox = slice_of(optarg);
		else if (letter == 'n')
			line.hash = SLICE("!");
		else
			return desk_usage(c, user_usage);
	}
	if (optind + 1 != argc)
		return desk_usage(c, user_usage);
	return user_line_run(c, argv[optind], add, &line, NULL);
}

/* ---- the others: one name, no options ---- */

/* Who was locked by one postmaster is not let in by another's new password. */
static int change_password(struct user_edit *e)
{
	char name[SHOWN_MAX];
	int status = set_password(e);

	if (status == CLI_OK && e->line.locked) {
		memmove(e->hash + 1, e->hash, strlen(e->hash) + 1);
		e->hash[0] = '!';
		e->line.hash = slice_of(e->hash);
	}
	if (status == CLI_OK)
		status = user_line_store(e);
	if (status == CLI_OK && e->line.locked)
		(void)fprintf(e->cli->out,
			      "%s stays locked: postern user unlock %s\n",
			      shown_text(e->line.name, name), name);
	return status;
}

static int lock(struct user_edit *e)
{
	struct slice old = e->line.hash;

	if (user_line_is_locked(old))
		return CLI_OK;
	if (old.n >= AUTH_HASH_MAX)
		return user_line_fail(e, -EMSGSIZE);
	(void)snprintf(e->hash, sizeof(e->hash), "!%.*s", SLICE_ARG(old));
	e->line.hash = slice_of(e->hash);
	return user_line_store(e);
}

static int unlock(struct user_edit *e)
{
	while (user_line_is_locked(e->line.hash))
		e->line.hash = slice_from(e->line.hash, 1);
	if (e->line.hash.n == 0)
		return desk_fail(e->cli, "user",
				 "there is no password yet: postern user "
				 "passwd %.*s",
				 SLICE_ARG(e->line.name));
	return user_line_store(e);
}

static int work_passwd(struct user_edit *e)
{
	return user_line_change(e, change_password);
}

static int work_lock(struct user_edit *e)
{
	return user_line_change(e, lock);
}

static int work_unlock(struct user_edit *e)
{
	return user_line_change(e, unlock);
}

static int work_remove(struct user_edit *e)
{
	return user_line_change(e, user_line_remove);
}

static int one_name(struct cli *c, int argc, char **argv, user_edit_work *work)
{
	return argc == 2 ? user_line_run(c, argv[1], work, NULL, NULL)
			 : desk_usage(c, user_usage);
}

int user_passwd(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_passwd);
}

int user_lock(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_lock);
}

int user_unlock(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_unlock);
}

int user_remove(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_remove);
}

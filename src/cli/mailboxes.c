/* SPDX-License-Identifier: ISC */
/* See mailboxes.h; and `postern user mailboxes`. Works as root in a directory
 * where the group mail may write, so it trusts no name in it. */
#include "cli/mailboxes.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/desk.h"
#include "cli/user.h"
#include "conf/users.h"

#define MAILBOX_MODE 0660
#define UID_NOBODY   65534

static int own(int fd, uid_t owner, gid_t group)
{
	if (fchown(fd, owner, group) < 0)
		return -errno;
	return fchmod(fd, MAILBOX_MODE) < 0 ? -errno : 0;
}

static int mend(int fd, uid_t owner, gid_t group, enum mailboxes_done *ret)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid == owner && st.st_gid == group &&
	    (st.st_mode & 07777) == MAILBOX_MODE) {
		*ret = MAILBOX_FINE;
		return 0;
	}
	r = own(fd, owner, group);
	if (r == 0)
		*ret = MAILBOX_MENDED;
	return r;
}

int mailboxes_make(int dir, const char *name, uid_t owner, gid_t group,
		   enum mailboxes_done *ret)
{
	CLEANUP(file_close) int fd = file_create(dir, name, 0600);
	int r;

	if (fd == -EEXIST) {
		fd = file_open(dir, name, O_RDONLY | O_NONBLOCK);
		return fd < 0 ? fd : mend(fd, owner, group, ret);
	}
	if (fd < 0)
		return fd;
	r = own(fd, owner, group);
	if (r < 0)
		(void)unlinkat(dir, name, 0); /* the first error counts */
	else
		*ret = MAILBOX_MADE;
	return r;
}

/* ---- the verb ---- */

struct round {
	struct cli *cli;
	int dir;
	gid_t group;
	uint64_t uid_min;
	unsigned made, mended, failed;
};

static void do_account(struct round *r, const struct passwd *pw)
{
	enum mailboxes_done done;
	int error = mailboxes_make(r->dir, pw->pw_name, pw->pw_uid, r->group,
				   &done);

	if (error < 0) {
		(void)desk_fail(r->cli, "user mailboxes", "%s: %s", pw->pw_name,
				strerror(-error));
		r->failed++;
		return;
	}
	if (done == MAILBOX_FINE)
		return;
	(void)fprintf(r->cli->out, "%s %s\n",
		      done == MAILBOX_MADE ? "made" : "mended", pw->pw_name);
	r->made += done == MAILBOX_MADE;
	r->mended += done == MAILBOX_MENDED;
}

static bool has_mailbox(const struct round *r, const struct passwd *pw)
{
	struct slice name = slice_of(pw->pw_name);

	return pw->pw_uid >= r->uid_min && pw->pw_uid != UID_NOBODY &&
	       !slice_eq(name, SLICE("nobody")) &&
	       slice_find(name, '@') == name.n && user_name_valid(name) &&
	       user_mailbox_valid(name);
}

static int go_round(struct round *r)
{
	const struct passwd *pw;

	setpwent();
	while ((pw = getpwent()))
		if (has_mailbox(r, pw))
			do_account(r, pw);
	endpwent();
	return r->failed > 0 ? CLI_FAILED : CLI_OK;
}

static int start(struct cli *c, const struct settings *s)
{
	const struct group *mail = getgrnam("mail");
	CLEANUP(file_close) int dir = -1;
	struct round round;

	if (!s->users.system)
		return CLI_OK;
	if (!mail)
		return desk_fail(
			c, "user mailboxes",
			"there is no group mail: run systemd-sysusers");
	dir = file_open_dir(AT_FDCWD, s->store.directory.p);
	if (dir < 0)
		return desk_fail(c, "user mailboxes", "%s: %s",
				 s->store.directory.p, strerror(-dir));
	round = (struct round){
		.cli = c,
		.dir = dir,
		.group = mail->gr_gid,
		.uid_min = s->users.system_uid_min,
	};
	return go_round(&round);
}

int user_mailboxes(struct cli *c, int argc, char **argv)
{
	struct desk desk;
	int status;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, user_usage);
	status = desk_open(c, &desk);
	if (status == CLI_OK)
		status = start(c, &desk.settings);
	desk_done(&desk);
	return status;
}
